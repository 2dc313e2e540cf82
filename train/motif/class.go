package motif

import "slices"

// class is a class of motifs: a row of the tables things and textures.
type class struct {
	// name is the name of the class, as of --class.
	name string
	// shader draws the parameters of one motif (how many petals, how round) and returns how it looks. All
	// random numbers are drawn before it returns: a shader has none of its own.
	shader func(r *rng) shader
	// object is set if the motif is an object, which fills the unit circle around the origin. Otherwise it
	// is a texture, which fills the plane with features about one unit large.
	object bool
	// span is the range of how many units a picture shows from side to side. The zero value stands for 1.8
	// to 3.2 units for an object and 3 to 8 for a texture.
	span [2]float64
	// upright is set if the motif has a top, at negative y; others are rotated freely.
	upright bool
	// inks are the natural colours of the materials of the motif, one for each value of point.ink. Half of
	// all pictures use these, roughly, the others any colours. Nil stands for one ink of any colour.
	inks []ink
}

// ink is the range of colours of one material, sRGB of 0xRRGGBB, from tone 0 to tone 1.
type ink struct{ from, to uint32 }

// shader returns what a motif is at a point of the plane. x points right and y down.
type shader func(x, y float64) point

// point is what a motif is at a point. The zero value is nothing: the background shows.
type point struct {
	// solid is set where the motif is.
	solid bool
	// ink is the material, an index of class.inks.
	ink int
	// tone is the place in the material's range of colours, 0..1; values outside are clamped.
	tone float64
	// height is the height of the relief, which is lit from one side, in the units of x and y.
	height float64
}

// classes are all classes. The index of a class is its number in a network.
var classes = slices.Concat(things, textures)

// Names returns the names of all classes, in the order of their numbers.
func Names() []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.name
	}
	return names
}
