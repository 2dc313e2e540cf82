package render

import (
	"maps"

	"oneiro/internal/option"
	"oneiro/nn"
)

// ClassFinder returns the number of a class from its name or number. The class of empty text is -1, for none.
type ClassFinder func(name string) (int, error)

// StyleFrom returns the options of a style transfer from text: values over the defaults for a network, or with
// compat over those of the program that it names. The error is an *OptionError.
func StyleFrom(net *nn.Network, values option.Values) (StyleOptions, error) {
	o := DefaultStyle(net)
	if values["compat"] == string(NeuralStyle) {
		o = NeuralStylePT(net)
	}
	return o, optionError(StyleTable.Set(&o, values))
}

// DreamFrom returns the options of a dream from text, as StyleFrom does. The network's default channels belong to
// its default layers.
func DreamFrom(net *nn.Network, values option.Values, class ClassFinder) (DreamOptions, error) {
	o := DefaultDream(net)
	number, err := class(values["class"])
	if err != nil {
		return o, err
	}
	if values["layers"] != "" || number >= 0 {
		o.Channels = nil
	}
	problems := DreamTable.Set(&o, without(values, "class"))
	o.Class = number
	return o, optionError(problems)
}

// VisFrom returns the options of visualisations from text, as StyleFrom does. Beside the options of VisTable it
// understands those of SelectionTable.
func VisFrom(net *nn.Network, values option.Values, class ClassFinder) (VisOptions, error) {
	o := DefaultVis(net)
	var s Selection
	rest, selected := maps.Clone(values), option.Values{}
	for i := range SelectionTable {
		if v, ok := rest[SelectionTable[i].Name]; ok {
			selected[SelectionTable[i].Name] = v
			delete(rest, SelectionTable[i].Name)
		}
	}
	problems := append(SelectionTable.Set(&s, selected), VisTable.Set(&o, rest)...)
	if err := optionError(problems); err != nil {
		return o, err
	}
	if s != (Selection{}) && len(o.Targets) > 0 {
		return o, &OptionError{[]Mistake{{"targets", "cannot be combined with other options that say what to draw", "leave out one of them"}}}
	}
	if len(o.Targets) > 0 {
		return o, nil
	}
	var err error
	o.Targets, err = s.Targets(net, class)
	return o, err
}

func without(values option.Values, name string) option.Values {
	rest := maps.Clone(values)
	delete(rest, name)
	return rest
}

// optionError returns problems as an *OptionError, or nil if there are none.
func optionError(problems []option.Problem) error {
	var m mistakes
	m.problems(problems)
	return m.err()
}

func (m *mistakes) problems(problems []option.Problem) {
	for _, p := range problems {
		*m = append(*m, Mistake{p.Option, p.Text, p.Fix})
	}
}
