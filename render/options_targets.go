package render

import (
	"fmt"
	"strconv"
	"strings"

	"oneiro/internal/option"
	"oneiro/nn"
)

// Selection says what to visualise, as people write it.
type Selection struct {
	Layer, Channel, Channels, Class, Classes string
}

// SelectionTable has the options of Selection.
var SelectionTable = option.Table{
	{Name: "layer", Field: "Layer", Unit: "layer",
		Help:    "layer to draw: all of its channels together, unless one is named",
		Default: "the network's own", Names: option.Layer, Changes: option.Result | option.Memory,
		Basic: true},
	{Name: "channel", Field: "Channel", Unit: "channel", Help: "channel of the layer, counted from 0",
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "channels", Field: "Channels", Unit: "channels",
		Help:    "several channels of the layer: 0-15, or 3,7,20-25, or all",
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "class", Field: "Class", Unit: "class",
		Help: "class to draw instead of a layer, by name or number", Names: option.Class,
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "classes", Field: "Classes", Unit: "classes", Help: "several classes with commas between, or all",
		Names: option.Class, Changes: option.Result | option.Memory},
}.In("What to draw")

// allOf stands for every channel or class.
const allOf = "all"

// Check returns an *OptionError if some parts of the selection exclude each other.
func (s *Selection) Check() error {
	var given []string
	for i := range SelectionTable {
		if o := &SelectionTable[i]; o.Name != "layer" && o.Of(s).String() != "" {
			given = append(given, o.Name)
		}
	}
	var m mistakes
	ofLayer := s.Channel != "" || s.Channels != ""
	switch {
	case len(given) > 1:
		m.add(given[0], "give one of them", "cannot be combined with %s", given[1])
	case ofLayer && s.Layer == "":
		m.add(given[0], "name the layer, too", "needs a layer")
	case s.Layer != "" && len(given) > 0 && !ofLayer:
		m.add("layer", "leave out one of the two", "cannot be combined with %s", given[0])
	}
	return m.err()
}

// Targets returns what is selected of a network: by default what it dreams of.
func (s *Selection) Targets(net *nn.Network, class ClassFinder) ([]Target, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	switch {
	case s.Class != "" || s.Classes != "":
		return s.classes(net, class)
	case s.Layer == "":
		return []Target{{Layer: net.Dream[0], Index: -1}}, nil
	}
	numbers := []int{-1}
	var err error
	switch {
	case s.Channels == allOf:
		numbers, err = allChannels(net, s.Layer)
	case s.Channels != "":
		numbers, err = ranges("channels", s.Channels)
	case s.Channel != "":
		numbers, err = ranges("channel", s.Channel)
	}
	targets := make([]Target, len(numbers))
	for i, n := range numbers {
		targets[i] = Target{Layer: s.Layer, Index: n}
	}
	return targets, err
}

func (s *Selection) classes(net *nn.Network, class ClassFinder) ([]Target, error) {
	var m mistakes
	if net.Classes == 0 {
		m.class("class", net, 0)
		return nil, m.err()
	}
	names := []string{s.Class}
	switch {
	case s.Classes == allOf:
		names = make([]string, net.Classes)
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
	case s.Classes != "":
		names = strings.Split(s.Classes, ",")
	}
	targets := make([]Target, len(names))
	for i, name := range names {
		number, err := class(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		if number < 0 {
			m.add("classes", "write names or numbers with one comma between", "%q has an empty name in it",
				s.Classes)
			return nil, m.err()
		}
		targets[i].Index = number
	}
	return targets, nil
}

// allChannels numbers the channels of a layer.
func allChannels(net *nn.Network, layer string) ([]int, error) {
	if _, err := net.Layer(layer); err != nil {
		return nil, err
	}
	numbers := make([]int, net.Channels(layer))
	for i := range numbers {
		numbers[i] = i
	}
	return numbers, nil
}

// maxChannels is more than any layer has channels.
const maxChannels = 1 << 16

// ranges reads numbers and ranges of them, as 3,7,20-25.
func ranges(name, text string) ([]int, error) {
	var numbers []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 0 || last < first || last >= maxChannels {
			var m mistakes
			m.add(name, "for example: 7, or 0-15, or 3,7,20-25", "must be a list of channels, not %q", text)
			return nil, m.err()
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// ChannelList is a list of channels, whose text may have ranges in it.
type ChannelList []int

// MarshalText returns the channels one by one.
func (c ChannelList) MarshalText() ([]byte, error) {
	words := make([]string, len(c))
	for i, n := range c {
		words[i] = strconv.Itoa(n)
	}
	return []byte(strings.Join(words, ",")), nil
}

// UnmarshalText reads channels and ranges of them: 3,7,20-25.
func (c *ChannelList) UnmarshalText(text []byte) (err error) {
	*c = nil
	if len(text) > 0 {
		*c, err = ranges("channels", string(text))
	}
	return err
}

// Type names the type of the text.
func (ChannelList) Type() string { return "channel list" }

// classTarget begins the text of a target that is a class.
const classTarget = "class"

// MarshalText returns the target as LAYER, LAYER:CHANNEL or class:NUMBER.
func (t Target) MarshalText() ([]byte, error) {
	switch {
	case t.Layer == "":
		return fmt.Appendf(nil, "%s:%d", classTarget, t.Index), nil
	case t.Index < 0:
		return []byte(t.Layer), nil
	}
	return fmt.Appendf(nil, "%s:%d", t.Layer, t.Index), nil
}

// UnmarshalText reads what MarshalText writes.
func (t *Target) UnmarshalText(text []byte) error {
	layer, number, numbered := strings.Cut(string(text), ":")
	*t = Target{Layer: layer, Index: -1}
	if numbered {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a number", number)
		}
		t.Index = n
	}
	if layer == classTarget && numbered {
		t.Layer = ""
	}
	if layer == "" || layer == classTarget && !numbered {
		return fmt.Errorf("%q names neither a layer nor a class", text)
	}
	return nil
}

// Type names the type of the text.
func (t Target) Type() string { return "target" }
