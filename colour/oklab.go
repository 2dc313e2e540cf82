package colour

import "math"

// Lab is a colour in OkLab: L is 0 for black and 1 for white, A and B are 0 for greys (B. Ottosson, "A
// perceptual color space for image processing", 2020). Chroma is the length of (A, B), hue its angle.
type Lab struct{ L, A, B float32 }

// ToLab returns an sRGB-encoded colour, whose values are clipped to 0..1, in OkLab.
func ToLab(r, g, b float32) Lab {
	lr, lg, lb := float64(linear.At(r)), float64(linear.At(g)), float64(linear.At(b))
	l := math.Cbrt(0.4122214708*lr + 0.5363325363*lg + 0.0514459929*lb)
	m := math.Cbrt(0.2119034982*lr + 0.6806995451*lg + 0.1073969566*lb)
	s := math.Cbrt(0.0883024619*lr + 0.2817188376*lg + 0.6299787005*lb)
	return Lab{
		float32(0.2104542553*l + 0.7936177850*m - 0.0040720468*s),
		float32(1.9779984951*l - 2.4285922050*m + 0.4505937099*s),
		float32(0.0259040371*l + 0.7827717662*m - 0.8086757660*s),
	}
}

// light returns the linear light of a colour, which is not in 0..1 if sRGB does not have the colour.
func (c Lab) light() (r, g, b float32) {
	l := c.L + 0.3963377774*c.A + 0.2158037573*c.B
	m := c.L - 0.1055613458*c.A - 0.0638541728*c.B
	s := c.L - 0.0894841775*c.A - 1.2914855480*c.B
	l, m, s = l*l*l, m*m*m, s*s*s
	return 4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s
}

// RGB returns the sRGB-encoded colour. One that sRGB does not have becomes paler, with the same L and hue,
// until there is such a colour.
func (c Lab) RGB() (r, g, b float32) {
	c.L = min(max(c.L, 0), 1)
	if r, g, b = c.light(); !inside(r, g, b) {
		r, g, b = c.pale().light()
	}
	return root.AtRoot(r), root.AtRoot(g), root.AtRoot(b)
}

// pale returns the colour with as much of its chroma as there is in sRGB.
func (c Lab) pale() Lab {
	has, lacks := float32(0), float32(1)
	for range 12 {
		t := (has + lacks) / 2
		if inside((Lab{c.L, t * c.A, t * c.B}).light()) {
			has = t
		} else {
			lacks = t
		}
	}
	return Lab{c.L, has * c.A, has * c.B}
}

// inside tells whether sRGB has a colour, but for rounding.
func inside(r, g, b float32) bool {
	const rounding = 1e-5
	return min(r, g, b) >= -rounding && max(r, g, b) <= 1+rounding
}

// Lightness returns the sRGB-encoded value of the grey that is as light as a colour: with the same L.
func Lightness(r, g, b float32) float32 {
	l := ToLab(r, g, b).L
	return root.AtRoot(l * l * l)
}
