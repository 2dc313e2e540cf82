package nn

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
)

func TestEveryNetworkIsValid(t *testing.T) {
	for _, n := range All() {
		if err := n.Validate(); err != nil {
			t.Error(err)
		}
		if n.Description == "" {
			t.Errorf("%s: no description", n.Name)
		}
		if got, err := Get(n.Name); err != nil || got.Name != n.Name {
			t.Errorf("Get(%q) = %v, %v", n.Name, got, err)
		}
		if _, err := n.Shapes(256, 320, 3); err != nil {
			t.Error(err)
		}
	}
}

// The totals are published: Simonyan and Zisserman's models (torchvision prints them too); the
// convolutions of VGG-19 to conv5_4 are the 80,097,536 bytes of Keras' "notop" file less its
// structure; GoogLeNet's is the sum over BVLC's files.
func TestParameterCounts(t *testing.T) {
	for _, c := range []struct {
		net  *Network
		want int64
	}{
		{VGG16(), 138_357_544},
		{VGG19(), 143_667_240},
		{cut(t, VGG16(), "pool5"), 14_714_688},
		{cut(t, VGG19(), "pool5"), 20_024_384},
		{GoogLeNet(), 6_998_552},
	} {
		infos, err := c.net.Shapes(224, 224, 3)
		if err != nil {
			t.Fatal(err)
		}
		var byLayer, byTensor int64
		for _, i := range infos {
			byLayer += i.Params
		}
		specs, err := c.net.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range specs {
			byTensor += s.Len()
		}
		if byLayer != c.want || byTensor != c.want {
			t.Errorf("%s: %d parameters by layer, %d by tensor, want %d",
				c.net.Name, byLayer, byTensor, c.want)
		}
	}
}

func cut(t *testing.T, n *Network, layers ...string) *Network {
	t.Helper()
	c, err := n.Cut(layers...)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func info(t *testing.T, n *Network, h, w int, layer string) LayerInfo {
	t.Helper()
	infos, err := n.Shapes(h, w, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range infos {
		if i.Name == layer {
			return i
		}
	}
	t.Fatalf("%s has no layer %s", n.Name, layer)
	return LayerInfo{}
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		net            *Network
		h, w           int
		layer          string
		outH, outW, ch int
		field, stride  int
	}{
		// receptive fields: Araujo et al., "Computing Receptive Fields of Convolutional Neural
		// Networks", Distill 2019: VGG-16 conv5_3 has 196, pool5 212
		{VGG16(), 224, 224, "relu5_3", 14, 14, 512, 196, 16},
		{VGG16(), 224, 224, "pool5", 7, 7, 512, 212, 32},
		{VGG16(), 224, 224, "prob", 1, 1, 1000, 212 + 6*32, 32},
		{VGG19(), 384, 512, "fc8", 6, 10, 1000, 268 + 6*32, 32},
		{cut(t, VGG19(), "relu4_2"), 97, 131, "relu4_2", 12, 16, 512, 84, 8},
		// Szegedy et al., table 1
		{GoogLeNet(), 224, 224, "conv1/relu", 112, 112, 64, 7, 2},
		{GoogLeNet(), 224, 224, "norm1", 56, 56, 64, 11, 4},
		{GoogLeNet(), 224, 224, "conv2/relu", 56, 56, 192, 19, 4},
		{GoogLeNet(), 224, 224, "pool2", 28, 28, 192, 27, 8},
		{GoogLeNet(), 224, 224, "inception_3a/output", 28, 28, 256, 27 + 4*8, 8},
		{GoogLeNet(), 224, 224, "inception_3b/output", 28, 28, 480, 27 + 8*8, 8},
		{GoogLeNet(), 224, 224, "pool3", 14, 14, 480, 27 + 8*8 + 2*8, 16},
		{GoogLeNet(), 224, 224, "inception_4e/output", 14, 14, 832, 107 + 20*16, 16},
		{GoogLeNet(), 224, 224, "inception_5b/output", 7, 7, 1024, 427 + 2*16 + 8*32, 32},
		{GoogLeNet(), 224, 224, "prob", 1, 1, 1000, 715 + 6*32, 32 * 7},
		{GoogLeNet(), 500, 333, "pool4", 15, 10, 832, 427 + 2*16, 32},
	} {
		got := info(t, c.net, c.h, c.w, c.layer)
		if got.H != c.outH || got.W != c.outW || got.C != c.ch {
			t.Errorf("%s %s: %dx%dx%d, want %dx%dx%d",
				c.net.Name, c.layer, got.H, got.W, got.C, c.outH, c.outW, c.ch)
		}
		if got.ReceptiveField != square(c.field) || got.Stride != square(c.stride) {
			t.Errorf("%s %s: field %v, stride %v, want %d and %d",
				c.net.Name, c.layer, got.ReceptiveField, got.Stride, c.field, c.stride)
		}
	}
}

// windows returns how many windows a pool with Ceil has on n pixels, 0 if none fits.
func windows(t *testing.T, n, k, stride, pad int) int {
	t.Helper()
	net := VGG19()
	net.Layers = []Layer{{
		Name: "pool", Kind: MaxPool, Inputs: []string{Source},
		Kernel: square(k), Stride: square(stride), Pad: around(pad), Ceil: true,
	}}
	layers, err := net.trace(n, roomy, 3)
	var small *TooSmallError
	switch {
	case err == nil:
		return layers[0].out.Shape.H
	case !errors.As(err, &small):
		t.Fatal(err)
	}
	return 0
}

// Sizes by Caffe's formula (pooling_layer.cpp, Reshape), written as it is there.
func TestCeilPoolingIsCaffes(t *testing.T) {
	for n := 1; n < 40; n++ {
		for k := 1; k <= 5; k++ {
			for stride := 1; stride <= 4; stride++ {
				for pad := 0; pad < k; pad++ {
					if n+2*pad < k {
						if got := windows(t, n, k, stride, pad); got != 0 {
							t.Fatalf("%d windows of %d fit into %d with padding %d", got, k, n, pad)
						}
						continue
					}
					want := (n+2*pad-k+stride-1)/stride + 1
					if pad > 0 && (want-1)*stride >= n+pad {
						want--
					}
					// Caffe trims only where there is padding; without it, a window that starts
					// after the picture would be empty, and is dropped everywhere
					if pad == 0 && (want-1)*stride >= n {
						want--
					}
					if got := windows(t, n, k, stride, pad); got != want {
						t.Fatalf("n=%d k=%d stride=%d pad=%d: %d windows, Caffe has %d",
							n, k, stride, pad, got, want)
					}
				}
			}
		}
	}
}

// VGG-19's multiply-adds at 224 pixels are published as 19.6 G (torchvision: 19.63).
func TestFLOPs(t *testing.T) {
	infos, err := VGG19().Shapes(224, 224, 3)
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, i := range infos {
		if i.Kind == Conv {
			sum += i.FLOPs / 2
		}
	}
	if sum < 19.625e9 || sum > 19.635e9 {
		t.Errorf("VGG-19 has %.4g multiply-adds", sum)
	}
	if got := info(t, VGG19(), 224, 224, "conv1_2").FLOPs; got != 2*224*224*64*64*9 {
		t.Errorf("conv1_2 has %g FLOPs", got)
	}
	if got := info(t, GoogLeNet(), 224, 224, "pool1").FLOPs; got != 56*56*64*9 {
		t.Errorf("pool1 has %g FLOPs", got)
	}
}

func TestTooSmall(t *testing.T) {
	for _, c := range []struct {
		net        *Network
		h, w       int
		layer      string
		minH, minW int
	}{
		{VGG19(), 223, 500, "fc6", 224, 224},
		{cut(t, VGG19(), "relu4_1"), 64, 7, "pool3", 8, 8},
		{cut(t, VGG19(), "relu5_1"), 0, 64, "conv1_1", 16, 16},
	} {
		_, err := c.net.Shapes(c.h, c.w, 3)
		var small *TooSmallError
		if !errors.As(err, &small) {
			t.Fatalf("%s at %dx%d: %v", c.net.Name, c.w, c.h, err)
		}
		if small.Layer != c.layer || small.MinHeight != c.minH || small.MinWidth != c.minW {
			t.Errorf("%s at %dx%d: %+v", c.net.Name, c.w, c.h, small)
		}
		if _, err := c.net.Shapes(small.MinHeight, small.MinWidth, 3); err != nil {
			t.Errorf("the least size is too small: %v", err)
		}
	}
}

func TestCut(t *testing.T) {
	whole := GoogLeNet()
	net := cut(t, whole, "inception_3a/relu_1x1", "conv2/relu")
	var names []string
	for _, l := range net.Layers {
		names = append(names, l.Name)
	}
	want := []string{"conv1/7x7_s2", "conv1/relu", "pool1", "norm1", "conv2/3x3_reduce",
		"conv2/relu_3x3_reduce", "conv2/3x3", "conv2/relu", "norm2", "pool2", "inception_3a/1x1",
		"inception_3a/relu_1x1"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
	if net.Classes != 0 || whole.Classes != 1000 || cut(t, whole, "prob").Classes != 1000 {
		t.Error("Classes does not follow the classifier")
	}
	net.Layers[0].Inputs[0] = "changed"
	if whole.Layers[0].Inputs[0] != Source {
		t.Error("the copy shares memory with the network")
	}

	_, err := VGG19().Cut("relu1_1", "relu42")
	var unknown *UnknownLayerError
	if !errors.As(err, &unknown) || unknown.Layer != "relu42" ||
		len(unknown.Nearest) == 0 || unknown.Nearest[0] != "relu4_2" {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(unknown.Hint(), "relu4_2") {
		t.Errorf("hint %q", unknown.Hint())
	}
	if _, err := VGG19().Cut(); err == nil {
		t.Error("cut after nothing")
	}
}

func TestWithPooling(t *testing.T) {
	count := func(n *Network, kind Kind) (pools int) {
		for _, l := range n.Layers {
			if l.Kind == kind {
				pools++
			}
		}
		return pools
	}
	vgg := VGG19()
	mean := vgg.WithPooling(AvgPool)
	if count(mean, MaxPool) != 0 || count(mean, AvgPool) != 5 || count(vgg, MaxPool) != 5 {
		t.Error("VGG-19 with mean pooling")
	}
	if g := GoogLeNet().WithPooling(AvgPool); count(g, MaxPool) != 9 || count(g, AvgPool) != 4 {
		t.Error("GoogLeNet with mean pooling: its modules' own pools have to stay")
	}
	if b := Builtin().WithPooling(AvgPool); count(b, AvgPool) != 4 || count(b, MaxPool) != 0 {
		t.Error("the built-in network with mean pooling")
	}
}

func TestGetSuggests(t *testing.T) {
	if n, err := Get("VGG-19"); err != nil || n.Name != "vgg19" {
		t.Errorf("Get(VGG-19) = %v, %v", n, err)
	}
	_, err := Get("vgg29")
	var unknown *UnknownNetworkError
	if !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, "vgg19") {
		t.Errorf("got %v", err)
	}
	_, err = Get("resnet-152")
	if !errors.As(err, &unknown) || !strings.Contains(unknown.Hint(), "googlenet") {
		t.Errorf("got %v", err)
	}
}

func TestValidateRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Network){
		"no name":           func(n *Network) { n.Name = "" },
		"no layers":         func(n *Network) { n.Layers = nil },
		"zero deviation":    func(n *Network) { n.Input.Std[1] = 0 },
		"zero scale":        func(n *Network) { n.Input.Scale = 0 },
		"unnamed layer":     func(n *Network) { n.Layers[3].Name = "" },
		"duplicate":         func(n *Network) { n.Layers[3].Name = n.Layers[1].Name },
		"named data":        func(n *Network) { n.Layers[0].Name = Source },
		"unknown input":     func(n *Network) { n.Layers[3].Inputs = []string{"nowhere"} },
		"later input":       func(n *Network) { n.Layers[3].Inputs = []string{n.Layers[4].Name} },
		"no input":          func(n *Network) { n.Layers[3].Inputs = nil },
		"two inputs":        func(n *Network) { n.Layers[3].Inputs = []string{Source, "conv1_1"} },
		"unknown kind":      func(n *Network) { n.Layers[1].Kind = 99 },
		"no channels":       func(n *Network) { n.Layers[0].Out = 0 },
		"no kernel":         func(n *Network) { n.Layers[0].Kernel[1] = 0 },
		"no stride":         func(n *Network) { n.Layers[4].Stride[0] = 0 },
		"negative padding":  func(n *Network) { n.Layers[0].Pad[2] = -1 },
		"padding of a pool": func(n *Network) { n.Layers[4].Pad[2] = 2 },
		"even lrn":          func(n *Network) { n.Layers[1].Kind, n.Layers[1].LRN.Size = LRN, 4 },
	} {
		n := VGG19()
		spoil(n)
		var wrong *DescriptionError
		if err := n.Validate(); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "\n") || wrong.Hint() == "" {
			t.Errorf("%s: %q has no hint or several lines", name, err)
		}
		if _, err := n.Shapes(224, 224, 3); err == nil {
			t.Errorf("%s: Shapes takes it", name)
		}
	}
}

func TestShapesRefusesUnevenConcat(t *testing.T) {
	n := GoogLeNet()
	for i, l := range n.Layers {
		if l.Name == "inception_3a/5x5" {
			n.Layers[i].Pad = [4]int{}
		}
	}
	var wrong *DescriptionError
	if _, err := n.Shapes(224, 224, 3); !errors.As(err, &wrong) || wrong.Layer != "inception_3a/output" {
		t.Errorf("got %v", err)
	}
}

// Every layer of which the reference recorded activations exists, and has the recorded shape.
func TestGoldenShapes(t *testing.T) {
	for _, c := range []struct {
		file string
		net  *Network
		h, w int
	}{{"googlenet_cat.json", GoogLeNet(), 224, 224}, {"vgg19_hybrid.json", VGG19(), 96, 128}} {
		raw, err := os.ReadFile(fixture.Shared(t, "golden/"+c.file))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Layers map[string]struct {
				Shape []int `json:"shape_hwc"`
			}
		}
		if err := json.Unmarshal(raw, &golden); err != nil {
			t.Fatal(err)
		}
		if len(golden.Layers) < 10 {
			t.Fatalf("%s has %d layers", c.file, len(golden.Layers))
		}
		for name, want := range golden.Layers {
			got := info(t, cut(t, c.net, name), c.h, c.w, name)
			if !slices.Equal([]int{got.H, got.W, got.C}, want.Shape) {
				t.Errorf("%s %s: %dx%dx%d, want %v", c.net.Name, name, got.H, got.W, got.C, want.Shape)
			}
		}
	}
}

// TestStrides checks that the layers of every network that styles and contents are compared at lie in a grid of
// the picture: both ways alike, and so many pixels apart that 256 is a multiple.
func TestStrides(t *testing.T) {
	for _, n := range All() {
		strides, err := n.Strides(max(n.InputSize, 64), max(n.InputSize, 64))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range slices.Concat(n.Style, n.Content, []string{Source}) {
			if s := strides[l]; s[0] != s[1] || s[0] < 1 || 256%s[0] != 0 {
				t.Errorf("%s, %s: strides of %v", n.Name, l, s)
			}
		}
	}
	if _, err := Builtin().Strides(0, 1); err == nil {
		t.Error("strides for a picture without pixels")
	}
}
