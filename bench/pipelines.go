package bench

import (
	"context"
	"fmt"

	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// pipelines returns short but whole runs: from pictures and parameters to a picture, 10 steps at one size.
// They include making the parameters of VGG-19 and GoogLeNet, in place of reading a file.
func pipelines(size func(int) int) []Workload {
	const steps = 10
	n := size(256)
	style := func(net *nn.Network, params nn.Params) func(*render.Engine) (*Instance, error) {
		return func(e *render.Engine) (*Instance, error) {
			o := render.DefaultStyle(net)
			o.Size, o.Iterations, o.Scales = n, steps, 1
			// as other programs have it
			o.StyleLoss, o.StructureWeight = []render.WeightedLoss{{Loss: render.GramLoss, Weight: 1}}, 0
			o.Content, o.Styles = sample.Landscape(n, n, 1), []*render.Picture{sample.Painting(n, n, 1)}
			return pipeline(render.Style(o), net, params, e), nil
		}
	}
	dream := func(e *render.Engine) (*Instance, error) {
		net := nn.GoogLeNet()
		o := render.DefaultDream(net)
		o.Size, o.Iterations, o.Octaves = n, steps, 1
		o.Image = sample.Landscape(n, n, 1)
		return pipeline(render.Dream(o), net, Noise{}, e), nil
	}
	return []Workload{
		{fmt.Sprintf("style/builtin/%d", n), true, ByNothing, style(nn.Builtin(), zoo.BuiltinParams())},
		{fmt.Sprintf("style/vgg19/%d", n), false, ByNothing, style(nn.VGG19(), Noise{})},
		{fmt.Sprintf("dream/googlenet/%d", n), true, ByNothing, dream},
	}
}

// pipeline returns the instance that makes a job and runs it, whose output is the picture.
func pipeline(spec render.Spec, net *nn.Network, params nn.Params, e *render.Engine) *Instance {
	var last *render.Result
	return &Instance{
		Run: func(ctx context.Context) error {
			job, err := render.New(spec, net, params)
			if err != nil {
				return err
			}
			last, err = job.Run(ctx, e, render.Events{})
			return err
		},
		Outputs: func() [][]float32 { return [][]float32{last.Picture.Pix} },
		Close:   func() error { return nil },
	}
}
