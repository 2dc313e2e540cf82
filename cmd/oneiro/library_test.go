package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/weights"
	"oneiro/zoo"
)

// writeTorchVGG writes the first convolutions of a VGG-19 with random numbers as torchvision would, which
// says nothing of a preset: it has to be recognised by the names.
func writeTorchVGG(t *testing.T, path string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var all []weights.TensorSource
	in := 3
	for i, module := range []int{0, 2, 5, 7, 10, 12, 14, 16} { // up to conv3_4, which VGG-16 does not have
		out := []int{64, 64, 128, 128, 256, 256, 256, 256}[i]
		fill := func(n int, scale float64) func() ([]float32, error) {
			values := make([]float32, n)
			for k := range values {
				values[k] = float32(random.NormFloat64() * scale)
			}
			return func() ([]float32, error) { return values, nil }
		}
		all = append(all,
			weights.TensorSource{
				Name: fmt.Sprintf("features.%d.weight", module), Shape: []int{out, in, 3, 3},
				Layout: weights.OIHW, Values: fill(out*in*9, math.Sqrt(2/float64(9*in))),
			},
			weights.TensorSource{Name: fmt.Sprintf("features.%d.bias", module), Shape: []int{out},
				Layout: weights.O, Values: fill(out, 0.1)})
		in = out
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := weights.WriteSafetensors(f, nil, all); err != nil {
		t.Fatal(err)
	}
}

// TestLibraryPaintsAsTheProgram paints with torchvision's colours through the library, and wants the pixels
// of the command line. With the colours that the description of the network has by itself, which are Caffe's,
// the picture is another.
func TestLibraryPaintsAsTheProgram(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "vgg.safetensors")
	writeTorchVGG(t, path)
	put(t, dir, "photo.png", sample.Landscape(60, 48, 1))
	put(t, dir, "painting.png", sample.Painting(48, 40, 1))
	read := func(name string) *imageio.Image { return picture(t, filepath.Join(dir, name)) }

	program := func(name string, more ...string) *imageio.Image {
		args := tiny("style", "photo.png", "painting.png", "--weights", path, "-o", name,
			"--content-layers", "relu2_1", "--style-layers", "relu1_1,relu2_1")
		mustRun(t, dir, append(args, more...)...)
		return read(name)
	}
	library := func(name string, net *nn.Network, params nn.Params) *imageio.Image {
		net = net.WithPadding(autodiff.PadReflect)
		o := render.DefaultStyle(net)
		o.Content, o.Styles = read("photo.png"), []*render.Picture{read("painting.png")}
		o.Size, o.Iterations = 48, 3
		o.ContentLayers, o.StyleLayers = []string{"relu2_1"}, []string{"relu1_1", "relu2_1"}
		job, err := render.New(render.Style(o), net, params)
		if err != nil {
			t.Fatal(err)
		}
		engine, err := render.NewEngine(render.EngineOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		res, err := job.Run(context.Background(), engine, render.Events{})
		if err != nil {
			t.Fatal(err)
		}
		put(t, dir, name, res.Picture)
		return read(name)
	}

	net, params, err := zoo.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer params.Close()
	if preset, err := params.Preset(); net.Name != "vgg19" || preset != "torchvision" || err != nil {
		t.Fatalf("it was taken for %s with %q, %v", net.Name, preset, err)
	}
	torch := library("a.png", net, params)
	if !slices.Equal(torch.Pix, program("b.png").Pix) {
		t.Error("the library paints another picture than the program")
	}
	bare := library("c.png", nn.VGG19(), params)
	if slices.Equal(bare.Pix, torch.Pix) {
		t.Error("the preset makes no difference")
	}
	if !slices.Equal(bare.Pix, program("d.png", "--preset", "caffe-bgr").Pix) {
		t.Error("with Caffe's colours, the library paints another picture than the program")
	}
	caffe, again, err := zoo.OpenWith(path, zoo.Options{Preset: "caffe-bgr"})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if !slices.Equal(bare.Pix, library("e.png", caffe, again).Pix) {
		t.Error("a preset that is given is not the one that is used")
	}
}
