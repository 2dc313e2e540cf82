package region

import (
	"math"

	"oneiro/colour"
)

// lab is a colour in OkLab: lightness 0 to 1, and green to red, blue to yellow.
type lab [3]float64

func toOkLab(c [3]uint8) lab {
	v := colour.ToLab(float32(c[0])/255, float32(c[1])/255, float32(c[2])/255)
	return lab{float64(v.L), float64(v.A), float64(v.B)}
}

// distance returns the Euclidean distance of two colours.
func (a lab) distance(b lab) float64 { return math.Sqrt(a.squared(b)) }

func (a lab) squared(b lab) float64 {
	l, x, y := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return l*l + x*x + y*y
}
