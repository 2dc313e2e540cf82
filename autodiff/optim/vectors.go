package optim

import "fmt"

// vectors does an optimiser's arithmetic on vectors of n elements.
type vectors struct {
	on VectorOps
	n  int
}

func (v *vectors) init(n int, m Machine) {
	if v.on = m.Arithmetic; v.on == nil {
		v.on = newProcessor(m)
	}
	v.resize(n)
}

func (v *vectors) resize(n int) {
	if n < 1 {
		panic(fmt.Sprintf("optim: vectors of %d elements", n))
	}
	v.n = n
}

func (v *vectors) mustFit(x []float32) {
	if len(x) != v.n {
		panic(fmt.Sprintf("optim: x has %d elements, the optimiser is for %d", len(x), v.n))
	}
}

// fit makes s n zeros, in its own memory if that has the room. Otherwise that is let go first, so
// that both need not exist at a time.
func (v *vectors) fit(s *[]float32, n int) {
	if cap(*s) < n {
		v.on.Free(*s)
		*s = nil
		*s = v.on.Vector(n)
		return
	}
	*s = (*s)[:n]
	v.on.Clear(*s)
}

func (v *vectors) sum(a []float32) float64    { return v.on.Sum(a) }
func (v *vectors) absSum(a []float32) float64 { return v.on.AbsSum(a) }
func (v *vectors) dot(a, b []float32) float64 { return v.on.Dot(a, b) }
func (v *vectors) maxAbs(a []float32) float64 { return v.on.MaxAbs(a) }
func (v *vectors) equal(a, b []float32) bool  { return v.on.Equal(a, b) }
func (v *vectors) copy(dst, x []float32)      { v.on.Copy(dst, x) }
func (v *vectors) sub(dst, x, y []float32)    { v.on.Sub(dst, x, y) }

// scale sets dst = s·x.
func (v *vectors) scale(dst, x []float32, s float64) { v.on.Scale(dst, x, float32(s)) }

// axpy adds s·x to dst.
func (v *vectors) axpy(dst, x []float32, s float64) { v.on.Axpy(dst, x, float32(s)) }

// axpyDot adds s·x to dst and returns dst·y, reading dst from memory once.
func (v *vectors) axpyDot(dst, x []float32, s float64, y []float32) float64 {
	return v.on.AxpyDot(dst, x, float32(s), y)
}

// clamp limits x to r, if r limits anything.
func (v *vectors) clamp(x []float32, r Range) {
	if r.limits() {
		v.on.Clamp(x, r.Lo, r.Hi)
	}
}

// evaluate calls eval and returns its error, or one that says what is not finite.
func (v *vectors) evaluate(eval Evaluate, x, grad []float32) (float64, error) {
	loss, err := eval(x, grad)
	if err != nil {
		return loss, err
	}
	if !finite(loss) {
		return loss, &NonFiniteError{What: "loss", Index: -1, Value: loss, Loss: loss}
	}
	sum := v.sum(grad)
	if err := v.on.Err(); err != nil {
		return loss, err
	}
	// A float64 sum of finite float32 values cannot overflow, and one of others is never finite.
	if !finite(sum) {
		return loss, nonFinite("gradient", grad, loss)
	}
	return loss, nil
}
