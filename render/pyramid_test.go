package render

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPyramid checks that pictures come back from their pyramids, that coarse levels are enlarged, and that
// Backward is the transpose of Forward.
func TestPyramid(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	numbers := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(random.NormFloat64())
		}
		return x
	}
	dot := func(a, b []float32) (sum float64) {
		for i := range a {
			sum += float64(a[i]) * float64(b[i])
		}
		return sum
	}
	for _, size := range []Size{{64, 48}, {37, 51}, {3, 2}, {5, 4}, {1, 1}, {600, 7}} {
		l := newLaplacian(size)
		n := 3 * size.W * size.H
		if l.len() != (pyramid{}).Len(Stage{Size: size}) || l.len() < n || l.len() > 4*n/3+n {
			t.Errorf("%v: %d numbers", size, l.len())
		}
		picture := numbers(n)
		for i, v := range l.Forward(l.of(picture)) {
			if !(math.Abs(float64(v-picture[i])) <= 1e-6) {
				t.Fatalf("%v: %g came back as %g", size, picture[i], v)
			}
		}
		x, dy, dx := numbers(l.len()), numbers(n), make([]float32, l.len())
		want := dot(l.Forward(x), dy)
		l.Backward(dy, dx)
		if got := dot(x, dx); !(math.Abs(got-want) <= 1e-5*math.Sqrt(dot(x, x)*dot(dx, dx))) {
			t.Errorf("%v: the gradient gives %g, Forward %g", size, got, want)
		}
		even := make([]float32, l.len()) // of which all but the coarsest level is 0
		last := l.levels(even)[len(l.sizes)-1]
		for i := range last {
			last[i] = 0.25
		}
		for _, v := range l.Forward(even) {
			if v != 0.25 {
				t.Fatalf("%v: an even picture of 0.25 is %g somewhere", size, v)
			}
		}
	}
}
