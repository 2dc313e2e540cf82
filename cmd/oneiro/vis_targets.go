package main

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// visTargets say what to draw, as on the command line.
type visTargets struct {
	layer, channel, channels, class, classes, filters string
}

func (v *visTargets) flags(fs *pflag.FlagSet) {
	fs.StringVar(&v.layer, "layer", "", "`LAYER` to draw, all of its channels if none is named (default one of the network's own)")
	fs.StringVar(&v.channel, "channel", "", "`CHANNEL` of the layer, counted from 0")
	fs.StringVar(&v.channels, "channels", "", "several `CHANNELS` of the layer, as 0-15 or 3,7,20-25, or all")
	fs.StringVar(&v.class, "class", "", "`CLASS` to draw in place of a layer, by number or by name")
	fs.StringVar(&v.classes, "classes", "", "several `CLASSES`, with commas between, or all")
	fs.StringVar(&v.filters, "filters", "", "`LAYER` whose filters to show, which has to be a convolution of the picture")
}

// all stands for every channel or class.
const all = "all"

// check finds what does not go together.
func (v *visTargets) check() error {
	var given []string
	for _, f := range []struct{ name, value string }{
		{"--channel", v.channel}, {"--channels", v.channels}, {"--class", v.class}, {"--classes", v.classes}, {"--filters", v.filters},
	} {
		if f.value != "" {
			given = append(given, f.name)
		}
	}
	if len(given) > 1 {
		return &usageError{strings.Join(given, " and ") + " say different things to draw", "give one of them"}
	}
	ofLayer := v.channel != "" || v.channels != ""
	switch {
	case ofLayer && v.layer == "":
		return &usageError{given[0] + " needs a --layer", "for example: --layer relu3_1 " + given[0] + " 7"}
	case v.layer != "" && len(given) > 0 && !ofLayer:
		return &usageError{"--layer means nothing with " + given[0], "leave out one of the two"}
	}
	return nil
}

// targets returns what to draw with a network.
func (v *visTargets) targets(net *nn.Network, classes []zoo.Class, file *zoo.Params) ([]render.Target, error) {
	switch {
	case v.class != "" || v.classes != "":
		return v.classTargets(net, classes, file)
	case v.layer == "":
		channel := -1
		if len(net.DreamChannels) > 0 {
			channel = net.DreamChannels[0]
		}
		return []render.Target{{Layer: net.Dream[0], Index: channel}}, nil
	}
	numbers := []int{-1}
	var err error
	switch {
	case v.channels == all:
		numbers, err = allChannels(net, v.layer)
	case v.channels != "":
		numbers, err = ranges("channels", v.channels)
	case v.channel != "":
		numbers, err = ranges("channel", v.channel)
	}
	targets := make([]render.Target, len(numbers))
	for i, n := range numbers {
		targets[i] = render.Target{Layer: v.layer, Index: n}
	}
	return targets, err
}

func (v *visTargets) classTargets(net *nn.Network, classes []zoo.Class, file *zoo.Params) ([]render.Target, error) {
	if net.Classes == 0 {
		return nil, &usageError{"class: the network " + net.Name + " has no classes", "choose a network with a classifier, such as googlenet"}
	}
	names := []string{v.class}
	switch {
	case v.classes == all:
		names = make([]string, net.Classes)
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
	case v.classes != "":
		names = strings.Split(v.classes, ",")
	}
	targets := make([]render.Target, len(names))
	for i, name := range names {
		number, err := classIndex(strings.TrimSpace(name), file)
		if err != nil {
			return nil, err
		}
		if number < 0 {
			return nil, &usageError{"classes: " + quote(v.classes) + " leaves one out", "write names or numbers with one comma between"}
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

// ranges reads numbers and ranges of them, as 3,7,20-25.
func ranges(flag, text string) ([]int, error) {
	const most = 1 << 16 // numbers, more than any layer has channels
	var numbers []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.Atoi(from)
		last := first
		if isRange && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 0 || last < first || last >= most {
			return nil, &usageError{flag + ": " + quote(text) + " is not a list of channels", "for example: 7, or with --channels 0-15 or 3,7,20-25"}
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}
