package colour

// YUV returns luma and colour differences of an sRGB-encoded colour, with the numbers of the code of Gatys et
// al., "Preserving Color in Neural Artistic Style Transfer" (arXiv:1606.05897).
func YUV(r, g, b float32) (y, u, v float32) {
	return 0.299*r + 0.587*g + 0.114*b, -0.147*r - 0.288*g + 0.436*b, 0.615*r - 0.515*g - 0.1*b
}

// FromYUV is the inverse of YUV, as far as its published numbers are.
func FromYUV(y, u, v float32) (r, g, b float32) {
	return y + 1.139*v, y - 0.395*u - 0.58*v, y + 2.03*u
}

// YCbCr returns luma and chroma of an sRGB-encoded colour, in 0..1 with 0.5 for no chroma: the full range of
// JPEG (JFIF 1.02; ITU-R BT.601).
func YCbCr(r, g, b float32) (y, cb, cr float32) {
	return 0.299*r + 0.587*g + 0.114*b, -0.168736*r - 0.331264*g + 0.5*b + 0.5, 0.5*r - 0.418688*g - 0.081312*b + 0.5
}

// FromYCbCr is the inverse of YCbCr. What sRGB does not have is clipped.
func FromYCbCr(y, cb, cr float32) (r, g, b float32) {
	cb, cr = cb-0.5, cr-0.5
	return clip(y + 1.402*cr), clip(y - 0.344136*cb - 0.714136*cr), clip(y + 1.772*cb)
}

// Luma8 gives a row of a picture the chroma of a photograph, and keeps its luma, as neural-style-pt does with
// -original_colors 1: with 8 bits of each, and with products that have 6 bits below those, as in Pillow.
func Luma8(picture, photo []float32) {
	for i := 0; i+2 < len(picture); i += 3 {
		p, c := picture[i:i+3], photo[i:i+3]
		y := (nearest(0.299, to8(p[0])) + nearest(0.587, to8(p[1])) + nearest(0.114, to8(p[2]))) >> 6
		r, g, b := to8(c[0]), to8(c[1]), to8(c[2])
		cb := (sixth(-0.16874, r)+sixth(-0.33126, g)+sixth(0.5, b))>>6 + 128
		cr := (sixth(0.5, r)+sixth(-0.41869, g)+sixth(-0.08131, b))>>6 + 128
		cb, cr = min(max(cb, 0), 255)-128, min(max(cr, 0), 255)-128
		p[0] = from8(y + sixth(1.402, cr)>>6)
		p[1] = from8(y + (sixth(-0.34414, cb)+sixth(-0.71414, cr))>>6)
		p[2] = from8(y + sixth(1.772, cb)>>6)
	}
}

func to8(v float32) int   { return int(clip(v)*255 + 0.5) }
func from8(v int) float32 { return float32(min(max(v, 0), 255)) / 255 }

// sixth returns a product with 6 bits after the point, cut off, and nearest rounds it.
func sixth(c float64, v int) int   { return int(c * float64(v) * 64) }
func nearest(c float64, v int) int { return int(c*float64(v)*64 + 0.5) }

// clip limits a value to 0..1; NaN becomes 0.
func clip(v float32) float32 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}
