package render

import (
	"math"

	"oneiro/colour"
	"oneiro/nn"
)

// Frames are the frames of a film, counted from 0. They are asked for in order, but for a start from the
// first.
type Frames interface {
	Frame(i int) (*Picture, error)
}

// Filmed is a film in the making: a Film, a DreamFilm or a StyleFilm. Each frame is a job of its own. It knows
// no files; a film that was cut short goes on from its frames.
type Filmed interface {
	// Size returns the size of the frames.
	Size() Size
	// Done returns how many frames are made.
	Done() int
	// Spec returns what makes the next frame. What has to be computed for that is computed on the processor
	// of e: nothing for the first frame. The errors are those of frames that are read.
	Spec(e *Engine) (Spec, error)
	// Usual returns what makes a frame in the middle of a shot, but for what it begins from and is held to: how
	// much work that is. Spec was called before.
	Usual() Spec
	// Frame takes the picture that a job of Spec has made, and returns the frame.
	Frame(im *Picture) FilmFrame
	// Restart has the film go on after so many frames. The errors are those of made and of frames that are
	// read.
	Restart(done int, made Made) error
	// Memory returns of how many frames, the last ones, Restart reads the state.
	Memory() int
	footage() *clip // nil for none
}

// ofFilm returns the spec of a frame: without a report, which nobody reads, and with the memory that the film
// takes beside it.
func ofFilm(spec Spec, bytes int64) Spec {
	held := spec.Held
	spec.Unreported = true
	spec.Held = func(s Size) int64 { return held(s) + bytes }
	return spec
}

// Made is the frames that a film has made, as Frame returned them.
type Made interface {
	Frames
	State(i int) (*FilmState, error)
}

// FilmFrame is a frame that was made.
type FilmFrame struct {
	*Picture // with 8 bits in a sample
	// State is what the film needs beside the picture to go on; nil for nothing.
	State  *FilmState
	Begins bool // it is the first of a shot
	// WarpError is flow.WarpError, how much the film flickers; NaN for the first frame of a shot, and where
	// nothing was looked for.
	WarpError float64
}

// Film makes the frames of a dream film one after the other: the frame before, moved as the camera does
// (Spec), which is dreamed on and then held to the colours and the sharpness of the first (Frame).
type Film struct {
	o     DreamOptions
	net   *nn.Network
	own   Aims
	size  Size
	first *Picture // the first frame
	last  *Picture // the one made last
	done  int      // frames that are made
	hold  colour.Statistics
	sharp float64
}

// NewFilm returns a film of the options, which have Frames.
func NewFilm(net *nn.Network, o DreamOptions) *Film {
	return &Film{o: o, net: net, own: o.keyed(net), size: o.full()}
}

// keyed returns what a film aims at without keys: objectives from which keys can fade.
func (o *DreamOptions) keyed(net *nn.Network) Aims {
	own := o.Objectives
	if len(o.Keys) > 0 && len(own) == 0 {
		own = append(own, o.aiming(net).aims...)
	}
	return own
}

// framed returns the options of a frame of a film, counted from 1, that starts from another one. own is
// what keyed returned.
func (o DreamOptions) framed(frame int, own Aims) DreamOptions {
	o.aim(frame, own)
	o.Seed += uint64(frame - 1)
	o.Iterations, o.OctaveIterations, o.Octaves = o.FrameIterations, nil, o.FrameOctaves
	return o
}

// aim sets what keys say that a frame aims at.
func (o *DreamOptions) aim(frame int, own Aims) {
	if s := o.scene(frame, own); len(s.aims) > 0 {
		if len(o.Objectives) == 0 { // these are what the other options say
			o.Class, o.Channels = -1, nil
		}
		o.Objectives = s.aims
	}
}

// Done returns how many frames are made.
func (f *Film) Done() int { return f.done }

// Size returns the size of the frames.
func (f *Film) Size() Size { return f.size }

// Restart has the film go on after so many frames, of which it looks at the first and the last.
func (f *Film) Restart(done int, made Made) error {
	first, err := made.Frame(0)
	if err != nil {
		return err
	}
	if f.last, err = made.Frame(done - 1); err != nil {
		return err
	}
	f.begin(first)
	f.done = done
	return nil
}

// Usual implements [Filmed].
func (f *Film) Usual() Spec {
	return ofFilm(Dream(f.o.framed(2, f.own)), 0)
}

func (f *Film) footage() *clip { return nil }

// Memory implements [Filmed].
func (f *Film) Memory() int { return 0 }

// Spec returns what makes the next frame. A frame of the default settings takes 8 steps, half of them at
// half of the pixels: without a report it takes three quarters of the time. The error is nil.
func (f *Film) Spec(*Engine) (Spec, error) {
	return ofFilm(Dream(f.options()), 0), nil
}

// options returns those of the dream that the next frame is. Masks and regions are of the frame, not of
// what moves through it.
func (f *Film) options() DreamOptions {
	if f.done == 0 {
		return f.o
	}
	frame := f.done + 1
	o := f.o.framed(frame, f.own)
	o.Image, o.Size = f.moved(frame), f.size.longer()
	return o
}

// moved returns what a frame starts from: the one before, moved, and towards the end more and more of the
// first, as it has to look now for the film to arrive there.
func (f *Film) moved(frame int) *Picture {
	out := NewPicture(f.size.W, f.size.H)
	f.camera(frame).warp(out.Pix, f.last.Pix, f.size, nil)
	loops := f.o.loops()
	at := frame - (f.o.Frames - loops) // of the frames that lead back
	if at <= 0 {
		return out
	}
	way := camera{1, 0, 0, 0}
	for k := frame + 1; k <= f.o.Frames+1; k++ {
		way = way.then(f.camera(min(k, f.o.Frames)))
	}
	lead, inside := make([]float32, len(out.Pix)), make([]float32, f.size.W*f.size.H)
	way.inverse().warp(lead, f.first.Pix, f.size, inside)
	// The parts of all frames so far add up to smooth.
	before, now := smooth(float64(at-1)/float64(loops)), smooth(float64(at)/float64(loops))
	part := float32((now - before) / (1 - before))
	for i := range out.Pix {
		out.Pix[i] += part * inside[i/3] * (lead[i] - out.Pix[i])
	}
	return out
}

// camera returns how the camera moves from the frame before to a frame.
func (f *Film) camera(frame int) camera {
	s := f.o.scene(frame, f.own)
	sin, cos := math.Sincos(s.turn * math.Pi / 180)
	longer := float64(f.size.longer()) / 100
	return camera{s.zoom * cos, s.zoom * sin, -s.pan.X * longer, -s.pan.Y * longer}
}

// Frame implements [Filmed].
func (f *Film) Frame(im *Picture) FilmFrame {
	held := NewPicture(im.W, im.H)
	copy(held.Pix, im.OnWhite().Pix)
	if f.done > 0 {
		f.steady(held)
	}
	held = Quantised(held, 8, nil)
	if f.done == 0 {
		f.begin(held)
	}
	f.last = held
	f.done++
	return FilmFrame{Picture: held, Begins: f.done == 1, WarpError: math.NaN()}
}

// begin notes what the first frame is like.
func (f *Film) begin(first *Picture) {
	f.first = first
	f.hold = colour.Of(first.Pix, nil, first.W)
	f.sharp = sharpness(laplacianOf(first.Pix, f.size))
}

// steady gives a frame the colours of the first, their mean and covariance, and its sharpness, by as much
// more or less of the finest band.
func (f *Film) steady(im *Picture) {
	to := colour.Transfer(colour.Of(im.Pix, nil, im.W), f.hold)
	for i := 0; i < len(im.Pix); i += 3 {
		p := im.Pix[i : i+3]
		p[0], p[1], p[2] = to.At(p[0], p[1], p[2])
	}
	sharpen(im.Pix, f.size, f.sharp)
	for i, v := range im.Pix {
		im.Pix[i] = min(max(v, 0), 1)
	}
}

// sharpen gives pixels a sharpness, by as much more or less of the finest band, as far as that is bounded.
func sharpen(pix []float32, size Size, to float64) {
	fine := fineBand(pix, size)
	gain := float32(fineGain(laplacianOf(pix, size), laplacianOf(fine, size), to))
	for i, v := range fine {
		pix[i] += gain * v
	}
}

// mostGain bounds how much of the finest band is added or taken away in a frame.
const mostGain = 0.5

// fineGain returns how much of a band, of which b is the Laplacian, has to be added to a picture, of which
// a is, for a variance.
func fineGain(a, b []float32, variance float64) float64 {
	var aa, ab, bb float64
	for i, v := range a {
		x, y := float64(v), float64(b[i])
		aa, ab, bb = aa+x*x, ab+x*y, bb+y*y
	}
	aa -= variance * float64(len(a))
	if !(bb > 0) {
		return 0
	}
	inside := ab*ab - aa*bb // aa + 2·g·ab + g²·bb = 0
	if inside < 0 {
		return -mostGain
	}
	return min(max((math.Sqrt(inside)-ab)/bb, -mostGain), mostGain)
}

// laplacianOf returns the Laplacian of the lightness of pixels, but for those at the edges.
func laplacianOf(pix []float32, size Size) []float32 {
	light := make([]float32, size.W*size.H)
	for i := range light {
		light[i] = 0.2126*pix[3*i] + 0.7152*pix[3*i+1] + 0.0722*pix[3*i+2]
	}
	out := make([]float32, 0, len(light))
	for y := 1; y < size.H-1; y++ {
		for i := y*size.W + 1; i < (y+1)*size.W-1; i++ {
			out = append(out, 4*light[i]-light[i-1]-light[i+1]-light[i-size.W]-light[i+size.W])
		}
	}
	return out
}

// sharpness returns the variance of a Laplacian, whose mean is next to nothing.
func sharpness(laplacian []float32) float64 {
	var sum float64
	for _, v := range laplacian {
		sum += float64(v) * float64(v)
	}
	return sum / max(float64(len(laplacian)), 1)
}
