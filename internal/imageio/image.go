// Package imageio turns picture files into flat arrays of float32 and back.
//
// Values stay sRGB-encoded, as they are in the file and as networks were trained on, scaled to 0..1. Colours of
// other profiles are converted when they are read. What is clear has no part in what is resampled. Everything
// that a file or a person can cause is an error of a type with a text of one line and a Hint.
package imageio

import "fmt"

// Image is a picture of H rows of W pixels.
type Image struct {
	W, H int

	// Pix holds the colours, H x W x 3: red, green, blue, sRGB-encoded, 0..1, not multiplied by alpha.
	Pix []float32

	// Alpha holds the opacity, H x W, 0 (clear) to 1, or is nil if the whole picture is opaque.
	Alpha []float32

	// Depth is the number of bits per channel of the file, 8 or 16. Write makes a 16-bit PNG or TIFF if it
	// is 16, else an 8-bit one.
	Depth int

	// Profile is the colour profile that the file has, if colours were converted from it; nil for sRGB.
	Profile *Profile

	// Warnings say what of the file was left out or taken for something else, one sentence each without
	// the file's name.
	Warnings []string

	deferred *deferred       // instead of Pix and Alpha; nil in a picture that has them
	release  func([]float32) // called with colours that were read, if they were moved (Move)
}

// New returns a black, opaque image of w x h pixels with 8 bits of depth.
func New(w, h int) *Image {
	return &Image{W: w, H: h, Pix: make([]float32, w*h*3), Depth: 8}
}

// check panics if the lengths of the slices do not match W and H.
func (im *Image) check(op string) {
	if im.W < 1 || im.H < 1 || len(im.Pix) != im.W*im.H*3 || im.Alpha != nil && len(im.Alpha) != im.W*im.H {
		panic(fmt.Sprintf("imageio: %s: image of %dx%d with %d colour and %d alpha values",
			op, im.W, im.H, len(im.Pix), len(im.Alpha)))
	}
}
