package nn

import (
	"testing"

	"oneiro/autodiff"
)

// affineOf returns the colour transform that a node is.
func affineOf(n *autodiff.Node) (matrix, offset []float32) {
	a := n.Attr.(*autodiff.AffineAttr)
	return a.Matrix, a.Offset
}

func TestInputOfColours(t *testing.T) {
	x := autodiff.NewGraph().Input("x", autodiff.Shape{N: 1, H: 1, W: 1, C: 3})
	for _, test := range []struct {
		p      Preprocess
		u      ValueRange
		matrix [9]float32
		offset [3]float32
	}{
		{caffeBGR, UnitRange, [9]float32{2: 255, 4: 255, 6: 255}, [3]float32{-103.939, -116.779, -123.68}},
		{caffeBGR, ValueRange{Scale: 255}, [9]float32{2: 1, 4: 1, 6: 1},
			[3]float32{-103.939, -116.779, -123.68}},
		{caffeBGR, caffeBGR.ValueRange(), [9]float32{2: 1, 4: 1, 6: 1}, [3]float32{}},
		{Preprocess{Scale: 1, Mean: [3]float64{.5, .5, .25}, Std: [3]float64{.5, .25, .5}}, UnitRange,
			[9]float32{0: 2, 4: 4, 8: 2}, [3]float32{-1, -2, -.5}},
	} {
		matrix, offset := affineOf(test.p.input(x, test.u))
		if [9]float32(matrix) != test.matrix || [3]float32(offset) != test.offset {
			t.Errorf("%v in %v: %v %v, want %v %v", test.p, test.u, matrix, offset, test.matrix, test.offset)
		}
	}
}

func TestValueRange(t *testing.T) {
	u := caffeBGR.ValueRange()
	if u.Scale != 255 || u.Offset != [3]float64{-123.68, -116.779, -103.939} {
		t.Errorf("range %v", u)
	}
	x := autodiff.NewGraph().Input("x", autodiff.Shape{N: 1, H: 1, W: 1, C: 3})
	matrix, offset := affineOf(u.Colours(x))
	for k, colour := range []float32{0, 0.25, 1} {
		v := u.Pixel(k, colour)
		for _, back := range []float32{u.Colour(k, v), matrix[4*k]*v + offset[k]} {
			if d := back - colour; !(d < 1e-6 && d > -1e-6) {
				t.Errorf("colour %v of channel %d became %v", colour, k, back)
			}
		}
	}
	if UnitRange.Colours(x) != x {
		t.Error("a unit range needs no transform")
	}
}
