package render

import (
	"context"
	"math"
	"slices"
	"sort"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// ChannelsOptions say of what picture to tell which channels answer to it most.
type ChannelsOptions struct {
	Network *nn.Network
	Params  nn.Params
	Image   *Picture
	// Box is the part of the picture that counts, in pixels of it; the zero value for all.
	Box Box
	// Layers are those whose channels are compared; none for those of AnswerLayers.
	Layers []string
	// Size is the longer side at which the network is shown the picture; 0 for that of the pictures that it was
	// trained on, or of the box if there is one.
	Size int
	// Others are pictures to compare with: what answers to everything says nothing.
	Others []*Picture
	Engine *Engine
}

// Box is a part of a picture: W x H pixels from X, Y on.
type Box struct{ X, Y, W, H int }

// Answer is a channel and how much it answers.
type Answer struct {
	Layer   string
	Channel int
	// Mean is the mean of the channel in the box, and Times how many times that is of what it is elsewhere: in the
	// rest of the picture and in the others.
	Mean, Times float64
}

// AnswerLayers returns the layers of a network whose channels stand for things: what modules put out, or, where
// there are none, the rectified second half of the network.
func AnswerLayers(net *nn.Network) []string {
	var modules, rectified []string
	for _, l := range net.Layers {
		switch l.Kind {
		case nn.Concat:
			modules = append(modules, l.Name)
		case nn.ReLU:
			rectified = append(rectified, l.Name)
		}
	}
	if len(modules) > 0 {
		return modules
	}
	return rectified[len(rectified)/2:]
}

// Channels returns the channels of layers, those that answer most to a picture first: by how many times as
// strong they are there as elsewhere. The errors are an *OptionError, a *MemoryError, those of reading the
// picture and of o.Params, a *NonFiniteError, a *DeviceError, and ctx's.
func Channels(ctx context.Context, o ChannelsOptions) ([]Answer, error) {
	if len(o.Layers) == 0 {
		o.Layers = AnswerLayers(o.Network)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	cut, err := o.Network.Cut(o.Layers...)
	if err != nil {
		return nil, err
	}
	model, err := nn.Abstract(cut)
	if err != nil {
		return nil, err
	}
	size := o.shown()
	g := autodiff.NewGraph()
	x := g.Input("picture", autodiff.Shape{N: 1, H: size.H, W: size.W, C: 3})
	features := model.Build(x, nn.UnitRange)
	f := forward{input: x}
	for _, l := range o.Layers {
		f.outputs = append(f.outputs, features[l])
	}
	f.plan = autodiff.Compile(o.Engine.Device, f.outputs...)
	defer o.Engine.limitHeap(0)()
	if err := o.read(model, &f, size); err != nil {
		return nil, err
	}
	sums := make([]answers, len(o.Layers))
	for k, im := range append([]*Picture{o.Image}, o.Others...) {
		pixels := imageio.Resize(im.OnWhite(), size.W, size.H, imageio.Bilinear).Pix
		f.pixels = func() []float32 { return pixels }
		values, err := f.run(ctx, o.Engine.Device, nil)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			if at := slices.IndexFunc(v, func(v float32) bool { return !finite(v) }); at >= 0 {
				return nil, &NonFiniteError{Network: o.Network.Name, Layer: o.Layers[i], Value: float64(v[at])}
			}
			inside := func(x, y int) bool { return false }
			if s := f.outputs[i].Shape; k == 0 {
				inside = o.inside(s.W, s.H)
			}
			sums[i].add(v, f.outputs[i].Shape, inside)
		}
	}
	var all []Answer
	for i := range sums {
		all = append(all, sums[i].answers(o.Layers[i])...)
	}
	sort.SliceStable(all, func(i, k int) bool { return all[i].Times > all[k].Times })
	return all, nil
}

// check returns an *OptionError that names everything that is wrong.
func (o *ChannelsOptions) check() error {
	var m mistakes
	m.layers("layers", o.Network, o.Layers)
	if o.Image == nil {
		m.add("image", "give a picture", "is missing")
	} else if b := o.Box; b != (Box{}) && (b.X < 0 || b.Y < 0 || b.W < 1 || b.H < 1 ||
		b.X+b.W > o.Image.W || b.Y+b.H > o.Image.H) {
		m.add("box", "give a part of it: x,y,width,height", "is not a part of a picture of %dx%d pixels",
			o.Image.W, o.Image.H)
	}
	return m.err()
}

// shown returns the size at which the network is shown the picture. A box has about the size then that the
// network knows things at.
func (o *ChannelsOptions) shown() Size {
	side := o.Network.InputSize
	if side == 0 {
		side = 224
	}
	longer := o.Size
	if longer == 0 {
		longer = side
		if b := o.Box; b != (Box{}) {
			longer = min(side*max(o.Image.W, o.Image.H)/max(b.W, b.H), mostShown*side)
		}
		longer = max(min(longer, max(o.Image.W, o.Image.H)), side)
	}
	return rounding(imageio.FitSize).scaled(sizeOf(o.Image), longer)
}

// mostShown is how many times as large as those that it was trained on a network is shown a picture because of
// a box.
const mostShown = 4

// read plans what is computed, checks that there is the memory, and reads the picture and the parameters.
func (o *ChannelsOptions) read(model *nn.Model, f *forward, size Size) error {
	e, view := o.Engine, imageio.View{W: size.W, H: size.H}
	var outputs int64
	for _, out := range f.outputs {
		outputs += out.Shape.Bytes()
	}
	beside := runtimeBytes + outputs + 4*f.input.Shape.Bytes()
	deferred, from := o.Image.IsDeferred(), sizeOf(o.Image)
	return e.readFor(f, beside, o.Image, view, func() error {
		if deferred {
			if o.Image = o.Image.Shown(view); o.Box != (Box{}) {
				o.Box = o.Box.scaled(from, sizeOf(o.Image))
			}
		}
		return model.Read(o.Params)
	})
}

// scaled returns the box in a picture of another size.
func (b Box) scaled(from, to Size) Box {
	x, y := b.X*to.W/from.W, b.Y*to.H/from.H
	return Box{x, y, max((b.X+b.W)*to.W/from.W-x, 1), max((b.Y+b.H)*to.H/from.H-y, 1)}
}

// inside returns which positions of a layer of w x h are in the box: those whose middles are, and at least one.
func (o *ChannelsOptions) inside(w, h int) func(x, y int) bool {
	if o.Box == (Box{}) {
		return func(int, int) bool { return true }
	}
	reach := func(from, length, of, n int) (lo, hi int) {
		lo = int(math.Ceil(float64(from)*float64(n)/float64(of) - 0.5))
		hi = int(math.Ceil(float64(from+length)*float64(n)/float64(of) - 0.5))
		if lo >= hi {
			lo = min((2*from+length)*n/(2*of), n-1)
			hi = lo + 1
		}
		return lo, hi
	}
	left, right := reach(o.Box.X, o.Box.W, o.Image.W, w)
	top, bottom := reach(o.Box.Y, o.Box.H, o.Image.H, h)
	return func(x, y int) bool { return x >= left && x < right && y >= top && y < bottom }
}

// answers are the sums of the channels of a layer, inside of the box and elsewhere.
type answers struct {
	in, out   []float64
	nIn, nOut float64
}

func (a *answers) add(values []float32, s autodiff.Shape, inside func(x, y int) bool) {
	if a.in == nil {
		a.in, a.out = make([]float64, s.C), make([]float64, s.C)
	}
	for y := range s.H {
		for x := range s.W {
			sums := a.out
			if inside(x, y) {
				sums = a.in
				a.nIn++
			} else {
				a.nOut++
			}
			for c, v := range values[(y*s.W+x)*s.C:][:s.C] {
				sums[c] += math.Max(float64(v), 0)
			}
		}
	}
}

// quiet is the part of a layer's mean that a channel is taken to have elsewhere at least: one that is nearly
// always silent would answer to anything infinitely.
const quiet = 0.2

func (a *answers) answers(layer string) (all []Answer) {
	var mean float64
	for c := range a.out {
		mean += a.out[c] / max(a.nOut, 1) / float64(len(a.out))
	}
	for c := range a.in {
		in, out := a.in[c]/max(a.nIn, 1), a.out[c]/max(a.nOut, 1)
		if in > 0 {
			all = append(all, Answer{layer, c, in, in / max(out, quiet*mean)})
		}
	}
	return all
}
