package render

import (
	"context"
	"runtime/debug"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// DreamOptions describe a dream: what the network sees in Image is amplified. DefaultDream gives
// complete ones but for picture and parameters.
type DreamOptions struct {
	Common

	Image *Picture

	// Layers are the layers whose activity is raised: half the mean square of each, or the mean of
	// the channels Channels if there are any. With Class >= 0 it is the logit of that class instead.
	Layers   []string
	Channels []int
	Class    int

	// Octaves is the number of sizes, each a factor OctaveScale smaller than the next, fewer if the
	// network cannot see them. The detail that a size brings forth is carried on to the next.
	Octaves     int
	OctaveScale float64

	// Step is the mean change of a pixel in one step, in units of 1/255 of white.
	Step float64
	// Jitter is by how many pixels at most the picture is rolled before each step, so that no grid
	// of the network's strides shows.
	Jitter int
	// TVWeight is the weight of the total variation, which keeps noise down.
	TVWeight float64
}

// DefaultDream returns the options of the first dreams (Mordvintsev, Olah and Tyka 2015, the
// notebook's deepdream function): 4 octaves of 10 steps, each 1.4 times larger than the last.
func DefaultDream(net *nn.Network) DreamOptions {
	return DreamOptions{
		Common: Common{Network: net, Iterations: 10},
		Layers: net.Dream, Channels: net.DreamChannels,
		Class:   -1,
		Octaves: 4, OctaveScale: 1.4, Step: 1.5, Jitter: 32,
	}
}

// Validate checks everything that can be checked without reading weights or computing. The error is
// an *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *DreamOptions) Validate() error {
	var m mistakes
	o.Common.check(&m)
	if o.Image == nil {
		m.add("image", "give a picture", "there is none")
	}
	if o.Class != -1 {
		m.class(o.Network, o.Class)
	}
	switch {
	case o.Class >= 0 && len(o.Channels) > 0:
		m.add("channels", "leave out one of the two", "a class has no channels")
	case o.Class < 0 && len(o.Layers) == 0:
		m.add("layers", "name a layer", "there are none")
	}
	m.layers("layers", o.Network, o.Layers)
	if o.Octaves < 1 {
		m.add("octaves", "choose 1 or more", "%d is not possible", o.Octaves)
	}
	if !(o.OctaveScale > 1) || o.OctaveScale > 8 {
		m.add("octave-scale", "choose a factor above 1 and up to 8", "%v is not possible", o.OctaveScale)
	}
	if !(o.Step > 0) || o.Step > 255 {
		m.add("step", "choose a number above 0 and up to 255", "%v is not possible", o.Step)
	}
	if o.Jitter < 0 {
		m.add("jitter", "choose 0 or more", "%d is not possible", o.Jitter)
	}
	m.notNegative("tv-weight", o.TVWeight)
	if err := m.err(); err != nil {
		return err
	}
	return o.fits()
}

// fits checks that the network can see the picture at its final size and as it is, and that the
// channels are there.
func (o *DreamOptions) fits() error {
	net, err := o.Network.Cut(o.layers()...)
	if err != nil {
		return err
	}
	if _, err := net.Shapes(o.Image.H, o.Image.W, 3); err != nil {
		return err
	}
	full := fit(o.Image, o.Size)
	infos, err := net.Shapes(full.h, full.w, 3)
	if err != nil {
		return err
	}
	var m mistakes
	for _, l := range o.Layers {
		m.channels("channels", infos, l, o.Channels...)
	}
	return m.err()
}

// layers returns the layers that the terms read.
func (o *DreamOptions) layers() []string {
	if o.Class >= 0 {
		return []string{o.Network.Classifier()}
	}
	return o.Layers
}

// objective returns the terms, which are maximised.
func (o *DreamOptions) objective() loss.Objective {
	var terms loss.Objective
	switch {
	case o.Class >= 0:
		terms = append(terms, loss.Class(o.Network.Classifier(), -1, o.Class))
	default:
		for _, l := range o.Layers {
			if len(o.Channels) > 0 {
				terms = append(terms, loss.Channels(l, -1, o.Channels...))
			} else {
				terms = append(terms, loss.L2(l, -1))
			}
		}
	}
	if o.TVWeight > 0 {
		terms = append(terms, loss.TotalVariation(o.TVWeight))
	}
	return terms
}

// method is the gradient ascent of the first dreams: a step of constant mean length.
func (o *DreamOptions) method() optim.Method {
	return optim.SGDOptions{LearningRate: o.Step / 255, Normalize: true, Clamp: optim.Range{Lo: 0, Hi: 1}}
}

// Dream amplifies what the network sees in o.Image. If ctx is cancelled or the device fails it returns the
// picture so far, if there is one, together with ctx's error or a *DeviceError. The other errors are those of Validate and of o.Params, a
// *MemoryError, and an *optim.NonFiniteError.
func Dream(ctx context.Context, o DreamOptions) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	d, err := newDream(&o, nn.Bind)
	if err != nil {
		return nil, err
	}
	engine, done, err := o.engine(nil)
	if err != nil {
		return nil, err
	}
	defer done()
	largest := d.planSize(engine, d.sizes[len(d.sizes)-1])
	if err := largest.Fits(engine); err != nil {
		return nil, err
	}
	return d.run(ctx, engine)
}

// dream is a dream with its network bound and its sizes chosen.
type dream struct {
	*DreamOptions
	model *nn.Model
	sizes []extent
}

func newDream(o *DreamOptions, bind func(*nn.Network, nn.Params) (*nn.Model, error)) (*dream, error) {
	net, err := o.Network.Cut(o.layers()...)
	if err != nil {
		return nil, err
	}
	model, err := bind(net, o.Params)
	if err != nil {
		return nil, err
	}
	return &dream{o, model, octaves(fit(o.Image, o.Size), o.Octaves, o.OctaveScale, sees(net))}, nil
}

func (d *dream) problem(size extent) *problem {
	return newProblem(d.model, d.objective(), size, nn.UnitRange, true)
}

// run dreams octave by octave. The canvas is the picture at the octave's size plus the detail of
// the octaves before.
func (d *dream) run(ctx context.Context, engine *Engine) (*Result, error) {
	r := newRun(ctx, &d.Common, engine)
	r.sizes, r.steps = len(d.sizes), d.Iterations*len(d.sizes)
	full := d.sizes[len(d.sizes)-1]
	var base, detail []float32
	r.picture = func(x []float32) *imageio.Image {
		size := extent{r.w, r.h}
		if size != full { // the picture in full, and of the detail what there is
			x = carry(pixels(d.Image, full, nn.UnitRange), subtract(x, base), size, full)
			size = full
		}
		return finish(x, size, nn.UnitRange, full, d.Image)
	}
	var x []float32
	for i, size := range d.sizes {
		base = pixels(d.Image, size, nn.UnitRange)
		if i == 0 {
			x = append([]float32(nil), base...)
		} else {
			x = carry(base, detail, d.sizes[i-1], size)
		}
		r.begin(size.w, size.h)
		res, err := d.runSize(r, x, size, i == len(d.sizes)-1)
		if short := r.cutShort(err); short != nil {
			return &Result{Picture: r.picture(x), Steps: r.step, Loss: r.atBest, Elapsed: time.Since(r.started)}, short
		}
		if err != nil || res != nil {
			return res, err
		}
		detail = subtract(x, base)
	}
	panic("unreachable: the last size has a result")
}

// runSize dreams at one size; only the last has a result.
func (d *dream) runSize(r *run, x []float32, size extent, last bool) (*Result, error) {
	p := d.problem(size)
	d.fit(p, r.engine, size)
	debug.FreeOSMemory() // what reading left, before the largest allocations
	if err := p.load(r.ctx, r.engine.Device); err != nil {
		return nil, err
	}
	defer p.close()
	backend, card, done := r.engine.canvas()
	defer done()
	if err := r.minimise(p, x, d.method().New(len(x), backend), card, d.Jitter); err != nil || !last {
		return nil, err
	}
	p.program.Write(p.shift, []float32{0, 0})
	total, report, err := p.report(r.ctx, x)
	if err != nil {
		return nil, err
	}
	return &Result{
		Picture: r.picture(x), Steps: r.step, Loss: total, Report: report, Elapsed: time.Since(r.started),
	}, nil
}

// carry returns base plus the detail of a smaller size.
func carry(base, detail []float32, from, to extent) []float32 {
	up := imageio.Resample(detail, from.w, from.h, 3, to.w, to.h, imageio.Bicubic)
	for i, v := range base {
		up[i] = min(max(up[i]+v, 0), 1)
	}
	return up
}

func subtract(a, b []float32) []float32 {
	out := make([]float32, len(a))
	for i, v := range a {
		out[i] = v - b[i]
	}
	return out
}
