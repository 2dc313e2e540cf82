package colour

import "math"

// Linear returns the linear light, 0..1, of an sRGB-encoded value in 0..1 (IEC 61966-2-1).
func Linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// Encoded is the inverse of Linear.
func Encoded(light float64) float64 {
	if light <= 0.0031308 {
		return 12.92 * light
	}
	return 1.055*math.Pow(light, 1/2.4) - 0.055
}

// Table is a function on 0..1 as straight lines between the values at 0, 1/Steps, 2/Steps and so on.
type Table [Steps + 1]float32

// Steps is how many lines a table has. With that many, Linear, and Encoded of a square, are off by less than
// 3e-7.
const Steps = 4096

// NewTable returns the table of a function.
func NewTable(f func(x float64) float64) *Table {
	t := new(Table)
	for i := range t {
		t[i] = float32(f(float64(i) / Steps))
	}
	return t
}

// At returns the value at x. What is outside 0..1 is taken for the nearer end, NaN for 0.
func (t *Table) At(x float32) float32 {
	if !(x > 0) {
		return t[0]
	}
	if x >= 1 {
		return t[Steps]
	}
	x *= Steps
	i := int(x)
	return t[i] + (x-float32(i))*(t[i+1]-t[i])
}

// AtRoot returns the value at the square root of x: functions that are steep near 0 are tabulated this way.
func (t *Table) AtRoot(x float32) float32 {
	if !(x > 0) {
		return t[0]
	}
	return t.At(float32(math.Sqrt(float64(x))))
}

var (
	linear = NewTable(Linear)
	root   = NewTable(func(x float64) float64 { return Encoded(x * x) }) // of Encoded
)

// FastLinear is Linear by a table. What is outside 0..1 is clipped.
func FastLinear(v float32) float32 { return linear.At(v) }

// FastEncoded is Encoded by a table. What is outside 0..1 is clipped.
func FastEncoded(light float32) float32 { return root.AtRoot(light) }
