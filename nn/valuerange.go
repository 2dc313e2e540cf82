package nn

import "oneiro/autodiff"

// ValueRange is the range of numbers in which a canvas holds colours: channel k (red, green, blue) of a
// pixel is Scale·colour + Offset[k], where the colour is sRGB in 0..1. An optimiser's steps depend on it, so
// another program can be followed step by step only in that program's own range.
type ValueRange struct {
	Scale  float64
	Offset [3]float64
}

// UnitRange is the range in which numbers are colours, 0..1.
var UnitRange = ValueRange{Scale: 1}

// ValueRange returns the range of neural-style and its descendants: 0..255 less the mean colour that the
// network subtracts. The canvas then is the network's input, except for the order of channels.
func (p Preprocess) ValueRange() ValueRange {
	r := ValueRange{Scale: 255}
	for k := range 3 {
		r.Offset[p.from(k)] = -p.Mean[k] / p.Scale * r.Scale
	}
	return r
}

// input adds the network's input to the graph of a canvas in range r: one colour matrix.
func (p Preprocess) input(canvas *autodiff.Node, r ValueRange) *autodiff.Node {
	matrix, offset := make([]float32, 9), make([]float32, 3)
	for k := range 3 {
		from := p.from(k)
		mul := p.Scale / p.Std[k] / r.Scale
		matrix[3*k+from] = float32(mul)
		offset[k] = float32(-p.Mean[k]/p.Std[k] - mul*r.Offset[from])
	}
	return autodiff.Affine(canvas, 3, matrix, offset)
}

// Colours adds the colours of a canvas, sRGB in 0..1, to its graph.
func (r ValueRange) Colours(canvas *autodiff.Node) *autodiff.Node {
	if r == UnitRange {
		return canvas
	}
	matrix, offset := make([]float32, 9), make([]float32, 3)
	for k := range 3 {
		matrix[4*k] = float32(1 / r.Scale)
		offset[k] = float32(-r.Offset[k] / r.Scale)
	}
	return autodiff.Affine(canvas, 3, matrix, offset)
}

// Pixel returns the value of a colour in channel k.
func (r ValueRange) Pixel(k int, colour float32) float32 {
	return colour*float32(r.Scale) + float32(r.Offset[k])
}

// Colour returns the colour of a value in channel k: the inverse of Pixel.
func (r ValueRange) Colour(k int, v float32) float32 {
	return (v - float32(r.Offset[k])) / float32(r.Scale)
}
