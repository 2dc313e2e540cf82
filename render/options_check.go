package render

import (
	"fmt"

	"oneiro/internal/option"
	"oneiro/nn"
)

// Here is what each pipeline checks of its options before it reads weights or computes: ranges and choices from the
// table, and what depends on several options, on the pictures or on the network.

func (o *StyleOptions) mistakes(net *nn.Network) mistakes {
	m := mistakes{StyleTable.Check(o)}
	if o.Content == nil {
		m.add("content", "give a content picture", "is missing")
	}
	if len(o.Styles) == 0 {
		m.add("style", "give a style picture", "is missing")
	}
	m.weights("style-blend", o.Blend, len(o.Styles), "style pictures")
	m.weights("style-layer-weights", o.StyleLayerWeights, len(o.StyleLayers), "style layers")
	m.layers("content-layers", net, o.ContentLayers)
	m.layers("style-layers", net, o.StyleLayers)
	if o.ContentWeight+o.StyleWeight+o.StructureWeight+o.SSIMWeight+o.TVWeight == 0 {
		m.add("style-weight", "make one of the weights more than 0", "is 0, and so are all other weights")
	}
	if o.ContentWeight > 0 && len(o.ContentLayers) == 0 {
		m.add("content-layers", "name a layer, or set content-weight to 0", "has no layers")
	}
	if o.StyleWeight > 0 && len(o.StyleLayers) == 0 {
		m.add("style-layers", "name a layer, or set style-weight to 0", "has no layers")
	}
	switch o.Init {
	case InitContent, InitRandom, InitGray:
	case InitPicture:
		if o.InitImage == nil {
			m.add("init", "give a picture", "has no picture")
		}
	default:
		m.add("init", "", "must be %s, not %q", StyleTable.Lookup("init").Allowed(), o.Init)
	}
	return m
}

func (o *DreamOptions) mistakes(net *nn.Network) mistakes {
	m := mistakes{DreamTable.Check(o)}
	if o.Image == nil {
		m.add("image", "give a picture", "is missing")
	}
	if o.Class != -1 {
		m.class("class", net, o.Class)
	}
	switch {
	case o.Class >= 0 && len(o.Channels) > 0:
		m.add("channels", "give one of the two", "cannot be combined with class")
	case o.Class < 0 && len(o.Layers) == 0:
		m.add("layers", "name a layer", "has no layers")
	}
	m.layers("layers", net, o.Layers)
	return m
}

func (o *VisOptions) mistakes(net *nn.Network) mistakes {
	m := mistakes{VisTable.Check(o)}
	if len(o.Targets) == 0 {
		m.add("targets", "name a layer or a class", "has nothing to draw")
	}
	for _, t := range o.Targets {
		if t.Layer == "" {
			m.class("class", net, t.Index)
		} else {
			m.layers("layer", net, []string{t.Layer})
		}
	}
	return m
}

// mistakes collects what is wrong with options.
type mistakes struct{ option.Mistakes }

func (m *mistakes) add(option, fix, problem string, args ...any) {
	m.Add(option, fix, problem, args...)
}
func (m *mistakes) err() error { return m.Err() }

// mistake returns an *OptionError with one mistake.
func mistake(option, fix, problem string, args ...any) error {
	var m mistakes
	m.add(option, fix, problem, args...)
	return m.err()
}

// weights checks a list of weights for n things, which may be empty.
func (m *mistakes) weights(option string, ws []float64, n int, things string) {
	if len(ws) == 0 {
		return
	}
	if len(ws) != n {
		m.add(option, fmt.Sprintf("give %d weights", n), "has %d weights for %d %s", len(ws), n, things)
	}
	var sum float64
	for _, w := range ws {
		sum += w
	}
	if sum == 0 {
		m.add(option, "make one of the weights more than 0", "has only zeros")
	}
}

// layers checks that the network has the layers. The names are read by people, so an unknown one comes with those that
// are like it.
func (m *mistakes) layers(option string, net *nn.Network, layers []string) {
	for _, l := range layers {
		if _, err := net.Layer(l); err != nil {
			m.add(option, hint(err), "is wrong: %v", err)
		}
	}
}

// class checks that the network has a class of that number.
func (m *mistakes) class(option string, net *nn.Network, class int) {
	switch {
	case net.Classes == 0:
		m.add(option, "choose a network with a classifier, such as googlenet", "cannot be used: %s has no classes", net.Name)
	case class < 0 || class >= net.Classes:
		m.add(option, fmt.Sprintf("choose 0 to %d", net.Classes-1), "cannot be %d: there is no such class", class)
	}
}

// channels checks that a layer has the channels.
func (m *mistakes) channels(option string, infos []nn.LayerInfo, layer string, channels ...int) {
	for _, info := range infos {
		for _, c := range channels {
			if info.Name == layer && (c < 0 || c >= info.C) {
				m.add(option, fmt.Sprintf("choose 0 to %d", info.C-1), "cannot be %d: %s has no such channel", c, layer)
			}
		}
	}
}

// hint returns the hint of an error that has one.
func hint(err error) string {
	if h, ok := err.(interface{ Hint() string }); ok {
		return h.Hint()
	}
	return ""
}
