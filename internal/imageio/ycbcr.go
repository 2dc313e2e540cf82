package imageio

import "image"

// setYCbCr converts luma and chroma to colour (JFIF 1.02; ITU-R BT.601). Chroma that is stored with
// fewer samples is interpolated linearly between their centres, as libjpeg and libwebp do by
// default; package image repeats them, which shows as blocks along coloured edges.
func (im *Image) setYCbCr(m *image.YCbCr, narrow bool) {
	yOff, yScale, cScale := float32(0), float32(1.0/255), float32(1.0/255)
	if narrow {
		yOff, yScale, cScale = 16, 1.0/219, 1.0/224
	}
	min := m.Bounds().Min
	rx, ry := ratio(m.SubsampleRatio)
	cw, ch := (im.W+rx-1)/rx, (im.H+ry-1)/ry
	chroma := m.COffset(min.X, min.Y)
	row := make([]float32, cw)
	cb, cr := make([]float32, im.W), make([]float32, im.W)
	for y := range im.H {
		line := m.Y[m.YOffset(min.X, min.Y+y):][:im.W]
		upsample(cb, row, m.Cb[chroma:], m.CStride, ch, rx, ry, y)
		upsample(cr, row, m.Cr[chroma:], m.CStride, ch, rx, ry, y)
		pix := im.Pix[3*im.W*y:][:3*im.W]
		for x, v := range line {
			l := (float32(v) - yOff) * yScale
			b, r := (cb[x]-128)*cScale, (cr[x]-128)*cScale
			pix[3*x] = clamp(l + 1.402*r)
			pix[3*x+1] = clamp(l - 0.344136286*b - 0.714136286*r)
			pix[3*x+2] = clamp(l + 1.772*b)
		}
	}
}

// upsample writes row y of a chroma plane of ch rows, enlarged rx times and ry times, to dst. row
// is scratch of the width of the plane.
func upsample(dst, row []float32, plane []byte, stride, ch, rx, ry, y int) {
	y0, y1, t := between(y, ry, ch)
	a, b := plane[y0*stride:][:len(row)], plane[y1*stride:][:len(row)]
	for i := range row {
		row[i] = float32(a[i]) + t*(float32(b[i])-float32(a[i]))
	}
	for x := range dst {
		x0, x1, t := between(x, rx, len(row))
		dst[x] = row[x0] + t*(row[x1]-row[x0])
	}
}

// between returns the two of n samples, r pixels wide each, whose centres enclose that of pixel i,
// and how far it lies from the first to the second.
func between(i, r, n int) (i0, i1 int, t float32) {
	twice := 2*i + 1 - r // the distance to the first centre in half pixels
	if twice <= 0 {
		return 0, 0, 0
	}
	i0 = twice / (2 * r)
	return min(i0, n-1), min(i0+1, n-1), float32(twice%(2*r)) / float32(2*r)
}

// ratio returns how many pixels share a sample of chroma, across and down.
func ratio(r image.YCbCrSubsampleRatio) (rx, ry int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// clamp limits v to 0..1; NaN becomes 0.
func clamp(v float32) float32 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}
