package caffe

import (
	"fmt"
	"math"

	"oneiro/weights/internal/dataflow"
	"oneiro/weights/internal/protobuf"
)

// options are what a layer says of itself that matters here.
type options struct {
	epsilon    float32 // BatchNormParameter
	axis       uint64  // ScaleParameter, BiasParameter: the first one that the blob has
	slope      float32 // ReLUParameter: what numbers below 0 are multiplied by
	transposed bool    // InnerProductParameter: the matrix is inputs x outputs
}

var standard = options{epsilon: 1e-5, axis: 1}

// option reads a field of LayerParameter with parameters of a kind of layer.
func (p reader) option(o *options, f protobuf.Field) error {
	switch f.Number {
	case 117, 123, 139, 141, 142: // inner_product_param, relu_param, batch_norm_param, bias_param, scale_param
	default:
		return nil
	}
	message, err := p.Message(f)
	if err != nil {
		return err
	}
	return p.Each(message, func(inner protobuf.Field) (err error) {
		switch {
		case f.Number == 117 && inner.Number == 6:
			o.transposed = inner.Value != 0
		case f.Number == 123 && inner.Number == 1:
			var bits uint32
			bits, err = p.Fixed(inner)
			o.slope = math.Float32frombits(bits)
		case f.Number == 139 && inner.Number == 3:
			var bits uint32
			bits, err = p.Fixed(inner)
			o.epsilon = math.Float32frombits(bits)
		case f.Number > 139 && inner.Number == 1:
			o.axis, err = p.Number(inner)
		}
		return err
	})
}

// network is the graph of the layers. A layer may write what it makes in the place of what it reads, so that
// values are told apart by how often their place was written.
type network struct {
	graph   dataflow.Graph
	written map[string]int
	outputs map[string]int64 // by the name of a weight
}

func newNetwork() *network {
	n := &network{written: map[string]int{}, outputs: map[string]int64{}}
	n.graph.Constants = map[string]dataflow.Constant{}
	n.graph.Outputs = func(weight string) int64 { return n.outputs[weight] }
	return n
}

// value is what a place holds now.
func (n *network) value(place string) string { return fmt.Sprintf("%s#%d", place, n.written[place]) }

// add appends what a layer does, which may be several operations.
func (n *network) add(l layer) {
	blobs := make([]string, 3)
	for i, t := range l.tensors {
		if i < len(blobs) {
			blobs[i] = t.Name
			n.graph.Constants[t.Name] = dataflow.Constant{Tensor: t.Name, Count: t.Count()}
		}
	}
	var bottoms, tops []string
	for _, place := range l.bottoms {
		bottoms = append(bottoms, n.value(place))
	}
	for _, place := range l.top {
		n.written[place]++
		tops = append(tops, n.value(place))
	}
	node := dataflow.Node{Op: l.kind, Inputs: bottoms, Outputs: tops}
	if len(bottoms) == 1 && len(tops) == 1 {
		switch l.kind {
		case "Convolution", "Deconvolution", "InnerProduct":
			node.Kind = dataflow.Conv
			node.Inputs = []string{bottoms[0], blobs[0], blobs[1]}
			if len(l.tensors) > 0 && len(l.tensors[0].Shape) > 0 {
				n.outputs[blobs[0]] = outputs(l)
			}
		case "BatchNorm":
			node.Kind, node.Epsilon = dataflow.Norm, float64(l.epsilon)
			node.Inputs, node.Factor = []string{bottoms[0], "", "", blobs[0], blobs[1]}, blobs[2]
		case "Scale", "BN": // the latter in SegNet, with statistics that are taken into its two blobs
			if l.axis != 1 || len(l.tensors) == 0 || l.kind == "BN" && len(l.tensors) != 2 {
				break
			}
			node.Kind, node.Inputs = dataflow.Mul, []string{bottoms[0], blobs[0]}
			if blobs[1] != "" {
				between := tops[0] + "*"
				node.Outputs = []string{between}
				n.graph.Nodes = append(n.graph.Nodes, node)
				node = dataflow.Node{Kind: dataflow.Add, Op: l.kind, Inputs: []string{between, blobs[1]},
					Outputs: tops}
			}
		case "Bias":
			if l.axis == 1 && len(l.tensors) > 0 {
				node.Kind, node.Inputs = dataflow.Add, []string{bottoms[0], blobs[0]}
			}
		case "ReLU":
			if l.slope != 0 {
				node.Op = "LeakyReLU"
			}
		case "Dropout":
			node.Kind = dataflow.Same
		}
	}
	n.graph.Nodes = append(n.graph.Nodes, node)
}

// outputs is how many channels a layer with a weight makes.
func outputs(l layer) int64 {
	shape := l.tensors[0].Shape
	if l.kind == "Deconvolution" || l.transposed {
		return int64(shape[min(1, len(shape)-1)])
	}
	return int64(shape[0])
}
