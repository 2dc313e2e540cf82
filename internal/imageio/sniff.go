package imageio

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// format is a kind of file that can be read. Package image has a registry too, but its content depends on
// which packages a program imports.
type format struct {
	kind  string
	magic string // the first bytes; ? matches any
	open  func(in *input, o *ReadOptions) (*decoder, error)
	meta  imagemeta.ImageFormat // where there is EXIF; ImageFormatAuto for nowhere
}

var formats = []format{
	{"PNG", pngMagic, openPNG, imagemeta.PNG},
	{"JPEG", "\xff\xd8\xff", wholly(openJPEG), imagemeta.JPEG},
	{"WebP", "RIFF????WEBPVP8", wholly(openWebP), imagemeta.WebP},
	{"TIFF", "II*\x00", openTIFF, imagemeta.ImageFormatAuto},
	{"TIFF", "MM\x00*", openTIFF, imagemeta.ImageFormatAuto},
	{"TIFF", "II+\x00", openTIFF, imagemeta.ImageFormatAuto},
	{"TIFF", "MM\x00+", openTIFF, imagemeta.ImageFormatAuto},
	{"GIF", "GIF8?a", wholly(openGIF), imagemeta.ImageFormatAuto},
	{"BMP", "BM????\x00\x00\x00\x00", wholly(openBMP), imagemeta.ImageFormatAuto},
}

// strangers are kinds of file that people try and that cannot be read. Naming them helps more than "not a
// picture".
var strangers = []struct{ kind, magic string }{
	{cameraRaw, "????ftypcrx"},
	{cameraRaw, "FUJIFILMCCD-RAW"},
	{cameraRaw, "IIRO"},
	{cameraRaw, "IIRS"},
	{cameraRaw, "MMOR"},
	{cameraRaw, "IIU\x00"},
	{cameraRaw, "FOVb"},
	{cameraRaw, "\x00MRM"},
	{"AVIF", "????ftypavi"},
	{"AVIF", "????ftypmif1????????avif"},
	{"AVIF", "????ftypmif1????????????avif"},
	{"HEIC", "????ftyphei"},
	{"HEIC", "????ftyphev"},
	{"HEIC", "????ftypmif1"},
	{"HEIC", "????ftypmsf1"},
	{"a film", "????ftyp"},
	{"a film", "\x1aE\xdf\xa3"},
	{"a film", "RIFF????AVI "},
	{"JPEG XL", "\xff\x0a"},
	{"JPEG XL", "\x00\x00\x00\x0cJXL "},
	{"JPEG 2000", "\x00\x00\x00\x0cjP  "},
	{"JPEG 2000", "\xff\x4f\xff\x51"},
	{"JPEG XR", "II\xbc"},
	{"OpenEXR", "v/1\x01"},
	{"Radiance HDR", "#?RADIANCE"},
	{"a Photoshop document", "8BPS"},
	{"a GIMP picture", "gimp xcf"},
	{"an icon", "\x00\x00\x01\x00"},
	{"QOI", "qoif"},
	{"DDS", "DDS "},
	{"a PNM picture", "P4\n"},
	{"a PNM picture", "P5\n"},
	{"a PNM picture", "P6\n"},
	{"a PDF document", "%PDF"},
	{"PostScript", "%!PS"},
	{"SVG", "<svg"},
	{"SVG", "<?xml"},
	{"a zip archive", "PK\x03\x04"},
	{"a web page", "<!DOCTYPE"},
	{"a web page", "<!doctype"},
	{"a web page", "<html"},
	{"a Git LFS pointer", "version https://git-lfs"},
}

// iphonePNG is the kind of PNG files whose bytes Xcode has rearranged for iPhones.
const iphonePNG = "an iPhone's PNG, as Xcode makes it (CgBI)"

// waysOut say what to do with a kind that cannot be read, where opening it in an image editor is not the best.
var waysOut = map[string]string{
	cameraRaw:           "develop it first, with the camera maker's program, darktable or RawTherapee, and save a PNG or JPEG",
	iphonePNG:           "turn it back first: xcrun -sdk iphoneos pngcrush -revert-iphone-optimizations in.png out.png",
	"HEIC":              "convert it first, for example: heif-convert picture.heic picture.png; phones can save JPEG instead",
	"AVIF":              "convert it first, for example: avifdec picture.avif picture.png",
	"JPEG XL":           "convert it first, for example: djxl picture.jxl picture.png",
	"SVG":               "draw it first at the size that you need, for example: rsvg-convert -w 1024 picture.svg -o picture.png",
	"a PDF document":    "draw a page of it first, for example: pdftoppm -r 150 -png document.pdf page",
	"PostScript":        "draw it first, for example: gs -sDEVICE=png16m -r150 -o page.png document.ps",
	"a film":            "take a picture out of it first, for example: ffmpeg -ss 5 -i film.mp4 -frames:v 1 picture.png",
	"a zip archive":     "unpack it first; a document of Krita or OpenRaster can be exported as PNG",
	"a web page":        "this is not the picture but a stand-in for it: download the picture itself",
	"a Git LFS pointer": "this is not the picture but a stand-in for it: download the picture itself",
	"":                  "PNG, JPEG, WebP, TIFF, GIF and BMP can be read",
}

// sniffLen is how much of a file sniff reads.
const sniffLen = 32

// sniff returns the format of a file by its first bytes, or nil and what it seems to be instead.
func sniff(head []byte) (f *format, kind string) {
	for i := range formats {
		if Matches(head, formats[i].magic) {
			return &formats[i], formats[i].kind
		}
	}
	if text := bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"); len(text) > 0 && text[0] == '<' {
		head = text
	}
	for _, s := range strangers {
		if Matches(head, s.magic) {
			return nil, s.kind
		}
	}
	return nil, ""
}

// Matches tells whether a file that begins with head has the first bytes of a kind, of which ? is any.
func Matches(head []byte, magic string) bool {
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
