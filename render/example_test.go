package render_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"
	"testing"

	"oneiro/internal/sample"
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
	o.Params, o.Size = params, 768
	o.Content, o.Styles = content, []*render.Picture{style}
	res, err := render.Style(context.Background(), o)
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

// Built-in pictures and the built-in network: no file at all.
func ExampleStyle() {
	net, params := zoo.Builtin()
	o := render.DefaultStyle(net)
	o.Params = params
	o.Content = sample.Landscape(64, 48, 1)
	o.Styles = []*render.Picture{sample.Painting(64, 48, 1)}
	o.Size, o.Iterations = 64, 2
	res, err := render.Style(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Picture.W, res.Picture.H, "pixels,", res.Steps, "steps")
	// Output: 64 48 pixels, 2 steps
}

// A dream with the built-in network.
func ExampleDream() {
	net, params := zoo.Builtin()
	o := render.DefaultDream(net)
	o.Params = params
	o.Image = sample.Landscape(64, 48, 1)
	o.Iterations, o.Octaves = 1, 2
	res, err := render.Dream(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Picture.W, res.Picture.H, "pixels,", res.Steps, "steps")
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
