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
	return o, StyleTable.Set(&o, values).Err()
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
	return o, problems.Err()
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
	if err := problems.Err(); err != nil {
		return o, err
	}
	if s != (Selection{}) && len(o.Targets) > 0 {
		return o, mistake("targets", "give one of them", "cannot be combined with other options that say what to draw")
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
