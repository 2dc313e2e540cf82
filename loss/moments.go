package loss

import (
	"math"

	"oneiro/autodiff"
)

// Moments is how far a layer's second moments, means and deviations are from those of target, Statistics of the
// style image:
//
//	|S-S₀|²/|S₀|² + (|μ-μ₀|² + |σ-σ₀|²)/(|μ₀|² + |σ₀|²)
//
// σ² being the variance and a millionth of the target's mean square. The first part is Style. Many features
// have the same second moment with another mean and variance, and the Gram matrix alone lets contrast and
// colours drift between them (Risser, Wilmot and Barnes, arXiv:1701.08893, section 3). The parts are those of
// Galerne et al. (arXiv:2212.13459, section 3.2), who compare means and deviations channel by channel in
// absolute units with weights of their own.
func Moments(layer string, weight float64, target *autodiff.Tensor) (Term, []Made) {
	c := target.Shape.C
	second := made("second moment", autodiff.Matrix(c, c), func() []float32 { return target.Data[:c*c] })
	mean := made("mean", autodiff.Vector(c), func() []float32 { return target.Data[c*c:] })
	deviation := made("deviation", autodiff.Vector(c), func() []float32 { return deviations(statisticsOf(target)) })
	least := number("least variance", func() float64 { return leastVariance(statisticsOf(target)) })
	per := perEnergy(target)
	build := func(in Inputs) *autodiff.Node {
		m, s := autodiff.SplitStatistics(Statistics(in, layer))
		g := m.Graph()
		d := deviationOf(m, s, g.Const(least.Constant))
		diagonal := autodiff.Add(
			autodiff.SquaredError(m, g.Const(mean.Constant), 1),
			autodiff.SquaredError(d, g.Const(deviation.Constant), 1))
		return autodiff.Add(
			autodiff.RelativeSquaredError(s, g.Const(second.Constant)),
			autodiff.Mul(diagonal, g.Const(per.Constant)))
	}
	return Term{"moments/" + layer, weight, build}, []Made{second, mean, deviation, least, per}
}

// leastVariance is what variances are increased by, so that a root of them has a slope: a millionth of the
// mean, which float32 hardly resolves in a second moment.
func leastVariance(s statistics) float64 {
	return max(1e-6*s.energy()/float64(s.c), math.SmallestNonzeroFloat32)
}

// deviationOf returns the deviation of each channel, √(max(S_cc-μ_c², 0) + least).
func deviationOf(mean, second, least *autodiff.Node) *autodiff.Node {
	squares := autodiff.SumRows(autodiff.Mul(second, second.Graph().Const(identity(mean.Shape.C))))
	variance := autodiff.ReLU(autodiff.Sub(squares, autodiff.Square(mean)))
	return autodiff.Exp(autodiff.Scale(autodiff.Log(autodiff.Add(variance, least)), 0.5))
}

// deviations is deviationOf in the process.
func deviations(s statistics) []float32 {
	out, least := make([]float32, s.c), leastVariance(s)
	for i := range out {
		out[i] = float32(math.Sqrt(max(s.second[i*s.c+i]-s.mean[i]*s.mean[i], 0) + least))
	}
	return out
}
