package bench

import (
	"context"
	"fmt"

	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// pipelines returns whole runs that are short: from pictures and parameters to a picture, 10 steps
// at one size. Making the parameters of VGG-19 and GoogLeNet is part of them, as reading a file is.
func pipelines(size func(int) int) []Workload {
	const steps = 10
	n := size(256)
	style := func(net *nn.Network, params nn.Params) func(*render.Engine) (*Instance, error) {
		return func(e *render.Engine) (*Instance, error) {
			o := render.DefaultStyle(net)
			o.Params, o.Engine, o.Size, o.Iterations, o.Scales = params, e, n, steps, 1
			o.Content, o.Styles = sample.Landscape(n, n, 1), []*render.Picture{sample.Painting(n, n, 1)}
			return pipeline(func(ctx context.Context) (*render.Result, error) { return render.Style(ctx, o) }), nil
		}
	}
	dream := func(e *render.Engine) (*Instance, error) {
		o := render.DefaultDream(nn.GoogLeNet())
		o.Params, o.Engine, o.Size, o.Iterations, o.Octaves = Noise{}, e, n, steps, 1
		o.Image = sample.Landscape(n, n, 1)
		return pipeline(func(ctx context.Context) (*render.Result, error) { return render.Dream(ctx, o) }), nil
	}
	return []Workload{
		{fmt.Sprintf("style/builtin/%d", n), true, ByNothing, style(nn.Builtin(), zoo.BuiltinParams())},
		{fmt.Sprintf("style/vgg19/%d", n), false, ByNothing, style(nn.VGG19(), Noise{})},
		{fmt.Sprintf("dream/googlenet/%d", n), true, ByNothing, dream},
	}
}

// pipeline returns the instance that does a run, whose output is the picture.
func pipeline(run func(context.Context) (*render.Result, error)) *Instance {
	var last *render.Result
	return &Instance{
		Run: func(ctx context.Context) (err error) {
			last, err = run(ctx)
			return err
		},
		Outputs: func() [][]float32 { return [][]float32{last.Picture.Pix} },
		Close:   func() error { return nil },
	}
}
