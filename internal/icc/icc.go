// Package icc reads and writes colour profiles (ICC.1:2022), as far as they are a matrix and tone curves, and
// converts colours from them to sRGB and back. The rendering intent is relative: white becomes white, and what
// sRGB does not have is clipped.
package icc

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"oneiro/colour"
)

// Profile is a space of colours of red, green and blue, or of greys.
type Profile struct {
	name   string
	data   []byte        // of the file; nil if there is none yet
	xyz    colour.Matrix // from linear light to XYZ relative to D50, a primary a column
	curves [3]curve      // from values to linear light
	grey   bool          // one curve alone
	light  [3]*colour.Table
	toSRGB [9]float32 // from linear light to that of sRGB
	back   *backward
}

// The reasons why a profile is not a Profile.
var (
	ErrDamaged = errors.New("it is damaged")
	// ErrTables means that colours are converted by tables of several dimensions, as those of scanners and
	// printers.
	ErrTables = errors.New("it is made of tables")
	// ErrSpace means that it is not of red, green and blue, nor of greys.
	ErrSpace = errors.New("it is of another kind of colours")
)

// Parse reads a profile. The error is one of the above.
func Parse(data []byte) (*Profile, error) {
	if len(data) < headerSize+4 || uint64(binary.BigEndian.Uint32(data)) > uint64(len(data)) {
		return nil, ErrDamaged
	}
	p := &Profile{name: Description(data), data: data}
	switch string(data[16:20]) {
	case "GRAY":
		return p, p.parseGrey()
	case "RGB ":
		return p, p.parseRGB()
	}
	return nil, ErrSpace
}

func (p *Profile) parseRGB() error {
	if tag(p.data, "rXYZ") == nil && tag(p.data, "A2B0") != nil {
		return ErrTables
	}
	for k, c := range []string{"r", "g", "b"} {
		t := tag(p.data, c+"XYZ")
		if len(t) < 20 || string(t[:4]) != "XYZ " {
			return ErrDamaged
		}
		for i := range 3 {
			p.xyz[i][k] = fixed(t[8+4*i:])
		}
		var err error
		if p.curves[k], err = parseCurve(tag(p.data, c+"TRC")); err != nil {
			return err
		}
	}
	return p.prepare()
}

func (p *Profile) parseGrey() error {
	c, err := parseCurve(tag(p.data, "kTRC"))
	if err != nil {
		return err
	}
	if string(p.data[20:24]) == "Lab " { // the curve is of lightness
		of := c
		c = func(x float64) float64 { return fromLightness(of(x)) }
	}
	p.grey, p.curves, p.xyz = true, [3]curve{c, c, c}, srgb.xyz
	return p.prepare()
}

// fromLightness returns Y of CIE's L*, which is in 0..1 here.
func fromLightness(l float64) float64 {
	if l <= 0.08 {
		return l * 100 / 903.3
	}
	return math.Pow((l+0.16)/1.16, 3)
}

// prepare makes what conversion needs.
func (p *Profile) prepare() error {
	m := srgbFromXYZ.Times(p.xyz)
	if _, ok := p.xyz.Inverse(); !ok {
		return ErrDamaged
	}
	for i := range 3 {
		for k := range 3 {
			p.toSRGB[3*i+k] = float32(m[i][k])
		}
		for k := range i {
			if i == 0 || !same(p.curves[i], p.curves[k]) {
				continue
			}
			p.light[i] = p.light[k]
		}
		if p.light[i] == nil {
			p.light[i] = colour.NewTable(p.curves[i])
		}
	}
	return nil
}

// same tells whether two curves are the same, as those of a profile mostly are.
func same(a, b curve) bool {
	for i := range 33 {
		if x := float64(i) / 32; a(x) != b(x) {
			return false
		}
	}
	return true
}

// Name returns the profile's name for people, which may be empty.
func (p *Profile) Name() string { return p.name }

// IsGrey tells whether the space has greys alone.
func (p *Profile) IsGrey() bool { return p.grey }

// IsSRGB tells whether colours look the same in sRGB: primaries and tone curves are sRGB's but for what nobody
// sees.
func (p *Profile) IsSRGB() bool {
	const primaries, step = 0.002, 1.0 / 255
	for i := range 3 {
		for k := range 3 {
			if !(math.Abs(p.xyz[i][k]-srgb.xyz[i][k]) <= primaries) {
				return false
			}
		}
		for n := range 65 {
			x := float64(n) / 64
			if !(math.Abs(colour.Encoded(clip(p.curves[i](x)))-x) <= step) {
				return false
			}
		}
	}
	return true
}

// ToSRGB converts a row of pixels in its place.
func (p *Profile) ToSRGB(row []float32) {
	m := &p.toSRGB
	for i := 0; i+2 < len(row); i += 3 {
		px := row[i : i+3 : i+3]
		r, g, b := p.light[0].At(px[0]), p.light[1].At(px[1]), p.light[2].At(px[2])
		px[0] = colour.FastEncoded(m[0]*r + m[1]*g + m[2]*b)
		px[1] = colour.FastEncoded(m[3]*r + m[4]*g + m[5]*b)
		px[2] = colour.FastEncoded(m[6]*r + m[7]*g + m[8]*b)
	}
}

// backward is what the way from sRGB needs.
type backward struct {
	matrix [9]float32
	values [3]*colour.Table // of the root of linear light
}

// Invertible prepares FromSRGB. It returns false if there is no way back: for greys, and for curves that turn.
func (p *Profile) Invertible() bool {
	if p.grey {
		return false
	}
	if p.back != nil {
		return true
	}
	m, ok := srgbFromXYZ.Times(p.xyz).Inverse()
	if !ok {
		return false
	}
	const dip = 1e-3 // that rounding makes
	b := new(backward)
	for i := range 3 {
		for k := range 3 {
			b.matrix[3*i+k] = float32(m[i][k])
		}
		light := p.light[i]
		for n := range colour.Steps {
			if light[n+1] < light[n]-dip {
				return false
			}
		}
		if !(light[colour.Steps] > light[0]) {
			return false
		}
		b.values[i] = colour.NewTable(func(root float64) float64 { return inverse(light, root*root) })
	}
	p.back = b
	return true
}

// inverse returns where a table that rises has a value.
func inverse(t *colour.Table, value float64) float64 {
	low, high := 0, colour.Steps
	if value <= float64(t[0]) {
		return 0
	}
	if value >= float64(t[high]) {
		value = float64(t[high])
	}
	for high-low > 1 {
		if middle := (low + high) / 2; float64(t[middle]) < value {
			low = middle
		} else {
			high = middle
		}
	}
	if step := float64(t[high]) - float64(t[low]); step > 0 {
		return (float64(low) + clip((value-float64(t[low]))/step)) / colour.Steps
	}
	return float64(low) / colour.Steps
}

// FromSRGB converts a row of pixels in its place. It is for profiles that are Invertible.
func (p *Profile) FromSRGB(row []float32) {
	m, v := &p.back.matrix, &p.back.values
	for i := 0; i+2 < len(row); i += 3 {
		px := row[i : i+3 : i+3]
		r, g, b := colour.FastLinear(px[0]), colour.FastLinear(px[1]), colour.FastLinear(px[2])
		px[0] = v[0].AtRoot(m[0]*r + m[1]*g + m[2]*b)
		px[1] = v[1].AtRoot(m[3]*r + m[4]*g + m[5]*b)
		px[2] = v[2].AtRoot(m[6]*r + m[7]*g + m[8]*b)
	}
}

// Bytes is the memory of a profile beside its data.
const Bytes = 6*4*(colour.Steps+1) + 1<<12

// clip limits a value to 0..1; NaN becomes 0.
func clip(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}

// IsNamedSRGB tells whether a profile of tables calls itself sRGB, as the ICC's own does.
func IsNamedSRGB(data []byte) bool { return strings.Contains(Description(data), "sRGB") }
