package zoo

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/weightstest"
	"oneiro/weights"
)

func TestRealSqueezeNet(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/squeezenet1.1"))
	if network, _ := f.Network(); network != "squeezenet1.1" {
		t.Errorf("the network is %q", network)
	}
	if _, err := f.Tensor("squeezenet0_conv0_weight", 3, 3, 3, 64); err != nil {
		t.Error(err)
	}
}

// oxford writes the convolutions of a VGG-16 that begins as Oxford's, to files in that layout.
func oxford(t *testing.T, layout weights.Layout, names func(k, b, i int) (weight, bias string),
	at func(o, i, y, x int) float32) string {
	dir := t.TempDir()
	in, conv := 3, 0
	for b, convs := range [5]int{2, 2, 3, 3, 3} {
		for l := range convs {
			out := int(vggWidths[b])
			size := map[byte]int{'O': out, 'I': in, 'H': 3, 'W': 3}
			weight, bias := names(conv, b+1, l+1)
			weightstest.Write(t, filepath.Join(dir, bias), weightstest.Float32s(make([]float32, out)))
			if conv > 1 { // whose numbers do not matter
				path := weightstest.Write(t, filepath.Join(dir, weight), nil)
				if err := os.Truncate(path, int64(4*9*in*out)); err != nil { // which takes no room on the disk
					t.Fatal(err)
				}
				in = out
				conv++
				continue
			}
			values := make([]float32, 0, out*in*9)
			var index [256]int
			var fill func(k int)
			fill = func(k int) {
				if k == 4 {
					values = append(values, at(index['O'], index['I'], index['H'], index['W']))
					return
				}
				for i := range size[layout[k]] {
					index[layout[k]] = i
					fill(k + 1)
				}
			}
			fill(0)
			weightstest.Write(t, filepath.Join(dir, weight), weightstest.Float32s(values))
			in = out
			conv++
		}
	}
	return dir
}

// first is a filter that is Oxford's where that is known.
func first(o, i, y, x int) float32 {
	p := fingerprints[0]
	switch {
	case o == 0 && i == 0:
		return float32(p.filter[3*y+x])
	case o == 0 && i == 1 && y == 0 && x == 0:
		return float32(p.green)
	}
	return float32(math.Sin(float64(((o*3+i)*3+y)*3 + x)))
}

// rawNames ends the names of layers in those of files.
func rawNames(layer func(k, b, i int) string, weight, bias string) func(k, b, i int) (string, string) {
	return func(k, b, i int) (string, string) { return layer(k, b, i) + weight, layer(k, b, i) + bias }
}

func TestRawFilesByTheirNumbers(t *testing.T) {
	check := func(layout weights.Layout, names func(k, b, i int) (string, string), firstName, lastName string) {
		t.Helper()
		f := open(t, oxford(t, layout, names, first))
		if i := f.Tensors(); len(i) != 26 || i[0].Name != firstName || i[0].Layout != layout ||
			i[25].Name != lastName {
			t.Fatalf("%s: %+v", layout, i)
		}
		got, err := f.Tensor("conv1_1.weight", 3, 3, 3, 64)
		if err != nil || got[3*64] != first(0, 0, 0, 1) || got[(2*3+1)*3*64+2*64+5] != first(5, 2, 2, 1) {
			t.Errorf("%s: %v", layout, err)
		}
		if p, err := f.Preset(); p != "caffe-bgr" || err != nil {
			t.Error(p, err)
		}
	}
	numbered := vggNumbered("conv%d_%d")
	for _, layout := range []weights.Layout{weights.OIHW, weights.HWIO, weights.OHWI} {
		check(layout, rawNames(numbered, "_w.bin", "_b.bin"), "conv1_1.weight", "conv5_3.bias")
	}
	for _, roles := range [][2]string{{"_W", "_b"}, {"_filter.bin", "_bias.bin"},
		{"_weights.bin", "_biases.bin"}, {".weight.bin", ".bias.bin"}, {"-w", "-b"}} {
		check(weights.OIHW, rawNames(numbered, roles[0], roles[1]), "conv1_1.weight", "conv5_3.bias")
	}
	check(weights.OIHW, rawNames(vggSequential("features.", 0, 2, 1), ".weight", ".bias"), "features.0.weight",
		"features.28.bias")
}

func TestRawFilesThatAreRefused(t *testing.T) {
	refuse := func(dir string) {
		t.Helper()
		_, err := OpenParams(dir)
		if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Looks,
			"manifest.json") || !strings.Contains(e.Hint(), `"layout": "OIHW"`) {
			t.Errorf("%v: %s", e, e.Hint())
		}
	}
	refuse(t.TempDir())
	names := rawNames(vggNumbered("conv%d_%d"), "_w.bin", "_b.bin")
	refuse(oxford(t, weights.OIHW, names, func(o, i, y, x int) float32 { return 0.5 }))
	dir := oxford(t, weights.OIHW, names, first)
	weightstest.Write(t, filepath.Join(dir, "conv1_1_b.bin"), make([]byte, 4*32)) // other sizes
	refuse(dir)
	os.Remove(filepath.Join(dir, "conv1_1_b.bin"))
	refuse(dir)
}
