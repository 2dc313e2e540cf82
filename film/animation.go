package film

import (
	"errors"
	"image"
	"io"
	"os"
	"slices"

	"oneiro/internal/imageio"
)

// maxPatches is how many pictures an animation may have.
const maxPatches = 1 << 20

var errMany = errors.New("it has more than a million pictures")

// disposal is what happens to a patch before the next one is drawn.
type disposal uint8

const (
	leave   disposal = iota
	erase            // its place becomes clear
	restore          // what was there before it
)

// patch is a picture of an animation, which is drawn on what the ones before it left.
type patch struct {
	place    image.Rectangle
	delay    int64 // how long it is shown, in microseconds
	over     bool  // it is blended with what is there; else it takes its place
	disposal disposal
	from, to int64  // where it is in the file
	extra    uint16 // what the format needs to know of it
}

// animation is a source whose frames are patches on a canvas.
type animation struct {
	path, kind string
	file       *os.File
	patches    []patch
	still      func(p *patch) ([]byte, error) // the file of one picture
	timing     timing
	limit      int64
	at         int            // the next frame
	drawn      int            // the patch that the canvas shows
	canvas     *imageio.Image // with Alpha; nil before the first patch
	saved      *imageio.Image // what a patch covers, if it is to be restored
	w, h       int
	alpha      bool
}

// open returns a clip of the animation, whose patches are known.
func (a *animation) open(o ReadOptions) (*Clip, error) {
	if len(a.patches) == 0 {
		return nil, a.damaged(errors.New("it has no pictures"))
	}
	a.limit, a.drawn = o.memoryLimit(), -1
	if need := floats(a.w, a.h, 4); need > a.limit {
		return nil, memoryError(a.path, need, a.limit)
	}
	delays := make([]int64, len(a.patches))
	screen := image.Rect(0, 0, a.w, a.h)
	for i := range a.patches {
		p := &a.patches[i]
		delays[i] = p.delay
		if i == 0 && p.place != screen {
			a.alpha = true
		}
	}
	a.timing = newTiming(delays)
	c := &Clip{src: a, info: Info{
		W: a.w, H: a.h, Rate: a.timing.rate, Frames: a.timing.frames, Alpha: a.alpha,
	}}
	if a.timing.until != nil {
		c.notes = append(c.notes, "its pictures are shown for different times: long ones are repeated")
	}
	return c, nil
}

func (a *animation) damaged(err error) error { return &DataError{a.path, a.kind, err} }

func (a *animation) next() (*imageio.Image, error) {
	if a.at >= a.timing.frames {
		return nil, io.EOF
	}
	want := a.timing.picture(a.at)
	if want < a.drawn {
		a.drawn, a.canvas, a.saved = -1, nil, nil
	}
	for a.drawn < want {
		if err := a.draw(); err != nil {
			return nil, err
		}
	}
	a.at++
	im := *a.canvas
	im.Pix = slices.Clone(im.Pix)
	if opaque := func(v float32) bool { return v == 1 }; !slices.ContainsFunc(im.Alpha, not(opaque)) {
		im.Alpha = nil
	} else {
		im.Alpha = slices.Clone(im.Alpha)
	}
	return &im, nil
}

func not(f func(float32) bool) func(float32) bool { return func(v float32) bool { return !f(v) } }

func (a *animation) skip() error {
	if a.at >= a.timing.frames {
		return io.EOF
	}
	a.at++
	return nil
}

func (a *animation) restart() error { a.at = 0; return nil }
func (a *animation) close() error   { return a.file.Close() }

// draw draws the next patch.
func (a *animation) draw() error {
	p := &a.patches[a.drawn+1]
	data, err := a.still(p)
	if err != nil {
		return a.damaged(err)
	}
	im, err := imageio.DecodeWith(data, a.path, imageio.ReadOptions{MaxBytes: a.limit})
	if err != nil {
		if bad, is := errors.AsType[*imageio.DataError](err); is {
			err = a.damaged(bad.Err)
		}
		return err
	}
	if im.W != p.place.Dx() || im.H != p.place.Dy() {
		return a.damaged(errors.New("its headers contradict each other"))
	}
	if a.canvas == nil {
		a.canvas = imageio.New(a.w, a.h)
		a.canvas.Alpha = make([]float32, a.w*a.h)
		a.canvas.Depth, a.canvas.Profile = im.Depth, im.Profile
	}
	if a.drawn >= 0 {
		a.dispose(&a.patches[a.drawn])
	}
	a.saved = nil
	place := p.place.Intersect(image.Rect(0, 0, a.w, a.h))
	if p.disposal == restore && !place.Empty() {
		a.saved = part(a.canvas, place)
	}
	for y := place.Min.Y; y < place.Max.Y; y++ {
		for x := place.Min.X; x < place.Max.X; x++ {
			a.pixel(y*a.w+x, im, (y-p.place.Min.Y)*im.W+x-p.place.Min.X, p.over)
		}
	}
	a.drawn++
	return nil
}

// pixel draws pixel k of a picture on pixel i of the canvas.
func (a *animation) pixel(i int, im *imageio.Image, k int, over bool) {
	to, from := a.canvas.Pix[3*i:][:3], im.Pix[3*k:][:3]
	opacity := float32(1)
	if im.Alpha != nil {
		opacity = im.Alpha[k]
	}
	below := a.canvas.Alpha[i] * (1 - opacity)
	switch {
	case !over || below == 0:
		if over && opacity == 0 { // clear on clear
			return
		}
		copy(to, from)
		a.canvas.Alpha[i] = opacity
	default:
		sum := opacity + below
		for c := range to {
			to[c] = (opacity*from[c] + below*to[c]) / sum
		}
		a.canvas.Alpha[i] = sum
	}
}

// dispose does with a patch what has to be done before the next one.
func (a *animation) dispose(p *patch) {
	place := p.place.Intersect(image.Rect(0, 0, a.w, a.h))
	for y := place.Min.Y; y < place.Max.Y; y++ {
		at, n := y*a.w+place.Min.X, place.Dx()
		switch {
		case p.disposal == erase:
			clear(a.canvas.Pix[3*at:][:3*n])
			clear(a.canvas.Alpha[at:][:n])
		case p.disposal == restore && a.saved != nil:
			row := (y - place.Min.Y) * n
			copy(a.canvas.Pix[3*at:], a.saved.Pix[3*row:][:3*n])
			copy(a.canvas.Alpha[at:], a.saved.Alpha[row:][:n])
		}
	}
}

// part returns a copy of a part of a picture with opacity.
func part(im *imageio.Image, r image.Rectangle) *imageio.Image {
	out := &imageio.Image{W: r.Dx(), H: r.Dy()}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		at := y*im.W + r.Min.X
		out.Pix = append(out.Pix, im.Pix[3*at:][:3*out.W]...)
		out.Alpha = append(out.Alpha, im.Alpha[at:][:out.W]...)
	}
	return out
}
