package imageio

import "image"

// luma converts luma and chroma to colour (JFIF 1.02; ITU-R BT.601). Chroma that is stored with fewer samples
// is interpolated linearly between their centres, as libjpeg and libwebp do by default; package image repeats
// them, which shows as blocks along coloured edges.
type luma struct {
	*image.YCbCr
	yOff, yScale, cScale float32
	rx, ry, ch           int // pixels that share a sample of chroma, across and down; rows of chroma
	cb, cr, scratch      []float32
}

func newLuma(m *image.YCbCr, narrow bool) *luma {
	size := m.Bounds().Size()
	l := &luma{YCbCr: m, yScale: 1.0 / 255, cScale: 1.0 / 255}
	if narrow {
		l.yOff, l.yScale, l.cScale = 16, 1.0/219, 1.0/224
	}
	l.rx, l.ry = ratio(m.SubsampleRatio)
	l.ch = (size.Y + l.ry - 1) / l.ry
	l.cb, l.cr = make([]float32, size.X), make([]float32, size.X)
	l.scratch = make([]float32, (size.X+l.rx-1)/l.rx)
	return l
}

// row is a rowFunc of an opaque picture.
func (l *luma) row(y int, pix, _ []float32) error {
	min := l.Bounds().Min
	chroma := l.COffset(min.X, min.Y)
	upsample(l.cb, l.scratch, l.Cb[chroma:], l.CStride, l.ch, l.rx, l.ry, y)
	upsample(l.cr, l.scratch, l.Cr[chroma:], l.CStride, l.ch, l.rx, l.ry, y)
	for x, v := range l.Y[l.YOffset(min.X, min.Y+y):][:len(pix)/3] {
		light := (float32(v) - l.yOff) * l.yScale
		b, r := (l.cb[x]-128)*l.cScale, (l.cr[x]-128)*l.cScale
		pix[3*x] = clamp(light + 1.402*r)
		pix[3*x+1] = clamp(light - 0.344136286*b - 0.714136286*r)
		pix[3*x+2] = clamp(light + 1.772*b)
	}
	return nil
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
