package render

import (
	"context"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// target gives some constants of terms their values.
type target struct {
	constants []*autodiff.Tensor
	values    func(ctx context.Context, d autodiff.Device) ([][]float32, error)
}

// fill computes the constants on a device.
func (t *Terms) fill(ctx context.Context, d autodiff.Device) error {
	for _, target := range t.targets {
		values, err := target.values(ctx, d)
		if err != nil {
			return err
		}
		for i, v := range values {
			target.constants[i].Data = v
		}
	}
	return nil
}

// colours returns the constant that is a picture at the size of a stage, H x W x 3 in 0..1.
func (t *Terms) colours(s Stage, im *Picture) *autodiff.Tensor {
	c := &autodiff.Tensor{Name: "content", Shape: autodiff.Shape{N: 1, H: s.Size.H, W: s.Size.W, C: 3}}
	t.targets = append(t.targets, target{[]*autodiff.Tensor{c}, func(context.Context, autodiff.Device) ([][]float32, error) {
		return [][]float32{resampled(im, s.Size, nn.UnitRange)}, nil
	}})
	return c
}

// features returns constants that are nodes of the graph of a picture, shown to the network at a size.
func (t *Terms) features(s Stage, im *Picture, size Size, build func(in loss.Inputs) []*autodiff.Node) []*autodiff.Tensor {
	g := autodiff.NewGraph()
	input := g.Input("picture", autodiff.Shape{N: 1, H: size.H, W: size.W, C: 3})
	nodes := build(loss.Of(input, s.Range, s.Model))
	constants := make([]*autodiff.Tensor, len(nodes))
	for i, n := range nodes {
		constants[i] = &autodiff.Tensor{Name: "target " + n.Name, Shape: n.Shape}
	}
	t.targets = append(t.targets, target{constants, func(ctx context.Context, d autodiff.Device) ([][]float32, error) {
		return evaluate(ctx, d, input, resampled(im, size, s.Range), nodes)
	}})
	return constants
}

// add adds a term.
func (t *Terms) add(term loss.Term) { t.Objective = append(t.Objective, term) }

// blend returns for each of several lists the constant that is the weighted mean of its members, which have one
// shape.
func (t *Terms) blend(lists [][]*autodiff.Tensor, weights []float64) []*autodiff.Tensor {
	means := make([]*autodiff.Tensor, len(lists))
	for i, list := range lists {
		if means[i] = list[0]; len(list) > 1 {
			means[i] = &autodiff.Tensor{Name: list[0].Name, Shape: list[0].Shape}
			t.targets = append(t.targets, target{means[i : i+1], func(context.Context, autodiff.Device) ([][]float32, error) {
				return [][]float32{loss.Blend(list, weights).Data}, nil
			}})
		}
	}
	return means
}

// evaluate returns the values of nodes of a graph for a value of its only input.
func evaluate(ctx context.Context, d autodiff.Device, input *autodiff.Node, x []float32, nodes []*autodiff.Node) (_ [][]float32, err error) {
	program, err := d.Load(autodiff.Compile(d, nodes...), 0)
	if err != nil {
		return nil, deviceError(ctx, err)
	}
	defer func() {
		if failed := program.Close(); err == nil { // also what Read could not say
			err = deviceError(ctx, failed)
		}
	}()
	program.Write(input, x)
	if err := program.Run(ctx); err != nil {
		return nil, deviceError(ctx, err)
	}
	values := make([][]float32, len(nodes))
	for i, n := range nodes {
		values[i] = make([]float32, n.Shape.Len())
		program.Read(n, values[i])
	}
	return values, nil
}

// resampled returns a picture's colours at a size, as values of a range.
func resampled(im *Picture, size Size, r nn.ValueRange) []float32 {
	src := im.Pix
	if im.W != size.W || im.H != size.H {
		src = imageio.Resample(im.Pix, im.W, im.H, 3, size.W, size.H, imageio.Bilinear)
	}
	x := make([]float32, len(src))
	for i, v := range src {
		x[i] = r.Pixel(i%3, v)
	}
	return x
}
