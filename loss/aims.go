package loss

import (
	"math"
	"strconv"

	"oneiro/autodiff"
)

// Terms of what a dream makes more of. They are means over the positions of a layer, in which each counts with
// its weight in Inputs.Weights: 0 to 1, and not the more the fewer there are, so that each place of a region
// changes as strongly as it would by itself.

// least keeps what is 0 from being divided by.
const least = 1e-12

// spread returns a number for each position as one for each of c channels.
func spread(x *autodiff.Node, c int) *autodiff.Node {
	if c == 1 {
		return x
	}
	return autodiff.Affine(x, c, ones(c), nil)
}

func ones(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = 1
	}
	return v
}

// weighed returns x, which has a layer's positions, times their weights.
func (in Inputs) weighed(layer string, x *autodiff.Node) *autodiff.Node {
	if w := in.Weights[layer]; w != nil {
		return autodiff.Mul(x, spread(w, x.Shape.C))
	}
	return x
}

// positional is the term kind/layer: the mean of what score makes of the layer's positions.
func positional(kind, layer string, weight float64, score func(in Inputs) *autodiff.Node) Term {
	return Term{Name: kind + "/" + layer, Weight: weight, Build: func(in Inputs) *autodiff.Node {
		return autodiff.Mean(in.weighed(layer, score(in)))
	}}
}

// Mean is the mean of a layer's features.
func Mean(layer string, weight float64) Term {
	return positional("mean", layer, weight, func(in Inputs) *autodiff.Node { return in.Layers[layer] })
}

// L1 is the mean of the absolute values of a layer's features. After a ReLU it is Mean.
func L1(layer string, weight float64) Term {
	return positional("l1", layer, weight, func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		return autodiff.Add(autodiff.ReLU(x), autodiff.ReLU(autodiff.Scale(x, -1)))
	})
}

// cosinePower returns dot times its cosine to a power, squares being the product of both vectors'
// squared lengths. The cosine is at least leastCosine: below that a power would leave no gradient (lucid's
// dot_compare and direction, Olah et al. 2017; its cosine lacks one of the lengths).
func cosinePower(dot, squares *autodiff.Node, power float64) *autodiff.Node {
	if power == 0 {
		return dot
	}
	cosine := autodiff.Mul(dot, rootInverse(squares))
	cosine = autodiff.ScaleOffset(autodiff.ReLU(autodiff.ScaleOffset(cosine, 1, -leastCosine)), 1, leastCosine)
	if power == 1 {
		return autodiff.Mul(dot, cosine)
	}
	return autodiff.Mul(dot, autodiff.Exp(autodiff.Scale(autodiff.Log(cosine), power)))
}

const leastCosine = 0.1

// rootInverse returns 1 over the root of x, which is at least 0.
func rootInverse(x *autodiff.Node) *autodiff.Node {
	return autodiff.Exp(autodiff.Scale(autodiff.Log(autodiff.ScaleOffset(x, 1, least)), -0.5))
}

// squaredLengths returns the squared length of the vector at each position.
func squaredLengths(x *autodiff.Node) *autodiff.Node {
	return autodiff.Affine(autodiff.Square(x), 1, ones(x.Shape.C), nil)
}

// Direction is the mean over the positions of a layer of the product with a direction, C x 1 of length 1,
// times their cosine to a power, and divided by the root of the number of channels, as which the product
// grows.
func Direction(layer string, weight float64, direction *autodiff.Tensor, power float64) Term {
	return positional("direction", layer, weight, func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		dot := autodiff.MatMul(x, x.Graph().Const(direction))
		return autodiff.Scale(cosinePower(dot, squaredLengths(x), power), 1/math.Sqrt(float64(x.Shape.C)))
	})
}

// DirectionOf returns the constant that leads from the mean of one picture's features to that of another's,
// given their sums over positions (SumRows) and the numbers of those.
func DirectionOf(to, from *autodiff.Tensor, toRows, fromRows int) Made {
	return made("direction", autodiff.Matrix(to.Shape.C, 1), func() []float32 {
		v := make([]float64, to.Shape.C)
		square := least
		for i := range v {
			v[i] = float64(to.Data[i])/float64(toRows) - float64(from.Data[i])/float64(fromRows)
			square += v[i] * v[i]
		}
		out := make([]float32, len(v))
		for i := range v {
			out[i] = float32(v[i] / math.Sqrt(square))
		}
		return out
	})
}

// Guide is the mean over the positions of a layer of the largest product with any of the guide's vectors, K
// x C, divided by the number of channels: what is there becomes more of that in the guide which it is most
// like already (the DeepDream notebook of Mordvintsev et al. 2015, "guided" dreams, which sums it). The
// guide is that of GuideVectors.
func Guide(layer string, weight float64, guide *autodiff.Tensor) Term {
	return positional("guide", layer, weight, func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		return autodiff.Scale(largest(autodiff.MatMulT(x, x.Graph().Const(guide))), 1/float64(x.Shape.C))
	})
}

// GuideCosine is the mean over the positions of a layer of the cosine with the nearest of the guide's vectors,
// which are those of GuideDirections: strong features count no more than faint ones.
func GuideCosine(layer string, weight float64, guide *autodiff.Tensor) Term {
	return positional("guide", layer, weight, func(in Inputs) *autodiff.Node {
		x := in.Layers[layer]
		dot := largest(autodiff.MatMulT(x, x.Graph().Const(guide)))
		return autodiff.Mul(dot, rootInverse(squaredLengths(x)))
	})
}

// GuideVectors are the features of a guide with a mean square of 1.
func GuideVectors(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	square := autodiff.SquaredError(x, nil, 1/float64(x.Shape.Len()))
	return autodiff.Mul(x, rootInverse(square)).Named("guide " + layer)
}

// GuideDirections are the features of a guide, each with the length 1.
func GuideDirections(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	return autodiff.Mul(x, spread(rootInverse(squaredLengths(x)), x.Shape.C)).Named("guide " + layer)
}

// largest returns the largest channel at each position. Its gradient goes to that channel alone, and to the
// first of several that are equal. Halves are compared, and halves of those.
func largest(x *autodiff.Node) *autodiff.Node {
	for n := x.Shape.C; n > 1; n = x.Shape.C {
		half := (n + 1) / 2 // the halves of an odd number overlap
		a, b := autodiff.Slice(x, 0, half), autodiff.Slice(x, n-half, n)
		x = autodiff.Add(a, autodiff.ReLU(autodiff.Sub(b, a)))
	}
	return x
}

// Caricature is the product of a layer's features with those of the photograph, which is shown to the network
// as the canvas is, divided by their number, times their cosine to a power, for all positions together
// (lucid's caricature recipe, Olah et al. 2017).
func Caricature(layer string, weight, power float64) Term {
	return Term{Name: "caricature/" + layer, Weight: weight, Build: func(in Inputs) *autodiff.Node {
		x, photo := in.Layers[layer], in.Photo.Layers[layer]
		// The squares of the photograph stand beside what depends on the canvas, so that they are summed with it.
		all := autodiff.Concat(autodiff.Dots(x, photo), squaredLengths(photo))
		sums := autodiff.SumRows(in.weighed(layer, all))
		sum := func(i int) *autodiff.Node { return autodiff.Slice(sums, i, i+1) }
		product := cosinePower(sum(0), autodiff.Mul(sum(1), sum(2)), power)
		return autodiff.Scale(product, 1/float64(x.Shape.Len()))
	}}
}

// Anchor is the mean squared distance of a layer's features from those of the photograph, which is shown to the
// network as the canvas is.
func Anchor(layer string, weight float64) Term {
	return positional("content", layer, weight, func(in Inputs) *autodiff.Node {
		return autodiff.Square(autodiff.Sub(in.Layers[layer], in.Photo.Layers[layer]))
	})
}

// Pixels names, among layers, the pixels of the picture.
const Pixels = "pixels"

// AnchorPixels is the mean squared distance of the picture from the photograph, in fiftieths of white: about 5
// levels of 255. Its weights are those of the layer Pixels.
func AnchorPixels(weight float64) Term {
	return positional("content", Pixels, weight, func(in Inputs) *autodiff.Node {
		return autodiff.Square(autodiff.Scale(autodiff.Sub(in.Image, in.Photo.Image), 50))
	})
}

// Activity is the mean square of a layer's features.
func Activity(in Inputs, layer string) *autodiff.Node {
	x := in.Layers[layer]
	return autodiff.SquaredError(x, nil, 1/float64(x.Shape.Len())).Named("activity " + layer)
}

// Per returns a term in units of a layer's activity: divided by its root to a power, which is how often
// features are multiplied in the term. Then a weight means the same in all layers.
func Per(activity *autodiff.Tensor, power float64, t Term) Term {
	build := t.Build
	t.Build = func(in Inputs) *autodiff.Node {
		value := build(in)
		by := autodiff.ScaleOffset(value.Graph().Const(activity), 1, least)
		return autodiff.Mul(value, autodiff.Exp(autodiff.Scale(autodiff.Log(by), -power/2)))
	}
	return t
}

// Neuron is one channel of a layer where positions have weights: at one of them.
func Neuron(layer string, weight float64, channel int) Term {
	t := Channels(layer, weight, channel)
	t.Name = "neuron/" + layer + ":" + strconv.Itoa(channel)
	return t
}
