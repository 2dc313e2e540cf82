package nn

import (
	"fmt"
	"slices"
	"sort"

	"oneiro/autodiff"
)

// LayerInfo is what a layer makes of a picture of a given size. Pairs are down, across.
type LayerInfo struct {
	Name string
	Kind Kind
	// H, W and C are the height, width and channels of the layer's result.
	H, W, C int
	// ReceptiveField is how many pixels of the picture can change one pixel of the layer, and Stride how
	// many pixels of the picture lie between two neighbours in the layer (Araujo et al., "Computing
	// Receptive Fields of Convolutional Neural Networks", Distill 2019).
	ReceptiveField, Stride [2]int
	// Params is how many parameters the layer has.
	Params int64
	// FLOPs is the number of floating-point operations of the direct method, as package autodiff counts
	// them: two for each weight of a convolution and each pixel, those on padding included.
	FLOPs float64
}

// Shapes returns what every layer makes of a picture of h x w pixels and c channels, in the order of the
// layers.
//
// The error is a *TooSmallError, which names the first layer that the picture does not reach, or a
// *DescriptionError.
func (n *Network) Shapes(h, w, c int) ([]LayerInfo, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	if c < 1 {
		return nil, &DescriptionError{n.Name, "", fmt.Sprintf("a picture of %d channels", c)}
	}
	layers, err := n.trace(h, w, c)
	if small, ok := err.(*TooSmallError); ok {
		small.MinHeight = least(func(h int) bool { return n.reached(h, roomy, c) })
		small.MinWidth = least(func(w int) bool { return n.reached(roomy, w, c) })
	}
	if err != nil {
		return nil, err
	}
	type reach struct{ field, stride [2]int }
	from := map[string]reach{Source: {square(1), square(1)}}
	infos := make([]LayerInfo, len(layers))
	for i, l := range layers {
		x, y := l.in[0].Shape, l.out.Shape
		row, _ := l.Kind.row()
		if row.pixel && (x.H != 1 || x.W != 1) {
			problem := fmt.Sprintf("a %v layer on %dx%d pixels", l.Kind, x.W, x.H)
			return nil, &DescriptionError{n.Name, l.Name, problem}
		}
		r := from[l.Inputs[0]]
		for axis := range 2 {
			for _, in := range l.Inputs[1:] {
				r.field[axis] = max(r.field[axis], from[in].field[axis])
			}
			if row.window != nil {
				size, stride := row.window(l.Layer, x)
				r.field[axis] += (size[axis] - 1) * r.stride[axis]
				r.stride[axis] *= stride[axis]
			}
		}
		from[l.Name] = r
		infos[i] = LayerInfo{
			Name: l.Name, Kind: l.Kind, H: y.H, W: y.W, C: y.C, ReceptiveField: r.field, Stride: r.stride,
		}
		for _, t := range l.params {
			infos[i].Params += t.Len()
		}
		for _, node := range l.nodes {
			infos[i].FLOPs += node.FLOPs()
		}
	}
	return infos, nil
}

// Strides returns LayerInfo.Stride of every layer and of Source for a picture of h x w pixels. The errors are
// those of Shapes.
func (n *Network) Strides(h, w int) (map[string][2]int, error) {
	infos, err := n.Shapes(h, w, 3)
	if err != nil {
		return nil, err
	}
	strides := map[string][2]int{Source: square(1)}
	for _, l := range infos {
		strides[l.Name] = l.Stride
	}
	return strides, nil
}

// traced is a layer in a graph that is there to be looked at, not run.
type traced struct {
	*Layer
	params []TensorSpec
	in     []*autodiff.Node
	out    *autodiff.Node
	nodes  []*autodiff.Node // all that the layer added to the graph
}

// trace builds the graph of n, which is valid, for a picture of h x w pixels and c channels. Its parameters
// have shapes but no values, so that it takes less than a millisecond whatever the size.
//
// The error is a *TooSmallError without the least size, or a *DescriptionError.
func (n *Network) trace(h, w, c int) ([]traced, error) {
	if h < 1 || w < 1 {
		return nil, &TooSmallError{Network: n.Name, Layer: n.Layers[0].Name, Height: h, Width: w}
	}
	g := autodiff.NewGraph()
	features := Features{Source: g.Input(Source, autodiff.Shape{N: 1, H: h, W: w, C: c})}
	layers := make([]traced, len(n.Layers))
	for i := range n.Layers {
		l := &n.Layers[i]
		t := traced{Layer: l, in: features.inputs(l)}
		before := len(g.Nodes())
		t.params = l.tensors(t.in[0].Shape.C)
		var wrong *autodiff.ShapeError
		t.out, wrong = attempt(func() *autodiff.Node {
			return l.build(t.in, func(suffix string) *autodiff.Node {
				at := slices.IndexFunc(t.params, func(p TensorSpec) bool { return p.Name == l.Name+suffix })
				return g.Const(t.params[at].abstract())
			})
		})
		switch row, _ := l.Kind.row(); {
		case wrong != nil && row.joins:
			return nil, &DescriptionError{n.Name, l.Name, "its inputs do not fit: " + wrong.Problem.Error()}
		case wrong != nil:
			return nil, &TooSmallError{Network: n.Name, Layer: l.Name, Height: h, Width: w}
		}
		t.nodes = g.Nodes()[before:]
		features[l.Name] = t.out
		layers[i] = t
	}
	return layers, nil
}

// attempt returns the node that build makes, or the error with which the engine refuses its operands.
func attempt(build func() *autodiff.Node) (n *autodiff.Node, wrong *autodiff.ShapeError) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *autodiff.ShapeError:
			wrong = r
		default:
			panic(r)
		}
	}()
	return build(), nil
}

// roomy is a side, in pixels, that reaches every layer of a network that any picture reaches. Graphs of
// that size are only looked at.
const roomy = 1 << 16

// reached reports whether a picture reaches every layer.
func (n *Network) reached(h, w, c int) bool {
	_, err := n.trace(h, w, c)
	return err == nil
}

// least returns the smallest number of pixels for which enough holds, roomy at most.
func least(enough func(pixels int) bool) int { return sort.Search(roomy, enough) }
