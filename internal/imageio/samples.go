package imageio

import "encoding/binary"

// samples are the rows of a picture as files have them: the samples of a pixel side by side, in a byte each, or
// in two with the higher first. Encoders convert one row at a time, so that there is no second picture in
// memory.
type samples struct {
	*Image
	n     int // in a pixel: 3, or 4 with the opacity
	bytes int // of a sample
	colours
}

// newSamples leaves the opacity out if no pixel is clear in the file.
func newSamples(im *Image, to *Profile) samples {
	s := samples{im, 3, 1, colours{to, nil}}
	clearest := uint16(0xff)
	if im.Depth == 16 {
		s.bytes, clearest = 2, 0xffff
	}
	for _, a := range im.Alpha {
		if s.quantised(a) != clearest {
			s.n = 4
			break
		}
	}
	return s
}

func (s samples) quantised(v float32) uint16 {
	if s.bytes == 2 {
		return to16(v)
	}
	return uint16(to8(v))
}

// pixelBytes is the length of a pixel, rowBytes that of a row.
func (s samples) pixelBytes() int { return s.n * s.bytes }
func (s samples) rowBytes() int   { return s.W * s.pixelBytes() }

// colours converts colours to a profile, nil for sRGB.
type colours struct {
	to  *Profile
	row []float32
}

// of returns colours in the profile, which are valid until the next call.
func (c *colours) of(pix []float32) []float32 {
	if c.to == nil {
		return pix
	}
	c.row = append(c.row[:0], pix...)
	for i, v := range c.row {
		c.row[i] = clamp(v)
	}
	c.to.FromSRGB(c.row)
	return c.row
}

// row writes row y to out, which is rowBytes long.
func (s *samples) row(y int, out []byte) {
	pix := s.colours.of(s.Pix[3*s.W*y:][:3*s.W])
	for x := range s.W {
		px, to := pix[3*x:][:3], out[x*s.pixelBytes():][:s.pixelBytes()]
		if s.bytes == 1 {
			to[0], to[1], to[2] = to8(px[0]), to8(px[1]), to8(px[2])
			if s.n == 4 {
				to[3] = to8(s.alpha(s.W*y + x))
			}
			continue
		}
		binary.BigEndian.PutUint16(to, to16(px[0]))
		binary.BigEndian.PutUint16(to[2:], to16(px[1]))
		binary.BigEndian.PutUint16(to[4:], to16(px[2]))
		if s.n == 4 {
			binary.BigEndian.PutUint16(to[6:], to16(s.alpha(s.W*y+x)))
		}
	}
}
