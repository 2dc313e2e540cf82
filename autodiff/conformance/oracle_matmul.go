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
}

// matrix returns the elements of x seen as a matrix of N·H·W rows and C columns, or of its transpose.
func matrix(x array, transpose bool) (at func(i, j int) float64, rows, cols int) {
	rows, cols = x.N*x.H*x.W, x.C
	if transpose {
		return func(i, j int) float64 { return x.v[j*x.C+i] }, cols, rows
	}
	return func(i, j int) float64 { return x.v[i*x.C+j] }, rows, cols
}
