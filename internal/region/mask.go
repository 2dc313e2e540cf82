package region

import "oneiro/internal/imageio"

// Mask is a picture that says how much each place counts: white fully, black not at all.
type Mask struct {
	W, H   int
	values []uint8
}

// blackest is how many levels from black and white a mask may be off, with the noise of a JPEG.
const blackest = 8

// ReadMask returns a picture's mask. What is clear counts as black.
func ReadMask(im *imageio.Image) *Mask {
	m := &Mask{im.W, im.H, make([]uint8, im.W*im.H)}
	for i := range m.values {
		p := im.Pix[3*i:]
		v := 0.2126*p[0] + 0.7152*p[1] + 0.0722*p[2] // ITU-R BT.709
		v = (255*v - blackest) / (255 - 2*blackest)
		if im.Alpha != nil {
			v *= im.Alpha[i]
		}
		m.values[i] = uint8(min(max(v, 0), 1)*255 + 0.5)
	}
	return m
}

// Mask returns the mask that is white in some regions.
func (m *Map) Mask(regions ...int) *Mask {
	out := &Mask{m.W, m.H, make([]uint8, m.W*m.H)}
	for i := range out.values {
		part := 0
		for _, k := range regions {
			if int(m.first[i]) == k {
				part += 255 - int(m.mix[i])
			}
			if int(m.second[i]) == k {
				part += int(m.mix[i])
			}
		}
		out.values[i] = uint8(min(part, 255))
	}
	return out
}

// Bytes returns the memory of the mask.
func (m *Mask) Bytes() int64 { return int64(len(m.values)) }

// At returns how much each of w x h pixels counts, 0 to 1. At edges of the mask it rises within a part,
// feather, of the longer side; what is black stays so.
func (m *Mask) At(w, h int, feather float64) []float32 {
	plane := make([]float32, len(m.values))
	for i, v := range m.values {
		plane[i] = float32(v) / 255
	}
	plane = imageio.Resample(plane, m.W, m.H, 1, w, h, imageio.Bilinear)
	width := 2 * feather * float64(max(w, h))
	if width < 1 {
		return plane
	}
	// The way from an edge to what is as far inside as the average reaches is half of its width.
	for i, v := range Inside(plane, w, h, [2]float64{width, width}) {
		plane[i] = min(plane[i], v)
	}
	return plane
}
