package safetensors

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/container"
)

// handed gives the values in pieces of n.
func handed(values []float32, n int) func(put func([]float32) error) error {
	return func(put func([]float32) error) error {
		for piece := range slices.Chunk(values, n) {
			if err := put(piece); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestWriteSafetensors(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, []Source{
		{"a.weight", []int{4, 3, 2, 5}, false, handed(weightstest.Vector(120), 7)},
		{"b é\"<.bias", []int{7}, false, handed(weightstest.Vector(7), 7)},
	}, map[string]string{"by": "oneiro"}); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/plain.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%q, want %q", b.Bytes()[:200], want[:200])
	}

	b.Reset()
	const n = 2*(16<<10) + 3
	if err := Write(&b, []Source{
		{"b", []int{1}, true, handed([]float32{-1.5}, 1)},
		{"a", []int{n}, false, handed(weightstest.Vector(n), n)},
		{"scalar", nil, false, handed([]float32{3}, 1)},
		{"weight", []int{4, 3, 2, 5}, true, handed(weightstest.Vector(120), 1)},
	}, nil); err != nil {
		t.Fatal(err)
	}
	c, err := Open("a", source{bytes.NewReader(b.Bytes())}, int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, e := range c.Tensors {
		names = append(names, e.Name+" "+e.DType.Name)
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, e.Count())
		e.DType.Decode(got, data)
		want := [][]float32{{-1.5}, weightstest.Vector(n), {3}, weightstest.Vector(120)}[i]
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", e.Name, got)
		}
	}
	if !slices.Equal(names, []string{"b float16", "a float32", "scalar float32", "weight float16"}) {
		t.Error(names)
	}
}

type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteSafetensorsRefuses(t *testing.T) {
	sound := Source{"a", []int{2}, false, handed(weightstest.Vector(2), 1)}
	for name, tensors := range map[string][]Source{
		"a name twice":  {sound, sound},
		"metadata":      {{"__metadata__", []int{2}, false, handed(weightstest.Vector(2), 1)}},
		"no UTF-8":      {{"\xff", []int{2}, false, handed(weightstest.Vector(2), 1)}},
		"no shape":      {{"a", []int{0}, false, handed(nil, 1)}},
		"too few":       {{"a", []int{3}, false, handed(weightstest.Vector(2), 1)}},
		"too many":      {{"a", []int{1}, false, handed(weightstest.Vector(2), 1)}},
		"too many once": {{"a", []int{1}, false, handed(weightstest.Vector(2), 2)}},
	} {
		if err := Write(new(bytes.Buffer), tensors, nil); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
	err := Write(new(bytes.Buffer), []Source{{"a", []int{2}, true, handed([]float32{1, -65520}, 2)}}, nil)
	if e := weightstest.Refused[*HalfError](t, err); e.Index != 1 || e.Value != -65520 {
		t.Errorf("%+v", e)
	}
	for left := range 72 {
		if err := Write(&fullDisk{left}, []Source{sound}, nil); !errors.Is(err, errFull) {
			t.Errorf("a disk with %d bytes: %v", left, err)
		}
	}
}

func TestToHalf(t *testing.T) {
	for bits := range uint16(0x7c00) {
		if h, ok := toHalf(container.Half(bits)); !ok || h != bits {
			t.Fatalf("%#x becomes %#x", bits, h)
		}
		// half way to the next, which float32 holds exactly, and a little to both sides
		next := float32(65536)
		if bits < 0x7bff {
			next = container.Half(bits + 1)
		}
		middle := (container.Half(bits) + next) / 2
		want := map[float32]uint16{
			math.Nextafter32(middle, 0): bits, middle: bits +
				bits&1, math.Nextafter32(middle, math.MaxFloat32): bits + 1,
		}
		for v, want := range want {
			h, ok := toHalf(v)
			if ok != (want < 0x7c00) || ok && h != want {
				t.Fatalf("%v becomes %#x, want %#x", v, h, want)
			}
			if h, _ := toHalf(-v); ok && h != want|0x8000 {
				t.Fatalf("%v becomes %#x", -v, h)
			}
		}
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN(), 65520, math.MaxFloat32} {
		if _, ok := toHalf(float32(v)); ok {
			t.Errorf("%v fits", v)
		}
	}
	if h, ok := toHalf(float32(math.Copysign(0, -1))); !ok || h != 0x8000 {
		t.Errorf("-0 becomes %#x", h)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		v := float32(random.NormFloat64())
		h, _ := toHalf(v)
		if diff := math.Abs(float64(container.Half(h) - v)); diff > math.Abs(float64(v))*0x1p-11 &&
			diff > 0x1p-25 {
			t.Fatalf("%v becomes %v", v, container.Half(h))
		}
	}
}

var errFull = errors.New("no space left")

type source struct{ *bytes.Reader }

func (source) Close() error { return nil }
