package main

import (
	"context"

	"oneiro/internal/imageio"
	"oneiro/judge"
	"oneiro/render"
)

// critic is a trained network that no picture was made with, and the layers that it judges by.
type critic struct {
	name, model, weights string
	style                []string // layers whose distributions of features are compared
	content              string   // layer whose self-similarity is compared
	judge                *judge.Judge
}

// critics returns critics of two families of networks, since each has its own preferences.
func critics() []*critic {
	return []*critic{
		{
			name: "vgg19-16x", model: "vgg19-16x", weights: "vgg19_16x.npz",
			style: []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"}, content: "relu4_1",
		},
		{
			name: "googlenet", model: "googlenet", weights: "googlenet_bvlc",
			style: []string{"conv2/relu", "inception_3a/output", "inception_3b/output",
				"inception_4a/output", "inception_4b/output"}, content: "inception_3b/output",
		},
	}
}

// open reads the parameters of the critic.
func (c *critic) open(shared string, e *render.Engine) error {
	network, params, done, err := open(c.model, c.weights, "", shared)
	if err != nil {
		return err
	}
	defer done()
	c.judge, err = judge.NewAt(network, params, e.Device, c.style, []string{c.content})
	return err
}

// jury are the critics, with what they see in a pair of pictures.
type jury struct {
	critics    []*critic
	pair       [2]*imageio.Image
	references []*judge.Reference
}

// score has a result judged by all. What they see in the pair is kept for the next result of that pair.
func (j *jury) score(ctx context.Context, result, content, style *imageio.Image) (v verdict, err error) {
	if pair := [2]*imageio.Image{content, style}; j.pair != pair {
		made := judge.Pictures{Content: content, Styles: []judge.Style{{Picture: style, Weight: 1, Scale: 1}}}
		j.pair, j.references = pair, nil
		for _, c := range j.critics {
			r, err := c.judge.Reference(ctx, result.W, result.H, made)
			if err != nil {
				return v, err
			}
			j.references = append(j.references, r)
		}
	}
	for i, r := range j.references {
		s, err := r.Score(ctx, result)
		if err != nil {
			return v, err
		}
		v.scores, v.styles = append(v.scores, s), append(v.styles, s.StyleLayers)
		if i == 0 {
			v.distance = s.Content
		}
	}
	return v, nil
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
