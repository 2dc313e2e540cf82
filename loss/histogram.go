package loss

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"oneiro/autodiff"
)

// Axes are the directions in which distributions of features are compared, and how finely.
type Axes struct {
	// Directions are C x K, unit vectors side by side, or nil for the channels themselves.
	Directions *autodiff.Tensor
	// Grid is that of autodiff.Histogram, 2 x K.
	Grid *autodiff.Tensor
	// Per is what distances are multiplied by to be relative to the style image's variance.
	Per *autodiff.Tensor
}

// histogramBins is how many bins there are. Those in the middle are a 64th of the deviation wide.
const histogramBins = autodiff.MaxBins

// gridReach is how many deviations from the mean half of all bins are used for.
const gridReach = 2

// ChannelAxes returns the axes on which a histogram term compares the channels of a layer with target,
// Statistics of the style image.
func ChannelAxes(target *autodiff.Tensor) (Axes, []Made) { return axes(nil, target) }

// SlicedAxes returns random axes, as many as there are channels, at right angles to each other.
func SlicedAxes(target *autodiff.Tensor, seed uint64) (Axes, []Made) {
	c := target.Shape.C
	directions := made("directions", autodiff.Matrix(c, c), func() []float32 { return orthogonal(c, seed) })
	a, all := axes(directions.Constant, target)
	return a, append([]Made{directions}, all...)
}

func axes(directions, target *autodiff.Tensor) (Axes, []Made) {
	grid := made("grid", autodiff.Matrix(2, target.Shape.C), func() []float32 {
		mean, variance := along(directions, target)
		out := make([]float32, 2*len(mean))
		for i, v := range variance {
			out[i] = float32(mean[i])
			out[len(mean)+i] = float32(1 / (gridReach * math.Sqrt(v)))
		}
		return out
	})
	per := number("1/variance", func() float64 {
		_, variance := along(directions, target)
		var sum float64
		for _, v := range variance {
			sum += v
		}
		return 1 / sum
	})
	return Axes{directions, grid.Constant, per.Constant}, []Made{grid, per}
}

// along returns the mean and the variance of features in some directions. No variance is less than a
// thousandth of the mean one: there has to be a grid.
func along(directions, target *autodiff.Tensor) (mean, variance []float64) {
	s := statisticsOf(target)
	mean, variance = s.mean, make([]float64, s.c)
	covariance := s.covariance()
	if directions == nil {
		for i := range variance {
			variance[i] = covariance[i*s.c+i]
		}
	} else {
		v := make([]float64, s.c*s.c)
		for i, x := range directions.Data {
			v[i] = float64(x)
		}
		d := mat.NewDense(s.c, s.c, v)
		var turned mat.Dense
		turned.Mul(mat.NewDense(s.c, s.c, covariance), d)
		turned.MulElem(&turned, d)
		mean = make([]float64, s.c)
		for k := range mean {
			for i := range s.c {
				mean[k] += s.mean[i] * d.At(i, k)
				variance[k] += turned.At(i, k)
			}
		}
	}
	var sum float64
	for _, v := range variance {
		sum += max(v, 0)
	}
	least := max(1e-3*sum/float64(s.c), 1e-12*s.energy(), 1e-30)
	for i, v := range variance {
		variance[i] = max(v, least)
	}
	return mean, variance
}

// orthogonal returns random unit vectors at right angles to each other, the columns of a matrix.
func orthogonal(c int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, uint64(c)))
	v := make([]float64, c*c)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	var qr mat.QR
	qr.Factorize(mat.NewDense(c, c, v))
	var q mat.Dense
	qr.QTo(&q)
	out := make([]float32, c*c)
	for i, x := range q.RawMatrix().Data {
		out[i] = float32(x)
	}
	return out
}

// Distribution returns how a layer's features are distributed along axes, as autodiff.Histogram does. Shares
// are sums over positions, as Statistics are.
func (a Axes) Distribution(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	g, s := x.Graph(), x.Shape
	if a.Directions != nil {
		x = autodiff.MatMul(x, g.Const(a.Directions))
	}
	attr := autodiff.HistogramAttr{Bins: histogramBins, Scale: 1 / float64(s.H*s.W)}
	return autodiff.Histogram(x, g.Const(a.Grid), in.Weights[layer], attr).Named("distribution " + layer)
}

// Histogram is the mean square by which a layer's features have to be changed, channel by channel, to be
// distributed as in target, the style image's Distribution along a: relative to the style's variance,
//
//	Σ_c ∫(Q_c(u) - Q₀_c(u))² du / Σ_c σ₀_c²,
//
// Q_c being the quantiles of channel c. A feature's gradient is its distance from the quantile of the style
// at its rank, as in the histogram loss of Risser, Wilmot and Barnes (arXiv:1701.08893, section 4), which
// remaps features and holds the result constant. Ranks are read from histograms here, which are sums, instead
// of sorting.
func Histogram(layer string, weight float64, a Axes, target *autodiff.Tensor) Term {
	return a.term("histogram", layer, weight, target)
}

// Sliced is the same along random directions instead of channels: the sliced Wasserstein distance of Heitz et
// al. (arXiv:2006.07229), who draw other directions for each evaluation.
func Sliced(layer string, weight float64, a Axes, target *autodiff.Tensor) Term {
	return a.term("swd", layer, weight, target)
}

func (a Axes) term(kind, layer string, weight float64, target *autodiff.Tensor) Term {
	return Term{kind + "/" + layer, weight, func(in Inputs) *autodiff.Node {
		x := a.Distribution(in, layer)
		g, n, c := x.Graph(), x.Shape.Len(), x.Shape.C
		all := autodiff.Transport(x, g.Const(target), g.Const(a.Grid))
		all = autodiff.Reshape(all, autodiff.Vector(n+c))
		distance := autodiff.GivenGradient(autodiff.Sum(autodiff.Slice(all, n, n+c)),
			autodiff.Given{By: x, Gradient: autodiff.Reshape(autodiff.Slice(all, 0, n), x.Shape)})
		return autodiff.Mul(distance, g.Const(a.Per))
	}}
}
