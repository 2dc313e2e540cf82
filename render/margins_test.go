package render

import (
	"context"
	"image"
	"path/filepath"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
)

// framed returns a picture with a margin around it: as wide as widths says at the top, right, bottom and
// left, more or less by a few pixels if it is ragged, and of a colour with some texture.
func framed(im *Picture, widths [4]int, ragged int, colour [3]float32) *Picture {
	out := imageio.New(im.W, im.H)
	copy(out.Pix, im.Pix)
	for i := range im.W * im.H {
		x, y := i%im.W, i/im.W
		along := [4]int{x, y, x, y}
		for side, d := range [4]int{y, im.W - 1 - x, im.H - 1 - y, x} {
			more := 0
			if ragged > 0 {
				more = (along[side]/9*7)%ragged - ragged/2
			}
			if widths[side] > 0 && d < widths[side]+more {
				for k := range 3 {
					out.Pix[3*i+k] = colour[k] + 0.02*float32((x*7+y*13)%5-2)
				}
			}
		}
	}
	return out
}

// TestMargins draws margins around paintings without any.
func TestMargins(t *testing.T) {
	plain := painting(400, 300, 3)
	for _, im := range []*Picture{plain, landscape(400, 300, 2), painting(200, 320, 5), imageio.New(50, 40), imageio.New(1, 1)} {
		if m, err := findMargins(im, 0); err != nil || m != (Margins{}) {
			t.Errorf("a picture of %dx%d without margins has %v, %v", im.W, im.H, m, err)
		}
	}
	for name, c := range map[string]struct {
		widths [4]int
		ragged int
		colour [3]float32
	}{
		"a scanner's black":          {[4]int{6, 9, 4, 20}, 0, [3]float32{0.05, 0.05, 0.05}},
		"paper on two sides":         {[4]int{0, 12, 5, 0}, 0, [3]float32{0.92, 0.9, 0.84}},
		"canvas with an uneven edge": {[4]int{0, 9, 0, 0}, 4, [3]float32{0.85, 0.8, 0.7}},
	} {
		m, err := findMargins(framed(plain, c.widths, c.ragged, c.colour), 0)
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range [4]int{m.Top, m.Right, m.Bottom, m.Left} {
			want := c.widths[i]
			if want == 0 && n != 0 || want > 0 && !(n >= want && n <= want+4) {
				t.Errorf("%s: side %d: %d pixels, want %d", name, i, n, want)
			}
		}
	}
	// A part of the picture that is wider than any margin stays.
	if m, _ := findMargins(framed(plain, [4]int{0, 0, 70, 0}, 0, [3]float32{0.9, 0.9, 0.9}), 0); m != (Margins{}) {
		t.Errorf("a broad stripe is a margin: %v", m)
	}
}

// TestMarginsOfPaintings looks at scans: canvas beside the starry night, paper around the wave, and
// nothing with the others, nor with photographs.
func TestMarginsOfPaintings(t *testing.T) {
	const top, right, bottom, left = 1, 2, 4, 8
	want := map[string]int{"starry_night_google.jpg": right | bottom | left, "wave.jpg": top | right | bottom}
	for _, folder := range []string{"style", "content"} {
		files, err := filepath.Glob(filepath.Join(fixture.Shared(t, "images/"+folder), "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			im, err := OpenPicture(path)
			if err != nil {
				t.Fatal(err)
			}
			if max(im.W, im.H) > 1500 && folder == "content" {
				continue // takes long to read
			}
			m, err := findMargins(im, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := 0
			for i, n := range [4]int{m.Top, m.Right, m.Bottom, m.Left} {
				if n > 0 {
					got |= 1 << i
				}
			}
			if got != want[filepath.Base(path)] {
				t.Errorf("%s of %dx%d: %v", filepath.Base(path), im.W, im.H, m)
			}
		}
	}
}

// TestStyleCrop runs with a margin left out: that is a run with the picture that is inside it.
func TestStyleCrop(t *testing.T) {
	inside := painting(96, 72, 3)
	whole := imageio.New(104, 80)
	for i := range whole.Pix {
		whole.Pix[i] = 0.02
	}
	for y := range inside.H {
		copy(whole.Pix[3*((y+4)*whole.W+4):], inside.Pix[3*y*inside.W:][:3*inside.W])
	}
	run := func(style *Picture, crop string) *Result {
		t.Helper()
		o := tinyStyle()
		o.Styles, o.Iterations = []*Picture{style}, 2
		if crop != "" {
			if err := StyleTable.Set(&o.StyleOptions, option.Values{"style-crop": crop}).Err(); err != nil {
				t.Fatal(err)
			}
		}
		res, err := o.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	cut := imageio.Cropped(whole, image.Rect(5, 4, 99, 76))
	if got, want := run(whole, "5%"), run(cut, ""); PixelHash(got.Picture) != PixelHash(want.Picture) {
		t.Error("5 % left out is another picture")
	}
	if got, want := run(whole, "off"), run(whole, ""); PixelHash(got.Picture) != PixelHash(want.Picture) {
		t.Error("off is not the default")
	}
	if got, other := run(whole, "auto"), run(whole, ""); PixelHash(got.Picture) == PixelHash(other.Picture) {
		t.Error("auto leaves no margin out")
	}
	var o StyleOptions
	for _, bad := range []string{"5", "-1%", "26%", "x", "NaN%", ""} {
		if StyleTable.Set(&o, option.Values{"style-crop": bad}).Err() == nil {
			t.Errorf("%q is a crop", bad)
		}
	}
	for _, good := range []string{"auto", "off", "3%", "12.5%"} {
		var c Crop
		if err := c.UnmarshalText([]byte(good)); err != nil {
			t.Error(err)
		}
		if text, _ := c.MarshalText(); string(text) != good {
			t.Errorf("%s becomes %s", good, text)
		}
	}
}
