package render

import (
	"math/rand/v2"
	"slices"
	"strconv"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// Vis returns the spec of feature visualisation: a picture for each target, made from noise, that the target
// responds to most (Olah et al. 2017, "Feature Visualization"). Each target is a stage of its own.
func Vis(o VisOptions) Spec {
	return Spec{
		Objective: visObjective{&o},
		Canvas:    fourier{},
		Transform: warp{jitter: float64(o.Jitter), zoom: o.Zoom, turn: o.Turn},
		Schedule:  visSchedule{&o},
		Optimizer: always(optim.AdamOptions{LearningRate: o.LearningRate}),
		Common:    o.Common,
		Check:     o.check,
	}
}

// visSchedule makes pictures of one size after one another, each from noise.
type visSchedule struct{ *VisOptions }

func (v visSchedule) Sizes(func(Size) bool) []Size {
	return slices.Repeat([]Size{{v.Size, v.Size}}, len(v.Targets))
}

func (visSchedule) Result(Stage) bool { return true }

// noise is the deviation of the coefficients that a picture starts from: nearly even gray.
const noise = 0.05

func (visSchedule) Start(s Stage, _ []float32, _ Size, random *rand.Rand) []float32 {
	x := make([]float32, s.Size.W*s.Size.H*3)
	for i := range x {
		x[i] = float32(noise * random.NormFloat64())
	}
	return x
}

func (visSchedule) Picture(s Stage, pixels []float32) *Picture {
	im := imageio.New(s.Size.W, s.Size.H)
	copy(im.Pix, pixels)
	return im
}

// visObjective raises the activity of the target of each stage.
type visObjective struct{ *VisOptions }

func (o visObjective) Layers(net *nn.Network) []string { return o.layers(net) }

// Like finds the first target of the same layers: which channel or class it is changes no shape.
func (o visObjective) Like(net *nn.Network, i int) int {
	type layers struct {
		shown, before string
		all           bool
	}
	kind := func(t Target) layers {
		before := ""
		if t.Layer != "" && t.Index >= 0 {
			before, _, _ = beforeReLU(net, t.Layer, t.Index)
		}
		return layers{t.Layer, before, t.Index < 0}
	}
	return slices.IndexFunc(o.Targets, func(t Target) bool { return kind(t) == kind(o.Targets[i]) })
}

func (o visObjective) Terms(s Stage) Terms {
	var t Terms
	g := &aiming{aims: o.aims(s.Network, o.Targets[s.Index])}
	g.add(&t, s)
	if o.TVWeight > 0 {
		t.add(loss.TotalVariation(o.TVWeight))
	}
	return t
}

// aims returns what is maximised for a target.
func (o *VisOptions) aims(net *nn.Network, target Target) []Aim {
	number := strconv.Itoa(target.Index)
	switch {
	case target.Layer == "":
		aims := []Aim{{Kind: "class", Class: number}}
		if o.EntropyWeight > 0 {
			aims = append(aims, Aim{Kind: "entropy", Class: number, Weight: o.EntropyWeight})
		}
		return aims
	case target.Index < 0:
		return []Aim{{Kind: "l2", Layer: target.Layer}}
	}
	aims := []Aim{{Kind: "channel", Layer: target.Layer, Channels: ChannelList{target.Index}}}
	if before, channel, ok := beforeReLU(net, target.Layer, target.Index); ok {
		aims = append(aims, Aim{Kind: "peak", Layer: before, Channels: ChannelList{channel}, Weight: preReLUWeight})
	}
	return aims
}

// preReLUWeight is the weight of the peak that a channel has before its ReLU, beside the channel itself.
// Where nothing activates the channel its gradient is 0, and only the value before the ReLU says in which
// direction to go.
const preReLUWeight = 0.02

// beforeReLU returns the layer and channel from which a ReLU makes a channel, if one does.
func beforeReLU(net *nn.Network, layer string, channel int) (string, int, bool) {
	l, err := net.Layer(layer)
	if err != nil {
		return "", 0, false
	}
	switch l.Kind {
	case nn.ReLU:
		return l.Inputs[0], channel, true
	case nn.Concat:
		for _, in := range l.Inputs {
			n := net.Channels(in)
			if channel < n {
				return beforeReLU(net, in, channel)
			}
			channel -= n
		}
	}
	return "", 0, false
}
