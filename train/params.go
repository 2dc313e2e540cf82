package train

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"

	"oneiro/autodiff"
	"oneiro/nn"
)

// params are the parameters of a network: one vector for the optimiser, and inputs of a graph.
type params struct {
	specs  []nn.TensorSpec
	ranges []span // parts of vector, one for each of specs
	vector []float32

	nodes []*autodiff.Node // one for each of specs
	grads []*autodiff.Node
}

type span struct{ from, to int }

func newParams(net *nn.Network) (*params, error) {
	specs, err := net.Tensors()
	if err != nil {
		return nil, err
	}
	p := &params{specs: specs}
	n := 0
	for _, s := range specs {
		p.ranges = append(p.ranges, span{n, n + int(s.Len())})
		n += int(s.Len())
	}
	p.vector = make([]float32, n)
	return p, nil
}

// init draws weights from the normal distribution that keeps the size of activations from one ReLU to the next
// (He et al., arXiv:1502.01852, section 2.2). Biases stay 0.
func (p *params) init(seed uint64) {
	for i, s := range p.specs {
		if len(s.Shape) == 1 {
			continue
		}
		hash := fnv.New64a()
		hash.Write([]byte(s.Name))
		r := rand.New(rand.NewPCG(seed, hash.Sum64()))
		fanIn := int(s.Len()) / s.Shape[len(s.Shape)-1]
		deviation := math.Sqrt(2 / float64(fanIn))
		for k := range p.of(i) {
			p.of(i)[k] = float32(deviation * r.NormFloat64())
		}
	}
}

// of returns the values of parameter i.
func (p *params) of(i int) []float32 { return p.vector[p.ranges[i].from:p.ranges[i].to] }

// bodyLen returns the number of parameters before the classifier, which is the last layer that has any.
func (p *params) bodyLen(net *nn.Network) int {
	return p.ranges[p.index(net.Classifier()+".weight")].from
}

// build adds the network, with these parameters as inputs, to the graph of a canvas. Layers in norms get batch
// normalisation before their bias is added; moments are their means and variances, 1 x 1 x 2 x C.
func (p *params) build(net *nn.Network, canvas *autodiff.Node, norms map[string]bool,
) (f nn.Features, moments map[string]*autodiff.Node) {
	byName := map[string]*autodiff.Node{}
	moments = map[string]*autodiff.Node{}
	for _, s := range p.specs {
		n := canvas.Graph().Input(s.Name, s.NodeShape())
		p.nodes = append(p.nodes, n)
		byName[s.Name] = n
	}
	param := func(name string) *autodiff.Node {
		if layer, ok := strings.CutSuffix(name, ".bias"); ok && norms[layer] {
			return nil
		}
		return byName[name]
	}
	f = net.BuildWith(canvas, nn.UnitRange, param, func(layer string, y *autodiff.Node) *autodiff.Node {
		if norms[layer] {
			y, moments[layer] = autodiff.BatchNorm(y, epsilon)
			y = autodiff.Add(y, byName[layer+".bias"])
		}
		return y
	})
	return f, moments
}

// epsilon is added to the variances of batch normalisation.
const epsilon = 1e-4

func (p *params) write(to autodiff.Program) {
	for i, n := range p.nodes {
		to.Write(n, p.of(i))
	}
}

func (p *params) readGrads(from autodiff.Program, grad []float32) {
	for i, n := range p.grads {
		from.Read(n, grad[p.ranges[i].from:p.ranges[i].to])
	}
}

// decay makes weights smaller by a fraction of themselves: decoupled weight decay (Loshchilov and Hutter,
// arXiv:1711.05101). Biases stay.
func (p *params) decay(share float64) {
	keep := float32(1 - share)
	for i, s := range p.specs {
		if len(s.Shape) > 1 {
			for k := range p.of(i) {
				p.of(i)[k] *= keep
			}
		}
	}
}

// Tensor implements nn.Params.
func (p *params) Tensor(name string, shape ...int) ([]float32, error) {
	for i, s := range p.specs {
		if s.Name == name {
			return append([]float32(nil), p.of(i)...), nil
		}
	}
	return nil, fmt.Errorf("train: no parameter %q of shape %v", name, shape)
}
