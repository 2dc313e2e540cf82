package optim

import "math"

// function is a test function of float64 vectors; it returns the value and sets g to the gradient.
type function struct {
	name  string
	start []float64
	at    func(x, g []float64) float64
}

func (f function) x0() []float32 {
	x := make([]float32, len(f.start))
	for i, v := range f.start {
		x[i] = float32(v)
	}
	return x
}

// evaluate computes in float64 and rounds the gradient, as testdata/golden.py does.
func (f function) evaluate() Evaluate {
	wide, g := make([]float64, len(f.start)), make([]float64, len(f.start))
	return func(x, grad []float32) (float64, error) {
		for i, v := range x {
			wide[i] = float64(v)
		}
		loss := f.at(wide, g)
		for i, v := range g {
			grad[i] = float32(v)
		}
		return loss, nil
	}
}

var rosenbrock = function{"rosenbrock", []float64{-1.2, 1, -1.2, 1, -1.2, 1}, func(x, g []float64) float64 {
	clear(g)
	var f float64
	for i := range len(x) - 1 {
		a, r := x[i], x[i+1]-x[i]*x[i]
		f += 100*r*r + (1-a)*(1-a)
		g[i] += -400*a*r - 2*(1-a)
		g[i+1] += 200 * r
	}
	return f
}}

var quadratic = function{"quadratic", []float64{1, 1, 1, 1, 1, 1, 1, 1}, func(x, g []float64) float64 {
	var f float64
	for i, v := range x {
		w := math.Pow(10, 4*float64(i)/float64(len(x)-1)) // condition number 1e4
		r := v - math.Cos(float64(i))
		f += 0.5 * w * r * r
		g[i] = w * r
	}
	return f
}}

var nonconvex = function{"nonconvex", []float64{0.5, -0.25, 1.5, -2, 0.125}, func(x, g []float64) float64 {
	var f float64
	for j, v := range x {
		f += 0.05 * v * v
		g[j] = 0.1 * v
	}
	a := func(i, j int) float64 { return math.Sin(float64(1 + 7*i + 3*j*j)) }
	for i := range 2 * len(x) {
		p := float64(i)
		for j, v := range x {
			p += a(i, j) * v
		}
		f += math.Cos(p)
		for j := range g {
			g[j] -= a(i, j) * math.Sin(p)
		}
	}
	return f
}}

// wave is a function of as many elements as there are: a row of coupled cosines.
func wave(n int) function {
	start := make([]float64, n)
	for i := range start {
		start[i] = math.Sin(float64(i))
	}
	return function{"wave", start, func(x, g []float64) float64 {
		clear(g)
		var f float64
		for i, v := range x {
			next := x[(i+1)%n]
			scale := 1 + float64(i%7)
			d := v - 0.5*next - 0.1*float64(i%3)
			f += scale*d*d + math.Cos(v)
			g[i] += 2*scale*d - math.Sin(v)
			g[(i+1)%n] -= scale * d
		}
		return f
	}}
}
