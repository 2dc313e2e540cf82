package zoo

import (
	"errors"
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/nn"
	"oneiro/weights"
)

// saved writes the parameters of a network, which are all 1, and what the file says of itself.
func saved(t *testing.T, net *nn.Network, meta weights.Metadata) string {
	t.Helper()
	sources, err := Sources(net, ones{}, false)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net")
	if err := weights.WriteFolder(path, meta, sources[:2]); err != nil {
		t.Fatal(err)
	}
	return path
}

// ones are parameters.
type ones struct{}

func (ones) Tensor(_ string, shape ...int) ([]float32, error) {
	return weightstest.Every(int(weights.Info{Shape: shape}.Len()), 1, 0), nil
}

func TestOpen(t *testing.T) {
	path := saved(t, nn.VGG19(), weights.Metadata{weights.KeyNetwork: "vgg19",
		weights.KeyPreset: "torchvision"})
	torch, err := nn.Preset("torchvision")
	if err != nil {
		t.Fatal(err)
	}
	net, params, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer params.Close()
	if net.Name != "vgg19" || net.Input != torch || net.Input == nn.VGG19().Input {
		t.Errorf("%s expects %+v", net.Name, net.Input)
	}
	var _ nn.Params = params
	again, err := params.Describe(Options{})
	if err != nil || again == net {
		t.Errorf("the network is not a fresh copy, or %v", err)
	}
	for _, c := range []struct {
		o       Options
		network string
		preset  string
	}{
		{Options{Network: "VGG-19"}, "vgg19", "torchvision"},
		{Options{Preset: "rgb01"}, "vgg19", "rgb01"},
		{Options{Network: "vgg19", Preset: "caffe-rgb"}, "vgg19", "caffe-rgb"},
	} {
		want, err := nn.Preset(c.preset)
		if err != nil {
			t.Fatal(err)
		}
		net, params, err := OpenWith(path, c.o)
		if err != nil {
			t.Fatal(err)
		}
		defer params.Close()
		if net.Name != c.network || net.Input != want {
			t.Errorf("%+v: %s expects %+v", c.o, net.Name, net.Input)
		}
	}
	_, _, err = OpenWith(path, Options{Network: "vgg16"})
	if e := weightstest.Refused[*MismatchError](t, err); e.Network != "vgg19" || e.Want != "vgg16" {
		t.Errorf("%+v", e)
	}
	if _, _, err := OpenWith(path, Options{Network: "vgg20"}); !is[*nn.UnknownNetworkError](err) {
		t.Error(err)
	}
	if _, _, err := OpenWith(path, Options{Preset: "cafe"}); !is[*nn.UnknownPresetError](err) {
		t.Error(err)
	}
	nobody := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npy"), weightstest.NPY([]int{1}, 1))
	if _, _, err := Open(nobody); !is[*UnknownError](err) {
		t.Error(err)
	}
	if _, _, err := Open(filepath.Join(t.TempDir(), "nowhere")); !is[*weights.ReadError](err) {
		t.Error(err)
	}
}

// TestOpenTrained opens networks that oneiro train has given other classes than the built-in one has.
func TestOpenTrained(t *testing.T) {
	meta := weights.Metadata{weights.KeyNetwork: builtinName}
	meta.SetClasses([]string{"cat", "dog", "bird"})
	net, params, err := Open(saved(t, nn.Builtin().WithClasses(3), meta))
	if err != nil {
		t.Fatal(err)
	}
	defer params.Close()
	if net.Name != builtinName || net.Classes != 3 {
		t.Errorf("%s has %d classes", net.Name, net.Classes)
	}
	net, params = Builtin()
	classes, err := params.Classes()
	if err != nil || net.Classes != len(classes) {
		t.Errorf("the built-in network has %d classes, its file %d, %v", net.Classes, len(classes), err)
	}
	if other, _ := Builtin(); other == net {
		t.Error("the built-in network is not a fresh copy")
	}
}

// TestFormatPresets opens a network of MatConvNet, whose names of tensors are Caffe's.
func TestFormatPresets(t *testing.T) {
	p := open(t, "../weights/internal/mat/testdata/matconvnet_new.mat")
	if preset, err := p.Preset(); preset != "caffe-rgb" || err != nil {
		t.Errorf("%q, %v", preset, err)
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
