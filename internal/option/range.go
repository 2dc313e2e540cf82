package option

import (
	"math"
	"strconv"
)

// Range is an interval of numbers. The zero Range stands for all numbers; options that are not numbers
// have it, too.
type Range struct {
	Min, Max float64
	Open     bool // Min itself is outside
	bounded  bool
}

// Between returns the range of min to max, both allowed.
func Between(min, max float64) Range { return Range{Min: min, Max: max, bounded: true} }

// Any returns the range of all numbers but for infinity.
func Any() Range { return Between(-math.MaxFloat64, math.MaxFloat64) }

// AtLeast returns the range of min and more. Infinity is outside.
func AtLeast(min float64) Range { return Between(min, math.MaxFloat64) }

// Above returns the range of what is larger than min.
func Above(min float64) Range {
	return Range{Min: min, Max: math.MaxFloat64, Open: true, bounded: true}
}

// UpTo returns the range with another end.
func (r Range) UpTo(max float64) Range {
	r.Max = max
	return r
}

// Contains returns whether v is in the range. NaN is in none.
func (r Range) Contains(v float64) bool {
	if !r.bounded {
		return !math.IsNaN(v)
	}
	return v <= r.Max && (v > r.Min || v == r.Min && !r.Open)
}

// Bounded returns whether the range was given bounds.
func (r Range) Bounded() bool { return r.bounded }

// String describes the range: "1 to 16", "more than 0", "0 or more".
func (r Range) String() string {
	endless := r.Max == math.MaxFloat64
	switch {
	case !r.bounded || endless && r.Min == -math.MaxFloat64:
		return "a number"
	case r.Open && endless:
		return "more than " + number(r.Min)
	case r.Open:
		return "more than " + number(r.Min) + " and at most " + number(r.Max)
	case endless:
		return number(r.Min) + " or more"
	}
	return number(r.Min) + " to " + number(r.Max)
}

// number writes a number, without an exponent as long as people can read that.
func number(v float64) string {
	if a := math.Abs(v); a >= 1e-4 && a < 1e12 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
