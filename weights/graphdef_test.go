package weights

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestGraphDef(t *testing.T) {
	for _, file := range []string{"frozen.pb", "stored.zip"} {
		f := open(t, filepath.Join("testdata", file))
		want := []string{
			"conv2d0_w 2x5x3x4 HWIO float32", "conv2d0_b 4 O float32", "half_w 2x5x3x4 HWIO float16", "double_w 2x5x3x4 HWIO float64",
			"brain_b 4 O bfloat16", "repeated 3x3 IO float32", "epsilon a single number  float32", "reshape/shape 2 O int32", "labels 2 O text",
			"empty 0 O float32", "nn0_w 12x6 IO float32", "float_val_w 2x5x3x4 HWIO float32", "double_val_w 2x5x3x4 HWIO float64",
			"half_val_w 2x5x3x4 HWIO float16", "float_val_tail 6 O float32", "half_val_tail 6 O float16", "float_val_none 6 O float32",
		}
		if got := listing(f); !slices.Equal(got, want) {
			t.Errorf("%s: %q", file, got)
		}
		for _, name := range []string{"conv2d0", "half", "double", "float_val", "double_val", "half_val"} {
			if got, err := f.Tensor(name+"_w", 2, 5, 3, 4); err != nil || !slices.Equal(got, plain(120)) {
				t.Errorf("%s, %s: %v, %v", file, name, got, err)
			}
		}
		for name, want := range map[string][]float32{
			"conv2d0_b": plain(4), "brain_b": plain(4), "float_val_tail": {1, 2, 3, 3, 3, 3}, "half_val_tail": {1, 2, 2, 2, 2, 2},
			"float_val_none": make([]float32, 6),
		} {
			if got, err := f.Tensor(name, len(want)); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %v, %v", file, name, got, err)
			}
		}
		if got, err := f.Tensor("nn0_w", 12, 6); err != nil || !slices.Equal(got, plain(72)) {
			t.Errorf("%s: %v, %v", file, got, err)
		}
		if got, err := f.Tensor("repeated", 3, 3); err != nil || !slices.Equal(got, slices.Repeat([]float32{.5}, 9)) {
			t.Errorf("%s: %v, %v", file, got, err)
		}
		_, err := f.Tensor("labels", 2)
		weightstest.Refused[*TypeError](t, err)
		_, err = f.Tensor("empty", 1)
		weightstest.Refused[*ShapeError](t, err)
	}
}

func TestGraphsThatAreExplained(t *testing.T) {
	_, err := Open("testdata/deflated.zip")
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Hint(), "tensorflow_inception_graph.pb") {
		t.Errorf("%v: %s", e, e.Hint())
	}
	_, err = Open("testdata/saved_model.pb")
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "variables/variables.index") {
		t.Error(e)
	}
	saved, err := os.ReadFile("testdata/saved_model.pb")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), weightstest.Zipped(zip.Store, weightstest.File("saved_model.pb", saved))))
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "variables/variables.index") {
		t.Error(e)
	}
	graph := pb(1, concat(pb(1, "input"), pb(2, "Placeholder")))
	_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), graph))
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Hint(), "checkpoint") {
		t.Error(e)
	}
	two := weightstest.Zipped(zip.Store, weightstest.File("a.pb", graph), weightstest.File("b.pb", graph))
	_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), two))
	weightstest.Refused[*UnsupportedError](t, err)
	stored, err := os.ReadFile("testdata/stored.zip")
	if err != nil {
		t.Fatal(err)
	}
	directory := bytes.LastIndex(stored, []byte("PK\x01\x02"))
	copy(stored[directory+20:], "\xff\xff\xff\x7f\xff\xff\xff\x7f") // both sizes
	_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a"), stored))
	weightstest.Refused[*TruncatedError](t, err)
}

// graphOf is a graph with a constant.
func graphOf(tensor ...[]byte) []byte {
	value := pb(5, concat(pb(1, "value"), pb(2, pb(8, concat(tensor...)))))
	return pb(1, concat(pb(1, "a"), pb(2, "Const"), pb(5, concat(pb(1, "dtype"), pb(2, pb(6, 1)))), value))
}

func tfShape(sizes ...int) []byte {
	var b []byte
	for _, n := range sizes {
		b = append(b, pb(2, pb(1, n))...)
	}
	return pb(2, b)
}

func TestGraphDefThatLies(t *testing.T) {
	float, six := pb(1, 1), pb(4, weightstest.Float32s(plain(6)))
	sound := graphOf(float, tfShape(2, 3), six)
	constant := pb(5, concat(pb(1, "value"), pb(2, pb(8, concat(float, tfShape(2, 3), six)))))
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"sound":                   {sound, nil},
		"sound, behind another":   {concat(pb(1, concat(pb(1, "x"), pb(2, "Placeholder"))), sound, pb(4, pb(1, 27))), nil},
		"sound, numbers first":    {graphOf(six, float, tfShape(2, 3)), nil},
		"sound, one by one":       {graphOf(float, tfShape(2), pb(5, float32(1)), pb(5, float32(2))), nil},
		"sound, one for all":      {graphOf(float, tfShape(10, 10), pb(5, float32(1))), nil},
		"cut":                     {sound[:len(sound)-1], weightstest.Is[*TruncatedError]},
		"too few bytes":           {graphOf(float, tfShape(7), six), weightstest.Is[*FormatError]},
		"too many":                {graphOf(float, tfShape(5), six), weightstest.Is[*FormatError]},
		"half a number":           {graphOf(float, tfShape(5), pb(4, make([]byte, 23))), weightstest.Is[*FormatError]},
		"too many, listed":        {graphOf(float, tfShape(5), pb(5, weightstest.Float32s(plain(6)))), weightstest.Is[*FormatError]},
		"raw and listed":          {graphOf(float, tfShape(6), six, pb(5, weightstest.Float32s(plain(6)))), weightstest.Is[*FormatError]},
		"one for 2^40":            {graphOf(float, tfShape(1<<20, 1<<20), pb(5, float32(1))), weightstest.Is[*FormatError]},
		"a product of 2^64":       {graphOf(float, tfShape(1<<32, 1<<32), six), weightstest.Is[*FormatError]},
		"a product of 2^64+6":     {graphOf(float, tfShape(274177, 67280421310721), six), weightstest.Is[*FormatError]},
		"a size that is unknown":  {graphOf(float, tfShape(-1), six), weightstest.Is[*FormatError]},
		"a shape that is unknown": {graphOf(float, pb(2, pb(3, 1)), six), weightstest.Is[*FormatError]},
		"33 sizes":                {graphOf(float, tfShape(slices.Repeat([]int{1}, 33)...), pb(5, float32(1))), weightstest.Is[*FormatError]},
		"a name twice":            {concat(sound, sound), weightstest.Is[*FormatError]},
		"no name":                 {concat(sound, pb(1, concat(pb(2, "Const"), constant))), weightstest.Is[*FormatError]},
		"no value":                {pb(1, concat(pb(1, "a"), pb(2, "Const"))), weightstest.Is[*FormatError]},
		"a long name":             {concat(sound, pb(1, pb(1, strings.Repeat("a", maxName+1)))), weightstest.Is[*FormatError]},
		"a node that is none":     {concat(sound, pb(1, 1)), weightstest.Is[*UnsupportedError]},
		"whole numbers only":      {graphOf(pb(1, 3), tfShape(1), pb(7, 1)), weightstest.Is[*UnsupportedError]},
	} {
		t.Run(name, func(t *testing.T) {
			opensOne(t, c.data, c.err)
		})
	}
}

func FuzzGraphDef(f *testing.F) {
	addFixtures(f, "frozen.pb")
	f.Add(graphOf(pb(1, 1), tfShape(10, 10), pb(5, float32(1))))
	f.Fuzz(func(t *testing.T, data []byte) {
		sniff(data)
		tryOpen(t, openGraphDef, "fuzz", data, 0)
	})
}
