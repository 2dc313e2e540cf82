package render

import (
	"context"
	"math"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

// TestNeuralStyleTrace follows the losses of the program neural-style-pt, run on the same pictures
// and weights. L-BFGS without a line search amplifies differences in the last bit: late iterations
// are another path to the same place.
func TestNeuralStyleTrace(t *testing.T) {
	for _, name := range []string{"lbfgs", "adam"} {
		t.Run(name, func(t *testing.T) {
			var golden struct {
				ContentWeight float64 `json:"content_weight"`
				StyleWeight   float64 `json:"style_weight"`
				TVWeight      float64 `json:"tv_weight"`
				Optimizer     Optimizer
				Rate          float64 `json:"learning_rate"`
				History       int     `json:"lbfgs_num_correction"`
				Pooling       string
				ContentLayers []string `json:"content_layers"`
				StyleLayers   []string `json:"style_layers"`
				Rows          []struct {
					Content, Style []float64
					Total          float64
				}
			}
			readJSON(t, shared(t, "golden/neural-style-pt_"+name+".json"), &golden)
			net := nn.VGG19()
			if golden.Pooling == "avg" {
				net = net.WithPooling(nn.AvgPool)
			}
			o := NeuralStylePT(net)
			o.Size, o.Iterations, o.Init, o.EventEvery = 128, len(golden.Rows), InitContent, 1
			o.Content = readPicture(t, shared(t, "golden/content_128x96.png"))
			o.Styles = []*imageio.Image{readPicture(t, shared(t, "golden/style_128x112.png"))}
			o.Params = openWeights(t, shared(t, "weights/vgg19_hybrid.npz"))
			o.ContentWeight, o.StyleWeight, o.TVWeight = golden.ContentWeight, golden.StyleWeight, golden.TVWeight
			o.ContentLayers, o.StyleLayers = golden.ContentLayers, golden.StyleLayers
			o.Optimizer, o.Rate = golden.Optimizer, golden.Rate
			if golden.History > 0 {
				o.History = golden.History
			}
			eachTier(t, func(t *testing.T, e *Engine) {
				if e.Machine.Kernels.Name == "generic" {
					t.Skip("one minute long; the kernels' parity is tested elsewhere")
				}
				o.Engine = e
				var events []Event
				o.OnEvent = func(ev Event) {
					if ev.Kind == EventStep {
						events = append(events, ev)
					}
				}
				if _, err := Style(context.Background(), o); err != nil {
					t.Fatal(err)
				}
				for i, row := range golden.Rows {
					within := 0.001
					switch {
					case i == len(golden.Rows)-1:
						within = 0.05
					case i >= 20:
						within = math.Inf(1)
					case i >= 5:
						within = 0.02
					}
					check := func(name string, got, want float64) {
						rel := math.Abs(got-want) / math.Abs(want)
						if name == "total" {
							t.Logf("iteration %2d  %14.6g  %14.6g  %.1e", i+1, got, want, rel)
						}
						if want != 0 && !(rel <= within) {
							t.Errorf("iteration %d: %s is %g, want %g within %g", i+1, name, got, want, within)
						}
					}
					check("total", events[i].Loss, row.Total)
					for k, v := range row.Content {
						check("content", events[i].Terms[k].Value, v)
					}
					for k, v := range row.Style {
						check(o.StyleLayers[k], events[i].Terms[len(row.Content)+k].Value, v)
					}
				}
			})
		})
	}
}
