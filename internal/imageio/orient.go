package imageio

import (
	"bytes"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/riff"
)

// orientation returns the EXIF orientation of a file, 1 to 8, or 1 (upright) if it has none or its
// metadata is damaged.
func orientation(data []byte, kind imagemeta.ImageFormat) int {
	switch kind {
	case imagemeta.ImageFormatAuto:
		return 1
	case imagemeta.WebP:
		data, kind = exifOfWebP(data), imagemeta.TIFF
	}
	o := 1
	wanted := func(t imagemeta.TagInfo) bool {
		return t.Source == imagemeta.EXIF && t.Namespace == "IFD0" && t.Tag == "Orientation"
	}
	imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(data),
		ImageFormat:     kind,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: wanted,
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && wanted(t) && v >= 1 && v <= 8 {
				o = int(v)
			}
			return nil
		},
	})
	return o
}

// exifOfWebP returns the content of the chunk EXIF, a TIFF file, or nil. imagemeta reads WebP too, but
// fails after a chunk of odd length (v1.0.1).
func exifOfWebP(data []byte) []byte {
	_, r, err := riff.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	for {
		id, _, chunk, err := r.Next()
		if err != nil {
			return nil
		}
		if id == (riff.FourCC{'E', 'X', 'I', 'F'}) {
			body, _ := io.ReadAll(chunk)
			return bytes.TrimPrefix(body, []byte("Exif\x00\x00")) // some writers keep the prefix that JPEG has
		}
	}
}

// orient returns the image upright. An orientation says on which sides of the picture the first row and
// the first column of the file are (EXIF 2.32, table 6): for 6, on the right and at the top.
func (im *Image) orient(o int) *Image {
	if o == 1 {
		return im
	}
	swap := o >= 5 // rows become columns
	mirrorX := o == 2 || o == 3 || o == 7 || o == 8
	mirrorY := o == 3 || o == 4 || o == 6 || o == 7
	w, h := im.W, im.H
	if swap {
		w, h = h, w
	}
	out := New(w, h)
	out.Depth = im.Depth
	if im.Alpha != nil {
		out.Alpha = make([]float32, w*h)
	}
	for y := range h {
		for x := range w {
			sx, sy := x, y
			if swap {
				sx, sy = y, x
			}
			if mirrorX {
				sx = im.W - 1 - sx
			}
			if mirrorY {
				sy = im.H - 1 - sy
			}
			from, to := sy*im.W+sx, y*w+x
			copy(out.Pix[3*to:3*to+3], im.Pix[3*from:])
			if im.Alpha != nil {
				out.Alpha[to] = im.Alpha[from]
			}
		}
	}
	return out
}
