package main

import (
	"context"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
	"oneiro/render"
)

// judge is a trained network that no picture was made with, and the layers that it judges by.
type judge struct {
	name, model, weights string
	style                []string // layers whose Gram matrices are compared with the style's
	content              string   // layer whose features are compared with the content's; may be empty
	net                  *nn.Model
}

// judges returns judges of two families of networks, since each has its own preferences.
func judges() []*judge {
	return []*judge{
		{
			name: "vgg19-16x", model: "vgg19-16x", weights: "vgg19_16x.npz",
			style: []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"}, content: "relu4_1",
		},
		{
			name: "googlenet", model: "googlenet", weights: "googlenet_bvlc",
			style: []string{"conv2/relu", "inception_3a/output", "inception_3b/output",
				"inception_4a/output", "inception_4b/output"},
		},
	}
}

// open reads the parameters of the judge.
func (j *judge) open(shared string) error {
	network, params, done, err := open(j.model, j.weights, "", shared)
	if err != nil {
		return err
	}
	defer done()
	if network, err = network.Cut(j.layers()...); err != nil {
		return err
	}
	j.net, err = nn.Bind(network, params)
	return err
}

func (j *judge) layers() []string {
	if j.content == "" {
		return j.style
	}
	return append([]string{j.content}, j.style...)
}

// impression is what a judge sees in a picture.
type impression struct {
	grams   [][]float32 // of each style layer
	content []float32   // features; nil for a judge of style only
}

// look shows a picture to the judge.
func (j *judge) look(ctx context.Context, e *render.Engine, im *imageio.Image) (impression, error) {
	g := autodiff.NewGraph()
	picture := g.Input("picture", autodiff.Shape{N: 1, H: im.H, W: im.W, C: 3})
	in := loss.Of(picture, nn.UnitRange, j.net)
	var nodes []*autodiff.Node
	for _, l := range j.style {
		nodes = append(nodes, loss.Gram(in, l))
	}
	if j.content != "" {
		nodes = append(nodes, in.Layers[j.content])
	}
	program, err := e.Device.Load(autodiff.Compile(e.Device, nodes...), 0)
	if err != nil {
		return impression{}, err
	}
	defer program.Close()
	program.Write(picture, im.Pix)
	if err := program.Run(ctx); err != nil {
		return impression{}, err
	}
	seen := make([][]float32, len(nodes))
	for i, n := range nodes {
		seen[i] = make([]float32, n.Shape.Len())
		program.Read(n, seen[i])
	}
	out := impression{grams: seen[:len(j.style)]}
	if j.content != "" {
		out.content = seen[len(j.style)]
	}
	return out, nil
}

// styleDistances returns how far the Gram matrix of each layer is from the style's.
func styleDistances(result, style impression) []float64 {
	out := make([]float64, len(style.grams))
	for i, g := range style.grams {
		out[i] = relative(result.grams[i], g)
	}
	return out
}

// relative returns |x-target|²/|target|²: 0 if they are equal, 1 if x is 0.
func relative(x, target []float32) float64 {
	var distance, size float64
	for i, t := range target {
		d := float64(x[i]) - float64(t)
		distance += d * d
		size += float64(t) * float64(t)
	}
	return distance / size
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
