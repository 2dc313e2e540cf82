package weights

import (
	"archive/zip"
	"fmt"
	"slices"
	"testing"

	"oneiro/internal/weightstest"
)

// A tensor that is there in every layout is handed over the same, whatever part of it is held at once.
func TestStreamOutputs(t *testing.T) {
	const o, i, h, w = 4, 3, 2, 5
	size := map[rune]int{'O': o, 'I': i, 'H': h, 'W': w}
	want := weightstest.Vector(o * i * h * w)
	for _, layout := range []Layout{OIHW, HWIO, OHWI} {
		for _, fortran := range []bool{false, true} {
			for _, turned := range []bool{false, true} {
				axes, ok := viewIn("OIHW", shapeIn(layout, size), layout, fortran, turned, []int{h, w, i, o})
				if !ok {
					t.Fatal(layout)
				}
				// what the file has at each place, by the same view from the other side
				at := make([]float32, len(want))
				places := make([]float32, len(want))
				for k := range places {
					places[k] = float32(k)
				}
				newStridedCopy(at, axes).write(places) // at[PyTorch's place] = the file's place
				file := make([]float32, len(want))
				for k, place := range at {
					file[int(place)] = want[k]
				}
				for _, n := range []int{1, 7, 30, len(want)} {
					var got []float32
					for from := 0; from < len(want); from += n {
						part := make([]float32, min(n, len(want)-from))
						s := newWindow(part, axes, from)
						for k := 0; k < len(file); k += 11 {
							s.write(file[k:min(k+11, len(file))])
						}
						got = append(got, part...)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s, fortran %v, turned %v, %d at once: %v", layout, fortran, turned, n, got)
					}
				}
			}
		}
	}
}

func shapeIn(layout Layout, size map[rune]int) []int {
	var shape []int
	for _, letter := range layout {
		shape = append(shape, size[letter])
	}
	return shape
}

// The numbers of File.Weight in PyTorch's order, with a normalisation, from a file in TensorFlow's.
func TestStreamOutputsOfAFile(t *testing.T) {
	const rows, outputs = 6, 3
	data := weightstest.Zipped(zip.Store,
		weightstest.File("w.npy", weightstest.NPY([]int{rows, outputs}, weightstest.Vector(rows*outputs)...)),
		weightstest.File("mean.npy", weightstest.NPY([]int{outputs}, 1, 2, 3)),
		weightstest.File("scale.npy", weightstest.NPY([]int{outputs}, 2, 4, 8)))
	f, err := OpenBytes("a.npz", data)
	if err != nil {
		t.Fatal(err)
	}
	f.AssumeLayout(HWIO)
	l := Layer{Weight: "w", Norm: Norm{Mean: "mean", Scale: "scale"}}
	plain, err := f.Weight(l, rows, outputs)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []float32
	for o := range outputs {
		for r := range rows {
			want = append(want, plain[r*outputs+o])
		}
	}
	ok, err := f.StreamOutputs(l, func(v []float32) error { got = append(got, v...); return nil }, rows, outputs)
	if !ok || err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, %v, want %v", ok, err, got, want)
	}
	stop := fmt.Errorf("enough")
	if _, err := f.StreamOutputs(l, func([]float32) error { return stop }, rows, outputs); err != stop {
		t.Error(err)
	}
	_, err = f.StreamOutputs(l, func([]float32) error { return nil }, rows, outputs+1)
	weightstest.Refused[*ShapeError](t, err)
}
