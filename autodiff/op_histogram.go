package autodiff

import "fmt"

// HistogramAttr says how a histogram is taken.
type HistogramAttr struct {
	// Bins is how many numbers stand for a channel's distribution, at most MaxBins.
	Bins int
	// Scale is the factor of the sums: 1/n for shares of n positions, or of weights whose sum is n.
	Scale float64
}

// MaxBins bounds HistogramAttr.Bins: a GPU keeps the bins of some channels in the memory of a multiprocessor.
const MaxBins = 256

// Histogram returns how the numbers of each channel are distributed, as shares of the positions with larger
// ones: row k of the result, N x 1 x Bins x C, is
//
//	Scale·Σw_p·s(j(x_p)-k),  j(x) = Bins/2·(1 + z/(1+|z|)),  z = (x-m)·v
//
// so it falls from 1 to 0. j is where a number lies among the bins: those around m are 2/(Bins·v) wide,
// others the wider the farther off, and none lies outside. s rises from 0 at -1/2 to 1 at 3/2, and its slope
// from 0 to 1 and back: numbers count as if spread a little, and the gradient has no jumps. grid, 1 x 1 x 2 x
// C, has a row of m and one of v for the channels. weights is N x H x W x 1, or nil if all are 1. Neither is
// a variable: their gradient is taken to be 0.
func Histogram(x, grid, weights *Node, a HistogramAttr) *Node {
	if weights == nil {
		return apply("histogram", a, x, grid)
	}
	return apply("histogram", a, x, grid, weights)
}

// Transport compares the distributions of channels, x, with others, target: both as Histogram returns them
// with the same grid, for one picture, 1 x 1 x Bins x C. Within a bin numbers are taken to be spread evenly.
// For each channel the last row of the result, 1 x 1 x (Bins+1) x C, is the squared Wasserstein-2 distance
//
//	∫(Q(u) - Q₀(u))² du,  u from 0 to 1,
//
// Q and Q₀ being the inverses of the distribution functions: the mean square by which numbers have to be
// changed for one distribution to become the other. The rows above are its gradient with respect to x. Shares
// of less than a millionth, which float32 hardly resolves, count as none. Of an empty bin numbers would be
// moved to the least or the largest of the target that borders on their rank, whichever is nearer.
func Transport(x, target, grid *Node) *Node { return apply("transport", nil, x, target, grid) }

// histogramOperands returns an error unless grid and weights fit features of shape x.
func histogramOperands(attr any, x Shape, grid Shape, weights []Shape) error {
	if b := attr.(HistogramAttr).Bins; b < 1 || b > MaxBins {
		return fmt.Errorf("%d bins", b)
	}
	if grid != Matrix(2, x.C) {
		return fmt.Errorf("a grid of shape %v does not fit", grid)
	}
	return checkWeights(x, weights)
}

func init() {
	register(
		Op{
			Name: "histogram", Saved: []int{0, 1, 2}, Whole: []int{1}, FLOPs: perInput(10),
			Shape: func(attr any, in []Shape) (Shape, error) {
				x := in[0]
				return Shape{x.N, 1, attr.(HistogramAttr).Bins, x.C}, histogramOperands(attr, x, in[1], in[2:])
			},
			Partial: func(n *Node, in []*Node, counted func(x *Node) *Node) *Node {
				weights := counted(in[0])
				if len(in) == 3 {
					weights = Mul(in[2], weights)
				}
				return apply("histogram", n.Attr, in[0], in[1], weights)
			},
			Grad: func(n, dy *Node, _ func(int) bool) []*Node {
				out := make([]*Node, len(n.In))
				out[0] = apply("histogramGrad", n.Attr, append([]*Node{n.In[0], dy}, n.In[1:]...)...)
				return out
			},
		},
		Op{
			// Scale·w_p·dj/dx times dy at j-1/2, between two rows, of which those outside are 0
			Name: "histogramGrad", FLOPs: perInput(10),
			Shape: func(attr any, in []Shape) (Shape, error) {
				x := in[0]
				if in[1] != (Shape{x.N, 1, attr.(HistogramAttr).Bins, x.C}) {
					return Shape{}, fmt.Errorf("dy does not fit")
				}
				return x, histogramOperands(attr, x, in[2], in[3:])
			},
		},
		Op{
			Name: "transport", FLOPs: perOutput(40),
			Shape: func(_ any, in []Shape) (Shape, error) {
				x := in[0]
				if in[1] != x || x.N*x.H != 1 || in[2] != Matrix(2, x.C) {
					return Shape{}, fmt.Errorf("want two distributions and their grid")
				}
				return Matrix(x.W+1, x.C), nil
			},
		},
	)
}
