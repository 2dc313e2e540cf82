package loss

import (
	"math"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
	"oneiro/nn"
)

// onAxes returns a term with its targets filled in: the distributions of y along the channels, or in random
// directions.
func onAxes(y *autodiff.Tensor, sliced bool) (Term, Axes) {
	statistics := statisticsTensor(y, nil)
	a, all := ChannelAxes(statistics)
	term := Histogram
	if sliced {
		a, all = SlicedAxes(statistics, 7)
		term = Sliced
	}
	fill(all)
	g := autodiff.NewGraph()
	n := a.Distribution(Inputs{Layers: nn.Features{"l": g.Const(y)}}, "l")
	target := &autodiff.Tensor{Name: "target", Shape: n.Shape}
	for _, v := range conformance.Eval([]*autodiff.Node{n}, nil)[0] {
		target.Data = append(target.Data, float32(v))
	}
	return term("l", 1, a, target), a
}

// quantiles returns the numbers of a direction, sorted.
func quantiles(x *autodiff.Tensor, a Axes, k int) []float64 {
	c := x.Shape.C
	var all []float64
	for p := range x.Shape.Rows() {
		f := x.Data[p*c:][:c]
		v := float64(f[k])
		if a.Directions != nil {
			v = 0
			for i := range c {
				v += float64(f[i]) * float64(a.Directions.Data[i*c+k])
			}
		}
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// sorted is the definition of Histogram and Sliced: quantile by quantile.
func sorted(x, y *autodiff.Tensor, a Axes) float64 {
	const steps = 20000
	var distance, variance float64
	for k := range x.Shape.C {
		qx, qy := quantiles(x, a, k), quantiles(y, a, k)
		for s := range steps {
			u := (float64(s) + 0.5) / steps
			d := qx[int(u*float64(len(qx)))] - qy[int(u*float64(len(qy)))]
			distance += d * d / steps
		}
		var mean, square float64
		for _, v := range qy {
			mean += v / float64(len(qy))
			square += v * v / float64(len(qy))
		}
		variance += square - mean*mean
	}
	return distance / variance
}

// TestDistributions compares distances that come from histograms with those of sorted numbers.
func TestDistributions(t *testing.T) {
	y := activations(2, 40, 50, 6, 0)
	for name, x := range map[string]*autodiff.Tensor{
		"another": activations(1, 41, 37, 6, 1), "brighter": activations(3, 30, 30, 6, 0), "small": activations(4, 8, 8, 6, 0),
	} {
		for i := range x.Data {
			if name == "brighter" {
				x.Data[i] = 2*x.Data[i] + 0.1
			}
		}
		for _, sliced := range []bool{false, true} {
			term, a := onAxes(y, sliced)
			got, want := value(term, x), sorted(x, y, a)
			if !(math.Abs(got-want) <= 0.02*want+1e-3) {
				t.Errorf("%s, %s: %v, sorted %v", name, term.Name, got, want)
			}
		}
	}
	for _, sliced := range []bool{false, true} {
		term, _ := onAxes(y, sliced)
		if got := value(term, y); !(math.Abs(got) <= 1e-6) {
			t.Errorf("%s: %v of itself", term.Name, got)
		}
	}
}

// TestDistributionPulls checks that the gradient is the distance from the quantile at the same rank.
func TestDistributionPulls(t *testing.T) {
	x, y := activations(1, 40, 50, 3, 0), activations(2, 50, 40, 3, 0)
	for i := range y.Data {
		y.Data[i] *= 1.5
	}
	term, a := onAxes(y, false)
	g := autodiff.NewGraph()
	in := g.Const(x)
	dx := conformance.Eval(autodiff.Gradient(term.Build(Inputs{Layers: nn.Features{"l": in}}), in), nil)[0]
	perVariance := float64(a.Per.Data[0])
	for c := range 3 {
		qx, qy := quantiles(x, a, c), quantiles(y, a, c)
		var off, size float64
		for p := range 2000 {
			v := float64(x.Data[3*p+c])
			first, _ := slices.BinarySearch(qx, v)
			if v == 0 { // where ranks are not known
				continue
			}
			want := 2 * (v - qy[first]) * perVariance / 2000
			d := dx[3*p+c] - want
			off, size = off+d*d, size+want*want
		}
		if !(math.Sqrt(off/size) <= 0.02) {
			t.Errorf("channel %d: off by %v", c, math.Sqrt(off/size))
		}
	}
}
