package judge

import "math"

// Score is what was measured of a result. What could not be measured is NaN: style and palette without a
// style picture, content and edges without a content picture.
type Score struct {
	Style, Content, Edges, Palette, Grain, Dots, Border float64
	// StyleLayers are the style distances of the layers, of which Style is the mean.
	StyleLayers []float64
}

// Number is one of the numbers of a Score.
type Number struct {
	Name string // as in JSON
	Unit string // empty for a fraction
	// Range says which values there are, and Better whether less or more is better.
	Range, Better string
	About         string // what it is, in a few words

	Of func(*Score) *float64
}

// The two directions of numbers.
const (
	Lower  = "lower"
	Higher = "higher"
)

// Numbers describes the numbers of a score, in the order in which they are printed.
var Numbers = []Number{
	{"style", "", "0 to about 1", Lower, "distance of the features' distribution from the style's",
		func(s *Score) *float64 { return &s.Style }},
	{"content", "", "0 to 2", Lower, "how much which places look alike differs from the content",
		func(s *Score) *float64 { return &s.Content }},
	{"edges", "", "-1 to 1", Higher, "correlation of edges and their directions with the content's",
		func(s *Score) *float64 { return &s.Edges }},
	{"palette", "OkLab", "0 to 1", Lower, "distance of the colours from the style's; 0.02 is just visible",
		func(s *Score) *float64 { return &s.Palette }},
	{"grain", "dB", "about 0 and up", Lower, "grids and checkers: peaks of the spectrum at strides of the network",
		func(s *Score) *float64 { return &s.Grain }},
	{"dots", "1/255", "0 and up", Lower, "finest detail where the content is flat",
		func(s *Score) *float64 { return &s.Dots }},
	{"border", "dB", "about 1 and up", Lower, "frames and ticks: how much the picture's edge stands out from beside it",
		func(s *Score) *float64 { return &s.Border }},
}

// Distance returns how far a result is from having all of the style and all of the content, of which each
// is one side of a right angle: 0 has both; 1 is the content as it was, whose style distance is
// untouched, or a picture without anything of the content. untouched is Reference.Untouched.
func (s *Score) Distance(untouched float64) float64 { return math.Hypot(s.Style/untouched, s.Content) }

// Values returns the numbers that were measured by their names, rounded to five places.
func (s Score) Values() map[string]float64 {
	values := map[string]float64{}
	for _, n := range Numbers {
		if v := *n.Of(&s); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values[n.Name] = math.Round(v*1e5) / 1e5
		}
	}
	return values
}
