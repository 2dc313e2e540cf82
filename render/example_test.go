package render_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	_ "oneiro/autodiff/cpu" // the processor
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// paint is what README.md shows of the library.
func paint(photo, painting, painted string) error {
	content, err := render.ReadPicture(photo)
	if err != nil {
		return err
	}
	style, err := render.ReadPicture(painting)
	if err != nil {
		return err
	}
	net, params, err := zoo.Open("vgg19.pth")
	if err != nil {
		return err
	}
	defer params.Close()
	o := render.DefaultStyle(net)
	o.Size, o.Content, o.Styles = 768, content, []*render.Picture{style}
	job, err := render.New(render.Style(o), net, params)
	if err != nil {
		return err
	}
	engine, err := render.NewEngine(render.EngineOptions{})
	if err != nil {
		return err
	}
	defer engine.Close()
	res, err := job.Run(context.Background(), engine, render.Events{})
	if err != nil {
		return err
	}
	fmt.Print(res.Report) // what the loss is made of
	return render.WritePicture(painted, res.Picture)
}

// Pictures from files, with the weights of a trained network.
func Example() {
	if err := paint("photo.jpg", "painting.jpg", "painted.png"); err != nil {
		log.Fatal(err)
	}
}

// run runs a job on the processor.
func run(spec render.Spec, net *nn.Network, params nn.Params) {
	job, err := render.New(spec, net, params)
	if err != nil {
		log.Fatal(err)
	}
	engine, err := render.NewEngine(render.EngineOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	res, err := job.Run(context.Background(), engine, render.Events{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Picture.W, res.Picture.H, "pixels,", res.Steps, "steps")
}

// Built-in pictures and the built-in network: no file at all.
func ExampleStyle() {
	net, params := zoo.Builtin()
	o := render.DefaultStyle(net)
	o.Content = sample.Landscape(64, 48, 1)
	o.Styles = []*render.Picture{sample.Painting(64, 48, 1)}
	o.Size, o.Iterations = 64, 2
	run(render.Style(o), net, params)
	// Output: 64 48 pixels, 2 steps
}

// A dream with the built-in network.
func ExampleDream() {
	net, params := zoo.Builtin()
	o := render.DefaultDream(net)
	o.Image = sample.Landscape(64, 48, 1)
	o.Iterations, o.Octaves = 1, 2
	run(render.Dream(o), net, params)
	// Output: 64 48 pixels, 2 steps
}

// TestReadme wants the code in README.md to be paint, which compiles.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(source), "\nfunc paint(")
	code, _, ok := strings.Cut(code, "\n}\n")
	if want := "```go\nfunc paint(" + code + "\n}\n```\n"; !ok || !strings.Contains(string(readme), want) {
		t.Errorf("README.md does not show\n%s", want)
	}
}
