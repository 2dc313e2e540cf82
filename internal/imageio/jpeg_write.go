package imageio

import (
	"cmp"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
)

// maxJPEG is the longest side of a JPEG (ITU-T T.81, B.2.2).
const maxJPEG = 65535

func encodeJPEG(w io.Writer, im *Image, meta Meta) error {
	w = insertAfter(w, jpegHeader, append(jpegICC(meta.icc()), jpegRecipe(meta.Recipe)...))
	return jpeg.Encode(w, &onWhite{Image: im, colours: colours{meta.Profile, nil}}, &jpeg.Options{Quality: cmp.Or(meta.Quality, JPEGQuality)})
}

// jpegICC returns the segments of a colour profile (ICC.1:2022, annex B.4).
func jpegICC(profile []byte) []byte {
	const head, most = "ICC_PROFILE\x00", 65533 - 14
	parts := (len(profile) + most - 1) / most
	var out []byte
	for i := range parts {
		part := profile[i*most : min((i+1)*most, len(profile))]
		out = append(out, 0xff, jpegAPP2)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(head)+2+len(part)))
		out = append(append(out, head...), byte(i+1), byte(parts))
		out = append(out, part...)
	}
	return out
}

// onWhite shows a picture on white to an encoder that asks for pixels one by one. The colour that it returns is
// valid until the next one.
type onWhite struct {
	*Image
	colours
	pixel opaquePixel
}

func (m *onWhite) ColorModel() color.Model { return color.RGBAModel }
func (m *onWhite) Bounds() image.Rectangle { return image.Rect(0, 0, m.W, m.H) }

func (m *onWhite) At(x, y int) color.Color {
	i := y*m.W + x
	v := m.Pix[3*i:][:3]
	r, g, b := v[0], v[1], v[2]
	if m.Alpha != nil {
		a := clamp(m.Alpha[i])
		r, g, b = onWhiteValue(r, a), onWhiteValue(g, a), onWhiteValue(b, a)
	}
	c := m.colours.of([]float32{r, g, b})
	m.pixel = opaquePixel{to8(c[0]), to8(c[1]), to8(c[2])}
	return &m.pixel
}

// opaquePixel is a color.Color that needs no memory of its own.
type opaquePixel [3]uint8

func (p *opaquePixel) RGBA() (r, g, b, a uint32) {
	return uint32(p[0]) * 0x101, uint32(p[1]) * 0x101, uint32(p[2]) * 0x101, 0xffff
}
