package render

import (
	"strconv"

	"oneiro/nn"
)

// onCanvas makes a spec of a style transfer, which is one on pixels, one on the canvas that is asked for.
func (o *StyleOptions) onCanvas(spec *Spec) {
	switch k := o.Canvas.kind(); {
	case o.isPixels() || k == nil:
	case k.Weights:
		l := o.learning(o.marks, o.Content, o.Init)
		if kind := o.emitted(); o.Scales == 0 && (kind == CanvasLiteral || kind == CanvasDecoder) {
			o.Scales = 1 // weights of one size, or, from noise, a picture that loses its detail when it is enlarged
		}
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
		m.add("canvas", "leave it out, or choose method gatys",
			"means nothing with method nnst, whose canvas is a pyramid")
	case o.Form == NeuralStyle:
		m.add("canvas", "leave out one of the two",
			"cannot be combined with compat neural-style-pt, whose canvas is pixels")
	case o.Canvas.kind().Weights && o.Init != InitContent && o.Init != InitWeights:
		m.add("init", "leave it out, or choose another canvas",
			"cannot be %s with canvas %s, which begins with random weights and the content", o.Init, o.Canvas)
	}
	if o.emitted() == CanvasLiteral && o.Scales > 1 {
		m.add("scales", "leave it out", "cannot be %d with canvas %s, whose weights are those of one size",
			o.Scales, o.Canvas)
	}
	if o.emitted() == CanvasLiteral && o.Content != nil {
		l := literal{&o.CanvasOptions}
		if n := l.weights(net, o.full()); n > literalMost {
			size := o.full().longer()
			for size > 1 && l.weights(net, o.rounding().scaled(o.full(), size)) > literalMost {
				size--
			}
			m.add("canvas", "choose --size "+strconv.Itoa(size)+" or less, or canvas head",
				"cannot be %s at %v: its fully connected layer would have %d million weights", o.Canvas, o.full(),
				n/1e6)
		}
	}
}

// checkSaved adds what is wrong with a saved canvas to start from. w is the canvas that is asked for, if
// pictures are there, and full the size of the result.
func (o *CanvasOptions) checkSaved(m *mistakes, net *nn.Network, w *weights, full Size) {
	k := o.Canvas.kind()
	switch {
	case o.InitCanvas == nil:
		m.add("init", "give a file", "has no canvas")
	case k == nil || !k.Weights:
		m.add("init", "choose --canvas "+string(o.InitCanvas.Canvas), "is a canvas of weights, and canvas %s has none",
			o.Canvas)
	case w != nil:
		if name := w.name(net); name != o.InitCanvas.Canvas {
			m.add("init", "choose --canvas "+string(o.InitCanvas.Canvas), "is a canvas of %s, not of %s",
				o.InitCanvas.Canvas, name)
			return
		}
		model, err := nn.Abstract(net)
		if err != nil {
			return
		}
		s := Stage{Size: full, Network: net, Model: model}
		if _, err := o.InitCanvas.values(w.parameters(s)); err != nil {
			m.add("init", "give a canvas of such a run", "does not suit: %v", err)
		}
	}
}

// checkInit adds what is wrong with the canvas that a style transfer starts from.
func (o *StyleOptions) checkInit(m *mistakes, net *nn.Network) {
	if o.Content == nil || len(o.Styles) == 0 {
		o.checkSaved(m, net, nil, Size{})
		return
	}
	o.checkSaved(m, net, o.painter(o.marks, o.Content), o.full())
}

// painter returns the canvas of weights that is asked for.
func (o *CanvasOptions) painter(marks func(s Stage, w, h, n int) *marks, photo *Picture) *weights {
	return &weights{o.emitter(marks), o.emitted(), photo}
}

// learning returns what leads from a photograph to a canvas of weights: a stage that learns it, unless the
// canvas has learnt before.
func (o *CanvasOptions) learning(marks func(s Stage, w, h, n int) *marks, photo *Picture, init Init) *learning {
	l := &learning{canvas: *o.painter(marks, photo), steps: o.WarmUp}
	if init == InitWeights {
		l.steps, l.start = 0, o.InitCanvas
	}
	return l
}
