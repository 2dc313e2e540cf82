package tensorflow_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights"
	"oneiro/weights/internal/opentest"
	"oneiro/weights/internal/protobuf"
)

func TestGraphDef(t *testing.T) {
	for _, file := range []string{"frozen.pb", "stored.zip"} {
		f := opentest.Open(t, filepath.Join("testdata", file))
		want := []string{
			"conv2d0_w 2x5x3x4 HWIO float32", "conv2d0_b 4 O float32", "half_w 2x5x3x4 HWIO float16", "double_w 2x5x3x4 HWIO float64",
			"brain_b 4 O bfloat16", "repeated 3x3 IO float32", "epsilon a single number  float32", "reshape/shape 2 O int32", "labels 2 O text",
			"empty 0 O float32", "nn0_w 12x6 IO float32", "float_val_w 2x5x3x4 HWIO float32", "double_val_w 2x5x3x4 HWIO float64",
			"half_val_w 2x5x3x4 HWIO float16", "float_val_tail 6 O float32", "half_val_tail 6 O float16", "float_val_none 6 O float32",
		}
		if got := opentest.Listing(f); !slices.Equal(got, want) {
			t.Errorf("%s: %q", file, got)
		}
		for _, name := range []string{"conv2d0", "half", "double", "float_val", "double_val", "half_val"} {
			if got, err := f.Tensor(name+"_w", 2, 5, 3, 4); err != nil ||
				!slices.Equal(got, weightstest.Vector(120)) {
				t.Errorf("%s, %s: %v, %v", file, name, got, err)
			}
		}
		for name, want := range map[string][]float32{
			"conv2d0_b": weightstest.Vector(4), "brain_b": weightstest.Vector(4),
			"float_val_tail": {1, 2, 3, 3, 3, 3}, "half_val_tail": {1, 2, 2, 2, 2, 2},
			"float_val_none": make([]float32, 6),
		} {
			if got, err := f.Tensor(name, len(want)); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v, %v", file, name, got, err)
			}
		}
		if got, err := f.Tensor("nn0_w", 12, 6); err != nil || !slices.Equal(got, weightstest.Vector(72)) {
			t.Errorf("%s: %v, %v", file, got, err)
		}
		if got, err := f.Tensor("repeated", 3, 3); err != nil ||
			!slices.Equal(got, slices.Repeat([]float32{.5}, 9)) {
			t.Errorf("%s: %v, %v", file, got, err)
		}
		_, err := f.Tensor("labels", 2)
		weightstest.Refused[*weights.TypeError](t, err)
		_, err = f.Tensor("empty", 1)
		weightstest.Refused[*weights.ShapeError](t, err)
	}
}

func TestGraphsThatAreExplained(t *testing.T) {
	_, err := weights.Open("testdata/deflated.zip")
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(),
		"tensorflow_inception_graph.pb") {
		t.Errorf("%v: %s", e, e.Hint())
	}
	_, err = weights.Open("testdata/saved_model.pb")
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(),
		"variables/variables.index") {
		t.Errorf("%v: %s", e, e.Hint())
	}
	saved, err := os.ReadFile("testdata/saved_model.pb")
	if err != nil {
		t.Fatal(err)
	}
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"),
		weightstest.Zipped(zip.Store, weightstest.File("saved_model.pb", saved))))
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(),
		"variables/variables.index") {
		t.Errorf("%v: %s", e, e.Hint())
	}
	graph := weightstest.PB(1, weightstest.Concat(weightstest.PB(1, "input"),
		weightstest.PB(2, "Placeholder")))
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), graph))
	if e := weightstest.Refused[*weights.UnsupportedError](t, err); !strings.Contains(e.Hint(), "checkpoint") {
		t.Error(e)
	}
	two := weightstest.Zipped(zip.Store, weightstest.File("a.pb", graph), weightstest.File("b.pb", graph))
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), two))
	weightstest.Refused[*weights.UnsupportedError](t, err)
	stored, err := os.ReadFile("testdata/stored.zip")
	if err != nil {
		t.Fatal(err)
	}
	directory := bytes.LastIndex(stored, []byte("PK\x01\x02"))
	copy(stored[directory+20:], "\xff\xff\xff\x7f\xff\xff\xff\x7f") // both sizes
	_, err = weights.Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), stored))
	weightstest.Refused[*weights.TruncatedError](t, err)
}

// graphOf is a graph with a constant.
func graphOf(tensor ...[]byte) []byte {
	value := weightstest.PB(5, weightstest.Concat(weightstest.PB(1, "value"),
		weightstest.PB(2, weightstest.PB(8, weightstest.Concat(tensor...)))))
	return weightstest.PB(1, weightstest.Concat(weightstest.PB(1, "a"), weightstest.PB(2, "Const"),
		weightstest.PB(5, weightstest.Concat(weightstest.PB(1, "dtype"),
			weightstest.PB(2, weightstest.PB(6, 1)))), value))
}

func tfShape(sizes ...int) []byte {
	var b []byte
	for _, n := range sizes {
		b = append(b, weightstest.PB(2, weightstest.PB(1, n))...)
	}
	return weightstest.PB(2, b)
}

func TestGraphDefThatLies(t *testing.T) {
	float, six := weightstest.PB(1, 1), weightstest.PB(4, weightstest.Float32s(weightstest.Vector(6)))
	sound := graphOf(float, tfShape(2, 3), six)
	constant := weightstest.PB(5, weightstest.Concat(weightstest.PB(1, "value"),
		weightstest.PB(2, weightstest.PB(8, weightstest.Concat(float, tfShape(2, 3), six)))))
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound": {sound, nil},
		"sound, behind another": {weightstest.Concat(weightstest.PB(1,
			weightstest.Concat(weightstest.PB(1, "x"),
				weightstest.PB(2, "Placeholder"))), sound, weightstest.PB(4, weightstest.PB(1, 27))), nil},
		"sound, numbers first": {graphOf(six, float, tfShape(2, 3)), nil},
		"sound, one by one": {graphOf(float, tfShape(2), weightstest.PB(5, float32(1)),
			weightstest.PB(5, float32(2))), nil},
		"sound, one for all": {graphOf(float, tfShape(10, 10), weightstest.PB(5, float32(1))), nil},
		"cut":                {sound[:len(sound)-1], weightstest.Is[*weights.TruncatedError]},
		"too few bytes":      {graphOf(float, tfShape(7), six), weightstest.Is[*weights.FormatError]},
		"too many":           {graphOf(float, tfShape(5), six), weightstest.Is[*weights.FormatError]},
		"half a number": {graphOf(float, tfShape(5), weightstest.PB(4, make([]byte, 23))),
			weightstest.Is[*weights.FormatError]},
		"too many, listed": {graphOf(float, tfShape(5),
			weightstest.PB(5, weightstest.Float32s(weightstest.Vector(6)))), weightstest.Is[*weights.FormatError]},
		"raw and listed": {graphOf(float, tfShape(6), six,
			weightstest.PB(5, weightstest.Float32s(weightstest.Vector(6)))), weightstest.Is[*weights.FormatError]},
		"one for 2^40": {graphOf(float, tfShape(1<<20, 1<<20), weightstest.PB(5, float32(1))),
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64": {graphOf(float, tfShape(1<<32, 1<<32), six),
			weightstest.Is[*weights.FormatError]},
		"a product of 2^64+6": {graphOf(float, tfShape(274177, 67280421310721), six),
			weightstest.Is[*weights.FormatError]},
		"a size that is unknown": {graphOf(float, tfShape(-1), six), weightstest.Is[*weights.FormatError]},
		"a shape that is unknown": {graphOf(float, weightstest.PB(2, weightstest.PB(3, 1)), six),
			weightstest.Is[*weights.FormatError]},
		"33 sizes": {graphOf(float, tfShape(slices.Repeat([]int{1}, 33)...),
			weightstest.PB(5, float32(1))), weightstest.Is[*weights.FormatError]},
		"a name twice": {weightstest.Concat(sound, sound), weightstest.Is[*weights.FormatError]},
		"no name": {weightstest.Concat(sound,
			weightstest.PB(1, weightstest.Concat(weightstest.PB(2, "Const"),
				constant))), weightstest.Is[*weights.FormatError]},
		"no value": {weightstest.PB(1,
			weightstest.Concat(weightstest.PB(1, "a"),
				weightstest.PB(2, "Const"))), weightstest.Is[*weights.FormatError]},
		"a long name": {weightstest.Concat(sound,
			weightstest.PB(1, weightstest.PB(1,
				strings.Repeat("a", protobuf.MaxName+1)))), weightstest.Is[*weights.FormatError]},
		"a node that is none": {weightstest.Concat(sound, weightstest.PB(1, 1)),
			weightstest.Is[*weights.UnsupportedError]},
		"whole numbers only": {graphOf(weightstest.PB(1, 3), tfShape(1), weightstest.PB(7, 1)),
			weightstest.Is[*weights.UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			opentest.One(t, c.data, c.err)
		})
	}
}

func FuzzGraphDef(f *testing.F) {
	opentest.Fixtures(f, "frozen.pb", "fused.pb", "old.pb", "variables.pb")
	f.Add(graphOf(weightstest.PB(1, 1), tfShape(10, 10), weightstest.PB(5, float32(1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		opentest.Try(t, "fuzz", data, 0)
	})
}
