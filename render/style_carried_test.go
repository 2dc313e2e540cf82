package render

import (
	"math"
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

// TestRefined checks that a content that was only reduced comes back, and that what was made of it is added.
func TestRefined(t *testing.T) {
	o := tinyStyle()
	small, large := Size{32, 24}, Size{64, 48}
	want := resampled(o.Content, large, nn.UnitRange)
	reduced := imageio.Resample(want, large.W, large.H, 3, small.W, small.H, imageio.Bicubic)
	got := o.refined(carried{slices.Clone(reduced), small}, large, nn.UnitRange)
	if d := largest(got, want); d > 1e-6 {
		t.Errorf("the content differs by %v", d)
	}
	for i := range reduced {
		reduced[i] += 0.25
	}
	got = o.refined(carried{reduced, small}, large, nn.UnitRange)
	for i := range want {
		want[i] += 0.25
	}
	if d := largest(got, want); d > 1e-6 {
		t.Errorf("the change differs by %v", d)
	}
}

func largest(a, b []float32) (d float64) {
	for i, v := range a {
		d = max(d, math.Abs(float64(v-b[i])))
	}
	return d
}

// TestLargeStrokesStay checks that a size adds to what the one before has painted: reduced to that size, the
// picture is nearer to what it began from than to the photograph.
func TestLargeStrokesStay(t *testing.T) {
	o := styleTrial{DefaultStyle(nn.Builtin()), tinyStyle().trial}
	o.Content, o.Styles = landscape(192, 144, 1), []*Picture{painting(160, 128, 1)}
	o.Size, o.Scales, o.Iterations = 64, 1, 20
	small := mustStyle(t, o).Picture
	o.Size, o.Scales, o.CoarseIterations, o.Iterations = 128, 2, []int{20}, 40
	large := mustStyle(t, o).Picture.At(small.W, small.H)
	photo := o.Content.At(small.W, small.H)
	lost, painted := rms(large.Pix, small.Pix), rms(photo.Pix, small.Pix)
	t.Logf("%.4f is lost of %.4f", lost, painted)
	if !(lost < painted/2) {
		t.Errorf("%.4f of what was painted is lost, of %.4f", lost, painted)
	}
}

func rms(a, b []float32) float64 {
	var sum float64
	for i, v := range a {
		sum += float64(v-b[i]) * float64(v-b[i])
	}
	return math.Sqrt(sum / float64(len(a)))
}
