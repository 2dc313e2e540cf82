package imageio

import (
	"fmt"
	"image"
)

// Resize returns the picture at w x h pixels; see Show.
func Resize(im *Image, w, h int, filter Filter) *Image { return Show(im, View{W: w, H: h}, filter) }

// Show returns the picture as v says. Filters widen as the picture shrinks, so that every pixel counts and
// nothing aliases. Bicubic and Lanczos3 overshoot at edges; the result is clamped to 0..1. Colours count as
// much as they are opaque: what is hidden under clear pixels has no part in the result.
func Show(im *Image, v View, filter Filter) *Image {
	im.check("Resize")
	r := &raster{w: im.W, h: im.H, depth: im.Depth, alpha: im.Alpha != nil}
	r.row = func(y int, pix, alpha []float32) error {
		im.copyRow(pix, y)
		if alpha != nil {
			copy(alpha, im.Alpha[im.W*y:])
		}
		return nil
	}
	out, _ := r.image(turn{}, v, filter) // no row fails
	return out
}

// ShowRows is Show for an opaque picture of w x h pixels in 8 bits that is nowhere as a whole: row makes the
// colours of row y, which are asked for in order.
func ShowRows(w, h int, row func(y int, pix []float32), v View, filter Filter) *Image {
	r := &raster{w: w, h: h, depth: 8}
	r.row = func(y int, pix, _ []float32) error {
		row(y, pix)
		return nil
	}
	out, _ := r.image(turn{}, v, filter) // no row fails
	return out
}

// View is a picture at some size, W x H pixels, or a part of it.
type View struct {
	W, H int
	Crop image.Rectangle // the part of it that is kept; empty for all
}

// Fit returns how a picture of w x h pixels is needed.
type Fit func(w, h int) View

// crop returns the part that is kept.
func (v View) crop() image.Rectangle {
	if v.Crop.Empty() {
		return image.Rect(0, 0, v.W, v.H)
	}
	return v.Crop
}

// Longest scales pictures so that their longer side is longer, as FitSize does; 0 leaves them alone.
func Longest(longer int) Fit {
	return func(w, h int) View {
		if longer > 0 {
			w, h = FitSize(w, h, longer)
		}
		return View{W: w, H: h}
	}
}

// To scales pictures to w x h pixels.
func To(w, h int) Fit { return func(int, int) View { return View{W: w, H: h} } }

// Middle shows the middle of pictures, scaled so that their shorter side is side; the other one may be up to
// ratio times as long. For a ratio of 1 it is a square.
func Middle(side int, ratio float64) Fit {
	return func(w, h int) View {
		short := min(w, h)
		v := View{W: (2*w*side + short) / (2 * short), H: (2*h*side + short) / (2 * short)}
		most := int(float64(side) * ratio)
		x, y := max(v.W-most, 0)/2, max(v.H-most, 0)/2
		v.Crop = image.Rect(x, y, x+min(v.W, most), y+min(v.H, most))
		return v
	}
}

// FitSize returns the size of a picture of w x h pixels scaled so that its longer side is longer. The other
// side is rounded to nearest, but at least 1.
func FitSize(w, h, longer int) (w2, h2 int) {
	if w >= h {
		return longer, max((2*h*longer+w)/(2*w), 1)
	}
	return max((2*w*longer+h)/(2*h), 1), longer
}

// FitSizeTruncated is FitSize as neural-style-pt computes it: both sides are scaled in floating point and
// truncated, so that a picture of 49 x 49 becomes one of 511 x 511 for 512.
func FitSizeTruncated(w, h, longer int) (w2, h2 int) {
	scale := float64(longer) / float64(max(w, h))
	return max(int(scale*float64(w)), 1), max(int(scale*float64(h)), 1)
}

// Resample returns src, h rows of w pixels of c interleaved channels, at w2 x h2 pixels. It computes the
// same as Pillow's resize on an image of mode F for each channel: rows first, then columns, sums in
// float64, no clamping. A side that keeps its length is not filtered. The result never shares memory with
// src.
func Resample(src []float32, w, h, c, w2, h2 int, filter Filter) []float32 {
	out := make([]float32, w2*h2*c)
	ResampleRows(src, w, h, c, w2, h2, filter, func(y int, line []float32) { copy(out[y*w2*c:], line) })
	return out
}

// ResampleRows is Resample with a result that is nowhere as a whole: row gets its rows in order, and must not
// keep them.
func ResampleRows(src []float32, w, h, c, w2, h2 int, filter Filter, row func(y int, line []float32)) {
	if w < 1 || h < 1 || c < 1 || w2 < 1 || h2 < 1 || len(src) != w*h*c {
		panic(fmt.Sprintf("imageio: Resample: %d values as %dx%dx%d to %dx%d", len(src), w, h, c, w2, h2))
	}
	r := resampler{across: filter.taps(w, w2, 0, w2), down: filter.taps(h, h2, 0, h2), w: w, c: c}
	r.run(
		func(y int) ([]float32, error) { return src[y*w*c:][:w*c], nil },
		row,
	)
}
