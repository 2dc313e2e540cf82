package loss

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
	"oneiro/nn"
)

// statisticsTensor is the definition of Statistics, with weights or nil for 1.
func statisticsTensor(x *autodiff.Tensor, weights []float32) *autodiff.Tensor {
	c, n := x.Shape.C, x.Shape.Rows()
	sums := make([]float64, (c+1)*c)
	for p := range n {
		w := 1.0
		if weights != nil {
			w = float64(weights[p])
		}
		f := x.Data[p*c:][:c]
		for i := range c {
			for j := range c {
				sums[i*c+j] += w * float64(f[i]) * float64(f[j]) / float64(n)
			}
			sums[c*c+i] += w * float64(f[i]) / float64(n)
		}
	}
	out := &autodiff.Tensor{Name: "statistics", Shape: autodiff.Shape{N: 1, H: 1, W: c + 1, C: c}}
	for _, v := range sums {
		out.Data = append(out.Data, float32(v))
	}
	return out
}

// activations returns numbers like those of a layer: correlated, and not negative. dead channels are 0.
func activations(seed uint64, h, w, c, dead int) *autodiff.Tensor {
	x := colours(seed, h, w, c)
	for p := range h * w {
		f := x.Data[p*c:][:c]
		for i := range f {
			f[i] = max(0, f[i]*float32(i%3+1)+0.7*f[(i*i+1)%c]-0.4)
			if i < dead {
				f[i] = 0
			}
		}
	}
	return x
}

// fill makes constants.
func fill(all []Made) {
	for _, m := range all {
		m.Constant.Data = m.Value()
	}
}

// gaussianDistance is the definition of Wasserstein, with the ridge of the target, by eigenvalues.
func gaussianDistance(x, y *autodiff.Tensor) float64 {
	a, b := statisticsOf(x), statisticsOf(y)
	c, ridge := a.c, b.ridge()
	symmetric := func(v []float64) *mat.SymDense {
		m := mat.NewSymDense(c, v)
		for i := range c {
			m.SetSym(i, i, m.At(i, i)+ridge)
		}
		return m
	}
	root := func(m mat.Symmetric) *mat.Dense {
		var e mat.EigenSym
		e.Factorize(m, true)
		var v, d mat.Dense
		e.VectorsTo(&v)
		d.Apply(func(_, j int, x float64) float64 { return x * math.Sqrt(e.RawValues()[j]) }, &v)
		d.Mul(&d, v.T())
		return &d
	}
	sa, sb := symmetric(a.covariance()), symmetric(b.covariance())
	r := root(sb)
	var p mat.Dense
	p.Product(r, sa, r)
	values := mat.NewSymDense(c, nil)
	for i := range c {
		for j := i; j < c; j++ {
			values.SetSym(i, j, p.At(i, j))
		}
	}
	d := mat.Trace(sa) + mat.Trace(sb) - 2*mat.Trace(root(values))
	for i := range c {
		d += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i])
	}
	return d / b.energy()
}

func TestMoments(t *testing.T) {
	for _, dead := range []int{0, 2} {
		x, y := activations(1, 9, 7, 6, dead), activations(2, 5, 8, 6, dead/2)
		a, b := statisticsTensor(x, nil), statisticsTensor(y, nil)
		term, all := Moments("l", 1, b)
		fill(all)
		sa, sb := statisticsOf(a), statisticsOf(b)
		d, size := squares(a.Data[:36], b.Data[:36])
		want, energy := d/size, sb.energy()
		for i := range 6 {
			deviation := func(s statistics) float64 {
				return math.Sqrt(max(0, s.second[i*7]-s.mean[i]*s.mean[i]) + 1e-6*energy/6)
			}
			dm, ds := sa.mean[i]-sb.mean[i], deviation(sa)-deviation(sb)
			want += (dm*dm + ds*ds) / energy
		}
		if got := value(term, x); !(math.Abs(got-want) <= 1e-6*want) {
			t.Errorf("%d dead channels: %v, want %v", dead, got, want)
		}
		if got := value(term, y); !(math.Abs(got) <= 1e-9) {
			t.Errorf("%d dead channels: %v of itself", dead, got)
		}
	}
}

func TestWasserstein(t *testing.T) {
	for _, dead := range []int{0, 2} {
		x, y := activations(1, 9, 7, 6, dead), activations(2, 5, 8, 6, dead/2)
		a, b := statisticsTensor(x, nil), statisticsTensor(y, nil)
		term, all := Wasserstein("l", 1, b)
		fill(all)
		if got, want := value(term, x), gaussianDistance(a, b); !(math.Abs(got-want) <= 1e-5*want) {
			t.Errorf("%d dead channels: %v, want %v", dead, got, want)
		}
		if got := value(term, y); !(math.Abs(got) <= 1e-6) {
			t.Errorf("%d dead channels: %v of itself", dead, got)
		}
	}
}

// TestWassersteinOfScaled compares with what is known: of a picture whose features are f times as large the
// roots of variances are f times as large.
func TestWassersteinOfScaled(t *testing.T) {
	y := activations(2, 12, 12, 5, 0)
	b := statisticsTensor(y, nil)
	for _, f := range []float32{0, 0.5, 3, 100} {
		x := activations(2, 12, 12, 5, 0)
		for i := range x.Data {
			x.Data[i] *= f
		}
		term, all := Wasserstein("l", 1, b)
		fill(all)
		// but for the ridge, all of it is the distance of the means and the deviations
		want := float64((f - 1) * (f - 1))
		if got := value(term, x); !(math.Abs(got-want) <= 0.08*max(want, 0.1)) {
			t.Errorf("times %v: %v, want %v", f, got, want)
		}
	}
}

// slopes checks the gradient of a term with respect to features along a direction, by differences.
func slopes(t *testing.T, term Term, x *autodiff.Tensor, weights []float32, within float64) {
	t.Helper()
	g := autodiff.NewGraph()
	in := g.Input("features", x.Shape)
	inputs := Inputs{Canvas: in, Image: in, Scale: 1, Layers: nn.Features{"l": in}}
	if weights != nil {
		s := x.Shape
		s.C = 1
		inputs.Weights = map[string]*autodiff.Node{"l": g.Const(&autodiff.Tensor{Name: "w", Shape: s, Data: weights})}
	}
	y := term.Build(inputs)
	dx := autodiff.Gradient(y, in)[0]
	at := make([]float64, len(x.Data))
	direction := activations(99, x.Shape.H, x.Shape.W, x.Shape.C, 0).Data
	for i, v := range x.Data {
		at[i] = float64(v) + 1e-3 // off kinks at 0
		direction[i] -= 0.3
	}
	eval := func(h float64, n *autodiff.Node) []float64 {
		moved := make([]float64, len(at))
		for i := range moved {
			moved[i] = at[i] + h*float64(direction[i])
		}
		return conformance.Eval([]*autodiff.Node{n}, map[*autodiff.Node][]float64{in: moved})[0]
	}
	const h = 1e-6
	want := (eval(h, y)[0] - eval(-h, y)[0]) / (2 * h)
	var got float64
	for i, v := range eval(0, dx) {
		got += v * float64(direction[i])
	}
	if !(math.Abs(got-want) <= within*math.Abs(want)) {
		t.Errorf("%s: a slope of %.9g, differences give %.9g", term.Name, got, want)
	}
}

// TestStyleSlopes checks gradients of the terms, with and without weights. Those of distributions leave out
// shares of less than a millionth.
func TestStyleSlopes(t *testing.T) {
	x, y := activations(1, 25, 30, 6, 0), activations(2, 30, 35, 6, 0)
	weights := make([]float32, 750)
	for i := range weights {
		weights[i] = float32(i % 3)
	}
	b := statisticsTensor(y, nil)
	for _, kind := range []func(string, float64, *autodiff.Tensor) (Term, []Made){Moments, Wasserstein} {
		term, all := kind("l", 1, b)
		fill(all)
		slopes(t, term, x, nil, 1e-5)
		slopes(t, term, x, weights, 1e-5)
	}
	for _, sliced := range []bool{false, true} {
		term, _ := onAxes(y, sliced)
		slopes(t, term, x, nil, 1e-4)
		slopes(t, term, x, weights, 1e-4)
	}
}
