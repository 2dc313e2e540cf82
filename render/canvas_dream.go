package render

import (
	"oneiro/autodiff/optim"
	"oneiro/nn"
)

// onCanvas makes a spec of a dream, which is one on pixels, one on the canvas that is asked for. It is moved
// by Adam, whose steps are alike for all numbers: in one of constant mean length, as that of pixels is,
// nothing but the coarsest shapes and colours would move, since all of the picture's gradient adds up in
// those. Numbers that are not pixel values are not clamped.
func (o *DreamOptions) onCanvas(spec *Spec) {
	k := o.Canvas.kind()
	if o.isPixels() || k == nil {
		return
	}
	spec.Optimizer = always(optim.AdamOptions{LearningRate: k.Dream * o.LearningRate})
	if k.Weights {
		o.learning(o.marks, o.Image, o.Init).learns(spec)
		return
	}
	c := o.encoding()
	spec.Canvas, spec.Schedule = c, onCanvas{spec.Schedule, c}
}

// marks returns n marks of w x h pixels of the photograph.
func (o *DreamOptions) marks(s Stage, w, h, n int) *marks {
	return newMarks(resampled(o.Image, s.Size, nn.UnitRange), s.Size, w, h, n)
}

// checkDreamCanvas adds what is wrong with the canvas of a dream.
func (o *DreamOptions) checkDreamCanvas(m *mistakes, net *nn.Network) {
	o.checkCanvas(m, net)
	switch {
	case o.Init == InitContent:
	case o.Init != InitWeights:
		m.add("init", "leave it out, or give a canvas", "must be %s, not %q", DreamTable.Lookup("init").Allowed(), o.Init)
	case o.Image == nil:
		o.checkSaved(m, net, nil, Size{})
	default:
		o.checkSaved(m, net, o.painter(o.marks, o.Image), o.full())
	}
	if !o.isPixels() && len(o.masks().all) > 0 {
		m.add("canvas", "leave it out", "cannot be combined with a mask or with regions that do not dream: a "+
			"step of other"+
			" numbers than pixels changes the picture everywhere")
	}
	if k := o.Canvas.kind(); k != nil && k.Weights && (o.Frames > 0 || o.clip) {
		m.add("canvas", "choose pixels, pyramid or fourier",
			"cannot be %s with frames: its weights would have to learn each frame anew, and lose detail each time", o.Canvas)
	}
}
