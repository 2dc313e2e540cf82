package loss_test

import (
	"context"
	"fmt"
	"log"

	"oneiro/autodiff"
	_ "oneiro/autodiff/cpu" // the device
	"oneiro/loss"
	"oneiro/nn"
)

// The Gram matrix of two channels, a mean over two pixels.
func ExampleGram() {
	g := autodiff.NewGraph()
	features := g.Input("features", autodiff.Shape{N: 1, H: 1, W: 2, C: 2})
	gram := loss.Gram(loss.Inputs{Layers: nn.Features{"layer": features}}, "layer")

	device, err := autodiff.OpenDevice("cpu", autodiff.DeviceOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	program, err := device.Load(autodiff.Compile(device, gram), 0)
	if err != nil {
		log.Fatal(err)
	}
	defer program.Close()
	program.Write(features, []float32{1, 2, 3, 4}) // pixels (1, 2) and (3, 4)
	if err := program.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
	values := make([]float32, 4)
	program.Read(gram, values)
	fmt.Println(values)
	// Output: [2.5 3.5 3.5 5]
}

// An objective is a list of weighted terms. Its gradient is more graph.
func ExampleObjective() {
	g := autodiff.NewGraph()
	canvas := g.Input("canvas", autodiff.Shape{N: 1, H: 8, W: 8, C: 3})
	objective := loss.Objective{
		loss.TotalVariation(0.1),
		{Name: "brightness", Weight: -1, Build: func(in loss.Inputs) *autodiff.Node { return autodiff.Mean(in.Image) }},
	}
	built := objective.Build(loss.Inputs{Canvas: canvas, Image: nn.UnitRange.Colours(canvas), Scale: 1})
	fmt.Println(len(built.Terms), "terms, gradient", autodiff.Gradient(built.Total, canvas)[0].Shape)
	// Output: 2 terms, gradient 1x8x8x3
}
