package motif

import "slices"

// Class is a kind of motif.
type Class struct {
	// Name is what the network calls it.
	Name string
	// New draws the free parameters of one motif (how many petals, how round) and returns how it
	// looks. It draws all of them before it returns: a shader has no randomness of its own.
	New func(r *Rand) Shader
	// Object is set if the motif is a thing, which lies about the origin and fills the unit circle.
	// Otherwise it is a texture, which fills the plane with features of about a unit.
	Object bool
	// Span says how many units a picture shows from side to side, from..to. Zero values stand for
	// 1.8 to 3.2 units of an object and 3 to 8 units of a texture.
	Span [2]float64
	// Upright is set if the motif has a top, given that y points down; others are turned freely.
	Upright bool
	// Inks are natural colours of what the motif is made of, one for each value of Point.Ink; half of
	// all pictures have these, more or less, and half have any. Nil stands for one ink of any colour.
	Inks []Ink
}

// Ink is the range of colours of one material, sRGB of 0xRRGGBB, from tone 0 to tone 1.
type Ink struct{ From, To uint32 }

// Shader says what a motif is at a point of the plane; x points right and y down.
type Shader func(x, y float64) Point

// Point is what a motif is at a point. Its zero value is nothing: one sees what lies behind.
type Point struct {
	// Solid is set where the motif is.
	Solid bool
	// Ink is the material, an index of Class.Inks.
	Ink int
	// Tone is where in the material's range of colours it lies, 0..1; values outside are clamped.
	Tone float64
	// Height is the relief that light from a side makes visible, in the units of x and y.
	Height float64
}

// classes are all of them. A network knows a class by its place among them.
var classes = slices.Concat(things, textures)

// Count is how many classes there are.
func Count() int { return len(classes) }

// Names returns the names of all classes, in the order of their numbers.
func Names() []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.Name
	}
	return names
}
