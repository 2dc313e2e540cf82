package weights

import (
	"math"
	"slices"

	"oneiro/weights/internal/container"
)

// Input is what a file says of the pictures that its network is used with, beside their size.
type Input struct {
	// Mean and Deviation are by channel, or one number for all: the first layer gets (v - Mean) / Deviation.
	// They are nil where the file says nothing. Where its graph computes that, it does not say the range of v;
	// in a description of Hugging Face's it is 0..1.
	Mean, Deviation []float64
	// Others are operations of the graph on the picture that are none of these, under the format's names, such
	// as Gather for another order of channels.
	Others []string
}

// maxChannels is how many numbers a constant for colours has at most.
const maxChannels = 4

// Input returns what the file says of the pictures that the network expects. The errors are those of Plain.
func (f *File) Input() (Input, error) {
	if in := f.container.Input; in.Mean != nil || in.Deviation != nil {
		return Input{Mean: slices.Clone(in.Mean), Deviation: slices.Clone(in.Deviation)}, nil
	}
	var in Input
	scale, shift := []float64{1}, []float64{0} // what was done so far: scale·v + shift
	plain := true
	for _, s := range f.container.Before {
		values, err := f.colours(s)
		if err != nil {
			return Input{}, err
		}
		if values == nil || s.Swapped && s.Kind == container.DivideStep {
			in.Others = append(in.Others, s.Op)
			continue
		}
		plain = false
		switch s.Kind {
		case container.AddStep:
			shift = each(shift, values, func(a, b float64) float64 { return a + b })
		case container.SubtractStep:
			shift = each(shift, values, func(a, b float64) float64 { return a - b })
			if s.Swapped {
				minus := func(a, _ float64) float64 { return -a }
				scale, shift = each(scale, values, minus), each(shift, values, minus)
			}
		case container.MultiplyStep, container.DivideStep:
			times := func(a, b float64) float64 {
				if s.Kind == container.DivideStep {
					return a / b
				}
				return a * b
			}
			scale, shift = each(scale, values, times), each(shift, values, times)
		}
	}
	if plain {
		return in, nil
	}
	in.Mean = each(shift, scale, func(a, b float64) float64 { return -a / b })
	in.Deviation = each(scale, scale, func(a, _ float64) float64 { return 1 / a })
	for _, v := range slices.Concat(in.Mean, in.Deviation) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Input{Others: []string{"a division by 0"}}, nil
		}
	}
	return in, nil
}

// colours returns the numbers of a step, or nil if it has none for colours.
func (f *File) colours(s container.Step) ([]float64, error) {
	if s.Kind == container.OtherStep || s.Tensor == "" {
		return nil, nil
	}
	t, err := f.readable(s.Tensor)
	if err != nil {
		return nil, err
	}
	if n := t.Count(); n < 1 || n > maxChannels {
		return nil, nil
	}
	values, err := f.Plain(s.Tensor)
	if err != nil {
		return nil, err
	}
	all := make([]float64, len(values))
	for i, v := range values {
		all[i] = float64(v)
	}
	return all, nil
}

// each joins two lists number by number; one number stands for as many as the other has.
func each(a, b []float64, join func(a, b float64) float64) []float64 {
	all := make([]float64, max(len(a), len(b)))
	for i := range all {
		all[i] = join(a[i%len(a)], b[i%len(b)])
	}
	return all
}
