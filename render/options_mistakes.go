package render

import (
	"fmt"
	"slices"
	"strconv"

	"oneiro/internal/option"
	"oneiro/internal/quote"
	"oneiro/nn"
)

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

// keeps checks the size of a result that is that of a picture, because size is 0.
func (m *mistakes) keeps(size int, im *Picture) {
	if size == 0 && im != nil && max(im.W, im.H) > MaxSize {
		m.add("size", "choose 1 to "+strconv.Itoa(MaxSize), "keeps the %d x %d pixels of the picture, which are too many",
			im.W, im.H)
	}
}

// weights checks a list of weights for n things, which may be empty.
func (m *mistakes) weights(option string, ws []float64, n int, thing string) {
	if len(ws) == 0 {
		return
	}
	if len(ws) != n {
		m.add(option, "give "+quote.Count(n, "weight"), "has %s for %s", quote.Count(len(ws), "weight"), quote.Count(n, thing))
	}
	var sum float64
	for _, w := range ws {
		sum += w
	}
	if sum == 0 {
		m.add(option, "make one of the weights more than 0", "has only zeros")
	}
}

// layers checks that the network has the layers, and that each is named once. The names are read by people, so
// an unknown one comes with those that are like it.
func (m *mistakes) layers(option string, net *nn.Network, layers []string) {
	for i, l := range layers {
		if slices.Contains(layers[:i], l) {
			m.add(option, "name it once", "names %q twice", l)
			continue
		}
		if _, err := net.Layer(l); err != nil {
			m.add(option, hint(err), "names %q, which is not a layer of %s", l, net.Name)
		}
	}
}

// class checks that the network has a class of that number.
func (m *mistakes) class(option string, net *nn.Network, class int) {
	switch {
	case net.Classes == 0:
		m.add(option, "choose a network with a classifier, such as googlenet",
			"cannot be used: %s has no classes", net.Name)
	case class < 0 || class >= net.Classes:
		m.add(option, fmt.Sprintf("choose 0 to %d", net.Classes-1), "cannot be %d: there is no such class",
			class)
	}
}

// channels checks that a layer has the channels.
func (m *mistakes) channels(option string, infos []nn.LayerInfo, layer string, channels ...int) {
	for _, info := range infos {
		for _, c := range channels {
			if info.Name == layer && (c < 0 || c >= info.C) {
				m.add(option, fmt.Sprintf("choose 0 to %d", info.C-1), "cannot be %d: %s has no such channel",
					c, layer)
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
