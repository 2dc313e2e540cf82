//go:build cuda

package cuda_test

import (
	"context"
	"errors"
	"math"
	"os"
	"testing"

	"oneiro/bench"
	"oneiro/cuda/internal/simt"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/weights"
)

// TestRuns paints and dreams on a card and on the processor: for five steps losses are the same but for
// rounding. The stand-in gets the built-in network and few pixels; a real card (ONEIRO_CUDA=real) also
// VGG-19 and GoogLeNet, with parameters at random.
func TestRuns(t *testing.T) {
	real := os.Getenv("ONEIRO_CUDA") == "real"
	if !real && os.Getenv("ONEIRO_CUDA_LIB") == "" {
		t.Setenv("ONEIRO_CUDA_LIB", simt.Library(t, simt.Options{}))
	}
	style := func(net *nn.Network, params nn.Params, size int) func(context.Context, *render.Engine, func(render.Event)) error {
		return func(ctx context.Context, e *render.Engine, onEvent func(render.Event)) error {
			o := render.DefaultStyle(net)
			o.Params, o.Engine, o.OnEvent, o.EventEvery = params, e, onEvent, 1
			o.Size, o.Scales, o.Iterations = size, 1, 6
			o.Content, o.Styles = sample.Landscape(size, size, 1), []*render.Picture{sample.Painting(size, size, 1)}
			_, err := render.Style(ctx, o)
			return err
		}
	}
	dream := func(net *nn.Network, params nn.Params, size int) func(context.Context, *render.Engine, func(render.Event)) error {
		return func(ctx context.Context, e *render.Engine, onEvent func(render.Event)) error {
			o := render.DefaultDream(net)
			o.Params, o.Engine, o.OnEvent, o.EventEvery = params, e, onEvent, 1
			o.Size, o.Octaves, o.Iterations = size, 1, 6
			o.Image = sample.Landscape(size, size, 1)
			_, err := render.Dream(ctx, o)
			return err
		}
	}
	for _, c := range []struct {
		name string
		run  func(context.Context, *render.Engine, func(render.Event)) error
		slow bool // on the stand-in
	}{
		{"style/builtin", style(nn.Builtin(), weights.Builtin(), 20), false},
		{"dream/builtin", dream(nn.Builtin(), weights.Builtin(), 20), false},
		{"style/vgg19", style(nn.VGG19(), bench.Noise{}, 96), true},
		{"dream/googlenet", dream(nn.GoogLeNet(), bench.Noise{}, 96), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.slow && !real {
				t.Skip("hours on the stand-in")
			}
			losses := func(device string) (all []float64) {
				e, err := render.NewEngine(render.EngineOptions{Device: device})
				if err != nil {
					t.Fatal(err)
				}
				defer e.Close()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err = c.run(ctx, e, func(ev render.Event) {
					if ev.Kind != render.EventStep {
						return
					}
					if all = append(all, ev.Loss); len(all) == 5 {
						cancel() // the report at the end costs as much as the steps
					}
				})
				if !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				return all
			}
			want, got := losses("cpu"), losses("cuda")
			if len(want) != 5 || len(got) != 5 {
				t.Fatalf("%d steps on the processor, %d on the card", len(want), len(got))
			}
			for i, w := range want {
				if !(math.Abs(got[i]-w) <= 1e-4*math.Abs(w)) {
					t.Errorf("losses are %v on the card, on the processor %v", got, want)
					break
				}
			}
		})
	}
}
