package render

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/simd"
	"oneiro/zoo"
)

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func readPicture(t testing.TB, path string) *imageio.Image {
	t.Helper()
	im, err := imageio.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func openWeights(t testing.TB, path string) *zoo.Params {
	t.Helper()
	f, err := zoo.OpenParams(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// record is what a golden file records of an activation or a gradient.
type record struct {
	Shape []int     `json:"shape_hwc"`
	RMS   float64   `json:"rms"`
	Index []int     `json:"flat_index_hwc"`
	Value []float64 `json:"value"`
}

// eightBit are the units of the golden gradients.
var eightBit = nn.ValueRange{Scale: 255}

// goldenTolerance is the largest difference allowed, relative to the rms of the layer. Float32 sums in
// another order account for about 1e-5. A ReLU or a maximum that flips changes the gradient of all pixels
// that it sees, and with larger tiles some do: gradientTolerance is for those of the tables that are built in.
const (
	goldenTolerance   = 1e-4
	gradientTolerance = 1e-3
)

// compare fails if the largest difference relative to the rms is too large.
func (s *record) compare(t *testing.T, name string, got []float32) {
	t.Helper()
	s.compareShare(t, name, got, 1, goldenTolerance)
}

// compareGradient is compare for a gradient. With tiles of 6 everywhere, which no table chooses, a twelfth
// of GoogLeNet's differs by more than is allowed (the median by 3e-6), but a mistake would change nearly
// all: the better half has to agree.
func (s *record) compareGradient(t *testing.T, name string, got []float32, tiles tiling) {
	t.Helper()
	switch tiles {
	case tiles4:
		s.compareShare(t, name, got, 1, goldenTolerance)
	case tiles6:
		s.compareShare(t, name, got, 0.5, goldenTolerance)
	default:
		s.compareShare(t, name, got, 1, gradientTolerance)
	}
}

// compareShare compares the share of the numbers that agree best.
func (s *record) compareShare(t *testing.T, name string, got []float32, share, tolerance float64) {
	t.Helper()
	differences := make([]float64, len(s.Index))
	for i, at := range s.Index {
		differences[i] = math.Abs(float64(got[at])-s.Value[i]) / s.RMS
		if math.IsNaN(differences[i]) {
			t.Fatalf("%s is %v, want %v", name, got[at], s.Value[i])
		}
	}
	slices.Sort(differences)
	worst := differences[int(share*float64(len(differences)-1))]
	t.Logf("%-22s %.1e of rms", name, worst)
	if !(worst <= tolerance) {
		t.Errorf("%s differs by %g of its rms, want at most %g", name, worst, tolerance)
	}
}

// evaluateNodes runs the graph of nodes once.
func evaluateNodes(t *testing.T, d autodiff.Device, input *autodiff.Node, x []float32, nodes ...*autodiff.Node) [][]float32 {
	t.Helper()
	p, err := d.Load(autodiff.Compile(d, nodes...), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Write(input, x)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(nodes))
	for i, n := range nodes {
		out[i] = make([]float32, n.Shape.Len())
		p.Read(n, out[i])
	}
	return out
}

// tiling is a table of tiles to test with.
type tiling string

const (
	tilesBuiltin tiling = "builtin"
	tiles4       tiling = "4x4"
	tiles6       tiling = "6x6"
)

// table is nil for what is built in.
func (t tiling) table() string {
	switch t {
	case tiles4:
		return "4"
	case tiles6:
		return "6"
	}
	return ""
}

// eachTier runs a test on every tier of the machine.
func eachTier(t *testing.T, tiles tiling, f func(t *testing.T, e *Engine)) {
	for _, k := range simd.Available() {
		t.Run(k.Name+"/"+string(tiles), func(t *testing.T) {
			if k.Name == "generic" && testing.Short() {
				t.Skip("slow")
			}
			e, err := NewEngine(EngineOptions{Kernels: k.Name, Winograd: tiles.table()})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			f(t, e)
		})
	}
}

// recorded returns the layers that a golden file has, and their nodes in the same order.
func recorded(t *testing.T, layers map[string]record, features nn.Features) (names []string, nodes []*autodiff.Node) {
	t.Helper()
	for name := range layers {
		if features[name] == nil {
			t.Fatalf("no layer %s", name)
		}
		names = append(names, name)
		nodes = append(nodes, features[name])
	}
	return names, nodes
}

// compareLayers compares layers with the first of the values that were computed.
func compareLayers(t *testing.T, layers map[string]record, names []string, values [][]float32) {
	t.Helper()
	for i, name := range names {
		r := layers[name]
		r.compare(t, name, values[i])
	}
}

func TestGoldenGoogLeNet(t *testing.T) {
	var golden struct {
		Top5 []struct {
			Index int
			Prob  float64
		}
		Layers map[string]record
		Dream  record `json:"dream_gradient"`
	}
	readJSON(t, fixture.Shared(t, "golden/googlenet_cat.json"), &golden)
	im := readPicture(t, fixture.Shared(t, "golden/cat_224.png"))
	model, err := nn.Bind(nn.GoogLeNet(), openWeights(t, fixture.Shared(t, "weights/googlenet_bvlc")))
	if err != nil {
		t.Fatal(err)
	}
	for _, tiles := range []tiling{tilesBuiltin, tiles4, tiles6} {
		eachTier(t, tiles, func(t *testing.T, e *Engine) {
			g := autodiff.NewGraph()
			x := g.Input("picture", autodiff.Shape{N: 1, H: im.H, W: im.W, C: 3})
			features := model.Build(x, eightBit)
			names, nodes := recorded(t, golden.Layers, features)
			nodes = append(nodes, features["prob"])
			// the objective of the golden file is half the sum of squares
			total := autodiff.SquaredError(features["inception_4c/output"], nil, 0.5)
			nodes = append(nodes, autodiff.Gradient(total, x)[0])
			out := evaluateNodes(t, e.Device, x, resampled(im, sizeOf(im), eightBit), nodes...)

			compareLayers(t, golden.Layers, names, out)
			prob := out[len(names)]
			golden.Dream.compareGradient(t, "dream gradient", out[len(out)-1], tiles)
			order := make([]int, len(prob))
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(a, b int) int {
				if prob[a] > prob[b] {
					return -1
				}
				return 1
			})
			for i, want := range golden.Top5 {
				if order[i] != want.Index {
					t.Errorf("number %d of the classes is %d, want %d", i+1, order[i], want.Index)
				}
				if got := float64(prob[want.Index]); !(math.Abs(got-want.Prob) <= 1e-5) {
					t.Errorf("class %d has probability %g, want %g", want.Index, got, want.Prob)
				}
			}
		})
	}
}

func TestGoldenVGG19(t *testing.T) {
	var golden struct {
		Layers   map[string]record
		Losses   []float64 `json:"style_losses"`
		Gradient record    `json:"style_gradient"`
	}
	readJSON(t, fixture.Shared(t, "golden/vgg19_hybrid.json"), &golden)
	content := readPicture(t, fixture.Shared(t, "golden/content_128x96.png"))
	styleImage := readPicture(t, fixture.Shared(t, "golden/style_128x112.png"))
	file := openWeights(t, fixture.Shared(t, "weights/vgg19_hybrid.npz"))
	for _, tiles := range []tiling{tilesBuiltin, tiles4, tiles6} {
		eachTier(t, tiles, func(t *testing.T, e *Engine) {
			o := NeuralStylePT(nn.VGG19())
			o.Size, o.ContentWeight, o.TVWeight = 128, 0, 0
			o.Content, o.Styles = content, []*imageio.Image{styleImage}
			job, err := New(Style(o), nn.VGG19(), file)
			if err != nil {
				t.Fatal(err)
			}
			if err := job.Read(e); err != nil {
				t.Fatal(err)
			}
			stage := job.stage(0)
			stage.Range = eightBit

			g := autodiff.NewGraph()
			x := g.Input("picture", autodiff.Shape{N: 1, H: content.H, W: content.W, C: 3})
			features := job.model.Build(x, eightBit)
			names, nodes := recorded(t, golden.Layers, features)
			out := evaluateNodes(t, e.Device, x, resampled(content, stage.Size, eightBit), nodes...)
			compareLayers(t, golden.Layers, names, out)

			p := newProblem(stage, &job.spec)
			whole := newWhole(p.pixels, p.built, nil)
			whole.plan, p.evaluator = autodiff.Compile(e.Device, whole.outputs...), whole
			p.terms.compile(e.Device)
			if err := p.terms.fill(context.Background(), e.Device); err != nil {
				t.Fatal(err)
			}
			if err := p.load(context.Background(), e.Device, nil); err != nil {
				t.Fatal(err)
			}
			defer p.close()
			grad := make([]float32, content.W*content.H*3)
			if _, err := p.evaluate(resampled(content, stage.Size, eightBit), grad); err != nil {
				t.Fatal(err)
			}
			golden.Gradient.compareGradient(t, "style gradient", grad, tiles)
			for i, v := range p.values() {
				if want := golden.Losses[i]; !(math.Abs(v.Value-want) <= 1e-5*want) {
					t.Errorf("%s is %g, want %g", v.Name, v.Value, want)
				}
			}
		})
	}
}
