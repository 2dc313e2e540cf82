package nn

import "oneiro/autodiff"

// Params gives the parameters of a network by name: "conv1_1.weight", "conv1_1.bias".
type Params interface {
	// Tensor returns a parameter as a new slice, row-major in the shape that it is asked for: kernel
	// height, kernel width, input channels, output channels of a convolution's weight; inputs, outputs of
	// a dense layer's; output channels of a bias. It returns nil without an error if there are shapes but
	// no values, as Shapes does.
	Tensor(name string, shape ...int) ([]float32, error)
}

// Shapes are the Params of any network, without values. What is built with them can be planned (memory,
// work) but not run.
type Shapes struct{}

// Tensor implements Params.
func (Shapes) Tensor(string, ...int) ([]float32, error) { return nil, nil }

// Model is a network with its parameters, which any number of graphs may share.
type Model struct {
	*Network
	specs   []TensorSpec
	tensors map[string]*autodiff.Tensor
}

// Bind returns net with the parameters that it has in params. The errors are those of Abstract and Read.
func Bind(net *Network, params Params) (*Model, error) {
	m, err := Abstract(net)
	if err != nil {
		return nil, err
	}
	return m, m.Read(params)
}

// Abstract returns net without values of its parameters: what is built with it can be planned, and run once
// Read has read them. The error is a *DescriptionError.
func Abstract(net *Network) (*Model, error) {
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	m := &Model{net, specs, map[string]*autodiff.Tensor{}}
	for _, spec := range specs {
		m.tensors[spec.Name] = spec.abstract()
	}
	return m, nil
}

// Read gives the parameters the values that they have in params, also in graphs that were built with them. The
// errors are those of params.
func (m *Model) Read(params Params) (err error) {
	for _, spec := range m.specs {
		if m.tensors[spec.Name].Data, err = params.Tensor(spec.Name, spec.Shape...); err != nil {
			return err
		}
	}
	return nil
}

// Bytes returns the memory of the parameters.
func (m *Model) Bytes() int64 {
	var sum int64
	for _, t := range m.tensors {
		sum += t.Shape.Bytes()
	}
	return sum
}

// Wrapped returns a model with the same parameters to which pictures continue at their opposite edges, so that
// what it makes of a tileable picture has no border (Network.Wrap).
func (m *Model) Wrapped() *Model {
	n := m.Network.clone()
	n.Wrap = true
	return &Model{n, m.specs, m.tensors}
}

// Features are the values of a network's layers, N x H x W x C, by the names of the layers. Source is the
// network's input.
type Features map[string]*autodiff.Node

// inputs returns the values that a layer reads.
func (f Features) inputs(l *Layer) []*autodiff.Node {
	in := make([]*autodiff.Node, len(l.Inputs))
	for i, name := range l.Inputs {
		in[i] = f[name]
	}
	return in
}

// Build adds the network to the graph of a canvas, N x H x W x 3, whose colours are in range r. It panics
// if the canvas is too small; see Network.Shapes.
func (m *Model) Build(canvas *autodiff.Node, r ValueRange) Features {
	get := func(name string) *autodiff.Node { return canvas.Graph().Const(m.tensors[name]) }
	return m.BuildWith(canvas, r, get, func(_ string, y *autodiff.Node) *autodiff.Node { return y })
}

// BuildWith is Build for parameters that are any nodes of the graph, such as the inputs of a network in
// training. param returns the parameter of a name that Tensors lists, in the shape of its NodeShape; nil
// leaves a bias out. after returns what stands for the result y of a layer, such as y normalised.
func (n *Network) BuildWith(canvas *autodiff.Node, r ValueRange, param func(name string) *autodiff.Node,
	after func(layer string, y *autodiff.Node) *autodiff.Node) Features {
	features := Features{Source: n.Input.input(canvas, r).Named(Source)}
	for i := range n.Layers {
		l := &n.Layers[i]
		in := features.inputs(l)
		if n.Wrap {
			l, in = l.wrapped(in)
		}
		y := l.build(in, func(suffix string) *autodiff.Node { return param(l.Name + suffix) })
		features[l.Name] = after(l.Name, y).Named(l.Name)
	}
	return features
}

// build adds a layer of a valid network to the graph of its inputs.
func (l *Layer) build(in []*autodiff.Node, get func(suffix string) *autodiff.Node) *autodiff.Node {
	row, _ := l.Kind.row()
	return row.build(l, in, get)
}
