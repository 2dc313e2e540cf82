package imageio

import (
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
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
	// Profile is what colours are converted to, and what the file has in it; nil is sRGB. It is Invertible.
	Profile *Profile
	// KeepAlpha has a PNG keep the opacity even if nothing is clear, as frames that have to be alike need it.
	KeepAlpha bool
}

// icc returns the profile that a file has in it.
func (m Meta) icc() []byte {
	if m.Profile == nil {
		return srgbProfile
	}
	return m.Profile.Data()
}

// Write writes a picture to path, as PNG, JPEG or TIFF by its extension. Values are clamped to 0..1 (NaN to 0)
// and rounded. The picture is converted row by row: beside it there is no copy of it in memory.
//
// A PNG or a TIFF has 16 bits per channel if im.Depth is 16 and keeps alpha; a TIFF that may have more than 4
// GiB is a BigTIFF. A JPEG has the quality of meta and chroma at half the resolution both ways (4:2:0, all that
// the standard library writes). It has no alpha: clear parts become white. All say that colours are sRGB, or in
// whatever profile meta has: a PNG with the chunk sRGB, the others with a profile of about 470 bytes.
//
// The file appears whole or not at all (package atomicfile). The error is an *ExtensionError or an
// *atomicfile.Error, or a *SideError.
func Write(path string, im *Image, meta Meta) error {
	im.check("Write")
	if err := CheckSize(path, im.W, im.H); err != nil {
		return err
	}
	f, _ := writerOf(path) // which CheckSize has found
	return atomicfile.WriteFile(path, func(file *os.File) error { return f.encode(file, im, meta) })
}

// CheckOutput reports, before any work is done, whether Write would be able to write a picture to
// path: whether its extension is known, and atomicfile.Check. The error is an *ExtensionError or an
// *atomicfile.Error.
func CheckOutput(path string) error {
	if _, err := writerOf(path); err != nil {
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return &atomicfile.Error{Path: path, Err: atomicfile.ErrFolder}
		}
		return err
	}
	return atomicfile.Check(path)
}

// CheckSize reports whether the format of path's extension can hold a picture of w x h pixels. The error is an
// *ExtensionError or a *SideError.
func CheckSize(path string, w, h int) error {
	f, err := writerOf(path)
	if err == nil && max(w, h) > f.side {
		return &SideError{path, f.kind, w, h, f.side}
	}
	return err
}

// writer is a format that can be written.
type writer struct {
	kind    string
	endings []string
	side    int // the longest side that it can have
	encode  func(f seekable, im *Image, meta Meta) error
}

var writers = []writer{
	{"PNG", []string{".png"}, math.MaxInt32, func(f seekable, im *Image, m Meta) error { return encodePNG(f, im, m) }},
	{"JPEG", []string{".jpg", ".jpeg"}, maxJPEG, func(f seekable, im *Image, m Meta) error { return encodeJPEG(f, im, m) }},
	{"TIFF", []string{".tif", ".tiff"}, math.MaxInt32, encodeTIFF},
}

// seekable is a file that can be written anywhere.
type seekable interface {
	io.Writer
	io.WriterAt
}

// writerOf returns the format of path's extension.
func writerOf(path string) (*writer, error) {
	ext := filepath.Ext(path)
	for i := range writers {
		if slices.Contains(writers[i].endings, strings.ToLower(ext)) {
			return &writers[i], nil
		}
	}
	return nil, &ExtensionError{path, ext}
}

// WritePNG writes a picture as Write makes a PNG of it, to where it cannot appear at once, such as a pipe.
func WritePNG(w io.Writer, im *Image, meta Meta) error {
	im.check("WritePNG")
	return encodePNG(w, im, meta)
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

func (im *Image) alpha(i int) float32 {
	if im.Alpha == nil {
		return 1
	}
	return im.Alpha[i]
}

func to8(v float32) uint8   { return uint8(clamp(v)*255 + 0.5) }
func to16(v float32) uint16 { return uint16(clamp(v)*65535 + 0.5) }
