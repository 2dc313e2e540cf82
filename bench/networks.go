package bench

import (
	"fmt"
	"sync"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// The networks, each cut after the deepest layer that is used. Parameters are made at the first use.
var (
	vgg19     = sync.OnceValues(func() (*nn.Model, error) { return bind(nn.VGG19(), "relu5_1") })
	googLeNet = sync.OnceValues(func() (*nn.Model, error) { return bind(nn.GoogLeNet(), "inception_4c/output") })
)

func bind(net *nn.Network, last string) (*nn.Model, error) {
	cut, err := net.Cut(last)
	if err != nil {
		return nil, err
	}
	return nn.Bind(cut, Noise{})
}

// networks returns, for VGG-19 to relu5_1 and GoogLeNet to inception_4c, a forward pass and a step:
// loss and its gradient with respect to the picture.
func networks(size func(int) int) []Workload {
	var all []Workload
	for _, net := range []struct {
		name      string
		model     func() (*nn.Model, error)
		objective func(*nn.Model, int) (loss.Objective, error)
	}{
		{"vgg19", vgg19, styleObjective},
		{"googlenet", googLeNet, dreamObjective},
	} {
		for _, n := range []int{256, 512, 1024} {
			quick := n < 1024
			n = size(n)
			picture := autodiff.Shape{N: 1, H: n, W: n, C: 3}
			all = append(all,
				Workload{fmt.Sprintf("%s/%d/forward", net.name, n), quick, ByArithmetic, graph(func() ([]*autodiff.Node, error) {
					model, err := net.model()
					if err != nil {
						return nil, err
					}
					canvas := autodiff.NewGraph().Input("canvas", picture)
					last := model.Layers[len(model.Layers)-1].Name
					return []*autodiff.Node{model.Build(canvas, nn.UnitRange)[last]}, nil
				})},
				Workload{fmt.Sprintf("%s/%d/step", net.name, n), quick, ByArithmetic, graph(func() ([]*autodiff.Node, error) {
					model, err := net.model()
					if err != nil {
						return nil, err
					}
					objective, err := net.objective(model, n)
					if err != nil {
						return nil, err
					}
					canvas := autodiff.NewGraph().Input("canvas", picture)
					total := objective.Build(loss.Of(canvas, nn.UnitRange, model)).Total
					return []*autodiff.Node{total, autodiff.Gradient(total, canvas)[0]}, nil
				})})
		}
	}
	return all
}

// styleObjective compares Gram matrices at five layers and features at one, as neural-style does.
// The targets are noise, as large as activations.
func styleObjective(model *nn.Model, n int) (loss.Objective, error) {
	infos, err := model.Shapes(n, n, 3)
	if err != nil {
		return nil, err
	}
	shapes := map[string]autodiff.Shape{}
	for _, l := range infos {
		shapes[l.Name] = autodiff.Shape{N: 1, H: l.H, W: l.W, C: l.C}
	}
	target := func(layer string, s autodiff.Shape, most float64) *autodiff.Tensor {
		return &autodiff.Tensor{Name: layer, Shape: s, Data: noise(layer, s.Len(), 0, most)}
	}
	var o loss.Objective
	for _, l := range model.Style {
		c := shapes[l].C
		o = append(o, loss.StyleMean(l, 1, target(l, autodiff.Shape{N: 1, H: 1, W: c, C: c}, 1e4/float64(c))))
	}
	for _, l := range model.Content {
		o = append(o, loss.ContentMean(l, 1, target(l, shapes[l], 100)))
	}
	return o, nil
}

// dreamObjective amplifies the last layer.
func dreamObjective(model *nn.Model, _ int) (loss.Objective, error) {
	return loss.Objective{loss.L2(model.Layers[len(model.Layers)-1].Name, 1)}, nil
}
