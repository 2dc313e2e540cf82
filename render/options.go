package render

import (
	"fmt"
	"math"
	"strings"

	"oneiro/nn"
)

// Common are the options that style, dream and vis share.
type Common struct {
	// Size is the longer side of the result in pixels; 0 keeps the size of the picture.
	Size int
	// Iterations is the number of optimisation steps at each size of the schedule.
	Iterations int
	// Seed is the random seed. The same options with the same seed give the same bits, on any number of threads
	// of one instruction set with the same table of tiles (EngineOptions).
	Seed uint64
	// UntilLoss ends a run at the last size when the loss is no more than that; 0 turns it off.
	UntilLoss float64
	// UntilChange ends a size when the loss has fallen by less than this fraction in 10 steps; 0 turns it off.
	UntilChange float64
}

// OptionError reports options that do not make sense, all of them at once.
type OptionError struct{ Mistakes []Mistake }

// Mistake is one option with a value that does not do, and what would.
type Mistake struct{ Option, Problem, Fix string }

func (e *OptionError) Error() string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		lines[i] = m.Option + ": " + m.Problem
	}
	return strings.Join(lines, "; ")
}

// Hint says what would do instead.
func (e *OptionError) Hint() string {
	var fixes []string
	for _, m := range e.Mistakes {
		if m.Fix != "" {
			fixes = append(fixes, m.Fix)
		}
	}
	return strings.Join(fixes, "; ")
}

// mistakes collects what is wrong with options.
type mistakes []Mistake

func (m *mistakes) add(option, fix, problem string, args ...any) {
	*m = append(*m, Mistake{option, fmt.Sprintf(problem, args...), fix})
}

// notNegative checks a number that has to be finite and 0 or more.
func (m *mistakes) notNegative(option string, v float64) {
	if !(v >= 0) || math.IsInf(v, 0) {
		m.add(option, "give "+option+" a number of 0 or more", "%v is not possible", v)
	}
}

// layers checks that the network has the layers. Names are for people to read, so an unknown one
// comes with those that are like it.
func (m *mistakes) layers(option string, net *nn.Network, layers []string) {
	for _, l := range layers {
		if _, err := net.Layer(l); err != nil {
			m.add(option, hint(err), "%v", err)
		}
	}
}

// class checks that the network tells a class of that number apart.
func (m *mistakes) class(net *nn.Network, class int) {
	switch {
	case net.Classes == 0:
		m.add("class", "choose a network with a classifier, such as googlenet", "the network %s has no classes", net.Name)
	case class < 0 || class >= net.Classes:
		m.add("class", fmt.Sprintf("choose 0 to %d", net.Classes-1), "there is no class %d", class)
	}
}

// channels checks that a layer has the channels.
func (m *mistakes) channels(option string, infos []nn.LayerInfo, layer string, channels ...int) {
	for _, info := range infos {
		for _, c := range channels {
			if info.Name == layer && (c < 0 || c >= info.C) {
				m.add(option, fmt.Sprintf("choose 0 to %d", info.C-1), "%s has no channel %d", layer, c)
			}
		}
	}
}

func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	return &OptionError{m}
}

// hint returns the hint of an error that has one.
func hint(err error) string {
	if h, ok := err.(interface{ Hint() string }); ok {
		return h.Hint()
	}
	return ""
}

// MaxSize is the largest picture side that is worked on.
const MaxSize = 16384

func (c *Common) check(m *mistakes) {
	if c.Size < 0 || c.Size > MaxSize {
		m.add("size", fmt.Sprintf("choose 1 to %d pixels for the longer side", MaxSize), "%d pixels is not possible", c.Size)
	}
	if c.Iterations < 1 {
		m.add("iterations", "choose 1 or more", "%d is not possible", c.Iterations)
	}
	if math.IsNaN(c.UntilLoss) {
		m.add("until-loss", "give a number", "not a number")
	}
	m.notNegative("until-change", c.UntilChange)
}
