package render

import (
	"image"

	"oneiro/internal/imageio"
)

// Picture is what goes in and comes out: H rows of W pixels, RGB, sRGB-encoded, in 0..1, with the
// opacity beside it.
type Picture = imageio.Image

// NewPicture returns a black, opaque picture of w x h pixels.
func NewPicture(w, h int) *Picture { return imageio.New(w, h) }

// FromImage returns a picture of package image. Picture.Image is the way back.
func FromImage(m image.Image) *Picture { return imageio.FromImage(m) }

// ReadPicture reads a PNG, JPEG, WebP, TIFF, GIF or BMP file; see imageio.Read for what is done to it.
// The errors have a Hint.
func ReadPicture(path string) (*Picture, error) { return imageio.Read(path) }

// OpenPicture opens a file for a job, which reads it at the sizes that it needs once it is planned: a large
// picture is never in memory as a whole. The errors are those of ReadPicture.
func OpenPicture(path string) (*Picture, error) { return imageio.Open(path, imageio.ReadOptions{}) }

// WritePicture writes a PNG, JPEG or TIFF file, by the ending of its name, all or nothing. The errors have
// a Hint.
func WritePicture(path string, p *Picture) error {
	return imageio.Write(path, p, imageio.Meta{})
}
