//go:build cuda

package cuda_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"oneiro/cuda/internal/simt"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// TestResume goes on with runs on a GPU, whose vectors lie there, from a state in the middle: the result has
// to have the same bits.
func TestResume(t *testing.T) {
	if os.Getenv("ONEIRO_CUDA") != "real" && os.Getenv("ONEIRO_CUDA_LIB") == "" {
		t.Setenv("ONEIRO_CUDA_LIB", simt.Library(t, simt.Options{}))
	}
	const size = 16
	net, params := nn.Builtin(), zoo.BuiltinParams()
	specs := map[string]render.Spec{}
	for _, optimizer := range render.Optimizers {
		o := render.DefaultStyle(net)
		o.Size, o.Scales, o.Iterations, o.Optimizer, o.History = size, 1, 4, optimizer, 2
		o.ContentLayers, o.StyleLayers = []string{"relu2_1"}, []string{"relu1_1"} // the stand-in is slow
		o.Content, o.Styles = sample.Landscape(size, size, 1), []*render.Picture{sample.Painting(size, size, 1)}
		specs["style "+string(optimizer)] = render.Style(o)
	}
	e, err := render.NewEngine(render.EngineOptions{Device: "cuda"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for name, spec := range specs {
		states := map[int][]byte{}
		run := func(from []byte) *render.Result {
			job, err := render.New(spec, net, params)
			if err != nil {
				t.Fatal(err)
			}
			job.Plans(e)
			if from != nil {
				path := filepath.Join(t.TempDir(), "checkpoint")
				if err := os.WriteFile(path, from, 0o666); err != nil {
					t.Fatal(err)
				}
				c, err := render.OpenCheckpoint(path)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if err := job.Resume(c); err != nil {
					t.Fatal(err)
				}
			}
			res, err := job.Run(context.Background(), e, render.Events{Checkpoints: render.Checkpoints{
				Save: func(s *render.State) {
					var b bytes.Buffer
					if err := s.Write(&b, render.Recipe{}, nil); err != nil {
						t.Error(err)
					}
					states[s.Step()] = b.Bytes()
				},
			}})
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		want := run(nil)
		if len(states) < 3 {
			t.Fatalf("%s: %d states", name, len(states))
		}
		if got := run(states[2]); !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
			t.Errorf("%s: the picture differs", name)
		}
	}
}
