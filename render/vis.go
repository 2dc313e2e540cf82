package render

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// VisOptions describe pictures that parts of a network answer to most, made from noise (Olah et al.
// 2017, "Feature Visualization"). DefaultVis gives complete ones but for parameters and targets.
// Size is the side of each picture, which is square, and Iterations are steps for each of them.
type VisOptions struct {
	Common

	// Targets are what to make pictures of, one of each.
	Targets []Target

	// EntropyWeight is the weight of the cross entropy of a class, beside its logit with weight 1. It
	// leaves out what belongs to many classes, but rests when the class is certain.
	EntropyWeight float64
	// Jitter, Zoom and Turn are how the network is shown the picture in each step: moved by up to so
	// many pixels, zoomed by up to a fraction and turned by up to so many degrees, by chance.
	Jitter     int
	Zoom, Turn float64
	// LearningRate is the learning rate of Adam, in units of the picture's coefficients.
	LearningRate float64
	// TVWeight is the weight of the total variation, which keeps noise down.
	TVWeight float64
}

// Target is something that a network has a picture of: the channel Index of Layer, or all of them if
// that is -1. Without a layer it is the class Index.
type Target struct {
	Layer string
	Index int
}

// DefaultVis returns the options that make good pictures without tuning, as large as those that the
// network was trained on if that is known.
func DefaultVis(net *nn.Network) VisOptions {
	v := net.Vis
	return VisOptions{
		Common: Common{Network: net, Size: cmp.Or(v.Size, net.InputSize, 192), Iterations: 256},
		Jitter: cmp.Or(v.Jitter, 48), Zoom: 0.25, Turn: 15, LearningRate: cmp.Or(v.LearningRate, 0.07),
		EntropyWeight: v.EntropyWeight, TVWeight: v.TVWeight,
	}
}

// Validate checks everything that can be checked without reading weights or computing. The error is
// an *OptionError that names every mistake, or an *nn.TooSmallError.
func (o *VisOptions) Validate() error {
	var m mistakes
	o.Common.check(&m)
	if o.Size == 0 {
		m.add("size", fmt.Sprintf("choose 1 to %d pixels", MaxSize), "0 pixels is not possible")
	}
	if len(o.Targets) == 0 {
		m.add("layer", "name a layer or a class", "there is nothing to make a picture of")
	}
	for _, t := range o.Targets {
		if t.Layer == "" {
			m.class(o.Network, t.Index)
		} else {
			m.layers("layer", o.Network, []string{t.Layer})
		}
	}
	if o.Jitter < 0 {
		m.add("jitter", "choose 0 or more", "%d is not possible", o.Jitter)
	}
	if !(o.Zoom >= 0) || o.Zoom > 1 {
		m.add("zoom", "choose a fraction of 0 to 1", "%v is not possible", o.Zoom)
	}
	if !(o.Turn >= 0) || o.Turn > 180 {
		m.add("turn", "choose 0 to 180 degrees", "%v is not possible", o.Turn)
	}
	if !(o.LearningRate > 0) || o.LearningRate > 10 {
		m.add("lr", "choose a number above 0 and up to 10", "%v is not possible", o.LearningRate)
	}
	m.notNegative("entropy-weight", o.EntropyWeight)
	m.notNegative("tv-weight", o.TVWeight)
	if err := m.err(); err != nil {
		return err
	}
	return o.fits()
}

// fits checks that the network can see pictures of that size, and that the channels are there.
func (o *VisOptions) fits() error {
	net, err := o.Network.Cut(o.layers()...)
	if err != nil {
		return err
	}
	infos, err := net.Shapes(o.Size, o.Size, 3)
	if err != nil {
		return err
	}
	var m mistakes
	for _, t := range o.Targets {
		if t.Layer != "" && t.Index != -1 {
			m.channels("channel", infos, t.Layer, t.Index)
		}
	}
	return m.err()
}

// layer returns the layer that shows the target.
func (t Target) layer(net *nn.Network) string {
	if t.Layer == "" {
		return net.Classifier()
	}
	return t.Layer
}

// layers returns the layers that the targets read.
func (o *VisOptions) layers() []string {
	var names []string
	for _, t := range o.Targets {
		names = append(names, t.layer(o.Network))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// objective returns the terms of a target.
func (o *VisOptions) objective(t Target) loss.Objective {
	layer := t.layer(o.Network)
	var terms loss.Objective
	switch {
	case t.Layer == "":
		terms = append(terms, loss.Class(layer, -1, t.Index))
		if o.EntropyWeight > 0 {
			terms = append(terms, loss.Entropy(layer, o.EntropyWeight, t.Index))
		}
	case t.Index < 0:
		terms = append(terms, loss.L2(layer, -1))
	default:
		terms = append(terms, loss.Channels(layer, -1, t.Index))
		if before, channel, ok := o.beforeReLU(layer, t.Index); ok {
			terms = append(terms, loss.Peak(before, -wake, channel))
		}
	}
	if o.TVWeight > 0 {
		terms = append(terms, loss.TotalVariation(o.TVWeight))
	}
	return terms
}

// wake is the weight of the peak that a channel has before its ReLU, beside the channel itself. Where
// nothing activates the channel, that alone says in which direction to go: its gradient is 0 but for that.
const wake = 0.02

// beforeReLU returns the layer and channel that a channel is of before a ReLU, if it is behind one.
func (o *VisOptions) beforeReLU(layer string, channel int) (string, int, bool) {
	l, err := o.Network.Layer(layer)
	if err != nil {
		return "", 0, false
	}
	switch l.Kind {
	case nn.ReLU:
		return l.Inputs[0], channel, true
	case nn.Concat:
		for _, in := range l.Inputs {
			n := o.Network.Channels(in)
			if channel < n {
				return o.beforeReLU(in, channel)
			}
			channel -= n
		}
	}
	return "", 0, false
}

// optimizer returns Adam for the coefficients of the canvas.
func (o *VisOptions) optimizer() optim.AdamOptions {
	return optim.AdamOptions{LearningRate: o.LearningRate}
}

// Vis makes pictures from noise that the targets answer to most, in their order. If ctx is cancelled
// or the device fails it returns those so far, the one in progress too, together with ctx's error or a
// *DeviceError. The Result's picture,
// loss and report are those of the last. The other errors are those of Validate and of o.Params, a
// *MemoryError, and an *optim.NonFiniteError.
func Vis(ctx context.Context, o VisOptions) ([]*Picture, *Result, error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	v, err := newVis(&o, nn.Bind)
	if err != nil {
		return nil, nil, err
	}
	engine, done, err := o.engine(nil)
	if err != nil {
		return nil, nil, err
	}
	defer done()
	for _, p := range v.plan(engine) {
		if err := p.Fits(engine); err != nil {
			return nil, nil, err
		}
	}
	return v.run(ctx, engine)
}

// vis is a visualisation with its network bound.
type vis struct {
	*VisOptions
	model  *nn.Model
	size   extent
	canvas *spectrum
	view   *view

	seen, dSeen, dPixels []float32
}

func newVis(o *VisOptions, bind func(*nn.Network, nn.Params) (*nn.Model, error)) (*vis, error) {
	net, err := o.Network.Cut(o.layers()...)
	if err != nil {
		return nil, err
	}
	model, err := bind(net, o.Params)
	if err != nil {
		return nil, err
	}
	return &vis{VisOptions: o, model: model, size: extent{o.Size, o.Size}}, nil
}

func (v *vis) problem(t Target) *problem {
	return newProblem(v.model, v.objective(t), v.size, nn.UnitRange, false)
}

// run makes one picture after the other; to the run each is a size of its own.
func (v *vis) run(ctx context.Context, engine *Engine) ([]*Picture, *Result, error) {
	n := v.size.w * v.size.h
	v.canvas, v.view = newSpectrum(v.size), newView(float64(v.Jitter), v.Zoom, v.Turn, v.size)
	v.seen, v.dSeen, v.dPixels = make([]float32, 3*n), make([]float32, 3*n), make([]float32, 3*n)

	r := newRun(ctx, &v.Common, engine)
	r.sizes, r.steps = len(v.Targets), v.Iterations*len(v.Targets)
	r.picture = func(x []float32) *imageio.Image {
		im := imageio.New(v.size.w, v.size.h)
		copy(im.Pix, v.canvas.draw(x))
		return im
	}
	var pictures []*Picture
	var last *Result
	x := make([]float32, 3*n)
	for _, t := range v.Targets {
		for i := range x {
			x[i] = float32(noise * r.random.NormFloat64())
		}
		r.begin(v.size.w, v.size.h)
		before := r.step
		res, err := v.runTarget(r, x, t)
		short := r.cutShort(err)
		if err != nil && short == nil {
			return nil, nil, err
		}
		if err != nil {
			res = &Result{Picture: r.picture(x), Steps: r.step, Loss: r.atBest, Elapsed: time.Since(r.started)}
			if r.step == before { // of the target in progress there is nothing yet
				return pictures, res, short
			}
		}
		pictures, last = append(pictures, res.Picture), res
		if err != nil {
			return pictures, last, short
		}
	}
	return pictures, last, nil
}

// noise is the deviation of the coefficients that a picture starts from: nearly even gray.
const noise = 0.05

// runTarget makes one picture.
func (v *vis) runTarget(r *run, x []float32, t Target) (*Result, error) {
	p := v.problem(t)
	v.fit(p, r.engine)
	debug.FreeOSMemory() // what reading left, before the largest allocations
	if err := p.load(r.ctx, r.engine.Device); err != nil {
		return nil, err
	}
	defer p.close()
	p.step = func(x, dx []float32) (float64, error) {
		pixels := v.canvas.draw(x)
		v.view.choose(r.random)
		v.view.show(pixels, v.seen)
		value, err := p.evaluate(v.seen, v.dSeen)
		v.view.back(v.dSeen, v.dPixels)
		v.canvas.back(v.dPixels, dx)
		return value, err
	}
	optimizer := optim.NewAdam(len(x), r.engine.Machine, v.optimizer())
	if err := r.minimise(p, x, optimizer, nil, 0); err != nil {
		return nil, err
	}
	picture := r.picture(x)
	total, report, err := p.report(r.ctx, picture.Pix)
	if err != nil {
		return nil, err
	}
	return &Result{Picture: picture, Steps: r.step, Loss: total, Report: report, Elapsed: time.Since(r.started)}, nil
}
