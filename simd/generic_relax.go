package simd

func genericRelax(x []float32, r Relaxation) {
	r.check(len(x))
	for i := range x {
		sum := r.B[i] + r.Left[i]*r.Beside[i] + r.Right[i]*r.Beside[i+1] +
			r.Up[i]*r.Above[i] + r.Down[i]*r.Below[i] - r.Cross[i]*r.Other[i]
		x[i] += r.Omega * (sum*r.Inverse[i] - x[i])
	}
}

// vectors returns all of them but Beside.
func (r *Relaxation) vectors() [10]*[]float32 {
	return [...]*[]float32{&r.Above, &r.Below, &r.Other, &r.Left, &r.Right, &r.Up, &r.Down, &r.Cross, &r.B, &r.Inverse}
}

// check panics unless there are n equations.
func (r *Relaxation) check(n int) {
	if n == 0 {
		return
	}
	mustHave(r.Beside, n+1)
	for _, v := range r.vectors() {
		mustHave(*v, n)
	}
}
