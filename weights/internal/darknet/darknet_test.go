package darknet_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/darknet"
	"oneiro/weights/internal/opentest"
)

// tiny knows the network of the fixtures.
var tiny = func() weights.Hints {
	layers := []weights.DarknetLayer{
		{Name: "conv1", Inputs: 3, Outputs: 4, Kernel: 3}, {Name: "fc1", Inputs: 4 * 2 * 2,
			Outputs: 5}, {Name: "fc2", Inputs: 5, Outputs: 6},
	}
	return weights.Hints{Darknet: []weights.DarknetNetwork{
		{File: "tiny-conv.weights", Layers: layers[:1]}, {File: "tiny.weights", Layers: layers},
	}}
}()

func TestDarknet(t *testing.T) {
	for _, version := range []string{"00", "01", "02"} {
		f, err := weights.OpenWith(filepath.Join("testdata", "darknet_"+version+".weights"), tiny)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var names []string
		for _, i := range f.Tensors() {
			names = append(names, i.Name)
		}
		if want := []string{"conv1.weight", "conv1.bias", "fc1.weight", "fc1.bias", "fc2.weight",
			"fc2.bias"}; !slices.Equal(names, want) {
			t.Errorf("the tensors are %v", names)
		}
		for _, c := range []struct {
			name  string
			want  []float32
			shape []int
		}{
			{"conv1.weight", weightstest.Counted(4, 3, 3, 3), []int{3, 3, 3, 4}}, {"conv1.bias",
				weightstest.Eighths(4), []int{4}},
			{"fc1.weight", weightstest.Counted(5, 4, 2, 2), []int{2, 2, 4, 5}}, {"fc1.bias",
				weightstest.Eighths(5), []int{5}},
			{"fc2.weight", weightstest.Counted(6, 5, 1, 1), []int{5, 6}}, {"fc2.bias", weightstest.Eighths(6),
				[]int{6}},
		} {
			if got, err := f.Tensor(c.name, c.shape...); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("version %s, %s: %v, %v", version, c.name, got, err)
			}
		}
	}
}

func TestDarknetThatIsNotKnown(t *testing.T) {
	for _, version := range []string{"01", "02"} {
		whole, err := os.ReadFile(filepath.Join("testdata", "darknet_"+version+".weights"))
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"more": append(bytes.Clone(whole), 0, 0, 0, 0),
			"less": whole[:len(whole)-4]} {
			_, err := weights.OpenWith(weightstest.Write(t, filepath.Join(t.TempDir(), "yolo.weights"), data),
				tiny)
			e := weightstest.Refused[*weights.UnsupportedError](t, err)
			if !strings.Contains(e.Looks, "darknet") ||
				!strings.Contains(e.Hint(), "tiny-conv.weights with ") {
				t.Errorf("%s, %s: %v: %s", version, name, e, e.Hint())
			}
		}
		for _, n := range []int{1, 4, 15, 16, 17, 20, 21, len(whole) - 1} {
			_, err := weights.OpenWith(weightstest.Write(t, filepath.Join(t.TempDir(), "yolo.weights"),
				whole[:n]), tiny)
			weightstest.Refused[*weights.UnsupportedError](t, err)
		}
	}
	for _, header := range [][]byte{weightstest.Words(0, 0, 0, 0), weightstest.Words(0, 1001, 0, 0),
		weightstest.Words(5, 0, 0, 0), weightstest.Words(0, 2, 100, 0),
		weightstest.Words(0x7fc00000, 0, 0, 0)} {
		if darknet.Networks(tiny.Darknet).Is(header, 1000) {
			t.Errorf("%v is taken for a darknet file", header)
		}
	}
}

func FuzzDarknet(f *testing.F) {
	for _, version := range []string{"00", "01", "02"} {
		data, err := os.ReadFile(filepath.Join("testdata", "darknet_"+version+".weights"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)-4*41-4*35])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		f, err := weights.OpenWith(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), data), tiny)
		if err != nil {
			weightstest.WellFormed(t, err)
			return
		}
		defer f.Close()
		opentest.TryAll(t, f, len(data))
	})
}
