package imageio

import (
	"bufio"
	"cmp"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"

	"oneiro/internal/atomicfile"
)

// JPEGQuality is the quality of a JPEG unless another is asked for. It is high, since most people keep what
// they get as the original.
const JPEGQuality = 95

// Meta is what a written picture holds beside the pixels.
type Meta struct {
	Recipe  string // how the picture was made, UTF-8; empty for none
	Quality int    // of a JPEG, 1 to 100; 0 is JPEGQuality
}

// Write writes a picture to path, as PNG or JPEG by its extension. Values are clamped to 0..1
// (NaN to 0) and rounded.
//
// A PNG has 16 bits per channel if im.Depth is 16 and keeps alpha. A JPEG has the quality of meta and chroma
// at half the resolution both ways (4:2:0, all that the standard library writes). It has no alpha:
// clear parts become white.
//
// The file appears whole or not at all (atomicfile.Write). The error is an *ExtensionError or an
// *atomicfile.Error.
func Write(path string, im *Image, meta Meta) error {
	im.check("Write")
	encode, err := encoder(path)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return encode(w, im, meta) })
}

// CheckOutput reports, before any work is done, whether Write would be able to write a picture to
// path: whether its extension is known, and atomicfile.Check. The error is an *ExtensionError or an
// *atomicfile.Error.
func CheckOutput(path string) error {
	if _, err := encoder(path); err != nil {
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return &atomicfile.Error{Path: path, Err: atomicfile.ErrFolder}
		}
		return err
	}
	return atomicfile.Check(path)
}

// encoder returns the function that writes the format of path's extension.
func encoder(path string) (func(io.Writer, *Image, Meta) error, error) {
	switch ext := filepath.Ext(path); strings.ToLower(ext) {
	case ".png":
		return encodePNG, nil
	case ".jpg", ".jpeg":
		return encodeJPEG, nil
	default:
		return nil, &ExtensionError{path, ext}
	}
}

// WritePNG writes a picture as Write makes a PNG of it, to where it cannot appear at once, such as a pipe.
func WritePNG(w io.Writer, im *Image, meta Meta) error {
	im.check("WritePNG")
	buf := bufio.NewWriterSize(w, 1<<16)
	if err := encodePNG(buf, im, meta); err != nil {
		return err
	}
	return buf.Flush()
}

func encodePNG(w io.Writer, im *Image, meta Meta) error {
	w = insertRecipe(w, pngHeader, pngRecipe(meta.Recipe))
	if im.Depth == 16 {
		return png.Encode(w, im.nrgba64())
	}
	return png.Encode(w, im.nrgba())
}

func encodeJPEG(w io.Writer, im *Image, meta Meta) error {
	if max(im.W, im.H) > 65535 {
		return jpegSideError{}
	}
	w = insertRecipe(w, jpegHeader, jpegRecipe(meta.Recipe))
	return jpeg.Encode(w, im.OnWhite().rgba(), &jpeg.Options{Quality: cmp.Or(meta.Quality, JPEGQuality)})
}

func (im *Image) nrgba() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, im.W, im.H))
	for i := range im.W * im.H {
		px := m.Pix[4*i : 4*i+4]
		for c := range 3 {
			px[c] = to8(im.Pix[3*i+c])
		}
		px[3] = to8(im.alpha(i))
	}
	return m
}

func (im *Image) nrgba64() *image.NRGBA64 {
	m := image.NewNRGBA64(image.Rect(0, 0, im.W, im.H))
	for i := range im.W * im.H {
		p := im.Pix[3*i : 3*i+3]
		m.SetNRGBA64(i%im.W, i/im.W, color.NRGBA64{R: to16(p[0]), G: to16(p[1]), B: to16(p[2]), A: to16(im.alpha(i))})
	}
	return m
}

// rgba returns an opaque picture for encoders.
func (im *Image) rgba() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, im.W, im.H))
	for i := range im.W * im.H {
		px := m.Pix[4*i : 4*i+4]
		for c := range 3 {
			px[c] = to8(im.Pix[3*i+c])
		}
		px[3] = 0xff
	}
	return m
}

func (im *Image) alpha(i int) float32 {
	if im.Alpha == nil {
		return 1
	}
	return im.Alpha[i]
}

func to8(v float32) uint8   { return uint8(clamp(v)*255 + 0.5) }
func to16(v float32) uint16 { return uint16(clamp(v)*65535 + 0.5) }
