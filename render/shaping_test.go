package render

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff/optim"
)

// shapedDream runs a small dream of one size.
func shapedDream(t *testing.T, change func(o *DreamOptions)) *Picture {
	t.Helper()
	d := tinyDream()
	d.Octaves, d.Iterations = 1, 6
	change(&d.DreamOptions)
	r, err := d.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r.Picture
}

// TestLapIsCoarser checks that bands of gradients leave less of a dream to its finest details.
func TestLapIsCoarser(t *testing.T) {
	fine := func(bands int) float64 {
		im := shapedDream(t, func(o *DreamOptions) { o.Lap = bands })
		base := resampled(tinyDream().Image, sizeOf(im), eightBit)
		change := make([]float32, len(base))
		for i, v := range base {
			change[i] = im.Pix[i] - v/255
		}
		var all, band float64
		for i, v := range fineBand(change, sizeOf(im)) {
			band += float64(v) * float64(v)
			all += float64(change[i]) * float64(change[i])
		}
		return band / all
	}
	if with, without := fine(4), fine(0); !(with < 0.6*without) {
		t.Errorf("%v of the change are fine with bands, %v without", with, without)
	}
}

// TestGrayGradientKeepsColours compares differences of channels, which only change where a value is clamped.
func TestGrayGradientKeepsColours(t *testing.T) {
	im := shapedDream(t, func(o *DreamOptions) { o.GrayGradient, o.LearningRate = true, 0.5 })
	base := tinyDream().Image
	kept, moved := 0, 0
	for i := 0; i < len(im.Pix); i += 3 {
		if p, q := im.Pix[i:i+3], base.Pix[i:i+3]; slices.Min(p) > 0 && slices.Max(p) < 1 {
			if p[0] != q[0] {
				moved++
			}
			if math.Abs(float64((p[0]-p[1])-(q[0]-q[1])))+math.Abs(float64((p[1]-p[2])-(q[1]-q[2]))) < 1e-5 {
				kept++
			}
		}
	}
	if all := len(im.Pix) / 3; kept < 9*all/10 || moved < all/2 {
		t.Errorf("of %d pixels %d moved and %d kept their colours", all, moved, kept)
	}
}

// TestGradientBlur compares with the definition in float64 in the middle of a picture, where no edge is near.
func TestGradientBlur(t *testing.T) {
	size := Size{41, 37}
	s := Shaping{Blur: 1}.shaper(size, optim.NewHost(nil, nil), room{})
	s.before(1, 4) // a deviation of 1·2/4 + 0.5
	grad := make([]float32, 3*size.W*size.H)
	grad[3*(18*size.W+20)+1] = 1
	if err := s.shape(grad); err != nil {
		t.Fatal(err)
	}
	var sum float64
	for i, v := range grad {
		sum += float64(v)
		x, y := float64(i/3%size.W-20), float64(i/3/size.W-18)
		var want float64
		for _, d := range []float64{0.5, 1, 2} {
			if reach := math.Ceil(3 * d); i%3 == 1 && math.Abs(x) <= reach && math.Abs(y) <= reach {
				want += math.Exp(-(x*x+y*y)/(2*d*d)) / (2 * math.Pi * d * d) / 3
			}
		}
		if !(math.Abs(float64(v)-want) <= 0.01) { // a sampled Gaussian of 0.5 pixels sums to 1.0 but for 1 %
			t.Fatalf("element %d is %v, want %v", i, v, want)
		}
	}
	if !(math.Abs(sum-1) < 1e-5) {
		t.Errorf("the sum is %v", sum)
	}
}

// TestGradientNorm checks what --lr is the size of, in the first step of a dream without octaves.
func TestGradientNorm(t *testing.T) {
	base := tinyDream().Image
	for norm, size := range map[string]func(d []float64) float64{
		normMean: func(d []float64) (sum float64) {
			for _, v := range d {
				sum += math.Abs(v) / float64(len(d))
			}
			return sum
		},
		normStd: func(d []float64) float64 {
			var sum, square float64
			for _, v := range d {
				sum, square = sum+v, square+v*v
			}
			n := float64(len(d))
			return math.Sqrt(square/n - sum*sum/(n*n))
		},
	} {
		im := shapedDream(t, func(o *DreamOptions) { o.GradientNorm, o.Iterations, o.LearningRate = norm, 1, 0.5 })
		change := make([]float64, len(im.Pix))
		for i, v := range im.Pix {
			change[i] = float64(v-base.Pix[i]) * 255
		}
		if got := size(change); !(math.Abs(got-0.5) < 0.02) { // a few are clamped
			t.Errorf("%s: the change is %v, want 0.5", norm, got)
		}
	}
}

// TestOctaveMode checks what a size starts from.
func TestOctaveMode(t *testing.T) {
	o := tinyDream().DreamOptions
	before, small, large := make([]float32, 3*48*36), Size{48, 36}, Size{96, 72}
	for i := range before {
		before[i] = 0.5
	}
	s := Stage{Size: large}
	o.OctaveMode = octavePlain
	for i, v := range (dreamSchedule{&o}).Start(s, before, small, nil) {
		if !(math.Abs(float64(v)-0.5) < 1e-6) {
			t.Fatalf("plain: element %d is %v", i, v)
		}
	}
	o.OctaveMode = octaveDetail
	same := resampled(o.Image, small, eightBit)
	for i := range same {
		same[i] /= 255
	}
	want := resampled(o.Image, large, eightBit)
	for i, v := range (dreamSchedule{&o}).Start(s, same, small, nil) {
		if !(math.Abs(float64(v-want[i]/255)) < 1e-5) {
			t.Fatalf("detail: element %d is %v, want the photograph's %v", i, v, want[i]/255)
		}
	}
}

func TestOctaveIterations(t *testing.T) {
	d := tinyDream()
	d.Octaves, d.OctaveIterations = 3, []int{1, 4}
	job, err := New(Dream(d.DreamOptions), d.Network, d.Params)
	if err != nil {
		t.Fatal(err)
	}
	if n := job.Steps(); n != 1+4+4 {
		t.Errorf("%d steps, want 9", n)
	}
}

// TestRandomTurn checks that the network sees something else, and that places in the picture are refused.
func TestRandomTurn(t *testing.T) {
	still := shapedDream(t, func(*DreamOptions) {})
	turned := shapedDream(t, func(o *DreamOptions) { o.RandomTurn, o.RandomZoom = 20, 0.1 })
	if slices.Equal(still.Pix, turned.Pix) {
		t.Error("the dream is the same")
	}
	for _, text := range []string{"neuron=3", "caricature", "l2,content:weight=0.1"} {
		d := aimingDream(t, text)
		d.RandomTurn = 3
		if _, err := New(Dream(d.DreamOptions), d.Network, d.Params); err == nil || !strings.Contains(err.Error(),
			"tied to places") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
