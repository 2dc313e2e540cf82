package imageio

import "image"

// Cropped returns a part of a picture as a picture. A deferred one stays so; to read it, the part is read
// at its own size and then resampled.
func Cropped(im *Image, r image.Rectangle) *Image {
	whole := image.Rect(0, 0, im.W, im.H)
	if r.Empty() || !r.In(whole) {
		panic("imageio: the part of a picture lies outside it")
	}
	switch {
	case r == whole:
		return im
	case im.deferred == nil:
		return Show(im, View{W: im.W, H: im.H, Crop: r}, Bilinear)
	case im.deferred.source == nil:
		return Deferred(r.Dx(), r.Dy(), nil)
	}
	out := Deferred(r.Dx(), r.Dy(), cropped{im.deferred.source, View{W: im.W, H: im.H, Crop: r}})
	out.Depth = im.Depth
	return out
}

// cropped is a Source that is a part of another.
type cropped struct {
	whole Source
	part  View
}

// Read implements [Source].
func (c cropped) Read(v View, maxBytes int64) (*Image, error) {
	im, err := c.whole.Read(c.part, maxBytes)
	if err != nil {
		return nil, err
	}
	shown := Show(im, v, Bilinear)
	shown.Warnings = im.Warnings
	return shown, nil
}

// Bytes implements [Source].
func (c cropped) Bytes(v View) int64 {
	shown := v.crop()
	values := int64(3)
	if c.Alpha() {
		values = 4
	}
	return c.whole.Bytes(c.part) + 4*values*int64(shown.Dx())*int64(shown.Dy())
}

// Alpha implements [Source].
func (c cropped) Alpha() bool { return c.whole.Alpha() }
