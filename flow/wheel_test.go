package flow

import (
	"math"
	"testing"
)

func TestColours(t *testing.T) {
	if len(wheel) != 55 {
		t.Errorf("the wheel has %d colours", len(wheel))
	}
	nan := float32(math.NaN())
	f := &Field{W: 7, H: 1, U: []float32{4, 0, 0, 2, 8, nan, -4 * 0.5403023}, V: []float32{0, 4, 0, 0, 0, 0, 4 * 0.841471}}
	got := make([]float32, 21)
	Colours(got, f, 4)
	// The wheel has 15 colours from red to yellow, so that down, a quarter of 55, is 13.75 fifteenths of the
	// way.
	for i, want := range [][3]float64{{1, 0, 0}, {1, 13.75 / 15, 0}, {1, 1, 1}, {1, 0.5, 0.5}, {0.75, 0, 0}, {0, 0, 0}} {
		for j := range want {
			if !(math.Abs(float64(got[3*i+j])-want[j]) < 1e-5) {
				t.Errorf("%g, %g has the colour %g, want %g", f.U[i], f.V[i], got[3*i:3*i+3], want)
				break
			}
		}
	}
	// An angle of π-1 is 18.7 colours from red: between yellow (15) and green (21).
	at := (math.Pi - 1) / (2 * math.Pi) * 55
	if want := 1 - (at-15)/6; !(math.Abs(float64(got[18])-want) < 1e-4) || !(got[19] > 0.9999) || !(got[20] < 1e-4) {
		t.Errorf("to the lower left: %g, want red %g", got[18:], want)
	}
	still := make([]float32, 3)
	Colours(still, NewField(1, 1), 0)
	if still[0] != 1 || still[1] != 1 || still[2] != 1 {
		t.Errorf("where nothing moves: %g", still)
	}
}
