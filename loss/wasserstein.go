package loss

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"oneiro/autodiff"
)

// Wasserstein is the squared Wasserstein-2 distance between two Gaussians, that with the mean and the
// covariance of a layer's features and that of target, Statistics of the style image, relative to the
// target's mean square:
//
//	(|μ-μ₀|² + tr Σ + tr Σ₀ - 2 tr (RΣR)^½)/(|μ₀|² + tr Σ₀),  R = Σ₀^½
//
// (Olkin and Pukelsheim, "The distance between two random vectors with given dispersion matrices", 1982).
// Both covariances have ridge added to their diagonals: the distance is that between features with a little
// noise. So it has a gradient where features have fewer directions than channels, and float32 suffices.
//
// The matrix K = R(RΣR)^-½R moves the one Gaussian to the other, and the part of the covariances is the mean
// square by which it moves features, tr (1-K)Σ(1-K): so it is computed, as no digits cancel there. The
// iteration for the root is not differentiated: the gradient with respect to Σ is 1-K.
func Wasserstein(layer string, weight float64, target *autodiff.Tensor) (Term, []Made) {
	c := target.Shape.C
	of := func() statistics { return statisticsOf(target) }
	root := made("root", autodiff.Matrix(c, c), func() []float32 { return of().root() })
	mean := made("mean", autodiff.Vector(c), func() []float32 { return target.Data[c*c:] })
	ridge := number("ridge", func() float64 { return of().ridge() })
	per := perEnergy(target)
	build := func(in Inputs) *autodiff.Node {
		m, s := autodiff.SplitStatistics(Statistics(in, layer))
		g := m.Graph()
		one, r, m0 := g.Const(identity(c)), g.Const(root.Constant), g.Const(mean.Constant)
		outer := autodiff.MatMul(autodiff.Reshape(m, autodiff.Matrix(c, 1)), m)
		covariance := autodiff.Add(autodiff.Sub(s, outer), autodiff.Mul(one, g.Const(ridge.Constant)))
		inverse := inverseRoot(autodiff.MatMul(autodiff.MatMul(r, covariance), r), one)
		moved := autodiff.Sub(one, autodiff.MatMul(autodiff.MatMul(r, inverse), r)) // 1-K
		value := autodiff.Add(autodiff.SquaredError(m, m0, 1),
			autodiff.Sum(autodiff.Mul(autodiff.MatMul(moved, covariance), moved)))
		// Σ is S - μμᵀ: what 1-K is to it, 2(μ-μ₀) - 2μ(1-K) is to the mean
		dm := autodiff.Scale(autodiff.Sub(autodiff.Sub(m, m0), autodiff.MatMul(m, moved)), 2)
		value = autodiff.GivenGradient(value,
			autodiff.Given{By: s, Gradient: moved}, autodiff.Given{By: m, Gradient: dm})
		return autodiff.Mul(value, g.Const(per.Constant))
	}
	return Term{"w2/" + layer, weight, build}, []Made{root, mean, ridge, per}
}

// rootSteps is how often inverseRoot iterates, and leastRoot the smallest eigenvalue of the root, in units of
// the largest that there may be, that it converges for.
const (
	rootSteps = 10
	leastRoot = 2e-3
)

// inverseRoot returns A^-½ of a positive definite symmetric matrix, by the iteration of Newton and Schulz
//
//	T = (3-ZY)/2,  Y' = YT,  Z' = TZ
//
// from Y = A/tr A and Z = 1 (Higham, "Functions of Matrices", 2008, equation 6.35), which makes Y the root
// and Z its inverse. The eigenvalues of √(ZY) grow by half in each step until they are near 1. Multiplied by
// the largest factor that keeps them in 0..1, they grow by 2.6 (Chen and Chow, "A stable scaling of
// Newton-Schulz for improving the sign function computation of a Hermitian matrix", 2014): 10 steps do what
// takes 20 without. one is the unit matrix.
func inverseRoot(a, one *autodiff.Node) *autodiff.Node {
	trace := autodiff.Sum(autodiff.Mul(a, one))
	y, z := autodiff.Div(a, trace), (*autodiff.Node)(nil) // which stands for 1
	least := leastRoot
	for range rootSteps {
		f := math.Sqrt(3 / (1 + least + least*least))
		least *= f * (3 - f*f*least*least) / 2
		zy := y
		if z != nil {
			zy = autodiff.MatMul(z, y)
		}
		t := autodiff.Add(autodiff.Scale(zy, -f*f*f/2), autodiff.Scale(one, 3*f/2))
		if y = autodiff.MatMul(y, t); z == nil {
			z = t
		} else {
			z = autodiff.MatMul(t, z)
		}
	}
	return autodiff.Div(z, autodiff.Exp(autodiff.Scale(autodiff.Log(trace), 0.5)))
}

// ridgeOf is how large the ridge is in units of the covariance, as a matrix in Frobenius' norm.
const ridgeOf = 0.01

// covariance returns Σ.
func (s statistics) covariance() []float64 {
	v := make([]float64, len(s.second))
	for i := range v {
		v[i] = s.second[i] - s.mean[i/s.c]*s.mean[i%s.c]
	}
	return v
}

func (s statistics) ridge() float64 {
	if r := ridgeOf * math.Sqrt(squareOf(s.covariance())); r > 0 {
		return r
	}
	return max(ridgeOf*s.energy(), math.SmallestNonzeroFloat32)
}

// root returns (Σ + ridge)^½, by its eigenvectors.
func (s statistics) root() []float32 {
	v, ridge := s.covariance(), s.ridge()
	var eigen mat.EigenSym
	eigen.Factorize(mat.NewSymDense(s.c, v), true)
	var vectors, scaled, root mat.Dense
	eigen.VectorsTo(&vectors)
	scaled.Apply(func(_, j int, x float64) float64 {
		return x * math.Sqrt(max(eigen.RawValues()[j], 0)+ridge)
	}, &vectors)
	root.Mul(&scaled, vectors.T())
	out := make([]float32, len(v))
	for i, x := range root.RawMatrix().Data {
		out[i] = float32(x)
	}
	return out
}

// squareOf returns Σv².
func squareOf(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x * x
	}
	return sum
}
