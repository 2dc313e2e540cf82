package imageio

import (
	"image"
	"image/color"
)

// depthOf returns the Depth of what a decoder makes.
func depthOf(m color.Model) int {
	switch m {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return 16
	}
	return 8
}

// mayBeClear tells whether colours of a model have opacity.
func mayBeClear(m color.Model) bool {
	switch m := m.(type) {
	case color.Palette:
		for _, c := range m {
			if _, _, _, a := c.RGBA(); a != 0xffff {
				return true
			}
		}
		return false
	}
	switch m {
	case color.GrayModel, color.Gray16Model, color.YCbCrModel, color.CMYKModel:
		return false
	}
	return true
}

// FromImage returns a picture of package image, whatever its type: with 16 bits of depth if it has more than 8.
func FromImage(m image.Image) *Image {
	size := m.Bounds().Size()
	im := New(size.X, size.Y)
	im.Depth = depthOf(m.ColorModel())
	if mayBeClear(m.ColorModel()) {
		im.Alpha = make([]float32, im.W*im.H)
	}
	row := imageRows(m, false)
	opaque := true
	for y := range im.H {
		var alpha []float32
		if im.Alpha != nil {
			alpha = im.Alpha[y*im.W:][:im.W]
		}
		row(y, im.Pix[3*y*im.W:][:3*im.W], alpha) // fails for no image in memory
		for _, a := range alpha {
			opaque = opaque && a == 1
		}
	}
	if opaque {
		im.Alpha = nil
	}
	return im
}

// Image returns the picture for package image: an *image.NRGBA64 if its depth is 16, else an *image.NRGBA.
func (im *Image) Image() image.Image {
	im.check("Image")
	if im.Depth == 16 {
		return im.nrgba64()
	}
	return im.nrgba()
}

// imageRows returns the rows of what a decoder has made. WebP has luma and chroma in the narrow range of
// BT.601, JPEG in the full range.
func imageRows(m image.Image, narrow bool) rowFunc {
	switch m := m.(type) {
	case *image.YCbCr:
		return newLuma(m, narrow).row
	case *image.NYCbCrA:
		colours := newLuma(&m.YCbCr, narrow)
		return func(y int, pix, alpha []float32) error {
			for x := range alpha {
				alpha[x] = float32(m.A[y*m.AStride+x]) / 255
			}
			return colours.row(y, pix, nil)
		}
	}
	at, min := pixelFunc(m), m.Bounds().Min
	return func(y int, pix, alpha []float32) error {
		for x := range len(pix) / 3 {
			c := at(min.X+x, min.Y+y)
			pix[3*x] = float32(c.R) / 0xffff
			pix[3*x+1] = float32(c.G) / 0xffff
			pix[3*x+2] = float32(c.B) / 0xffff
			if alpha != nil {
				alpha[x] = float32(c.A) / 0xffff
			}
		}
		return nil
	}
}

// pixelFunc returns a function that reads a pixel of m, not multiplied by alpha. Types that store colour
// this way are read directly: multiplied and divided again, clear pixels would turn black.
func pixelFunc(m image.Image) func(x, y int) color.NRGBA64 {
	switch m := m.(type) {
	case *image.NRGBA64:
		return m.NRGBA64At
	case *image.NRGBA:
		return func(x, y int) color.NRGBA64 { return widen(m.NRGBAAt(x, y)) }
	case *image.Paletted:
		palette := make([]color.NRGBA64, 256) // an index beyond the palette is clear black
		for i, c := range m.Palette {
			if n, ok := c.(color.NRGBA); ok {
				palette[i] = widen(n)
			} else {
				palette[i] = unmultiply(color.RGBA64Model.Convert(c).(color.RGBA64))
			}
		}
		return func(x, y int) color.NRGBA64 { return palette[m.ColorIndexAt(x, y)] }
	}
	if general, ok := m.(image.RGBA64Image); ok { // every other type of package image is one
		return func(x, y int) color.NRGBA64 { return unmultiply(general.RGBA64At(x, y)) }
	}
	return func(x, y int) color.NRGBA64 { return unmultiply(color.RGBA64Model.Convert(m.At(x, y)).(color.RGBA64)) }
}

func widen(c color.NRGBA) color.NRGBA64 {
	return color.NRGBA64{uint16(c.R) * 0x101, uint16(c.G) * 0x101, uint16(c.B) * 0x101, uint16(c.A) * 0x101}
}

func unmultiply(c color.RGBA64) color.NRGBA64 {
	if c.A == 0xffff || c.A == 0 {
		return color.NRGBA64(c)
	}
	a := uint32(c.A)
	div := func(v uint16) uint16 { return uint16(min((uint32(v)*0xffff+a/2)/a, 0xffff)) }
	return color.NRGBA64{R: div(c.R), G: div(c.G), B: div(c.B), A: c.A}
}
