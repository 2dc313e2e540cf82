package conformance

import (
	"math"

	"oneiro/autodiff"
)

func init() {
	oracle["concat"] = func(_ *autodiff.Node, in []array, out array) {
		from := 0
		for _, x := range in {
			x.each(func(n, y, xx, c int) { out.add(n, y, xx, from+c, x.at(n, y, xx, c)) })
			from += x.C
		}
	}
	oracle["slice"] = func(node *autodiff.Node, in []array, out array) {
		from := autodiff.SliceFrom(node)
		out.each(func(n, y, x, c int) { out.add(n, y, x, c, in[0].at(n, y, x, from+c)) })
	}
	oracle["embed"] = func(node *autodiff.Node, in []array, out array) {
		from := node.Attr.(autodiff.ChannelRange).From
		in[0].each(func(n, y, x, c int) { out.add(n, y, x, from+c, in[0].at(n, y, x, c)) })
	}
	oracle["affine"] = func(node *autodiff.Node, in []array, out array) {
		a := node.Attr.(*autodiff.AffineAttr)
		out.each(func(n, y, x, c int) {
			if a.Offset != nil {
				out.add(n, y, x, c, float64(a.Offset[c]))
			}
			for d := range in[0].C {
				out.add(n, y, x, c, float64(a.Matrix[c*in[0].C+d])*in[0].at(n, y, x, d))
			}
		})
	}
	oracle["lrn"] = func(node *autodiff.Node, in []array, out array) {
		a, x := node.Attr.(autodiff.LRNAttr), in[0]
		out.each(func(n, y, xx, c int) {
			out.add(n, y, xx, c, x.at(n, y, xx, c)*math.Pow(lrnSum(a, x, n, y, xx, c), -a.Beta))
		})
	}
	oracle["lrnGrad"] = func(node *autodiff.Node, in []array, dx array) {
		// dy_i/dx_j = [i=j]·s_i^-β - 2·αβ/size·x_i·x_j·s_i^(-β-1) for j in the window of i
		a, dy, x := node.Attr.(autodiff.LRNAttr), in[0], in[1]
		dy.each(func(n, y, xx, i int) {
			s := lrnSum(a, x, n, y, xx, i)
			dx.add(n, y, xx, i, dy.at(n, y, xx, i)*math.Pow(s, -a.Beta))
			f := -2 * a.Alpha * a.Beta / float64(a.Size) * x.at(n, y, xx, i) * math.Pow(s, -a.Beta-1)
			for j := range x.C {
				if inLRNWindow(a, i, j) {
					dx.add(n, y, xx, j, dy.at(n, y, xx, i)*f*x.at(n, y, xx, j))
				}
			}
		})
	}
	oracle["softmax"] = func(_ *autodiff.Node, in []array, out array) {
		rows(in[0], func(from, to int) { copy(out.v[from:to], softmax(in[0].v[from:to])) })
	}
	oracle["softmaxGrad"] = func(_ *autodiff.Node, in []array, out array) {
		dy, y := in[0], in[1]
		rows(y, func(from, to int) {
			dot := 0.0
			for i := from; i < to; i++ {
				dot += dy.v[i] * y.v[i]
			}
			for i := from; i < to; i++ {
				out.v[i] = y.v[i] * (dy.v[i] - dot)
			}
		})
	}
	oracle["crossEntropy"] = func(n *autodiff.Node, in []array, out array) {
		logits, labels := in[0], in[1]
		rows(logits, func(from, to int) {
			for i, p := range softmax(logits.v[from:to]) {
				if t := aim(n, i, labels.v[from/logits.C]); t > 0 { // p may be 0 elsewhere
					out.v[0] -= t * math.Log(p) / float64(len(labels.v))
				}
			}
		})
	}
	oracle["crossEntropyGrad"] = func(n *autodiff.Node, in []array, out array) {
		dy, logits, labels := in[0].v[0], in[1], in[2]
		rows(logits, func(from, to int) {
			for i, p := range softmax(logits.v[from:to]) {
				out.v[from+i] = dy * (p - aim(n, i, labels.v[from/logits.C])) / float64(len(labels.v))
			}
		})
	}
}

// aim is the probability that a cross entropy asks for class i of a row with a label.
func aim(entropy *autodiff.Node, i int, label float64) float64 {
	smoothing := entropy.Attr.(float64)
	t := smoothing / float64(entropy.In[len(entropy.In)-2].Shape.C)
	if i == int(label) {
		t += 1 - smoothing
	}
	return t
}

// lrnSum returns K + Alpha/Size·Σx² over the window of channel c.
func lrnSum(a autodiff.LRNAttr, x array, n, y, xx, c int) float64 {
	s := a.K
	for d := range x.C {
		if inLRNWindow(a, c, d) {
			s += a.Alpha / float64(a.Size) * x.at(n, y, xx, d) * x.at(n, y, xx, d)
		}
	}
	return s
}

// inLRNWindow reports whether the window centred on channel c covers channel d. An even size has no
// centre; as in PyTorch, the odd channel is then below.
func inLRNWindow(a autodiff.LRNAttr, c, d int) bool {
	return d >= c-a.Size/2 && d < c-a.Size/2+a.Size
}

// rows visits the ranges of the elements of x that belong to one position.
func rows(x array, visit func(from, to int)) {
	for from := 0; from < len(x.v); from += x.C {
		visit(from, from+x.C)
	}
}

func softmax(x []float64) []float64 {
	largest := math.Inf(-1)
	for _, v := range x {
		largest = math.Max(largest, v)
	}
	sum := 0.0
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = math.Exp(v - largest)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
