package nn

import "oneiro/autodiff"

// ValueRange say in what numbers a canvas holds colours: channel k (red, green, blue) of a pixel has the
// value Scale·colour + Offset[k], the colour being sRGB in 0..1. An optimiser sees these numbers, so
// another program is followed step by step only in its own units.
type ValueRange struct {
	Scale  float64
	Offset [3]float64
}

// UnitRange units are the colours themselves.
var UnitRange = ValueRange{Scale: 1}

// ValueRange returns the units of neural-style and its kin: 255 for white, less the mean colour that the
// network subtracts, so that the network's input is the canvas itself but for the order of channels.
func (p Preprocess) ValueRange() ValueRange {
	u := ValueRange{Scale: 255}
	for k := range 3 {
		u.Offset[p.from(k)] = -p.Mean[k] / p.Scale * u.Scale
	}
	return u
}

// input adds to the graph of a canvas what turns its units into the network's input.
func (p Preprocess) input(canvas *autodiff.Node, u ValueRange) *autodiff.Node {
	matrix, offset := make([]float32, 9), make([]float32, 3)
	for k := range 3 {
		from := p.from(k)
		mul := p.Scale / p.Std[k] / u.Scale
		matrix[3*k+from] = float32(mul)
		offset[k] = float32(-p.Mean[k]/p.Std[k] - mul*u.Offset[from])
	}
	return autodiff.Affine(canvas, 3, matrix, offset)
}

// Colours adds to the graph of a canvas what turns it into RGB in 0..1.
func (u ValueRange) Colours(canvas *autodiff.Node) *autodiff.Node {
	if u == UnitRange {
		return canvas
	}
	matrix, offset := make([]float32, 9), make([]float32, 3)
	for k := range 3 {
		matrix[4*k] = float32(1 / u.Scale)
		offset[k] = float32(-u.Offset[k] / u.Scale)
	}
	return autodiff.Affine(canvas, 3, matrix, offset)
}

// Pixel returns the value that stands for a colour of channel k.
func (u ValueRange) Pixel(k int, colour float32) float32 {
	return colour*float32(u.Scale) + float32(u.Offset[k])
}

// Colour is the inverse of Pixel.
func (u ValueRange) Colour(k int, v float32) float32 {
	return (v - float32(u.Offset[k])) / float32(u.Scale)
}
