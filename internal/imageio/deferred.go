package imageio

import (
	"errors"
	"fmt"
	"os"
)

// Source is where the pixels of a picture come from that was not read yet.
type Source interface {
	// Read returns the picture at w x h pixels: what Resize makes of the whole of it with Bilinear. It takes no
	// more memory than maxBytes, if that is not 0.
	Read(w, h int, maxBytes int64) (*Image, error)
	// Bytes returns how much memory Read takes, the result included.
	Bytes(w, h int) int64
	// Alpha returns whether pixels may be clear.
	Alpha() bool
}

// deferred is what there is of a picture whose pixels are read when it is known at which sizes they are needed.
type deferred struct {
	source Source
	alpha  bool              // as Source.Alpha
	levels map[[2]int]*Image // that were read, by width and height
}

// Deferred returns a picture of w x h pixels that has none of them until Load reads it. With nil as its source it
// only has a size.
func Deferred(w, h int, s Source) *Image {
	return &Image{W: w, H: h, Depth: 8, deferred: &deferred{s, s != nil && s.Alpha(), map[[2]int]*Image{}}}
}

// Open returns a deferred picture in a file, of which only the header is read. What is no regular file, such as a
// pipe, is read at once. The errors are those of Read.
func Open(path string, o ReadOptions) (*Image, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return ReadWith(path, o)
	}
	info, err := Stat(path)
	if err != nil {
		return nil, err
	}
	return Deferred(info.W, info.H, file{path, info, o}), nil
}

// file is a Source.
type file struct {
	path    string
	info    Info
	options ReadOptions
}

// at returns the options of reading it at w x h pixels.
func (f file) at(w, h int) ReadOptions {
	o := f.options
	o.Fit, o.Filter = To(w, h), Bilinear
	return o
}

func (f file) Read(w, h int, maxBytes int64) (*Image, error) {
	o, same := f.at(w, h), false
	o.MaxBytes = maxBytes
	o.Fit = func(width, height int) View {
		same = width == f.info.W && height == f.info.H
		return View{W: w, H: h}
	}
	im, err := ReadWith(f.path, o)
	if err == nil && !same {
		return nil, &DataError{f.path, f.info.Kind, errors.New("another picture has taken its place")}
	}
	return im, err
}

func (f file) Bytes(w, h int) int64 { return f.info.Bytes(f.at(w, h)) }
func (f file) Alpha() bool          { return f.info.Alpha || f.options.AllowTruncated }

// IsDeferred returns whether the pixels of the picture are read by Load.
func (im *Image) IsDeferred() bool { return im.deferred != nil && im.deferred.source != nil }

// LoadBytes returns how much memory Load of a deferred picture takes at a size, with what stays of it.
func (im *Image) LoadBytes(w, h int) int64 { return im.deferred.source.Bytes(w, h) }

// Load reads a deferred picture at w x h pixels, so that At has it. It takes no more memory than maxBytes, if that
// is not 0. The errors are those of ReadWith.
func (im *Image) Load(w, h int, maxBytes int64) error {
	level, err := im.deferred.source.Read(w, h, maxBytes)
	if err != nil {
		return err
	}
	im.deferred.levels[[2]int{w, h}] = level
	im.Depth, im.Warnings = level.Depth, level.Warnings
	return nil
}

// Drop gives up what Load has read at w x h pixels, but for the opacity if that is to stay.
func (im *Image) Drop(w, h int, opacity bool) {
	if im.deferred == nil {
		return
	}
	at := [2]int{w, h}
	if level := im.deferred.levels[at]; level != nil && opacity {
		im.deferred.levels[at] = &Image{W: w, H: h, Depth: level.Depth, Alpha: level.Alpha}
	} else {
		delete(im.deferred.levels, at)
	}
}

// At returns the picture at w x h pixels, as Resize with Bilinear makes it. The result may be the picture itself,
// or one that others get too. A deferred picture must have been read at that size, or at its own.
func (im *Image) At(w, h int) *Image {
	from := im.nearest(w, h)
	if from.W == w && from.H == h {
		return from
	}
	return Resize(from, w, h, Bilinear)
}

// OpacityAt returns the opacity of At, nil for an opaque picture and for one that only has a size.
func (im *Image) OpacityAt(w, h int) []float32 {
	if im.deferred != nil && im.deferred.source == nil {
		return nil
	}
	from := im.nearest(w, h)
	if from.Alpha == nil || from.W == w && from.H == h {
		return from.Alpha
	}
	return Resample(from.Alpha, from.W, from.H, 1, w, h, Bilinear)
}

// nearest returns the picture at w x h pixels if there is that, and else at its own size.
func (im *Image) nearest(w, h int) *Image {
	if im.deferred == nil {
		return im
	}
	for _, size := range [][2]int{{w, h}, {im.W, im.H}} {
		if level := im.deferred.levels[size]; level != nil {
			return level
		}
	}
	panic(fmt.Sprintf("imageio: a picture of %dx%d pixels was not read at %dx%d", im.W, im.H, w, h))
}
