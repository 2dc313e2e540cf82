package render

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// hidden returns a picture whose right part is clear, with colours under it that differ with k.
func hidden(w, h, k int) *Picture {
	im := painting(w, h, 1)
	im.Pix = slices.Clone(im.Pix)
	im.Alpha = make([]float32, w*h)
	for i := range im.Alpha {
		switch x := i % w; {
		case x < w/2:
			im.Alpha[i] = 1
		case x == w/2:
			im.Alpha[i] = 0.5
		default:
			for c := range 3 {
				im.Pix[3*i+c] = float32((i*7+k*c)%11) / 10
			}
		}
	}
	return im
}

// TestHiddenColours runs the same with other colours under clear pixels: they must not matter.
func TestHiddenColours(t *testing.T) {
	for name, at := range map[string]func(o *styleTrial, im *Picture){
		"style":            func(o *styleTrial, im *Picture) { o.Styles = []*imageio.Image{im} },
		"content":          func(o *styleTrial, im *Picture) { o.Content = im },
		"picture to start": func(o *styleTrial, im *Picture) { o.Init, o.InitImage = InitPicture, im },
	} {
		for _, size := range []int{0, 56} { // as it is, and resampled
			var got [2][]float32
			for k := range got {
				o := tinyStyle()
				o.Size, o.Iterations, o.Scales = size, 2, 1
				at(&o, hidden(64, 48, 1+k))
				got[k] = mustStyle(t, o).Picture.Pix
			}
			if !slices.Equal(got[0], got[1]) {
				t.Errorf("%s at %d: what is under clear pixels changes the result", name, size)
			}
		}
	}
}

// TestOpacityWeightsStyle compares the statistics of a picture whose right part is clear with those of its left
// part alone: they must be far closer to these than those of the picture on white. A picture that is opaque all
// over, but has an opacity, must have the very statistics of one that has none.
func TestOpacityWeightsStyle(t *testing.T) {
	grams := func(im *Picture) [][]float32 {
		o := tinyStyle()
		o.Styles, o.Size, o.Scales, o.Iterations = []*imageio.Image{im}, 64, 1, 1
		return styleTargets(t, o)
	}
	whole := painting(64, 64, 1)
	left := imageio.New(32, 64)
	clear := imageio.New(64, 64)
	clear.Alpha = make([]float32, 64*64)
	for y := range 64 {
		copy(left.Pix[y*32*3:][:32*3], whole.Pix[y*64*3:])
		copy(clear.Pix[y*64*3:][:32*3], whole.Pix[y*64*3:])
		for x := range 32 {
			clear.Alpha[y*64+x] = 1
		}
	}
	want, got, white := grams(left), grams(clear), grams(clear.OnWhite())
	for i := range want {
		near, far := distance(got[i], want[i]), distance(white[i], want[i])
		t.Logf("layer %d: %.3f, on white %.3f", i, near, far)
		if i < 3 {
			far /= 3
		}
		if !(near < far) {
			t.Errorf("layer %d: the statistics differ by %.3f from those of the part that is seen, limit %.3f",
				i, near, far)
		}
	}
	opaque := painting(64, 64, 1)
	opaque.Alpha = slices.Repeat([]float32{1}, 64*64)
	for i, g := range grams(opaque) {
		if !slices.Equal(g, grams(whole)[i]) {
			t.Errorf("layer %d: an opacity of 1 changes bits", i)
		}
	}
}

// styleTargets returns the Gram matrices that the last size of a style transfer aims at.
func styleTargets(t *testing.T, o styleTrial) (grams [][]float32) {
	t.Helper()
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := job.Read(e); err != nil {
		t.Fatal(err)
	}
	terms := job.spec.Objective.Terms(job.stage(len(job.sizes) - 1))
	graphs := terms.compile(e.Device)
	if err := terms.fill(context.Background(), e.Device); err != nil {
		t.Fatal(err)
	}
	for _, f := range graphs {
		for _, c := range f.constants {
			if strings.HasPrefix(c.Name, "target gram") {
				grams = append(grams, c.Data)
			}
		}
	}
	if len(grams) != len(o.StyleLayers) {
		t.Fatalf("%d Gram matrices", len(grams))
	}
	return grams
}

// distance returns how far a is from b, relative to b.
func distance(a, b []float32) float64 {
	var d, n float64
	for i, v := range b {
		d += math.Pow(float64(a[i])-float64(v), 2)
		n += math.Pow(float64(v), 2)
	}
	return math.Sqrt(d / n)
}

// TestAllClear refuses a style picture of which nothing is seen.
func TestAllClear(t *testing.T) {
	o := tinyStyle()
	im := painting(64, 48, 1)
	im.Alpha = make([]float32, 64*48)
	o.Styles = []*imageio.Image{im}
	if _, err := o.run(context.Background()); err == nil || !strings.Contains(err.Error(), "transparent") {
		t.Errorf("got %v", err)
	}
}

// TestOffWhite runs with a content that is half clear: on white, the result is what the run has made of the
// content on white.
func TestOffWhite(t *testing.T) {
	o := tinyStyle()
	o.Iterations, o.Scales, o.Size = 2, 1, 0
	o.Content = hidden(64, 48, 1)
	for i := range o.Content.Alpha {
		o.Content.Alpha[i] = max(o.Content.Alpha[i], 0.75)
	}
	got := mustStyle(t, o).Picture
	o.Content = o.Content.OnWhite()
	want := mustStyle(t, o).Picture.Pix
	for i, v := range got.OnWhite().Pix {
		lost := got.Pix[i] == 0 || got.Pix[i] == 1 // no colour looks like that on white
		if d := math.Abs(float64(v - want[i])); d > 1e-6 && !lost {
			t.Fatalf("value %d is %v on white, want %v", i, v, want[i])
		}
	}
}

// TestMiddle shows a network nothing of what is hidden, white in its place, and of a long picture no more than
// the middle.
func TestMiddle(t *testing.T) {
	middle := func(im *Picture, side int) []float32 {
		return im.Shown(imageio.Middle(side, 1)(im.W, im.H)).OnWhite().Pix
	}
	a, b := middle(hidden(64, 48, 1), 24), middle(hidden(64, 48, 2), 24)
	if !slices.Equal(a, b) || a[23*3] != 1 || a[0] == 1 {
		t.Errorf("corners are %v and %v", a[:3], a[23*3:24*3])
	}
	if long := middle(imageio.New(20000, 1), 224); len(long) != 224*224*3 {
		t.Errorf("%d values", len(long))
	}
}
