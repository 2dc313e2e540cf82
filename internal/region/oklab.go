package region

import "math"

// lab is a colour in OkLab (Ottosson, "A perceptual color space for image processing", 2020): lightness 0 to 1,
// and green to red, blue to yellow.
type lab [3]float64

// distance returns the Euclidean distance of two colours.
func (a lab) distance(b lab) float64 {
	return math.Sqrt(a.squared(b))
}

func (a lab) squared(b lab) float64 {
	l, x, y := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return l*l + x*x + y*y
}

// linear has the linear intensity of each level of sRGB (IEC 61966-2-1).
var linear = func() (t [256]float64) {
	for i := range t {
		v := float64(i) / 255
		if v <= 0.04045 {
			t[i] = v / 12.92
		} else {
			t[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return t
}()

func toOkLab(c [3]uint8) lab {
	r, g, b := linear[c[0]], linear[c[1]], linear[c[2]]
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return lab{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}
