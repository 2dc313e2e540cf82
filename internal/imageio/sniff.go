package imageio

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is a kind of file that can be read. Package image has a registry too, but its content depends on
// which packages a program imports.
type format struct {
	kind   string
	magic  string // the first bytes; ? matches any
	decode func(io.Reader) (image.Image, error)
	config func(io.Reader) (image.Config, error)
	meta   imagemeta.ImageFormat // ImageFormatAuto if the kind has no EXIF
}

var formats = []format{
	{"PNG", "\x89PNG\r\n\x1a\n", png.Decode, png.DecodeConfig, imagemeta.PNG},
	{"JPEG", "\xff\xd8\xff", jpeg.Decode, jpeg.DecodeConfig, imagemeta.JPEG},
	{"WebP", "RIFF????WEBPVP8", webp.Decode, webp.DecodeConfig, imagemeta.WebP},
	{"TIFF", "II*\x00", tiff.Decode, tiff.DecodeConfig, imagemeta.TIFF},
	{"TIFF", "MM\x00*", tiff.Decode, tiff.DecodeConfig, imagemeta.TIFF},
	{"BMP", "BM????\x00\x00\x00\x00", bmp.Decode, bmp.DecodeConfig, imagemeta.ImageFormatAuto},
}

// strangers are kinds of file that people try and that cannot be read. Naming them helps more than "not a
// picture".
var strangers = []struct{ kind, magic string }{
	{"GIF", "GIF8"},
	{"HEIC", "????ftyphei"},
	{"HEIC", "????ftyphev"},
	{"HEIC", "????ftypmif1"},
	{"AVIF", "????ftypavi"},
	{"JPEG XL", "\xff\x0a"},
	{"JPEG XL", "\x00\x00\x00\x0cJXL "},
	{"JPEG 2000", "\x00\x00\x00\x0cjP  "},
	{"BigTIFF", "II+\x00"},
	{"BigTIFF", "MM\x00+"},
	{"OpenEXR", "v/1\x01"},
	{"a Photoshop document", "8BPS"},
	{"a PDF document", "%PDF"},
	{"SVG", "<svg"},
	{"SVG", "<?xml"},
	{"a web page", "<!DOCTYPE"},
	{"a web page", "<!doctype"},
	{"a web page", "<html"},
	{"a Git LFS pointer", "version https://git-lfs"},
}

// sniffLen is how much of a file sniff reads.
const sniffLen = 32

// sniff returns the format of a file by its first bytes, or nil and what it seems to be instead.
func sniff(head []byte) (f *format, kind string) {
	for i := range formats {
		if matches(head, formats[i].magic) {
			return &formats[i], formats[i].kind
		}
	}
	for _, s := range strangers {
		if matches(head, s.magic) {
			return nil, s.kind
		}
	}
	return nil, ""
}

func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != head[i] {
			return false
		}
	}
	return true
}

// animatedWebP reports whether the first chunk, VP8X, has the animation flag, which the decoder would
// take for damage.
func animatedWebP(data []byte) bool {
	const flags, animation = 20, 1 << 1
	return len(data) > flags && bytes.HasPrefix(data[12:], []byte("VP8X")) && data[flags]&animation != 0
}
