package loss

import "oneiro/autodiff"

// In returns the term of a region of the picture: its statistics are those of the region's positions,
// weighted with in.Regions. Gatys et al. ("Controlling Perceptual Factors in Neural Style Transfer",
// arXiv:1611.07865, spatial control) multiply features with the roots of such weights, which for a Gram
// matrix is the same. A region that in has no weights for is the whole picture.
func In(region string, t Term) Term {
	build := t.Build
	t.Name += "@" + region
	t.Build = func(in Inputs) *autodiff.Node {
		in.Weights = in.Regions[region]
		return build(in)
	}
	return t
}
