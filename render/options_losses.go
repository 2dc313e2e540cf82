package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/nearest"
	"oneiro/internal/option"
	"oneiro/internal/quote"
)

// LossOptions say how a style transfer compares the result with its style pictures, and how these are shown.
type LossOptions struct {
	// StyleLoss is what is compared in each style layer. Weights are relative to their sum; none stands for
	// Gram matrices.
	StyleLoss []WeightedLoss
	// StyleAt is which of the style layers each style picture is compared in; none stands for all in all.
	StyleAt []LayerRange
	// StyleTurn is by how many degrees each style picture is turned clockwise before it is shown, or one number
	// for all; none is 0.
	StyleTurn []float64
}

// StyleLoss is the name of a comparison of features with those of a style picture.
type StyleLoss string

// The comparisons; see the functions of package loss with their names.
const (
	GramLoss        StyleLoss = "gram"
	MomentsLoss     StyleLoss = "moments"
	WassersteinLoss StyleLoss = "w2"
	SlicedLoss      StyleLoss = "swd"
	HistogramLoss   StyleLoss = "histogram"
)

// StyleLosses lists them.
var StyleLosses = []StyleLoss{GramLoss, MomentsLoss, WassersteinLoss, SlicedLoss, HistogramLoss}

// lossTable has the options of LossOptions.
var lossTable = option.Table{
	{Name: "style-loss", Field: "StyleLoss", Unit: "losses",
		Help:    "how to compare with the style",
		Choices: names(StyleLosses), Or: "several with weights, such as gram:1,moments:0.5",
		Changes: option.Result | option.Memory},
	{Name: "style-at", Field: "StyleAt", Unit: "layers",
		Help:    "style layers that each style picture is for, such as 1-2,3-5: fine strokes of one, large forms of the next",
		Default: "all", Changes: option.Result | option.Memory},
	{Name: "style-turn", Field: "StyleTurn", Unit: "degrees",
		Help:  "turn the style pictures clockwise, and so their strokes: one angle or one each",
		Range: option.Between(-360, 360), Changes: option.Result | option.Memory},
}.In("Style")

// defaultLosses returns the options that say nothing special but what is compared.
func defaultLosses(l StyleLoss) LossOptions {
	return LossOptions{StyleLoss: []WeightedLoss{{l, 1}}, StyleTurn: []float64{0}}
}

// WeightedLoss is a comparison and how much it counts beside others. As text it is name:weight, or the name for
// a weight of 1.
type WeightedLoss struct {
	Loss   StyleLoss
	Weight float64
}

// MarshalText writes what UnmarshalText reads.
func (w WeightedLoss) MarshalText() ([]byte, error) {
	if w.Weight == 1 {
		return []byte(w.Loss), nil
	}
	return fmt.Appendf(nil, "%s:%v", w.Loss, w.Weight), nil
}

// UnmarshalText reads a name, or a name and a weight with a colon between.
func (w *WeightedLoss) UnmarshalText(text []byte) (err error) {
	name, weight, found := strings.Cut(string(text), ":")
	w.Loss, w.Weight = StyleLoss(strings.TrimSpace(name)), 1
	if found {
		w.Weight, err = strconv.ParseFloat(strings.TrimSpace(weight), 64)
	}
	return err
}

// Type names what UnmarshalText reads.
func (*WeightedLoss) Type() string { return "loss:weight pair" }

// LayerRange is the style layers First to Last, counted from 1 in the order of StyleLayers. As text it is 2-4,
// or 3 for one layer.
type LayerRange struct{ First, Last int }

// MarshalText writes what UnmarshalText reads.
func (r LayerRange) MarshalText() ([]byte, error) {
	if r.First == r.Last {
		return strconv.AppendInt(nil, int64(r.First), 10), nil
	}
	return fmt.Appendf(nil, "%d-%d", r.First, r.Last), nil
}

// UnmarshalText reads the number of a layer, or of the first and the last one.
func (r *LayerRange) UnmarshalText(text []byte) (err error) {
	first, last, found := strings.Cut(strings.TrimSpace(string(text)), "-")
	if r.First, err = strconv.Atoi(first); err != nil {
		return err
	}
	if r.Last = r.First; found {
		r.Last, err = strconv.Atoi(last)
	}
	if err == nil && !(0 < r.First && r.First <= r.Last) {
		err = errors.New("not a range")
	}
	return err
}

// Type names what UnmarshalText reads.
func (*LayerRange) Type() string { return "layer range" }

// has reports whether layer number i, counted from 0, is one of the range.
func (r LayerRange) has(i int) bool { return r.First <= i+1 && i+1 <= r.Last }

// losses returns the comparisons with their share of the style's weight.
func (o *LossOptions) losses() []WeightedLoss {
	if len(o.StyleLoss) == 0 {
		return []WeightedLoss{{GramLoss, 1}}
	}
	var sum float64
	for _, l := range o.StyleLoss {
		sum += l.Weight
	}
	all := slices.Clone(o.StyleLoss)
	for i := range all {
		all[i].Weight /= sum
	}
	return slices.DeleteFunc(all, func(l WeightedLoss) bool { return l.Weight == 0 })
}

// isFor reports whether style picture k is compared in style layer i.
func (o *LossOptions) isFor(k, i int) bool { return len(o.StyleAt) == 0 || o.StyleAt[k].has(i) }

// turn returns by how many degrees style picture k is turned.
func (o *LossOptions) turn(k int) float64 {
	if len(o.StyleTurn) == 0 {
		return 0
	}
	return o.StyleTurn[k%len(o.StyleTurn)]
}

// turned reports whether a style picture is turned.
func (o *LossOptions) turned() bool {
	return slices.ContainsFunc(o.StyleTurn, func(degrees float64) bool { return degrees != 0 })
}

// checkLosses checks LossOptions.
func (o *StyleOptions) checkLosses(m *mistakes) {
	o.checkStyleLoss(m)
	pictures := len(o.Styles)
	if n := len(o.StyleTurn); n > 1 && n != pictures {
		m.add("style-turn", "give one angle, or "+strconv.Itoa(pictures), "has %s for %s",
			quote.Count(n, "angle"), quote.Count(pictures, "style picture"))
	}
	if len(o.StyleAt) == 0 {
		return
	}
	if n := len(o.StyleAt); n != pictures {
		m.add("style-at", "give a range such as 1-2 for each style picture", "has %s for %s",
			quote.Count(n, "range"), quote.Count(pictures, "style picture"))
		return
	}
	layers := len(o.StyleLayers)
	for _, r := range o.StyleAt {
		if r.Last > layers {
			m.add("style-at", "choose 1 to "+strconv.Itoa(layers), "names layer %d: there are %s", r.Last,
				quote.Count(layers, "style layer"))
			return
		}
	}
	for i, l := range o.StyleLayers {
		there := false
		for k := range o.Styles {
			there = there || o.isFor(k, i) && (len(o.Blend) != pictures || o.Blend[k] > 0)
		}
		if !there {
			m.add("style-at", "add it to a range, or leave it out of style-layers",
				"has no style picture for layer %d, %s", i+1, l)
		}
	}
}

func (o *StyleOptions) checkStyleLoss(m *mistakes) {
	var sum float64
	for i, l := range o.StyleLoss {
		sum += l.Weight
		before := slices.ContainsFunc(o.StyleLoss[:i], func(b WeightedLoss) bool { return b.Loss == l.Loss })
		switch {
		case !slices.Contains(StyleLosses, l.Loss):
			near := nearest.Names(string(l.Loss), names(StyleLosses), 2)
			m.add("style-loss", nearest.Hint(near, "choose "+lossTable.Lookup("style-loss").Allowed()),
				"cannot be %q: there is no such loss", l.Loss)
		case before:
			m.add("style-loss", "name it once", "names %q twice", l.Loss)
		case !(l.Weight >= 0 && l.Weight <= maxWeight):
			m.add("style-loss", "give it a weight of 0 to "+strconv.FormatFloat(maxWeight, 'g', -1, 64),
				"cannot give %q the weight %v", l.Loss, l.Weight)
		case o.Form == NeuralStyle && l.Loss != GramLoss && o.Method != NNST:
			m.add("style-loss", "leave out style-loss or compat", "cannot be %q with the formulas of neural-style-pt", l.Loss)
		}
	}
	if len(o.StyleLoss) > 0 && sum == 0 {
		m.add("style-loss", "make one of the weights more than 0", "has only zeros")
	}
}
