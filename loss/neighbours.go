package loss

import (
	"fmt"
	"slices"

	"oneiro/autodiff"
)

// neighbourGrid is how many pixels of the picture lie between two hypercolumns (Kolkin et al.,
// arXiv:2203.13215, section 4.1).
const neighbourGrid = 4

// tinyLength keeps the length of a hypercolumn of zeros from being divided by.
const tinyLength = 1e-12

// Hypercolumns returns the features of layers of one picture at one scale, every four pixels of it, or as far
// apart as those of the coarsest layer that is finer: what lies between two positions of a layer is
// interpolated. At a position they are parts of one vector. The paper's program aligns the corners of layers,
// which moves them against each other by up to half a position; here centres lie where they are in the
// picture. The error is about a layer whose strides or size do not suit the others.
func Hypercolumns(in Inputs, layers []string) ([]*autodiff.Node, error) {
	grid, least := 0, 1<<30
	for _, l := range layers {
		s := in.Strides[l]
		if s[0] < 1 || s[0] != s[1] || s[0]&(s[0]-1) != 0 {
			return nil, fmt.Errorf("%s has a position every %d x %d pixels, which is no power of two", l, s[1], s[0])
		}
		least = min(least, s[0])
		if s[0] <= neighbourGrid {
			grid = max(grid, s[0])
		}
	}
	if grid == 0 {
		grid = least
	}
	first := slices.IndexFunc(layers, func(l string) bool { return in.Strides[l][0] == grid })
	like := in.Layers[layers[first]]
	nodes := make([]*autodiff.Node, len(layers))
	for i, l := range layers {
		x, s := in.Layers[l], in.Strides[l][0]
		switch {
		case s < grid && !halves(x.Shape, like.Shape, grid/s), s > grid && !halves(like.Shape, x.Shape, s/grid),
			s == grid && (x.Shape.H != like.Shape.H || x.Shape.W != like.Shape.W):
			return nil, fmt.Errorf("%s has %d x %d positions, which do not lie between those of other layers", l, x.Shape.W,
				x.Shape.H)
		case s < grid:
			nodes[i] = autodiff.Filter(x, grid/s, grid/s, centre(grid/s), grid/s)
		default:
			nodes[i] = autodiff.Upsample(x, like, s/grid)
		}
		nodes[i].Named("hypercolumn " + l)
	}
	return nodes, nil
}

// halves reports whether a layer is a factor coarser than another, which may have some more rows and columns.
func halves(fine, coarse autodiff.Shape, factor int) bool {
	return fine.H/factor == coarse.H && fine.W/factor == coarse.W
}

// centre is a filter that interpolates at the centre of n x n positions, n being even: the mean of the four
// positions there.
func centre(n int) []float32 {
	w := make([]float32, n*n)
	for _, i := range []int{n/2 - 1, n / 2} {
		w[i*n+n/2-1], w[i*n+n/2] = 0.25, 0.25
	}
	return w
}

// Neighbours is the mean over positions of 1 - cos between the hypercolumns of layers and targets, where a
// layer counts by its number of channels: each is divided by that (Kolkin et al., arXiv:2203.13215, equation
// 2). The targets of a position have the length 1 together, before each is divided by the number of its
// channels.
func Neighbours(layers []string, weight float64, targets []*autodiff.Tensor) Term {
	return Term{
		Name: "neighbours", Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			nodes, err := Hypercolumns(in, layers)
			if err != nil {
				panic("loss: " + err.Error())
			}
			var sum *autodiff.Node
			for i, x := range nodes {
				factor := 1 / float32(x.Shape.C)
				dots := autodiff.Dots(x, x.Graph().Const(targets[i]))
				dots = autodiff.Affine(dots, 2, []float32{1, 0, 0, factor * factor}, nil)
				if sum == nil {
					sum = dots
				} else {
					sum = autodiff.Add(sum, dots)
				}
			}
			return distant(sum)
		},
	}
}

// distant returns the mean of 1 - cos over positions.
func distant(dots *autodiff.Node) *autodiff.Node {
	return autodiff.ScaleOffset(autodiff.Mean(autodiff.Cosines(dots, tinyLength)), -1, 1)
}

// Sample is one position of each square of a layer, stride x stride of them, as inputs of the graph choose it.
type Sample struct {
	Stride int
	// From is the input for where in the squares it is, as autodiff.Subsample has it, or nil if the stride is
	// 1.
	From *autodiff.Node
	// Features are the layer's there. Centre is the input for a vector that is subtracted from all of them, and
	// Targets that for a vector for each, which has the length 1, or less for one that counts less.
	Features, Centre, Targets *autodiff.Node
}

// Sampled returns the features of a layer at one position of each square.
func Sampled(x, from *autodiff.Node, stride int) *autodiff.Node {
	if stride == 1 {
		return x
	}
	return autodiff.Subsample(x, from, stride)
}

// LayerNeighbours is the mean of 1 - cos between a sample of a layer's features, less a vector, and its
// targets (Kolkin et al., arXiv:2203.13215, section 4.3, "feature splitting"). In the paper the vector is the
// mean of the sample; here it does not depend on it, so that every position is for itself. Build sets the
// sample's nodes.
func LayerNeighbours(layer string, weight float64, s *Sample) Term {
	return Term{
		Name: "neighbours/" + layer, Weight: weight,
		Build: func(in Inputs) *autodiff.Node {
			x := in.Layers[layer]
			g := x.Graph()
			if s.Stride > 1 {
				s.From = g.Input("sample of "+layer, autodiff.Vector(2))
			}
			s.Features = Sampled(x, s.From, s.Stride)
			s.Centre = g.Input("centre of "+layer, autodiff.Vector(x.Shape.C))
			s.Targets = g.Input("neighbours of "+layer, s.Features.Shape)
			return distant(autodiff.Dots(autodiff.Sub(s.Features, s.Centre), s.Targets))
		},
	}
}
