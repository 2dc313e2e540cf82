package render

import (
	"context"
	"math"
	"slices"

	"oneiro/autodiff"
	"oneiro/colour"
	"oneiro/flow"
	"oneiro/internal/imageio"
	"oneiro/internal/region"
	"oneiro/loss"
	"oneiro/nn"
)

// StyleFilm paints the frames of a clip one after the other (Ruder, Dosovitskiy and Brox, arXiv:1604.08610).
// Each frame is a job of its own: it begins as the frames before have become by now (Spec), and a term holds
// it to them where the flow can be relied on. It differs from the paper in what is not to flicker: the content
// is compared in units of the shot's first frame, large strokes move along, places that come into sight begin
// as the photograph in the colours of the film, and where light changes, the film may (Gao and others,
// "ReCoNet", arXiv:1807.01197, section 3.3).
//
// L-BFGS begins anew in each frame: its pairs, moved along, lower the loss after 20 steps by 0.2 to 0.7 %, as
// one to three more steps do, and double the memory.
//
// It knows no files. A film that was cut short goes on from the states of the last frames (Restart).
type StyleFilm struct {
	o      StyleFilmOptions
	net    *nn.Network
	clip   *clip
	pass   Pass
	done   int
	first  *Picture     // of the clip, whose colours styles are matched with
	recent []*FilmState // of the shot, the newest is last
	made   Made         // after Restart, before it is known whether recent are of the shot; nil then

	frame *clipFrame   // of the clip, that the next frame is
	held  *heldFrame   // of it
	asked StyleOptions // what it is made with
	prior *motion      // from the frame before, if it begins no shot
	was   *FilmState   // what the pass before has made of it; nil for none
}

// Pass is a pass over a clip beside the first: frames are made once more, in the opposite order, so that what
// comes later has a say in what comes before (section 5.3 of the paper).
type Pass struct {
	// Before returns what the pass before has made of frame i of this one; nil makes the first pass.
	Before func(i int) (*FilmState, error)
	// First is the first frame of the clip, as long as that is not the first of the pass.
	First *Picture
}

// NewStyleFilm returns a film of a clip. The content of the options is not looked at. frames are in the order
// of the pass. The errors are those of the frames and an *OptionError.
func NewStyleFilm(net *nn.Network, o StyleFilmOptions, frames Frames, pass Pass) (*StyleFilm, error) {
	if err := slices.Concat(clipTable, styleClipTable).Check(&o).Err(); err != nil {
		return nil, err
	}
	f := &StyleFilm{o: o, net: net, pass: pass, first: pass.First}
	var err error
	f.clip, err = newClip(frames, o.ClipOptions, f.Memory()+1, func(first *Picture) Size {
		if f.o.Content = first; f.first == nil {
			f.first = first
		}
		return f.o.full()
	})
	return f, err
}

// Memory implements [Filmed].
func (f *StyleFilm) Memory() int { return slices.Max(append([]int{1}, f.o.References...)) }

// Restart implements [Filmed]. States are read when the next frame turns out to be in the middle of a shot.
func (f *StyleFilm) Restart(done int, made Made) error {
	f.done, f.made, f.recent = done, made, nil
	return nil
}

// remember reads the states of the last frames, which belong to the shot of the next one.
func (f *StyleFilm) remember() error {
	for i := f.done - 1; i >= max(f.done-f.Memory(), 0); i-- {
		s, err := f.made.State(i)
		if err != nil {
			return err
		}
		if f.recent = slices.Insert(f.recent, 0, s); s.Begins {
			break
		}
	}
	f.made = nil
	return nil
}

// Usual implements [Filmed].
func (f *StyleFilm) Usual() Spec {
	o := f.asked
	o.Iterations, o.CoarseIterations = f.o.FrameIterations, nil
	return ofFilm(Style(o), f.bytes())
}

func (f *StyleFilm) footage() *clip { return f.clip }

// Done returns how many frames are made.
func (f *StyleFilm) Done() int { return f.done }

// Size returns the size of the frames.
func (f *StyleFilm) Size() Size { return f.clip.size }

// Spec implements [Filmed].
func (f *StyleFilm) Spec(e *Engine) (Spec, error) {
	if err := f.next(e); err != nil {
		return Spec{}, err
	}
	o := f.o.StyleOptions
	o.Content, o.tones, o.frame = f.frame.picture, f.first, f.held
	if err := o.regionsOf(f.clip, f.done); err != nil {
		return Spec{}, err
	}
	if f.held.start != nil {
		o.Iterations, o.CoarseIterations = f.o.FrameIterations, nil
	}
	f.asked = o
	return ofFilm(Style(o), f.bytes()), nil
}

// next finds what the next frame begins from and is held to.
func (f *StyleFilm) next(e *Engine) (err error) {
	if f.frame, err = f.clip.frame(f.done); err != nil {
		return err
	}
	f.held, f.prior, f.was = &heldFrame{size: f.Size(), weight: f.o.TemporalWeight}, nil, nil
	if f.pass.Before != nil {
		if f.was, err = f.pass.Before(f.done); err != nil {
			return err
		}
	}
	begins, err := f.begins(e)
	if err != nil {
		return err
	}
	if begins {
		f.recent, f.made = nil, nil
	} else {
		if f.made != nil {
			if err := f.remember(); err != nil {
				return err
			}
		}
		if f.prior, err = f.clip.motion(e, f.done-1, f.done); err != nil {
			return err
		}
		if err := f.hold(e); err != nil {
			return err
		}
	}
	f.again()
	return nil
}

// begins tells whether the next frame begins a shot. In a pass after the first that is one that comes, in the
// order of this pass, after one that began a shot in the opposite order.
func (f *StyleFilm) begins(e *Engine) (bool, error) {
	if f.done == 0 || f.pass.Before == nil {
		return f.clip.begins(e, f.done)
	}
	s, err := f.pass.Before(f.done - 1)
	return err == nil && s.Begins, err
}

// again has the next frame begin from what the pass before has made of it, too.
func (f *StyleFilm) again() {
	if f.was == nil {
		return
	}
	h := f.held
	h.units, h.strokes = f.was.Units, f.was.strokes
	start := slices.Clone(f.was.picture.Pix)
	for i, c := range h.known { // equation 10 of the paper, without what is to come
		for k := 3 * i; k < 3*i+3; k++ {
			start[k] = (start[k] + c*h.target[k]) / (1 + c)
		}
	}
	n := f.Size().W * f.Size().H
	h.start = &Picture{W: h.size.W, H: h.size.H, Pix: start, Depth: 8}
	if h.known == nil {
		h.known, h.target = make([]float32, n), make([]float32, 3*n)
	}
	if h.settled == nil {
		h.settled = make([]float32, n)
	}
	for i := range h.settled {
		if f.was.settled == nil {
			h.settled[i] = 1
		} else {
			h.settled[i] = max(h.settled[i], f.was.settled[i])
		}
	}
}

// hold says what the next frame, which is in the middle of a shot, begins from and is held to.
func (f *StyleFilm) hold(e *Engine) error {
	n := f.Size().W * f.Size().H
	target, known, seen := make([]float32, 3*n), make([]float32, n), make([]float32, n)
	start, settled := make([]float32, 3*n), make([]float32, n)
	inside := inside(f.Size())
	for _, back := range f.references() {
		before, err := f.clip.frame(f.done - back)
		if err != nil {
			return err
		}
		m := f.prior
		if back > 1 {
			if m, err = f.clip.motion(e, f.done-back, f.done); err != nil {
				return err
			}
		}
		now := make([]float32, 3*n)
		state := f.recent[len(f.recent)-back]
		was, settledWas := state.picture.Pix, f.settledFrom(e, state, m, inside)
		flow.Warp(now, was, 3, m.back, e.Pool)
		sharpen(now, f.Size(), sharpness(laplacianOf(was, f.Size())))
		f.relight(e, now, before, m)
		for i := range n {
			// Each place counts as much as it is not known from nearer frames (section 5.2 of the paper).
			more, first := max(m.reliable[i]-known[i], 0), max(m.seen[i]-seen[i], 0)
			known[i] += more
			seen[i] += first
			settled[i] += first * settledWas[i]
			for k := 3 * i; k < 3*i+3; k++ {
				target[k] += more * now[k]
				start[k] += first * now[k]
			}
		}
	}
	h := f.held
	last := f.recent[len(f.recent)-1]
	h.units, h.target, h.known, h.settled = last.Units, target, known, settled
	fresh := f.fresh()
	for i := range n {
		for k := 3 * i; k < 3*i+3; k++ {
			start[k] = min(max(start[k]+(1-seen[i])*fresh[k], 0), 1)
			if known[i] > 0 {
				target[k] /= known[i]
			}
		}
		known[i] *= settled[i]
	}
	h.start = &Picture{W: h.size.W, H: h.size.H, Pix: start, Depth: 8}
	if last.strokes != nil {
		h.strokes = make([]float32, 3*n)
		flow.Warp(h.strokes, last.strokes, 3, f.prior.back, e.Pool)
	}
	return nil
}

// fresh returns the next frame of the clip in the colours of the frame made last: what has just come into sight
// begins so.
func (f *StyleFilm) fresh() []float32 {
	pix := slices.Clone(f.frame.picture.Pix)
	last := f.recent[len(f.recent)-1].picture
	recolour := colour.Match(pix, nil, last.W, colour.Of(last.Pix, nil, last.W))
	recolour.Row(pix)
	return pix
}

// references returns how many frames back the next frame is held to, the nearest first.
func (f *StyleFilm) references() (all []int) {
	for _, back := range append([]int{1}, f.o.References...) {
		if back <= len(f.recent) {
			all = append(all, back)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lightWidth is the width over which changes of light are averaged, as a share of the longer side: it leaves
// out noise and what the flow misses.
const lightWidth = 0.05

// relight changes pixels of a frame made before, moved by a motion, as the light of the clip has changed there.
// A change of the whole picture is left out: how light that is comes from the style.
func (f *StyleFilm) relight(e *Engine, pix []float32, before *clipFrame, m *motion) {
	w, h := f.Size().W, f.Size().H
	change := make([]float32, w*h)
	flow.Warp(change, before.luma, 1, m.back, e.Pool)
	var sum, all float64
	for i, c := range m.reliable {
		change[i] = c * (f.frame.luma[i] - change[i])
		sum, all = sum+float64(change[i]), all+float64(c)
	}
	whole := float32(sum / max(all, 1))
	width := lightWidth * float64(f.Size().longer())
	change = region.Blur(change, w, h, [2]float64{width, width})
	share := region.Blur(m.reliable, w, h, [2]float64{width, width})
	for i, c := range share {
		if c < 0.01 {
			continue
		}
		for k := 3 * i; k < 3*i+3; k++ {
			pix[k] += change[i]/c - whole
		}
	}
}

// Frame implements [Filmed].
func (f *StyleFilm) Frame(im *Picture) FilmFrame {
	made := NewPicture(im.W, im.H)
	copy(made.Pix, im.OnWhite().Pix)
	h := f.held
	state := &FilmState{picture: Quantised(made, 8, nil), strokes: quantisedStrokes(h.aimed), settled: f.settledThen()}
	state.filmPlace = filmPlace{
		Number: f.done, Begins: f.prior == nil, Units: h.units, Width: made.W, Height: made.H, Strokes: h.aimed != nil,
		Settling: state.settled != nil,
	}
	out := FilmFrame{State: state, Begins: state.Begins, WarpError: math.NaN()}
	if !state.Begins {
		last := f.recent[len(f.recent)-1].picture
		out.WarpError = flow.WarpError(state.picture.Pix, last.Pix, f.prior.back, f.prior.reliable)
	}
	f.recent = append(f.recent, state)
	if n := len(f.recent) - f.Memory(); n > 0 {
		f.recent = slices.Delete(f.recent, 0, n)
	}
	f.done++
	out.Picture = f.coloured(state.picture)
	return out
}

// coloured gives a frame the colours of the photograph, if that is wanted.
func (f *StyleFilm) coloured(made *Picture) *Picture {
	o := f.asked.coloured()
	if o.photo == nil {
		return made
	}
	im := NewPicture(made.W, made.H)
	copy(im.Pix, made.Pix)
	o.keepChromaOf(shown(o.photo, sizeOf(im)), im)
	return Quantised(im, 8, nil)
}

// regionsOf sets the regions to those of a frame, if they move, and leaves out what is asked for others.
func (o *StyleOptions) regionsOf(c *clip, frame int) error {
	before := o.Labels
	if err := c.regions(&o.LabelOptions, frame); err != nil || o.Labels == before {
		return err
	}
	o.RegionNames = slices.DeleteFunc(slices.Clone(o.RegionNames), func(n RegionName) bool {
		return o.Labels.Find(n.Colour) < 0
	})
	o.name()
	o.Region = slices.DeleteFunc(slices.Clone(o.Region), func(r Region) bool { return o.Labels.Find(r.Name) < 0 })
	return nil
}

// bytes returns the memory of what a film keeps while a frame is made: the clip, the frames before, and what
// the frame begins from, is held to and aims at.
func (f *StyleFilm) bytes() int64 {
	return f.clip.bytes() + int64(7*f.Memory()+15)*canvasBytes(f.Size())/3
}

// heldFrame is what a frame of a film has of those before it. In the first frame of a shot that is nothing yet,
// and units and strokes are found.
type heldFrame struct {
	size    Size
	start   *Picture
	weight  float64
	target  []float32 // what the frames before have become by now, H x W x 3
	known   []float32 // how far it is held to that, H x W, 0..1
	settled []float32 // how far places keep what the frames before have there, H x W, 0..1
	// units are what the squares of differences of the content's terms are divided by.
	units []float64
	// strokes are by how much the aim differs from the content: what coarser sizes of the first frame of the shot
	// have painted, H x W x 3, in colours of 0..1. nil is for not at all.
	strokes []float32
	aimed   []float32 // strokes of the frame itself
}

// term adds the term that holds the frame.
func (h *heldFrame) term(t *Terms, s Stage) {
	if h.start == nil || h.weight == 0 {
		return
	}
	n := s.Size.W * s.Size.H
	var known []float32
	root := t.colours(s, func() []float32 {
		known = shownPlane(h.known, h.size, s.Size)
		out := make([]float32, 3*n)
		for i, c := range known {
			r := float32(math.Sqrt(float64(c)))
			out[3*i], out[3*i+1], out[3*i+2] = r, r, r
		}
		return out
	})
	root.Name = "reliability"
	target := t.colours(s, func() []float32 {
		im := (&Picture{W: h.size.W, H: h.size.H, Pix: h.target, Depth: 8}).OwnAt(s.Size.W, s.Size.H)
		for i, c := range known {
			r := float32(math.Sqrt(float64(c)))
			for k := 3 * i; k < 3*i+3; k++ {
				im.Pix[k] *= r
			}
		}
		return im.Pix
	})
	target.Name = "frames before"
	t.add(loss.Temporal(h.weight, target, root))
}

// shownPlane returns a value for each pixel at another size.
func shownPlane(plane []float32, from, to Size) []float32 {
	if from == to {
		return plane
	}
	return imageio.Resample(plane, from.W, from.H, 1, to.W, to.H, imageio.Bilinear)
}

// units is a target that has the content's terms, whose constants they are, in the units of the shot's first
// frame: terms that are relative to each frame's own would pump.
type units struct {
	constants []*autodiff.Tensor
	held      *heldFrame
	last      bool // size of the frame
}

func (u units) fill(context.Context, autodiff.Device, rooms) error {
	h := u.held
	if h.start == nil {
		if !u.last {
			return nil
		}
		h.units = nil
		for _, c := range u.constants {
			var sum float64
			for _, v := range c.Data {
				sum += float64(v) * float64(v)
			}
			h.units = append(h.units, sum)
		}
		return nil
	}
	if len(h.units) == len(u.constants) && u.last {
		for i, c := range u.constants {
			c.Energy = h.units[i]
		}
	}
	return nil
}

func (units) drop() {}

// frameAim returns the pixel values that a frame aims at at the size of a stage: those that move along with
// what the frames before aimed at, and, for what is not settled, aimed, which is as in a picture.
func (o *StyleOptions) frameAim(s Stage, r nn.ValueRange, aimed func() []float32) func() []float32 {
	h := o.frame
	return func() []float32 {
		x := aimed()
		plain := resampled(o.Content, s.Size, r)
		change := make([]float32, len(x))
		for i, v := range plain {
			change[i] = (x[i] - v) / float32(r.Scale)
		}
		if h.start != nil && h.strokes != nil {
			settled := shownPlane(h.settled, h.size, s.Size)
			moved := (&Picture{W: h.size.W, H: h.size.H, Pix: h.strokes}).OwnAt(s.Size.W, s.Size.H).Pix
			for i, c := range settled {
				for k := 3 * i; k < 3*i+3; k++ {
					change[k] += c * (moved[k] - change[k])
					x[k] = plain[k] + change[k]*float32(r.Scale)
				}
			}
		}
		if s.Size == o.full() {
			h.aimed = change
		}
		return x
	}
}

// begin changes the canvas that a stage begins with, which is as in a picture, to what the frames before have
// become by now where that is settled.
func (h *heldFrame) begin(x []float32, s Stage) {
	if h == nil || h.start == nil {
		return
	}
	settled := shownPlane(h.settled, h.size, s.Size)
	start := resampled(h.start, s.Size, s.Range)
	if s.Index == 0 { // which has no strokes yet
		copy(x, start)
		return
	}
	for i, c := range settled {
		for k := 3 * i; k < 3*i+3; k++ {
			x[k] += c * (start[k] - x[k])
		}
	}
}
