package loss

import "oneiro/autodiff"

// TotalVariation is the noise of a picture: the mean squared difference of neighbouring
// pixels, white being 1, horizontally plus vertically (Mahendran and Vedaldi, arXiv:1412.0035, with
// beta = 2).
func TotalVariation(weight float64) Term {
	return Term{Name: "tv", Weight: weight, Build: func(in Inputs) *autodiff.Node {
		s := in.Image.Shape
		if in.Wrap {
			scale := 1 / float64(s.H*s.W*s.C)
			right := autodiff.PadWith(in.Image, autodiff.Pad{Right: 1}, autodiff.PadWrap)
			below := autodiff.PadWith(in.Image, autodiff.Pad{Bottom: 1}, autodiff.PadWrap)
			return autodiff.Add(
				autodiff.TotalVariation(right, autodiff.TVAttr{Squared: true, ScaleX: scale}),
				autodiff.TotalVariation(below, autodiff.TVAttr{Squared: true, ScaleY: scale}))
		}
		return autodiff.TotalVariation(in.Image, autodiff.TVAttr{
			Squared: true,
			ScaleY:  1 / float64(max(s.H-1, 1)*s.W*s.C),
			ScaleX:  1 / float64(s.H*max(s.W-1, 1)*s.C),
		})
	}}
}

// TotalVariationSum is the sum of the absolute differences in 8-bit units (neural-style-pt).
func TotalVariationSum(weight float64) Term {
	return Term{Name: "tv", Weight: weight, Build: func(in Inputs) *autodiff.Node {
		scale := 255 / in.Scale
		return autodiff.TotalVariation(in.Canvas, autodiff.TVAttr{ScaleY: scale, ScaleX: scale})
	}}
}
