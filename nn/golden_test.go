package nn

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/weights"
)

// activations runs net on a picture and returns the values of the named layers.
func activations(t *testing.T, net *Network, params Params, im *imageio.Image,
	layers []string) map[string][]float32 {
	t.Helper()
	model, err := Bind(cut(t, net, layers...), params)
	if err != nil {
		t.Fatal(err)
	}
	canvas := autodiff.NewGraph().Input("canvas", autodiff.Shape{N: 1, H: im.H, W: im.W, C: 3})
	features := model.Build(canvas, UnitRange)
	var outputs []*autodiff.Node
	for _, l := range layers {
		outputs = append(outputs, features[l])
	}
	device := cpu.New(cpu.Options{})
	defer device.Close()
	program, err := device.Load(autodiff.Compile(device, outputs...), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	program.Write(canvas, im.Pix)
	if err := program.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	values := map[string][]float32{}
	for i, l := range layers {
		values[l] = make([]float32, outputs[i].Shape.Len())
		program.Read(outputs[i], values[l])
	}
	return values
}

func picture(t *testing.T, path string) *imageio.Image {
	t.Helper()
	im, err := imageio.Read(fixture.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func sharedWeights(t *testing.T, path string) *weights.File {
	t.Helper()
	f, err := weights.Open(fixture.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Activations with real weights are those of PyTorch. The tolerance is relative to the layer's root
// mean square: both sides add thousands of products in float32, in different orders (5e-6 was seen
// with direct convolutions), and Winograd's 4x4 tiles may cost one digit more.
func TestGoldenActivations(t *testing.T) {
	for _, c := range []struct {
		golden, weights string
		net             *Network
	}{
		{"googlenet_cat.json", "weights/googlenet_bvlc", GoogLeNet()},
		{"vgg19_hybrid.json", "weights/vgg19_hybrid.npz", VGG19()},
	} {
		raw, err := os.ReadFile(fixture.Shared(t, "golden/"+c.golden))
		if err != nil {
			t.Fatal(err)
		}
		var golden struct {
			Input string
			Top5  []struct {
				Index int
				Prob  float64
			}
			Layers map[string]struct {
				RMS, Max float64
				Index    []int `json:"flat_index_hwc"`
				Value    []float64
			}
		}
		if err := json.Unmarshal(raw, &golden); err != nil {
			t.Fatal(err)
		}
		var layers []string
		for l := range golden.Layers {
			layers = append(layers, l)
		}
		if golden.Top5 != nil {
			layers = append(layers, "prob")
		}
		got := activations(t, c.net, sharedWeights(t, c.weights), picture(t, "golden/"+golden.Input), layers)
		for name, want := range golden.Layers {
			const tolerance = 1e-4
			var squares float64
			for _, v := range got[name] {
				squares += float64(v) * float64(v)
			}
			rms := math.Sqrt(squares / float64(len(got[name])))
			if !(math.Abs(rms-want.RMS) <= tolerance*want.RMS) {
				t.Errorf("%s %s: root mean square %g, want %g", c.net.Name, name, rms, want.RMS)
			}
			worst := 0.0
			for i, at := range want.Index {
				worst = max(worst, math.Abs(float64(got[name][at])-want.Value[i])/want.RMS)
			}
			if !(worst <= tolerance) {
				t.Errorf("%s %s: off by %g of the root mean square", c.net.Name, name, worst)
			}
			if len(want.Index) < 40 || len(want.Value) != len(want.Index) {
				t.Fatalf("%s has %d values for %s", c.golden, len(want.Value), name)
			}
			t.Logf("%s %s: off by %.2g of the root mean square", c.net.Name, name, worst)
		}
		for _, top := range golden.Top5 {
			if p := got["prob"][top.Index]; !(math.Abs(float64(p)-top.Prob) <= 1e-4) {
				t.Errorf("%s: class %d has probability %g, want %g", c.net.Name, top.Index, p, top.Prob)
			}
		}
	}
}
