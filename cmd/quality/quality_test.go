package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*math.Max(math.Abs(want), 1)) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// point is a mean verdict of one judge with one layer.
func point(net string, factor, content, style float64) verdict {
	return verdict{net: net, factor: factor, distance: content, styles: [][]float64{{style}}}
}

func TestMeans(t *testing.T) {
	got := means([]verdict{point("a", 1, 2, 8), point("b", 1, 5, 5), point("a", 1, 4, 2), point("a", 3, 1, 1)})
	want := []verdict{point("a", 1, 3, 5), point("b", 1, 5, 5), point("a", 3, 1, 1)}
	if len(got) != len(want) {
		t.Fatalf("%d means, want %d", len(got), len(want))
	}
	for i, w := range want {
		if g := got[i]; g.net != w.net || g.factor != w.factor || g.distance != w.distance || g.styles[0][0] != w.styles[0][0] {
			t.Errorf("mean %d is %+v, want %+v", i, g, w)
		}
	}
}

func TestStyleAt(t *testing.T) {
	points := []verdict{point("a", 1, 1, 100), point("b", 1, 2, 1), point("a", 2, 100, 1), point("a", 3, 200, 4)}
	for content, want := range map[float64]float64{1: 100, 10: 10, 100: 1, 150: 1, 1000: 1} {
		near(t, "the style", styleAt(points, "a", content, 0), want)
	}
	for content, net := range map[float64]string{0.5: "a", 1.5: "b", 3: "c"} {
		if v := styleAt(points, net, content, 0); !math.IsNaN(v) {
			t.Errorf("%s has a style of %v at %v", net, v, content)
		}
	}
}

// TestOrthogonal checks that filters are orthogonal, centred unless they read the picture, and as long as
// those of He et al.
func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{3, 3, 3, 16}, {3, 3, 4, 8}, {3, 3, 3, 40}, {1, 1, 6, 9}} {
		data, err := orthogonal{}.Tensor("c.weight", shape...)
		if err != nil {
			t.Fatal(err)
		}
		n := shape[3]
		reads := len(data) / n
		var square float64
		for a := range n {
			var mean float64
			for k := range reads {
				mean += float64(data[k*n+a])
				square += float64(data[k*n+a]) * float64(data[k*n+a])
			}
			if shape[2] != 3 && n < reads && !(math.Abs(mean) <= 1e-4) {
				t.Errorf("%v: filter %d adds up to %v", shape, a, mean)
			}
			for b := range a {
				var d float64
				for k := range reads {
					d += float64(data[k*n+a]) * float64(data[k*n+b])
				}
				if n < reads && !(math.Abs(d) <= 1e-5) {
					t.Errorf("%v: filters %d and %d have the product %v", shape, a, b, d)
				}
			}
		}
		near(t, "the mean square length", square/float64(n), 2)
	}
}

func TestNets(t *testing.T) {
	nets, err := readNets("", []string{"vgg19", "he-random"})
	if err != nil || len(nets) != 2 || nets[0].Name != "he-random" || nets[1].Weights == "" {
		t.Errorf("%+v, %v", nets, err)
	}
	if _, err := readNets("", []string{"vgg"}); err == nil {
		t.Error("a net that is not there is found")
	}
	for _, n := range []net{{Model: "vgg19"}, {Model: "builtin", Params: "xavier"}, {Model: "vgg20"},
		{Model: "builtin", Padding: "some"}, {Model: "builtin", Options: map[string]string{"style-los": "gram"}}} {
		if _, err := n.setup(""); err == nil {
			t.Errorf("%+v is taken", n)
		}
	}
	o, err := (&net{Model: "builtin", Params: "orthogonal", StyleLayers: []string{"relu2_1"}, StyleWeight: 7,
		Padding: "reflect", Options: map[string]string{"ssim-weight": "2"}}).setup("")
	if err != nil {
		t.Fatal(err)
	}
	defer o.close()
	if o.StyleWeight != 7 || o.SSIMWeight != 2 || o.network.Layers[0].Mode != autodiff.PadReflect ||
		len(o.StyleLayers) != 1 || len(o.ContentLayers) == 0 || o.params != (orthogonal{}) {
		t.Errorf("%+v", o)
	}
}

// TestRun compares the built-in network with a random one on small pictures.
func TestRun(t *testing.T) {
	for _, j := range critics() {
		fixture.Shared(t, filepath.Join("weights", j.weights))
	}
	shared := fixture.Shared(t, ".")
	dir := t.TempDir()
	for name, im := range map[string]*imageio.Image{"c/photo.png": sample.Landscape(96, 72, 1), "painting.png": sample.Painting(80, 80, 1)} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := imageio.Write(path, im, imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	o := options{
		shared: shared, contents: []string{filepath.Join(dir, "c")}, styles: []string{filepath.Join(dir, "painting.png")},
		only: []string{"builtin", "he-random"}, panel: "few", sweep: []float64{0.001, 1}, size: 64, iterations: 8,
		csv: filepath.Join(dir, "out.csv"), sheet: filepath.Join(dir, "out.png"),
	}
	var stdout, stderr bytes.Buffer
	if err := run(context.Background(), o, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.csv)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(lines) != 1+2*2 || len(lines[0]) != 5+5+5+7 {
		t.Fatalf("%v, %q", err, lines)
	}
	for _, want := range []string{"| builtin | x0.001 |", "| he-random | x1 |", "by googlenet", "relu5_1", "(photo as painting)", "| border dB |"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, stdout.String())
		}
	}
	if n := strings.Count(stderr.String(), "photo as painting"); n != 4 {
		t.Errorf("reported %d pictures:\n%s", n, stderr.String())
	}
	if im, err := imageio.Read(o.sheet); err != nil || im.W < 64 || im.H < 64+2*48 {
		t.Errorf("the sheet: %+v, %v", im, err)
	}
	little, much := lines[1], lines[2]
	if !(parse(t, little[4]) < parse(t, much[4])) {
		t.Errorf("more weight on the style takes the content from %s to %s", little[4], much[4])
	}
	if !(parse(t, little[5]) > parse(t, much[5])) {
		t.Errorf("more weight on the style takes the style from %s to %s", little[5], much[5])
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	v, err := numbers(s)
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}
