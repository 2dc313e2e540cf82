package imageio

import "slices"

// Change is what is done to the pixels of a picture after they were read.
type Change struct {
	// Do changes a view of the picture in its place. It takes no more memory than maxBytes, if that is not 0.
	Do func(im *Image, v View, maxBytes int64) error
	// Bytes returns how much memory Do takes.
	Bytes func(v View) int64
}

// Changed returns a deferred picture: im, with a change made to each view that is read of it.
func (im *Image) Changed(c Change) *Image {
	return Deferred(im.W, im.H, changed{im, c})
}

// changed is a Source.
type changed struct {
	of *Image
	Change
}

func (c changed) Read(v View, maxBytes int64) (*Image, error) {
	im, err := c.of.Read(v, maxBytes)
	if err != nil {
		return nil, err
	}
	if maxBytes > 0 {
		maxBytes = max(maxBytes-4*int64(len(im.Pix)+len(im.Alpha)), 1)
	}
	return im, c.Do(im, v, maxBytes)
}

func (c changed) Bytes(v View) int64 {
	size := v.crop().Size()
	kept := 4 * 3 * int64(size.X) * int64(size.Y)
	if c.Alpha() {
		kept += kept / 3
	}
	return max(c.of.ReadBytes(v), kept+c.Change.Bytes(v))
}

func (c changed) Alpha() bool { return c.of.HasAlpha() }

// Read returns a view of the picture, as Show with Bilinear makes it, with pixels that nobody else has. If the
// picture is deferred, it is read anew. It takes no more memory than maxBytes, if that is not 0. The errors are
// those of ReadWith.
func (im *Image) Read(v View, maxBytes int64) (*Image, error) {
	if !im.IsDeferred() {
		out := im.Shown(v)
		if out == im {
			own := *im
			own.Pix, own.Alpha = slices.Clone(im.Pix), slices.Clone(im.Alpha)
			out = &own
		}
		return out, nil
	}
	read, err := im.deferred.source.Read(v, maxBytes)
	if err == nil {
		im.Depth, im.Warnings = read.Depth, read.Warnings
	}
	return read, err
}

// ReadBytes returns how much memory Read takes, the result included.
func (im *Image) ReadBytes(v View) int64 {
	if im.IsDeferred() {
		return im.LoadBytes(v)
	}
	size := v.crop().Size()
	bytes := 4 * 3 * int64(size.X) * int64(size.Y)
	if im.Alpha != nil {
		bytes += bytes / 3
	}
	return bytes
}
