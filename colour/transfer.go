package colour

import "math"

// Map is an affine map of colours: Matrix (x - From) + To.
type Map struct {
	Matrix   Matrix
	From, To [3]float64
}

// leastVariance is the variance that a direction of colours is taken to have at least: what hardly varies
// is noise, which is not to be made a colour.
const leastVariance = 1e-5

// Transfer returns the map that gives colours with the statistics from those of to, and moves them as
// little as possible: Monge's map between Gaussians (Pitié and Kokaram, "The Linear Monge-Kantorovitch
// Linear Colour Mapping for Example-Based Colour Transfer", 2007), Q^-1 (Q T Q)^1/2 Q^-1, where Q is the
// root of the covariance of from and T that of to.
func Transfer(from, to Statistics) Map {
	root := from.Covariance.ofEigenvalues(func(v float64) float64 { return math.Sqrt(max(v, leastVariance)) })
	inverse := from.Covariance.ofEigenvalues(func(v float64) float64 { return 1 / math.Sqrt(max(v, leastVariance)) })
	between := root.Times(to.Covariance).Times(root).symmetric()
	middle := between.ofEigenvalues(func(v float64) float64 { return math.Sqrt(max(v, 0)) })
	return Map{inverse.Times(middle).Times(inverse).symmetric(), from.Mean, to.Mean}
}

// symmetric returns the matrix without what rounding did to its symmetry.
func (m Matrix) symmetric() Matrix {
	for i := range 3 {
		for k := range i {
			mean := (m[i][k] + m[k][i]) / 2
			m[i][k], m[k][i] = mean, mean
		}
	}
	return m
}

// Then returns the map that does m and then n.
func (m Map) Then(n Map) Map {
	moved := n.Matrix.Apply([3]float64{m.To[0] - n.From[0], m.To[1] - n.From[1], m.To[2] - n.From[2]})
	for i := range 3 {
		moved[i] += n.To[i]
	}
	return Map{n.Matrix.Times(m.Matrix), m.From, moved}
}

// Partly returns the map that goes only part of the way: 0 is none of it and 1 all.
func (m Map) Partly(share float64) Map {
	for i := range 3 {
		for k := range 3 {
			m.Matrix[i][k] *= share
		}
		m.Matrix[i][i] += 1 - share
		m.To[i] = share*m.To[i] + (1-share)*m.From[i]
	}
	return m
}

// Of returns the statistics of what the map makes of colours with the statistics s.
func (m *Map) Of(s Statistics) Statistics {
	var out Statistics
	away := [3]float64{s.Mean[0] - m.From[0], s.Mean[1] - m.From[1], s.Mean[2] - m.From[2]}
	for i, v := range m.Matrix.Apply(away) {
		out.Mean[i] = v + m.To[i]
	}
	out.Covariance = m.Matrix.Times(s.Covariance).Times(m.Matrix.transposed()).symmetric()
	return out
}

// At returns where the map takes a colour.
func (m *Map) At(x, y, z float32) (float32, float32, float32) {
	v := m.Matrix.Apply([3]float64{float64(x) - m.From[0], float64(y) - m.From[1], float64(z) - m.From[2]})
	return float32(v[0] + m.To[0]), float32(v[1] + m.To[1]), float32(v[2] + m.To[2])
}
