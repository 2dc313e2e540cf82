package render

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/region"
)

// discMask returns a mask of w x h pixels that is white in the middle third.
func discMask(w, h int) *region.Mask {
	im := imageio.New(w, h)
	for i := range w * h {
		if math.Hypot(float64(i%w-w/2), float64(i/w-h/2)) < float64(h)/3 {
			copy(im.Pix[3*i:], []float32{1, 1, 1})
		}
	}
	return region.ReadMask(im)
}

// TestDreamInMask dreams in a disc. Outside, every bit must be the photograph's, and inside the picture must
// have changed about as much as without a mask.
func TestDreamInMask(t *testing.T) {
	o := tinyDream()
	o.Iterations, o.Octaves = 6, 3
	change := func(im *Picture) (in float64) {
		n := 0
		for i, v := range o.Image.Pix {
			d := math.Hypot(float64(i/3%96-48), float64(i/3/96-36))
			if d < 18 {
				in, n = in+math.Abs(float64(v-im.Pix[i])), n+1
			}
			if o.Where != nil && d > 24.5 && v != im.Pix[i] {
				t.Fatalf("%.1f pixels from the centre a value is %v, and %v in the photograph", d, im.Pix[i], v)
			}
		}
		return in / float64(n)
	}
	run := func() float64 {
		r, err := o.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return change(r.Picture)
	}
	without := run()
	o.Mask, o.Where = PictureGiven, discMask(96, 72)
	with := run()
	t.Logf("inside, the picture changes by %.3f, without a mask by %.3f", with, without)
	if !(with > without/2 && with < 2*without) {
		t.Errorf("inside, the picture changes by %.3f, without a mask by %.3f", with, without)
	}
}

// TestWhiteMask compares a mask that is white all over with none.
func TestWhiteMask(t *testing.T) {
	o := tinyDream()
	want, err := o.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	white := imageio.New(20, 15)
	for i := range white.Pix {
		white.Pix[i] = 1
	}
	o.Mask, o.Where = PictureGiven, region.ReadMask(white)
	got, err := o.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Picture.Pix, want.Picture.Pix) {
		t.Error("a white mask changes the dream")
	}
	o.Where = region.ReadMask(imageio.New(20, 15))
	_, err = o.run(context.Background())
	if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != "mask" {
		t.Errorf("a black mask gives %v", err)
	}
}
