package clips

import (
	"math"
	"slices"
	"testing"

	"oneiro/flow"
	"oneiro/internal/parallel"
)

// TestBack warps each frame by the flow that is said to be right: what was seen before has to look the same.
func TestBack(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	for _, c := range All() {
		f := c.At(128, 96)
		before, n := f.Frame(4).Pix, 128*96
		for _, frame := range []int{5, Cut, Cut + 1} {
			now := f.Frame(frame).Pix
			field, seen := f.Back(frame)
			if f.Cut(frame) {
				if slices.Contains(seen, true) {
					t.Errorf("%s: something of frame %d was seen before the cut", c.Name, frame)
				}
				before = now
				continue
			}
			light := 1.0
			if c.light != nil {
				light = c.light(frame) / c.light(frame-1)
			}
			warped := make([]float32, len(now))
			flow.Warp(warped, before, 3, field, pool)
			var apart, without float64
			count := 0
			for i, v := range now {
				if seen[i/3] {
					apart += math.Abs(float64(v) - light*float64(warped[i]))
					without += math.Abs(float64(v - before[i]))
					count++
				}
			}
			apart, without = apart/float64(count), without/float64(count)
			limit := 0.02 + 2*c.noise/255
			if !(apart < limit) || !(count > 3*n*8/10) {
				t.Errorf("%s, frame %d: %.4f from the frame before in %d pixels, %.4f without flow",
					c.Name, frame, apart, count/3, without)
			}
			if moves := field.Largest() > 0.01; moves && !(apart < without/2) {
				t.Errorf("%s, frame %d: %.4f from the frame before, and %.4f without flow", c.Name, frame, apart, without)
			}
			before = now
		}
	}
}

// TestSeen knows what the occluder covers and uncovers: as much as it moves, on both of its sides.
func TestSeen(t *testing.T) {
	f := Of("occluder").At(160, 120)
	field, seen := f.Back(9)
	moving, hidden := 0, 0
	for i, s := range seen {
		if math.Hypot(float64(field.U[i]), float64(field.V[i])) > 0.01 {
			moving++
			if !s {
				t.Fatalf("pixel %d of the occluder was not seen", i)
			}
		}
		if !s {
			hidden++
		}
	}
	// The area of |x|⁴+|y|⁴ < r⁴ is 3.708 r², and it moves by 0.0209 of the height.
	if want := 3.708 * 0.22 * 0.22 * 120 * 120; !(math.Abs(float64(moving)-want) < 0.03*want) {
		t.Errorf("%d pixels move, want %.0f", moving, want)
	}
	speed := 2 * math.Pi * 0.24 / 72 * 120
	if want := 2 * 0.22 * 120 * speed; !(float64(hidden) > 0.9*want && float64(hidden) < 1.3*want) {
		t.Errorf("%d pixels come to light, want about %.0f", hidden, want)
	}
}

// TestSizes draws a frame at odd sizes, twice: to the same bits.
func TestSizes(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {7, 40}, {33, 5}} {
		for _, c := range All() {
			a, b := c.At(size[0], size[1]).Frame(7), c.At(size[0], size[1]).Frame(7)
			if a.W != size[0] || a.H != size[1] || !slices.Equal(a.Pix, b.Pix) {
				t.Errorf("%s: %v is %dx%d and not always the same", c.Name, size, a.W, a.H)
			}
			for _, v := range a.Pix {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("%s: a value of %g", c.Name, v)
				}
			}
		}
	}
}
