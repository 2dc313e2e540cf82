package autodiff_test

import (
	"context"
	"fmt"
	"log"

	"oneiro/autodiff"
	_ "oneiro/autodiff/cpu" // the device
)

// A function, its gradient, and a plan of both that could run any number of times.
func Example() {
	g := autodiff.NewGraph()
	x := g.Input("x", autodiff.Shape{N: 1, H: 1, W: 1, C: 3})
	y := autodiff.Sum(autodiff.Square(x))
	dx := autodiff.Gradient(y, x)[0]

	device, err := autodiff.OpenDevice("cpu", autodiff.DeviceOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	program, err := device.Load(autodiff.Compile(device, y, dx), 0)
	if err != nil {
		log.Fatal(err)
	}
	defer program.Close()

	program.Write(x, []float32{1, 2, 3})
	if err := program.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	value, gradient := make([]float32, 1), make([]float32, 3)
	program.Read(y, value)
	program.Read(dx, gradient)
	fmt.Println(value, gradient)
	// Output: [14] [2 4 6]
}
