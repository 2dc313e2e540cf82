package icc

import (
	"math"

	"oneiro/colour"
)

// Primaries are the chromaticities (CIE x and y) of white, red, green and blue.
type Primaries [4][2]float64

// The primaries of spaces with a name.
var (
	SRGBPrimaries = Primaries{{0.3127, 0.3290}, {0.64, 0.33}, {0.30, 0.60}, {0.15, 0.06}}
	adobe         = Primaries{{0.3127, 0.3290}, {0.64, 0.33}, {0.21, 0.71}, {0.15, 0.06}}
)

// codedPrimaries are those of ITU-T H.273, table 2.
var codedPrimaries = map[byte]Primaries{
	1:  SRGBPrimaries,
	4:  {{0.310, 0.316}, {0.67, 0.33}, {0.21, 0.71}, {0.14, 0.08}},
	5:  {{0.3127, 0.3290}, {0.64, 0.33}, {0.29, 0.60}, {0.15, 0.06}},
	6:  {{0.3127, 0.3290}, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}},
	7:  {{0.3127, 0.3290}, {0.630, 0.340}, {0.310, 0.595}, {0.155, 0.070}},
	9:  {{0.3127, 0.3290}, {0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}},
	11: {{0.314, 0.351}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
	12: {{0.3127, 0.3290}, {0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}},
	22: {{0.3127, 0.3290}, {0.630, 0.340}, {0.295, 0.605}, {0.155, 0.077}},
}

// Curve is a tone curve as numbers: Y = (aX + b)^g from d on, else cX.
type Curve struct{ G, A, B, C, D float64 }

// Gamma returns the curve Y = X^g.
func Gamma(g float64) Curve { return Curve{G: g, A: 1} }

// SRGBCurve is sRGB's (IEC 61966-2-1).
var SRGBCurve = Curve{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045}

// television is the inverse of the curve of ITU-R BT.709.
var television = Curve{1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081}

// codedCurves are those of H.273, table 3, that have no more light than white.
var codedCurves = map[byte]Curve{
	1: television, 6: television, 14: television, 15: television,
	4: Gamma(2.2), 5: Gamma(2.8), 8: Gamma(1), 13: SRGBCurve, 17: Gamma(2.6),
}

func (c Curve) at(x float64) float64 {
	if x < c.D {
		return clip(c.C * x)
	}
	return clip(math.Pow(c.A*x+c.B, c.G))
}

// Coded returns the space with primaries and a curve by their numbers in H.273, or nil if it is not known.
func Coded(name string, primaries, curve byte) *Profile {
	p, ok1 := codedPrimaries[primaries]
	c, ok2 := codedCurves[curve]
	if !ok1 || !ok2 {
		return nil
	}
	return New(name, p, c)
}

// AdobeRGB returns Adobe RGB (1998).
func AdobeRGB() *Profile { return New("Adobe RGB (1998)", adobe, Gamma(563.0/256)) }

// SRGB returns sRGB.
func SRGB() *Profile { return New("sRGB", SRGBPrimaries, SRGBCurve) }

// New returns a space, or nil if it has no colours.
func New(name string, primaries Primaries, c Curve) *Profile {
	p := &Profile{name: name, curves: [3]curve{c.at, c.at, c.at}}
	var ok bool
	if p.xyz, ok = primaries.xyz(); !ok || !(c.at(1) > c.at(0)) || p.prepare() != nil {
		return nil
	}
	p.data = p.encode(primaries, c)
	return p
}

// d50 is the white of profiles.
var d50 = [3]float64{0.9642, 1, 0.8249}

// bradford is the matrix of the linear Bradford transform (ICC.1:2022, annex E).
var bradford = colour.Matrix{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}

// xyz returns the matrix from linear light to XYZ relative to D50.
func (p Primaries) xyz() (colour.Matrix, bool) {
	var m colour.Matrix
	for k, c := range p[1:] {
		v := xyzOf(c)
		for i := range 3 {
			m[i][k] = v[i]
		}
	}
	inverse, ok := m.Inverse()
	white := xyzOf(p[0])
	scale := inverse.Apply(white)
	for i := range 3 {
		for k := range 3 {
			m[i][k] *= scale[k]
			ok = ok && !math.IsNaN(m[i][k]) && math.Abs(m[i][k]) < 16
		}
	}
	return adaptation(white).Times(m), ok
}

// xyzOf returns XYZ of a chromaticity with Y = 1.
func xyzOf(c [2]float64) [3]float64 { return [3]float64{c[0] / c[1], 1, (1 - c[0] - c[1]) / c[1]} }

// adaptation returns the matrix that adapts colours from a white to D50.
func adaptation(white [3]float64) colour.Matrix {
	from, to := bradford.Apply(white), bradford.Apply(d50)
	back, _ := bradford.Inverse()
	scale := colour.Matrix{{to[0] / from[0], 0, 0}, {0, to[1] / from[1], 0}, {0, 0, to[2] / from[2]}}
	return back.Times(scale).Times(bradford)
}

var (
	srgb           = &Profile{xyz: mustXYZ(SRGBPrimaries)}
	srgbFromXYZ, _ = srgb.xyz.Inverse()
)

func mustXYZ(p Primaries) colour.Matrix {
	m, ok := p.xyz()
	if !ok {
		panic("icc: primaries without colours")
	}
	return m
}
