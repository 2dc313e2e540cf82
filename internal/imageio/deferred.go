package imageio

import (
	"errors"
	"fmt"
	"os"
	"slices"
)

// Source provides the pixels of a picture that has not been read yet.
type Source interface {
	// Read returns a view of the picture: what Show makes of the whole of it with Bilinear. It takes no more
	// memory than maxBytes, if that is not 0.
	Read(v View, maxBytes int64) (*Image, error)
	// Bytes returns how much memory Read takes, the result included.
	Bytes(v View) int64
	// Alpha returns whether pixels may be clear.
	Alpha() bool
}

// deferred is what there is of a picture whose pixels are read when it is known how they are needed.
type deferred struct {
	source Source
	views  map[View]*Image // that were read
}

// Deferred returns a picture of w x h pixels that has none of them until Load reads it. With nil as its
// source it only has a size.
func Deferred(w, h int, s Source) *Image {
	return &Image{W: w, H: h, Depth: 8, deferred: &deferred{s, map[View]*Image{}}}
}

// Open returns a deferred picture in a file, of which only the header is decoded. Anything but a regular file,
// such as a pipe, is read at once. The errors are those of ReadWith.
func Open(path string, o ReadOptions) (*Image, error) {
	switch f, err := os.Stat(path); {
	case err != nil || f.IsDir(): // which Stat reports
	case !f.Mode().IsRegular():
		return ReadWith(path, o)
	}
	info, err := stat(path, o)
	if err != nil {
		return nil, err
	}
	im := Deferred(info.W, info.H, file{path, info, o})
	im.Profile = info.profile
	return im, nil
}

// file is a Source.
type file struct {
	path    string
	info    Info
	options ReadOptions
}

func (f file) Read(v View, maxBytes int64) (*Image, error) {
	o, same := f.options, false
	o.Filter, o.MaxBytes = Bilinear, maxBytes
	o.Fit = func(w, h int) View {
		same = w == f.info.W && h == f.info.H
		return v
	}
	im, err := ReadWith(f.path, o)
	if err == nil && !same {
		return nil, &DataError{f.path, f.info.Kind, errors.New("another picture has taken its place")}
	}
	return im, err
}

func (f file) Bytes(v View) int64 {
	o := f.options
	o.Fit = func(int, int) View { return v }
	return f.info.Bytes(o)
}

func (f file) Alpha() bool { return f.info.Alpha || f.options.AllowTruncated }

// IsDeferred returns whether the pixels of the picture are read by Load.
func (im *Image) IsDeferred() bool { return im.deferred != nil && im.deferred.source != nil }

// LoadBytes returns how much memory Load of a view takes, with what stays of it.
func (im *Image) LoadBytes(v View) int64 { return im.deferred.source.Bytes(v) }

// Load reads a view of a deferred picture, so that Shown has it. It takes no more memory than maxBytes, if
// that is not 0. The errors are those of ReadWith.
func (im *Image) Load(v View, maxBytes int64) error {
	read, err := im.deferred.source.Read(v, maxBytes)
	if err != nil {
		return err
	}
	im.deferred.views[v] = read
	im.Depth, im.Warnings = read.Depth, read.Warnings
	return nil
}

// Move puts the colours of a view that Load has read somewhere else: move returns where they are. They are only
// read from then on, and release is called with what of them is not needed for a while.
func (im *Image) Move(v View, move func([]float32) []float32, release func([]float32)) {
	read := im.deferred.views[v]
	read.Pix, read.release = move(read.Pix), release
}

// Drop gives up a view that Load has read, but for the opacity if that is to stay.
func (im *Image) Drop(v View, opacity bool) {
	if im.deferred == nil {
		return
	}
	if read := im.deferred.views[v]; read != nil && opacity {
		im.deferred.views[v] = &Image{W: read.W, H: read.H, Depth: read.Depth, Alpha: read.Alpha}
	} else {
		delete(im.deferred.views, v)
	}
}

// At returns the picture at w x h pixels, as Resize with Bilinear makes it; see Shown.
func (im *Image) At(w, h int) *Image { return im.Shown(View{W: w, H: h}) }

// OwnAt returns At with pixels that nobody else has.
func (im *Image) OwnAt(w, h int) *Image {
	from, is := im.nearest(View{W: w, H: h})
	if !is {
		return Show(from, View{W: w, H: h}, Bilinear)
	}
	own := *from
	own.Pix = make([]float32, len(from.Pix))
	for y := range from.H {
		from.copyRow(own.Pix[3*from.W*y:], y)
	}
	own.Alpha, own.deferred, own.release = slices.Clone(from.Alpha), nil, nil
	return &own
}

// copyRow copies the colours of row y.
func (im *Image) copyRow(to []float32, y int) {
	row := im.Pix[3*im.W*y:][:3*im.W]
	copy(to, row)
	if im.release != nil {
		im.release(row)
	}
}

// Shown returns a view of the picture, as Show with Bilinear makes it. The result may be the picture itself,
// or one that others get too. Of a deferred picture that view must have been read, or the whole.
func (im *Image) Shown(v View) *Image {
	from, is := im.nearest(v)
	if is {
		return from
	}
	return Show(from, v, Bilinear)
}

// OpacityAt returns the opacity of At, nil for an opaque picture and for one that only has a size.
func (im *Image) OpacityAt(w, h int) []float32 {
	if im.deferred != nil && im.deferred.source == nil {
		return nil
	}
	from, is := im.nearest(View{W: w, H: h})
	if is || from.Alpha == nil {
		return from.Alpha
	}
	return Resample(from.Alpha, from.W, from.H, 1, w, h, Bilinear)
}

// nearest returns the view if it has been read, and otherwise the whole picture.
func (im *Image) nearest(v View) (from *Image, is bool) {
	whole := View{W: im.W, H: im.H}
	if im.deferred == nil {
		return im, v == whole
	}
	if read := im.deferred.views[v]; read != nil {
		return read, true
	}
	if read := im.deferred.views[whole]; read != nil {
		return read, false
	}
	panic(fmt.Sprintf("imageio: of a picture of %dx%d pixels no view %v was read", im.W, im.H, v))
}
