package flow

import "math"

// Preset is how thoroughly an Estimator looks: a row of Presets.
type Preset struct {
	Name  string
	About string
	// Finest is the finest level at which motion is looked for: pictures are halved that often.
	Finest int
	// Stride is the distance of patches, in pixels of a level.
	Stride int
	// Steps is the largest number of steps of gradient descent of a patch, both sweeps together.
	Steps int
	// Refinements is how often the variational refinement weighs its terms anew; 0 is no refinement.
	Refinements int
	// Edges says that the edges of the flow are moved to where they are in the picture. It needs
	// Refinements.
	Edges bool
}

// Presets are those of OpenCV's DISOpticalFlow, the fastest first, which has no Edges.
var Presets = []Preset{
	{Name: "ultrafast", About: "patches at a quarter of the size, not refined", Finest: 2, Stride: 4, Steps: 12},
	{Name: "fast", About: "patches at a quarter of the size, refined", Finest: 2, Stride: 4, Steps: 16, Refinements: 5},
	{Name: "medium", About: "patches at half the size, refined, with sharp edges", Finest: 1, Stride: 3, Steps: 25,
		Refinements: 5, Edges: true},
}

// DefaultPreset is the name of the best one.
const DefaultPreset = "medium"

// PresetOf returns the preset of that name, and whether there is one.
func PresetOf(name string) (Preset, bool) {
	for _, p := range Presets {
		if p.Name == name {
			return p, true
		}
	}
	return Preset{}, false
}

// levels returns the finest and the coarsest level for pictures of w x h pixels. On the coarsest a quarter of
// the longer side is a patch, and the shorter side is no shorter than one.
func (p Preset) levels(w, h int) (finest, coarsest int) {
	long := math.Log2(float64(max(w, h))/(4*patch)) + 0.5
	short := math.Log2(float64(min(w, h)) / patch)
	coarsest = int(max(min(math.Floor(long), math.Floor(short)), 0))
	return min(p.Finest, coarsest), coarsest
}
