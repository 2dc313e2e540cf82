package render_test

import (
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"strings"
	"testing"

	"oneiro/autodiff"
	_ "oneiro/autodiff/cpu" // the processor
	"oneiro/loss"
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
	net = net.WithPadding(autodiff.PadReflect) // which leaves less of a frame
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

// Pictures made in memory and the built-in network: no file at all.
func ExampleStyle() {
	net, params := zoo.Builtin()
	o := render.DefaultStyle(net)
	o.Content = waves(64, 48, 9)
	o.Styles = []*render.Picture{waves(64, 48, 3)}
	o.Size, o.Iterations = 64, 2
	run(render.Style(o), net, params)
	// Output: 64 48 pixels, 2 steps
}

// waves draws a picture; render.FromImage takes any image.Image instead.
func waves(w, h int, period float64) *render.Picture {
	p := render.NewPicture(w, h)
	for i := range p.Pix {
		x, y := float64(i/3%w), float64(i/3/w)
		p.Pix[i] = float32(0.5 + 0.5*math.Sin((x+float64(1+i%3)*y)/period))
	}
	return p
}

// A dream with the built-in network.
func ExampleDream() {
	net, params := zoo.Builtin()
	o := render.DefaultDream(net)
	o.Image = waves(64, 48, 9)
	o.Iterations, o.Octaves = 1, 2
	run(render.Dream(o), net, params)
	// Output: 64 48 pixels, 2 steps
}

// A term of one's own beside those of a style: it pulls the mean of the picture towards red.
func ExampleJoin() {
	net, params := zoo.Builtin()
	o := render.DefaultStyle(net)
	o.Content, o.Styles = waves(64, 48, 9), []*render.Picture{waves(64, 48, 3)}
	o.Size, o.Iterations = 64, 2
	spec := render.Style(o)
	spec.Objective = render.Join(spec.Objective, render.Extra{
		Build: func(render.Stage) loss.Objective {
			return loss.Objective{{Name: "red", Weight: -10, Build: func(in loss.Inputs) *autodiff.Node {
				return autodiff.Mean(autodiff.Slice(in.Image, 0, 1))
			}}}
		},
	})
	run(spec, net, params)
	// Output: 64 48 pixels, 2 steps
}

// edges are the parameters of a network of one's own: an nn.Params.
type edges struct{}

func (edges) Tensor(name string, shape ...int) ([]float32, error) {
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(i%7-3) / 9
	}
	return values, nil
}

// A network of one's own is data like any other.
func ExampleNew_network() {
	net := &nn.Network{
		Name:  "edges",
		Input: nn.Preprocess{Order: nn.RGB, Scale: 1, Std: [3]float64{1, 1, 1}},
		Layers: []nn.Layer{
			{Name: "conv", Kind: nn.Conv, Inputs: []string{nn.Source}, Out: 8, Kernel: [2]int{3, 3},
				Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 1, 1}},
			{Name: "relu", Kind: nn.ReLU, Inputs: []string{"conv"}},
		},
		Content: []string{"relu"}, Style: []string{"relu"}, Dream: []string{"relu"},
	}
	o := render.DefaultStyle(net)
	o.Content, o.Styles = waves(64, 48, 9), []*render.Picture{waves(64, 48, 3)}
	o.Size, o.Iterations = 64, 2
	run(render.Style(o), net, edges{})
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
