package nn

import "oneiro/autodiff"

// Model is a network with its parameters, which any number of graphs may share.
type Model struct {
	*Network
	specs   []TensorSpec
	tensors map[string]*autodiff.Tensor
}

// Bind takes the parameters that net has from params. The errors are those of params and of Blank.
func Bind(net *Network, params Params) (*Model, error) {
	m, err := Abstract(net)
	if err != nil {
		return nil, err
	}
	for _, spec := range m.specs {
		data, err := params.Tensor(spec.Name, spec.Shape...)
		if err != nil {
			return nil, err
		}
		m.tensors[spec.Name].Data = data
	}
	return m, nil
}

// Abstract returns net with parameters that have shapes but no values: enough to plan with. The error
// is a DescriptionError.
func Abstract(net *Network) (*Model, error) {
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	m := &Model{net, specs, map[string]*autodiff.Tensor{}}
	for _, spec := range specs {
		m.tensors[spec.Name] = &autodiff.Tensor{Name: spec.Name, Shape: spec.Engine()}
	}
	return m, nil
}

// Engine returns the shape of the parameter as the engine has it: the last number is C, and ones come before
// the first.
func (t TensorSpec) Engine() autodiff.Shape {
	s := [4]int{1, 1, 1, 1}
	copy(s[4-len(t.Shape):], t.Shape)
	return autodiff.Shape{N: s[0], H: s[1], W: s[2], C: s[3]}
}

// Features are the values of a network's layers by name.
type Features map[string]*autodiff.Node

// Build adds the network to the graph of a canvas, N x H x W x 3 in units u.
func (m *Model) Build(canvas *autodiff.Node, u ValueRange) Features {
	return m.BuildWith(canvas, u, func(name string) *autodiff.Node { return canvas.Graph().Const(m.tensors[name]) }, nil)
}

// BuildWith is Build with parameters that are any nodes of the graph, such as inputs for a network that
// is to be trained. param is asked for each of those that Tensors lists; its shape is that of
// TensorSpec.Engine. It may be nil for a bias that is to be left out. after, if it is not nil,
// may put something behind a layer, of which it returns the result.
func (n *Network) BuildWith(canvas *autodiff.Node, u ValueRange, param func(name string) *autodiff.Node,
	after func(layer string, y *autodiff.Node) *autodiff.Node) Features {
	out := Features{Source: n.Input.input(canvas, u).Named(Source)}
	for _, l := range n.Layers {
		in := make([]*autodiff.Node, len(l.Inputs))
		for i, name := range l.Inputs {
			in[i] = out[name]
		}
		y := l.apply(in, func(kind string) *autodiff.Node { return param(l.Name + kind) })
		if after != nil {
			y = after(l.Name, y)
		}
		out[l.Name] = y.Named(l.Name)
	}
	return out
}

func (l *Layer) apply(in []*autodiff.Node, param func(kind string) *autodiff.Node) *autodiff.Node {
	x := in[0]
	var pad autodiff.Pad
	pad.Top, pad.Bottom = l.padding(x.Shape.H, 0)
	pad.Left, pad.Right = l.padding(x.Shape.W, 1)
	pool := autodiff.Pool{
		KH: l.Kernel[0], KW: l.Kernel[1], StrideH: l.Stride[0], StrideW: l.Stride[1], Pad: pad, Ceil: l.Ceil, CountPad: l.CountPad,
	}
	switch l.Kind {
	case Conv:
		return autodiff.Conv2D(x, param(".weight"), param(".bias"), autodiff.Conv{
			StrideH: l.Stride[0], StrideW: l.Stride[1], Pad: pad,
		})
	case ReLU:
		return autodiff.ReLU(x)
	case MaxPool:
		return autodiff.MaxPool(x, pool)
	case AvgPool:
		return autodiff.AvgPool(x, pool)
	case GlobalAvgPool:
		return autodiff.GlobalAvgPool(x)
	case LRN:
		return autodiff.LRN(x, autodiff.LRNAttr{Size: l.LRN.Size, Alpha: l.LRN.Alpha, Beta: l.LRN.Beta, K: l.LRN.K})
	case ReflectPad:
		return autodiff.PadWith(x, pad, autodiff.PadReflect)
	case Concat:
		return autodiff.Concat(in...)
	case Dense:
		return autodiff.Dense(x, param(".weight"), param(".bias"))
	case Softmax:
		return autodiff.Softmax(x)
	}
	panic("nn: no graph for " + l.Kind.String())
}
