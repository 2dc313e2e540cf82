package judge

import (
	"math"

	"oneiro/internal/imageio"
)

// oklab returns the colours of a picture in OkLab (Ottosson 2020), three planes of H x W numbers:
// lightness in 0..1, green to red, blue to yellow.
func oklab(im *imageio.Image) (planes [3][]float64) {
	n := im.W * im.H
	for k := range planes {
		planes[k] = make([]float64, n)
	}
	for i := range n {
		r, g, b := linear(im.Pix[3*i]), linear(im.Pix[3*i+1]), linear(im.Pix[3*i+2])
		l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
		m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
		s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
		planes[0][i] = 0.2104542553*l + 0.7936177850*m - 0.0040720468*s
		planes[1][i] = 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
		planes[2][i] = 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	}
	return planes
}

// linear undoes the transfer curve of sRGB.
func linear(v float32) float64 {
	x := math.Min(math.Max(float64(v), 0), 1)
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}
