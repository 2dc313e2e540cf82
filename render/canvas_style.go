package render

import (
	"oneiro/nn"
)

// onCanvas makes a spec of a style transfer, which is one on pixels, one on the canvas that is asked for.
func (o *StyleOptions) onCanvas(spec *Spec) {
	switch k := o.Canvas.kind(); {
	case o.isPixels() || k == nil:
	case k.Weights:
		l := &learning{canvas: weights{o.emitter(o.marks), o.Content}, steps: o.WarmUp}
		l.learns(spec)
	default:
		c := o.encoding()
		spec.Canvas, spec.Schedule = c, onCanvas{spec.Schedule, c}
	}
	spec.Canvas = o.keep(spec.Canvas)
}

// marks returns n marks of w x h pixels of the first style picture, shown as at a stage.
func (o *StyleOptions) marks(s Stage, w, h, n int) *marks {
	p := o.painted()[0]
	size := p.styleSize(0, s.Size)
	return newMarks(resampled(p.Styles[0], size, nn.UnitRange), size, w, h, n)
}

// checkStyleCanvas adds what is wrong with the canvas of a style transfer.
func (o *StyleOptions) checkStyleCanvas(m *mistakes, net *nn.Network) {
	o.checkCanvas(m, net)
	if o.isPixels() || o.Canvas.kind() == nil {
		return
	}
	switch {
	case o.Method == NNST:
		m.add("canvas", "leave it out, or choose method gatys", "means nothing with method nnst, whose canvas is a pyramid")
	case o.Form == NeuralStyle:
		m.add("canvas", "leave out one of the two", "cannot be combined with compat neural-style-pt, whose canvas is pixels")
	case o.Canvas.kind().Weights && o.Init != InitContent:
		m.add("init", "leave it out, or choose another canvas",
			"cannot be %s with canvas %s, which begins with random weights and the content", o.Init, o.Canvas)
	}
}
