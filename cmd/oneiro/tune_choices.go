package main

import (
	"maps"
	"slices"
	"strconv"

	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/render"
)

// axis is an option that --tune varies.
type axis struct {
	option string
	values []string  // to choose from, in order,
	times  []float64 // or factors of the value that it has otherwise
	// methods are those that the option is of; none stands for all. Without is an option that it does not go
	// with.
	methods []render.Method
	without string
}

// axes are what --tune varies. What a command line gives stays as it is.
var axes = []axis{
	{option: "style-weight", times: []float64{0.1, 0.3, 1, 3, 10}, methods: []render.Method{render.Gatys}},
	{option: "style-scale", values: []string{"0.5", "1", "2"}},
	{option: "style-loss", values: []string{"gram", "moments"}, methods: []render.Method{render.Gatys}, without: "compat"},
	{option: "content-share", values: []string{"0.5", "0.75", "0.9"}, methods: []render.Method{render.NNST}},
}

// bases are the bases of the Halton sequence, one for each axis.
var bases = []int{2, 3, 5, 7, 11, 13}

// choices returns the options of at most n variants: first those that are given, with the defaults for
// the rest, then such that any number of them is spread evenly over what there is to choose from.
func choices(net *nn.Network, given option.Values, class render.ClassFinder, n int) ([]option.Values, error) {
	o, err := render.StyleFrom(net, given, class)
	if err != nil {
		return nil, err
	}
	var free []axis
	all := 1
	for _, a := range axes {
		row := render.StyleTable.Lookup(a.option)
		_, is := given[a.option]
		_, other := given[a.without]
		if is || other || row == nil || a.methods != nil && !slices.Contains(a.methods, o.Method) {
			continue
		}
		now := row.Of(&o).String()
		if a.times != nil {
			a.values = times(now, a.times)
		}
		free = append(free, a)
		all *= len(a.values)
	}
	list := []option.Values{maps.Clone(given)}
	for i := 1; len(list) < min(n, all); i++ {
		next := maps.Clone(given)
		for k, a := range free {
			value := a.values[int(halton(i, bases[k])*float64(len(a.values)))]
			if row := render.StyleTable.Lookup(a.option); value != row.Of(&o).String() {
				next[a.option] = value
			}
		}
		if !contains(list, next) {
			list = append(list, next)
		}
	}
	return list, nil
}

// times returns a number times factors, as text.
func times(number string, factors []float64) []string {
	v, _ := strconv.ParseFloat(number, 64) // which was written from a number
	all := make([]string, len(factors))
	for i, f := range factors {
		all[i] = strconv.FormatFloat(v*f, 'g', 6, 64)
	}
	return all
}

func contains(list []option.Values, v option.Values) bool {
	for _, other := range list {
		if maps.Equal(other, v) {
			return true
		}
	}
	return false
}

// halton returns number i of a sequence that fills 0..1 evenly (Halton 1960): the digits of i in a base,
// behind the point and in reverse.
func halton(i, base int) float64 {
	var v float64
	for f := 1 / float64(base); i > 0; i, f = i/base, f/float64(base) {
		v += f * float64(i%base)
	}
	return v
}
