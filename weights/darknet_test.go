package weights

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tinyDarknet makes the network of the fixtures known, for the time of a test.
func tinyDarknet(t testing.TB) {
	known := darknets
	t.Cleanup(func() { darknets = known })
	tiny := []darknetLayer{{"conv1", 3, 4, 3}, {"fc1", 4 * 2 * 2, 5, 0}, {"fc2", 5, 6, 0}}
	darknets = append([][]darknetLayer{tiny[:1], tiny}, known...)
}

func TestDarknet(t *testing.T) {
	tinyDarknet(t)
	for _, version := range []string{"00", "01", "02"} {
		f := open(t, filepath.Join("testdata", "darknet_"+version+".weights"))
		var names []string
		for _, i := range f.Tensors() {
			names = append(names, i.Name)
		}
		if want := []string{"conv1.weight", "conv1.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}; !slices.Equal(names, want) {
			t.Errorf("the tensors are %v", names)
		}
		for _, c := range []struct {
			name  string
			want  []float32
			shape []int
		}{
			{"conv1.weight", counted(4, 3, 3, 3), []int{3, 3, 3, 4}}, {"conv1.bias", eighths(4), []int{4}},
			{"fc1.weight", counted(5, 4, 2, 2), []int{2, 2, 4, 5}}, {"fc1.bias", eighths(5), []int{5}},
			{"fc2.weight", counted(6, 5, 1, 1), []int{5, 6}}, {"fc2.bias", eighths(6), []int{6}},
		} {
			if got, err := f.Tensor(c.name, c.shape...); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("version %s, %s: %v, %v", version, c.name, got, err)
			}
		}
		if p, err := f.Preset(); p != "rgb01" && f.naming != nil || err != nil {
			t.Error(p, err)
		}
	}
}

// hole is a file of zeros behind its beginning.
type hole struct {
	head []byte
	size int64
}

func (h hole) ReadAt(p []byte, at int64) (int, error) {
	n := int(max(min(int64(len(p)), h.size-at), 0))
	clear(p[:n])
	if at < int64(len(h.head)) {
		copy(p[:n], h.head[at:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (hole) Close() error { return nil }

// The lengths of the files that circulate.
func TestDarknetVGG16(t *testing.T) {
	for size, tensors := range map[int64]int{58_858_768: 26, 58_858_772: 26, 553_430_192: 32, 553_430_196: 32} {
		head := words(0, 1, 0, 0)
		if size%16 == 4 {
			head = words(0, 2, 0, 0, 0)
		}
		c, err := openFile("a.weights", hole{head, size}, size)
		if err != nil {
			t.Fatal(err)
		}
		f, err := newFile("a.weights", c)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(f.Tensors()); n != tensors {
			t.Errorf("%d bytes: %d tensors", size, n)
		}
		if network, _ := f.Network(); network != "vgg16" {
			t.Errorf("%d bytes: the network %q", size, network)
		}
		if _, err := f.Tensor("conv5_3.weight", 3, 3, 512, 512); err != nil {
			t.Error(err)
		}
		if p, err := f.Preset(); p != "rgb01" || err != nil {
			t.Error(p, err)
		}
	}
}

func TestDarknetThatIsNotKnown(t *testing.T) {
	tinyDarknet(t)
	for _, version := range []string{"01", "02"} {
		whole, err := os.ReadFile(filepath.Join("testdata", "darknet_"+version+".weights"))
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"more": append(bytes.Clone(whole), 0, 0, 0, 0), "less": whole[:len(whole)-4]} {
			_, err := Open(write(t, filepath.Join(t.TempDir(), "yolo.weights"), data))
			e := refused[*UnsupportedError](t, err)
			if !strings.Contains(e.Looks, "darknet") || !strings.Contains(e.Hint(), "58858768") && !strings.Contains(e.Hint(), "58858772") {
				t.Errorf("%s, %s: %v: %s", version, name, e, e.Hint())
			}
		}
		for _, n := range []int{1, 4, 15, 16, 17, 20, 21, len(whole) - 1} {
			_, err := Open(write(t, filepath.Join(t.TempDir(), "yolo.weights"), whole[:n]))
			refused[*UnsupportedError](t, err)
		}
	}
	for _, header := range [][]byte{words(0, 0, 0, 0), words(0, 1001, 0, 0), words(5, 0, 0, 0), words(0, 2, 100, 0), words(0x7fc00000, 0, 0, 0)} {
		if isDarknet(header, 1000) {
			t.Errorf("%v is taken for a darknet file", header)
		}
	}
}

func FuzzDarknet(f *testing.F) {
	tinyDarknet(f)
	for _, version := range []string{"00", "01", "02"} {
		data, err := os.ReadFile(filepath.Join("testdata", "darknet_"+version+".weights"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)-4*41-4*35])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tryOpen(t, openFile, "fuzz", data, 0)
	})
}
