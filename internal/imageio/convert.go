package imageio

import (
	"image"
	"image/color"
)

// fromImage converts the result of a decoder. WebP has luma and chroma in the narrow range of BT.601,
// JPEG in the full range.
func fromImage(m image.Image, narrow bool) *Image {
	size := m.Bounds().Size()
	im := New(size.X, size.Y)
	switch m.ColorModel() {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		im.Depth = 16
	}
	if !m.(interface{ Opaque() bool }).Opaque() { // every type of package image has this method
		im.Alpha = make([]float32, im.W*im.H)
	}
	switch m := m.(type) {
	case *image.YCbCr:
		im.setYCbCr(m, narrow)
	case *image.NYCbCrA:
		im.setYCbCr(&m.YCbCr, narrow)
		if im.Alpha != nil {
			for i := range im.Alpha {
				im.Alpha[i] = float32(m.A[i/im.W*m.AStride+i%im.W]) / 255
			}
		}
	default:
		im.setPixels(m)
	}
	return im
}

// setPixels copies an image pixel by pixel, with 16 bits per channel.
func (im *Image) setPixels(m image.Image) {
	at := pixelFunc(m)
	min := m.Bounds().Min
	for y, i := 0, 0; y < im.H; y++ {
		for x := 0; x < im.W; x, i = x+1, i+1 {
			c := at(min.X+x, min.Y+y)
			im.Pix[3*i] = float32(c.R) / 0xffff
			im.Pix[3*i+1] = float32(c.G) / 0xffff
			im.Pix[3*i+2] = float32(c.B) / 0xffff
			if im.Alpha != nil {
				im.Alpha[i] = float32(c.A) / 0xffff
			}
		}
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
	general := m.(image.RGBA64Image) // every other type of package image is one
	return func(x, y int) color.NRGBA64 { return unmultiply(general.RGBA64At(x, y)) }
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
