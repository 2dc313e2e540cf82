package render

import (
	"math"
	"slices"

	"oneiro/colour"
	"oneiro/flow"
	"oneiro/nn"
)

// DreamFilm dreams the frames of a clip one after the other, so that what is dreamed sticks to what moves.
// Of the frame before it takes the residual, which is the dream less the frame of the clip, along the
// optical flow, with a decay, and adds it to the next frame of the clip: a dream of a few steps starts from
// there (Spec). Then strength and colours are held to those of the first dream of the shot (Frame). After a
// cut a frame is dreamed like the first.
//
// That what is warped is the residual is from the programs for DeepDream of 2015. The decay, the
// reliability of the flow, and what is held are not in them.
type DreamFilm struct {
	o    DreamFilmOptions
	net  *nn.Network
	own  Aims
	clip *clip
	done int
	last *Picture // the frame made last
	made Frames   // after Restart, before it is known what hold is
	hold *hold    // nil if it is not known
	next *dreamStart
}

// dreamStart is what a frame starts from.
type dreamStart struct {
	frame    *clipFrame
	residual []float32 // nil if a shot begins
	weights  []float32 // how much each pixel may change, nil for all of it
	*motion            // nil, too
}

// NewDreamFilm returns a film of a clip. The picture of the options is the first frame, and they have no
// Frames. The errors are those of the frames and an *OptionError.
func NewDreamFilm(net *nn.Network, o DreamFilmOptions, frames Frames) (*DreamFilm, error) {
	if err := slices.Concat(clipTable, dreamClipTable).Check(&o).Err(); err != nil {
		return nil, err
	}
	o.clip = true
	c, err := newClip(frames, o.ClipOptions, 2, func(first *Picture) Size {
		o.Image = first
		return o.full()
	})
	if err != nil {
		return nil, err
	}
	return &DreamFilm{o: o, net: net, own: o.keyed(net), clip: c}, nil
}

// Done returns how many frames are made.
func (f *DreamFilm) Done() int { return f.done }

// Size returns the size of the frames.
func (f *DreamFilm) Size() Size { return f.clip.size }

// Usual implements [Filmed].
func (f *DreamFilm) Usual() Spec {
	o := f.o.DreamOptions.framed(2, f.own)
	o.Image, o.Size = f.next.frame.picture, f.clip.size.longer()
	return ofFilm(Dream(o), f.bytes())
}

func (f *DreamFilm) footage() *clip { return f.clip }

// Memory implements [Filmed].
func (f *DreamFilm) Memory() int { return 0 }

// Restart has the film go on after so many frames, of which it looks at the last, and later on, when an
// engine is there to find it, at the first of the shot.
func (f *DreamFilm) Restart(done int, made Made) error {
	last, err := made.Frame(done - 1)
	if err != nil {
		return err
	}
	f.done, f.last, f.made, f.hold, f.next = done, last, made, nil, nil
	return nil
}

// Spec returns what makes the next frame.
func (f *DreamFilm) Spec(e *Engine) (Spec, error) {
	if err := f.prepare(e); err != nil {
		return Spec{}, err
	}
	o := f.options()
	if err := f.place(&o, f.done); err != nil {
		return Spec{}, err
	}
	return ofFilm(Dream(o), f.bytes()), nil
}

// place sets where a frame dreams, if that moves.
func (f *DreamFilm) place(o *DreamOptions, frame int) error {
	if err := f.clip.mask(&o.MaskOptions, frame); err != nil {
		return err
	}
	return f.clip.regions(&o.LabelOptions, frame)
}

// options returns those of the dream that the next frame is.
func (f *DreamFilm) options() DreamOptions {
	o, frame := f.o.DreamOptions, f.done+1
	if f.next.residual != nil {
		o = o.framed(frame, f.own)
		o.residual = f.next.residual
	} else {
		o.aim(frame, f.own)
	}
	o.Image, o.Size = f.next.frame.picture, f.clip.size.longer()
	return o
}

// prepare finds what the next frame starts from.
func (f *DreamFilm) prepare(e *Engine) error {
	if f.next != nil {
		return nil
	}
	if f.made != nil {
		if err := f.remember(e); err != nil {
			return err
		}
	}
	frame, err := f.clip.frame(f.done)
	if err != nil {
		return err
	}
	next := &dreamStart{frame: frame}
	if next.weights, err = f.weights(f.done); err != nil {
		return err
	}
	begins, err := f.clip.begins(e, f.done)
	if err != nil {
		return err
	}
	if !begins {
		if next.motion, err = f.clip.motion(e, f.done-1, f.done); err != nil {
			return err
		}
		before, err := f.clip.frame(f.done - 1)
		if err != nil {
			return err
		}
		next.residual = f.carried(e, before.picture, next.motion)
		if _, moves := f.clip.frames.(Divided); moves && next.weights != nil {
			for i := range next.residual {
				next.residual[i] *= next.weights[i/3]
			}
			f.hold.weights = next.weights
		}
	}
	f.next = next
	return nil
}

// carried returns the residual of the frame before, warped, as far as the flow can be relied on.
func (f *DreamFilm) carried(e *Engine, before *Picture, m *motion) []float32 {
	residual, out := make([]float32, len(before.Pix)), make([]float32, len(before.Pix))
	for i, v := range f.last.Pix {
		residual[i] = v - before.Pix[i]
	}
	flow.Warp(out, residual, 3, m.back, e.Pool)
	for i := range out {
		out[i] *= float32(f.o.Decay) * m.seen[i/3]
	}
	return out
}

// remember finds the first frame of the shot, and what it is like.
func (f *DreamFilm) remember(e *Engine) error {
	begins, err := f.clip.shot(e, f.done-1)
	if err != nil {
		return err
	}
	dream, err := f.made.Frame(begins)
	if err != nil {
		return err
	}
	frame, err := f.clip.frame(begins)
	if err != nil {
		return err
	}
	weights, err := f.weights(begins)
	f.hold, f.made = newHold(frame.picture.Pix, dream.Pix, f.clip.size, weights), nil
	return err
}

// weights returns how much each pixel of a frame may change, nil for all of it.
func (f *DreamFilm) weights(frame int) ([]float32, error) {
	o := f.o.DreamOptions
	o.Image, o.Size = nil, 0
	if err := f.place(&o, frame); err != nil {
		return nil, err
	}
	o.within = o.dreaming()
	if where := o.masks(); len(where.all) > 0 {
		return where.at(f.clip.size), nil
	}
	return nil, nil
}

// Frame takes the picture that a job of Spec has made, and returns the frame.
func (f *DreamFilm) Frame(im *Picture) FilmFrame {
	n := f.next
	frame := n.frame.picture.Pix
	out := NewPicture(im.W, im.H)
	copy(out.Pix, im.OnWhite().Pix)
	if n.residual != nil {
		f.held(out.Pix, n)
	}
	out = Quantised(out, 8, nil)
	made := FilmFrame{Picture: out, Begins: n.residual == nil, WarpError: math.NaN()}
	if n.residual == nil {
		f.hold = newHold(frame, out.Pix, f.clip.size, n.weights)
	} else {
		made.WarpError = flow.WarpError(out.Pix, f.last.Pix, n.back, n.reliable)
	}
	f.last, f.next = out, nil
	f.done++
	return made
}

// held holds a dream to the strength and the colours of the first one. What was not seen before is as the
// steps have made it: it gets its strength in the frames to come.
func (f *DreamFilm) held(dream []float32, n *dreamStart) {
	frame := n.frame.picture.Pix
	sum, fresh := n.residual, make([]float32, len(dream))
	for i, v := range dream {
		fresh[i] = v - clamped(frame[i]+sum[i])
		dream[i] = frame[i] + (1-n.seen[i/3])*fresh[i]
		fresh[i] *= n.seen[i/3]
	}
	of := colour.Of(frame, f.hold.weights, f.clip.size.W)
	f.hold.strength(sum, fresh, n.seen, f.hold.light(of))
	for i, v := range sum {
		dream[i] = clamped(dream[i] + v)
	}
	f.hold.colours(dream, of)
}

func clamped(v float32) float32 { return min(max(v, 0), 1) }

// bytes returns the memory of what a film keeps while a frame is made: the clip, the frame before and the
// residual.
func (f *DreamFilm) bytes() int64 { return f.clip.bytes() + 2*canvasBytes(f.clip.size) }
