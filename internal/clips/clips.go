// Package clips draws short films whose motion is known, from the motifs of package motif: what is said of
// films can be tested and measured on them, without files.
package clips

import (
	"math"
	"slices"
)

// Clip is a film of any size and length: a row of All.
type Clip struct {
	Name  string
	About string

	shots []shot
	// light is how bright a frame is; nil for 1.
	light func(frame int) float64
	// noise is the standard deviation of the noise of each frame, of its own, in 1/255.
	noise float64
}

// shot is what is seen from a frame on.
type shot struct {
	from   int
	layers []layer // the last one lies on top
}

// layer is a texture that moves, all over the picture or within a shape.
type layer struct {
	texture int // row of textures
	// radius is that of the shape, a square with round corners, in heights of the picture; 0 is for no
	// bounds.
	radius float64
	// move returns how the layer lies in a frame of its shot.
	move func(frame float64) pose
}

// pose is how a layer lies: enlarged by zoom, with its middle at (x, y) from that of the picture. Lengths are
// in heights of the picture, which go to the right and down.
type pose struct{ zoom, x, y float64 }

func (p pose) place(x, y float64) (float64, float64) { return p.x + p.zoom*x, p.y + p.zoom*y }

func (p pose) back(x, y float64) (float64, float64) { return (x - p.x) / p.zoom, (y - p.y) / p.zoom }

func still(float64) pose { return pose{zoom: 1} }

// drift returns a motion of constant speed, in heights of the picture per frame.
func drift(x, y float64) func(float64) pose {
	return func(frame float64) pose { return pose{1, frame * x, frame * y} }
}

// circle moves a layer around the middle of the picture, once in 72 frames: by a fiftieth of the height per
// frame.
func circle(frame float64) pose {
	sin, cos := math.Sincos(2 * math.Pi * frame / 72)
	return pose{1, 0.24 * cos, 0.24 * sin}
}

// all are the clips.
var all = []Clip{
	{Name: "pan", About: "the camera moves, by no whole number of pixels", shots: []shot{{0, []layer{{move: drift(-0.0137, 0.0061)}}}}},
	{Name: "zoom", About: "all grows by 1 % per frame", shots: []shot{{0, []layer{
		{move: func(frame float64) pose { return pose{zoom: math.Pow(1.01, frame)} }}}}}},
	{Name: "occluder", About: "something goes round before a ground that does not move", shots: []shot{{0, []layer{
		{move: still}, {texture: 1, radius: 0.22, move: circle}}}}},
	{Name: "noise", About: "nothing moves, and there is noise", shots: []shot{{0, []layer{{move: still}}}}, noise: 4},
	{Name: "cut", About: "the camera moves, and from frame 6 on shows something else", shots: []shot{
		{0, []layer{{move: drift(0.011, -0.004)}}}, {Cut, []layer{{texture: 2, move: drift(-0.008, 0.009)}}}}},
	{Name: "light", About: "the camera moves, and the light goes down by 1 % per frame, to 60 %",
		shots: []shot{{0, []layer{{move: drift(0.0083, 0.0049)}}}},
		light: func(frame int) float64 { return max(1-0.01*float64(frame), 0.6) }},
	{Name: "still", About: "nothing changes", shots: []shot{{0, []layer{{move: still}}}}},
}

// Cut is the first frame of the second shot of the clip "cut".
const Cut = 6

// All returns all clips.
func All() []Clip { return slices.Clone(all) }

// Of returns the clip of that name, which has to be there.
func Of(name string) *Clip {
	i := slices.IndexFunc(all, func(c Clip) bool { return c.Name == name })
	if i < 0 {
		panic("clips: there is no clip " + name)
	}
	return &all[i]
}

// shot returns the number of the shot that a frame belongs to.
func (c *Clip) shot(frame int) int {
	k := len(c.shots) - 1
	for k > 0 && frame < c.shots[k].from {
		k--
	}
	return k
}
