package train_test

import (
	"context"
	"fmt"
	"log"

	_ "oneiro/autodiff/cpu" // the device
	"oneiro/autodiff/optim"
	"oneiro/render"
	"oneiro/train"
)

// brightness is a source of two classes: dark and light pictures.
type brightness struct{}

func (brightness) Classes() []string { return []string{"dark", "light"} }

func (brightness) Picture(dst []float32, size int, set train.Set, index uint64) int {
	class := int(index % 2)
	for i := range dst {
		dst[i] = 0.25 + 0.5*float32(class) + 0.2*float32((index*31+uint64(i)*7)%11)/11
	}
	return class
}

// A few steps of a training on pictures of one's own. Trainer.Result has the parameters for package render.
func Example() {
	engine, err := render.NewEngine(render.EngineOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	settings := train.DefaultSettings()
	settings.Iterations, settings.WarmUp, settings.Batch, settings.Size = 3, 1, 4, 32
	settings.TeacherWeight = 0
	ctx := context.Background()
	t, err := train.New(ctx, train.Options{
		Source: brightness{}, Settings: settings, Device: engine.Device, Pool: engine.Pool,
		Backend: optim.NewHost(engine.Kernels, engine.Pool),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer t.Close()
	if err := t.Run(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println("step", t.Step(), "of a network of", t.Network().Classes, "classes")
	// Output: step 3 of a network of 2 classes
}
