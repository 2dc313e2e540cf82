package nn

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"oneiro/internal/imageio"
)

// record is what a golden file says about the values of a layer.
type record struct {
	Shape []int   `json:"shape_hwc"`
	RMS   float64 `json:"rms"`
	Index []int   `json:"flat_index_hwc"`
	Value []float64
}

// compare fails if a value differs by more than the tolerance, as part of the root mean square.
func (r *record) compare(t *testing.T, name string, got []float32, tolerance float64) {
	t.Helper()
	if len(r.Index) < 40 || len(r.Value) != len(r.Index) || len(got) != r.Shape[0]*r.Shape[1]*r.Shape[2] {
		t.Fatalf("%s: %d values of %d, want some of %v", name, len(r.Value), len(got), r.Shape)
	}
	worst := max(math.Abs(rms(got)-r.RMS)/r.RMS, slices.Max(r.differences(got)))
	t.Logf("%s: off by %.2g of the root mean square", name, worst)
	if !(worst <= tolerance) {
		t.Errorf("%s: off by %g of the root mean square", name, worst)
	}
}

// differences returns by how much each recorded value differs, as part of the root mean square.
func (r *record) differences(got []float32) []float64 {
	out := make([]float64, len(r.Index))
	for i, at := range r.Index {
		out[i] = math.Abs(float64(got[at])-r.Value[i]) / r.RMS
	}
	return out
}

func rms(values []float32) float64 {
	var squares float64
	for _, v := range values {
		squares += float64(v) * float64(v)
	}
	return math.Sqrt(squares / float64(len(values)))
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// counted returns numbers in -1..1 that look random: those of the function in testdata/make.py.
func counted(seed, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		h := uint32(i) ^ uint32(seed)*0x9e3779b1
		h = (h ^ h>>15) * 0x85ebca6b
		h = (h ^ h>>15) * 0xc2b2ae35
		h ^= h >> 16
		out[i] = float32(h>>8)/(1<<23) - 1
	}
	return out
}

// countedParams are the parameters that testdata/make.py gives a network.
type countedParams struct {
	layers    []string // with parameters, in order
	batchNorm bool     // folded into the convolutions
}

func newCountedParams(t *testing.T, net *Network, batchNorm bool) *countedParams {
	t.Helper()
	specs, err := net.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	p := &countedParams{batchNorm: batchNorm}
	for i := 0; i < len(specs); i += 2 {
		p.layers = append(p.layers, specs[i].Layer)
	}
	return p
}

func (p *countedParams) Tensor(name string, shape ...int) ([]float32, error) {
	for i, l := range p.layers {
		out := shape[len(shape)-1]
		norm := p.batchNorm && len(shape) != 2 && l != p.layers[len(p.layers)-1]
		scale, offset := make([]float64, out), make([]float64, out)
		gamma, beta := counted(8*i+2, out), counted(8*i+3, out)
		mean, variance := counted(8*i+4, out), counted(8*i+5, out)
		for o := range out {
			scale[o] = 1
			if norm {
				scale[o] = (1 + float64(gamma[o])/2) / math.Sqrt(1+float64(variance[o])/2+1e-3)
				offset[o] = float64(beta[o])/2 - scale[o]*float64(mean[o])/2
			}
		}
		switch name {
		case l + ".bias":
			bias := counted(8*i+1, out)
			for o := range out {
				if norm {
					bias[o] = float32(offset[o])
				} else {
					bias[o] /= 8
				}
			}
			return bias, nil
		case l + ".weight":
			n := 1
			for _, d := range shape {
				n *= d
			}
			w := fromOIHW(counted(8*i, n), shape)
			for j := range w {
				w[j] = float32(float64(w[j]) * float64(float32(math.Sqrt(6/float64(n/out)))) * scale[j%out])
			}
			return w, nil
		}
	}
	return nil, fmt.Errorf("no parameter %s", name)
}

// fromOIHW turns a filter from PyTorch's order into ours; shape is ours.
func fromOIHW(w []float32, shape []int) []float32 {
	s := [4]int{1, 1, 1, 1}
	copy(s[4-len(shape):], shape)
	spatial, in, out := s[0]*s[1], s[2], s[3]
	to := make([]float32, len(w))
	for o := range out {
		for i := range in {
			for k := range spatial {
				to[(k*in+i)*out+o] = w[(o*in+i)*spatial+k]
			}
		}
	}
	return to
}

// Networks without real weights at hand compute what torchvision and TensorFlow compute with made-up
// ones, at sizes that are odd here and even there; and torchvision has as many parameters.
func TestReferenceActivations(t *testing.T) {
	type golden struct {
		Height, Width int
		Parameters    int64
		Layers        map[string]record
	}
	for file, want := range map[string]int{"testdata/torchvision.json": 6, "testdata/inception5h.json": 1} {
		var all map[string]golden
		readJSON(t, file, &all)
		if len(all) != want {
			t.Fatalf("%s has %d networks", file, len(all))
		}
		for name, g := range all {
			t.Run(name, func(t *testing.T) {
				net, err := Get(name)
				if err != nil {
					t.Fatal(err)
				}
				if total := parameters(t, net); g.Parameters != 0 && total != g.Parameters {
					t.Errorf("%d parameters, want %d", total, g.Parameters)
				}
				im := &imageio.Image{W: g.Width, H: g.Height, Pix: counted(1<<20, g.Height*g.Width*3)}
				for i, v := range im.Pix {
					im.Pix[i] = v/2 + 0.5
				}
				layers := slices.Collect(maps.Keys(g.Layers))
				batchNorm := name == "googlenet-tv" || name == "inceptionv3-tv"
				got := activations(t, net, newCountedParams(t, net, batchNorm), im, layers)
				for l, r := range g.Layers {
					r.compare(t, l, got[l], 1e-4)
				}
			})
		}
	}
}

func parameters(t *testing.T, net *Network) (total int64) {
	t.Helper()
	specs, err := net.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range specs {
		total += s.Len()
	}
	return total
}
