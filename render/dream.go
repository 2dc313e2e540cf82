package render

import (
	"math"
	"math/rand/v2"
	"slices"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/internal/region"
	"oneiro/loss"
	"oneiro/nn"
)

// Dream returns the spec of a dream: what the network sees in o.Image is amplified, by gradient ascent in
// steps of constant length (Mordvintsev, Olah and Tyka 2015).
func Dream(o DreamOptions) Spec {
	o.name()
	spec := Spec{
		Objective: dreamObjective{&o},
		Canvas:    pixels{},
		Transform: o.transform(o.Jitter),
		Shaping:   o.shaping(),
		Schedule:  dreamSchedule{&o},
		Common:    o.Common,
		Readings:  o.readings,
		Steps:     o.steps,
		Notes: func(net *nn.Network, _ []Size) []string {
			return slices.Concat(o.maskNotes(o.Image), o.squeezed(o.Image), o.aiming(net).notes(net, o.full()))
		},
		Check: o.check,
	}
	rate := o.LearningRate / 255
	o.within = o.dreaming()
	where := o.masks()
	if len(where.all) > 0 {
		spec.Canvas = masked{masks: where}
		if mean := where.mean(); mean > 0 { // so that it is the mean change of what is changed
			if o.GradientNorm == normStd {
				mean = math.Sqrt(mean)
			}
			rate *= mean
		}
	}
	spec.Held = func(s Size) int64 { return where.bytes() + o.labelBytes(s) + o.areaBytes(s) }
	spec.Optimizer = always(optim.SGDOptions{LearningRate: rate, Normalize: true, Deviation: o.GradientNorm == normStd,
		Clamp: optim.Range{Lo: 0, Hi: 1}})
	o.onCanvas(&spec)
	return spec
}

// masks returns where the picture changes.
func (o *DreamOptions) masks() masks {
	m := masks{feather: o.MaskFeather}
	for _, one := range []*region.Mask{o.Where, o.within} {
		if one != nil {
			m.all = append(m.all, one)
		}
	}
	return m
}

// readings lists the picture at each size: until the detail of that size is carried over to the next.
func (o *DreamOptions) readings(stages []Size) []Reading {
	last := len(stages) - 1
	all := make([]Reading, len(stages))
	for i, size := range stages {
		all[i] = Reading{Picture: o.Image, Size: size, Until: min(i+1, last), Opacity: i == last}
	}
	return append(all, o.AimOptions.readings(stages)...)
}

// dreamObjective raises what the objectives say: the activity of layers, of channels, of a class and so on.
type dreamObjective struct{ *DreamOptions }

func (o dreamObjective) Layers(net *nn.Network) []string { return o.layers(net) }
func (o dreamObjective) Like(_ *nn.Network, i int) int   { return i }

func (o dreamObjective) Terms(s Stage) Terms {
	var t Terms
	o.aiming(s.Network).add(&t, s)
	if o.TVWeight > 0 {
		t.add(loss.TotalVariation(o.TVWeight))
	}
	return t
}

// dreamSchedule goes from coarse to fine. Each size starts from the picture plus the detail that the size
// before has added to it.
type dreamSchedule struct{ *DreamOptions }

func (d dreamSchedule) Sizes(fits func(Size) bool) []Size {
	return octaves(d.full(), d.Octaves, d.Smallest, d.OctaveScale, fits)
}

func (d dreamSchedule) Result(s Stage) bool { return s.Size == d.full() }

func (d dreamSchedule) Start(s Stage, before []float32, last Size, _ *rand.Rand) []float32 {
	if before == nil {
		return d.base(s.Size)
	}
	return d.handOn(before, last, s.Size)
}

// handOn returns what x, which has the size from, leaves to the size to.
func (d dreamSchedule) handOn(x []float32, from, to Size) []float32 {
	if d.OctaveMode == octavePlain {
		return d.enlarge(x, from, to)
	}
	return d.carry(x, from, to)
}

// enlarge returns x, which has the size from, at the size to.
func (d dreamSchedule) enlarge(x []float32, from, to Size) []float32 {
	up := imageio.Resample(x, from.W, from.H, 3, to.W, to.H, imageio.Bicubic)
	for i, v := range up {
		up[i] = min(max(v, 0), 1)
	}
	if where := d.masks(); len(where.all) > 0 { // the rest is the photograph's
		base := d.base(to)
		for i, v := range where.at(to) {
			if v == 0 {
				copy(up[3*i:3*i+3], base[3*i:3*i+3])
			}
		}
	}
	return up
}

// Picture returns the picture in full, and what detail there is so far.
func (d dreamSchedule) Picture(s Stage, pixels []float32) *Picture {
	if full := d.full(); s.Size != full {
		pixels = d.handOn(pixels, s.Size, full)
		s.Size = full
	}
	return finish(s, pixels, s.Size, d.Image)
}

// base returns the picture at a size, with the residual, which so enters at every size. The result is the
// caller's.
func (d dreamSchedule) base(size Size) []float32 {
	base := resampled(d.Image, size, nn.UnitRange)
	if full := d.full(); d.residual != nil {
		for i, v := range imageio.Resample(d.residual, full.W, full.H, 3, size.W, size.H, imageio.Bilinear) {
			base[i] = clamped(base[i] + v)
		}
	}
	return base
}

// carry returns the picture at the size to plus the detail that x has at the size from.
func (d dreamSchedule) carry(x []float32, from, to Size) []float32 {
	detail := d.base(from)
	for i, v := range x {
		detail[i] = v - detail[i]
	}
	up := imageio.Resample(detail, from.W, from.H, 3, to.W, to.H, imageio.Bicubic)
	if where := d.masks(); len(where.all) > 0 { // which resampling has carried beyond
		for i, v := range where.at(to) {
			if v == 0 {
				clear(up[3*i : 3*i+3])
			}
		}
	}
	for i, v := range d.base(to) {
		up[i] = min(max(up[i]+v, 0), 1)
	}
	return up
}
