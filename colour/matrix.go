package colour

import "math"

// Times returns the product m n.
func (m Matrix) Times(n Matrix) Matrix {
	var p Matrix
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				p[i][j] += m[i][k] * n[k][j]
			}
		}
	}
	return p
}

// Apply returns m v.
func (m Matrix) Apply(v [3]float64) [3]float64 {
	var out [3]float64
	for i := range 3 {
		out[i] = m[i][0]*v[0] + m[i][1]*v[1] + m[i][2]*v[2]
	}
	return out
}

// Inverse returns the inverse, and whether there is one.
func (m Matrix) Inverse() (Matrix, bool) {
	cofactor := func(i, k int) float64 {
		a, b, c, d := (i+1)%3, (i+2)%3, (k+1)%3, (k+2)%3
		return m[a][c]*m[b][d] - m[a][d]*m[b][c]
	}
	det := m[0][0]*cofactor(0, 0) + m[0][1]*cofactor(0, 1) + m[0][2]*cofactor(0, 2)
	if !(math.Abs(det) > 1e-9) || math.IsInf(det, 0) {
		return Matrix{}, false
	}
	var inverse Matrix
	for i := range 3 {
		for k := range 3 {
			inverse[k][i] = cofactor(i, k) / det
		}
	}
	return inverse, true
}

// ofEigenvalues returns the symmetric matrix with the same eigenvectors as m, which is symmetric, and f of its
// eigenvalues. They come from Jacobi's rotations (Golub and Van Loan, "Matrix Computations", section 8.5).
func (m Matrix) ofEigenvalues(f func(value float64) float64) Matrix {
	v := Matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for range 30 { // of which it takes 5 or 6
		rotated := false
		for _, at := range [3][2]int{{0, 1}, {0, 2}, {1, 2}} {
			p, q := at[0], at[1]
			if math.Abs(m[p][q]) <= 1e-18*math.Sqrt(math.Abs(m[p][p]*m[q][q])) {
				continue
			}
			rotated = true
			tau := (m[q][q] - m[p][p]) / (2 * m[p][q])
			t := 1 / (math.Abs(tau) + math.Hypot(1, tau))
			if tau < 0 {
				t = -t
			}
			c := 1 / math.Hypot(1, t)
			s := c * t
			r := Matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
			r[p][p], r[q][q], r[p][q], r[q][p] = c, c, s, -s
			m, v = r.transposed().Times(m).Times(r), v.Times(r)
			m[p][q], m[q][p] = 0, 0
		}
		if !rotated {
			break
		}
	}
	values := Matrix{{f(m[0][0]), 0, 0}, {0, f(m[1][1]), 0}, {0, 0, f(m[2][2])}}
	return v.Times(values).Times(v.transposed())
}

func (m Matrix) transposed() Matrix {
	var t Matrix
	for i := range 3 {
		for k := range 3 {
			t[k][i] = m[i][k]
		}
	}
	return t
}
