package conformance

import "oneiro/autodiff"

func init() {
	oracle["matmul"] = func(n *autodiff.Node, in []array, out array) {
		t := n.Attr.(autodiff.MatMulAttr)
		a, m, k := matrix(in[0], t.TransposeA)
		b, _, cols := matrix(in[1], t.TransposeB)
		for i := range m {
			for j := range cols {
				for p := range k {
					out.v[i*cols+j] += a(i, p) * b(p, j)
				}
			}
		}
	}
	oracle["gram"] = func(n *autodiff.Node, in []array, out array) {
		x, scale := in[0], n.Attr.(autodiff.GramAttr).Scale
		x.each(func(b, y, xx, c int) {
			for d := range x.C {
				out.add(b, 0, c, d, scale*x.at(b, y, xx, c)*x.at(b, y, xx, d))
			}
		})
	}
	oracle["gramGrad"] = func(n *autodiff.Node, in []array, out array) {
		x, dg, scale := in[0], in[1], n.Attr.(autodiff.GramAttr).Scale
		x.each(func(b, y, xx, c int) {
			for d := range x.C {
				out.add(b, y, xx, c, scale*x.at(b, y, xx, d)*(dg.at(b, 0, d, c)+dg.at(b, 0, c, d)))
			}
		})
	}
}

// matrix returns the elements of x seen as a matrix of N·H·W rows and C columns, or of its transpose.
func matrix(x array, transpose bool) (at func(i, j int) float64, rows, cols int) {
	rows, cols = x.N*x.H*x.W, x.C
	if transpose {
		return func(i, j int) float64 { return x.v[j*x.C+i] }, cols, rows
	}
	return func(i, j int) float64 { return x.v[i*x.C+j] }, rows, cols
}
