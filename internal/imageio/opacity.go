package imageio

import "slices"

// HasAlpha tells whether pixels may be clear.
func (im *Image) HasAlpha() bool {
	return im.Alpha != nil || im.IsDeferred() && im.deferred.source.Alpha()
}

// OnWhite returns the picture as it looks on a white page, mixing sRGB-encoded values as browsers do. An opaque
// picture is returned itself.
func (im *Image) OnWhite() *Image {
	if im.Alpha == nil {
		return im
	}
	out := &Image{W: im.W, H: im.H, Depth: im.Depth, Warnings: im.Warnings, Pix: make([]float32, len(im.Pix))}
	for i, a := range im.Alpha {
		a = clamp(a)
		for c := 3 * i; c < 3*i+3; c++ {
			out.Pix[c] = onWhiteValue(im.Pix[c], a)
		}
	}
	return out
}

// onWhiteValue returns a colour value as it looks on white with an opacity of a.
func onWhiteValue(v, a float32) float32 { return a*clamp(v) + (1 - a) }

// OffWhite gives the picture, which is opaque, an opacity, and such colours that it looks on white as
// before, as far as there are such. What is clear keeps its colours.
func (im *Image) OffWhite(alpha []float32) {
	im.Alpha = alpha
	for i, a := range alpha {
		if a > 0 && a < 1 {
			for c := 3 * i; c < 3*i+3; c++ {
				im.Pix[c] = clamp((im.Pix[c] - (1 - a)) / a)
			}
		}
	}
}

// Filled returns an opaque picture in which clear pixels have the colours that are around them, the more
// blurred the farther off: averages of ever larger squares, as in a pyramid. An opaque picture is returned
// itself.
func (im *Image) Filled() *Image {
	if im.Alpha == nil {
		return im
	}
	var under []float32
	if im.W > 1 || im.H > 1 {
		w, h := (im.W+1)/2, (im.H+1)/2
		under = Resample(Resize(im, w, h, Bilinear).Filled().Pix, w, h, 3, im.W, im.H, Bilinear)
	} else {
		under = slices.Clone(im.Pix)
	}
	for i, a := range im.Alpha {
		for c := 3 * i; c < 3*i+3; c++ {
			under[c] = a*im.Pix[c] + (1-a)*under[c]
		}
	}
	return &Image{W: im.W, H: im.H, Depth: im.Depth, Warnings: im.Warnings, Pix: under}
}
