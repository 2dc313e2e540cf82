package imageio

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"oneiro/internal/quote"
)

// maxProfile is the largest colour profile that is unpacked, in bytes. Those of printers have a few million.
const maxProfile = 8 << 20

// profile is a colour profile as a file has it: an ICC profile, or only its name.
type profile struct {
	name string
	icc  []byte
}

func (p profile) isNone() bool { return p.name == "" && len(p.icc) == 0 }

// warning returns what to say of a profile that is left out, or nothing if colours are the same without it.
func (p profile) warning() string {
	if p.isNone() || p.isSRGB() {
		return ""
	}
	name := p.description()
	switch {
	case name == "":
		name = p.name
	case p.name != "" && p.name != name:
		name += " (" + p.name + ")"
	}
	if name == "" {
		return "its colour profile, which has no name, is not applied: colours are taken for sRGB"
	}
	return fmt.Sprintf("its colour profile, %s, is not applied: colours are taken for sRGB", quote.Path(name))
}

// tag returns the data of a tag (ICC.1:2022, 7.3), or nil.
func (p profile) tag(name string) []byte {
	const header = 128
	if len(p.icc) < header+4 {
		return nil
	}
	table := p.icc[header+4:]
	for range min(binary.BigEndian.Uint32(p.icc[header:]), uint32(len(table)/12)) {
		at, n := uint64(binary.BigEndian.Uint32(table[4:])), uint64(binary.BigEndian.Uint32(table[8:]))
		if string(table[:4]) == name && at+n <= uint64(len(p.icc)) && n >= 8 {
			return p.icc[at : at+n]
		}
		table = table[12:]
	}
	return nil
}

// description returns the profile's name for people: text of version 2, or the first one of version 4.
func (p profile) description() string {
	d := p.tag("desc")
	switch {
	case len(d) < 12:
	case string(d[:4]) == "desc":
		n := min(uint64(binary.BigEndian.Uint32(d[8:])), uint64(len(d)-12))
		return strings.TrimSpace(strings.TrimRight(string(d[12:12+n]), "\x00"))
	case string(d[:4]) == "mluc" && len(d) >= 28:
		n, at := uint64(binary.BigEndian.Uint32(d[20:])), uint64(binary.BigEndian.Uint32(d[24:]))
		if at+n > uint64(len(d)) {
			break
		}
		var text []uint16
		for ; n >= 2; n, at = n-2, at+2 {
			text = append(text, binary.BigEndian.Uint16(d[at:]))
		}
		return strings.TrimSpace(string(utf16.Decode(text)))
	}
	return ""
}

// sRGB's primaries, adapted to D50 (IEC 61966-2-1), in the order of the tags rXYZ, gXYZ and bXYZ.
var srgbPrimaries = [3][3]float64{{0.4361, 0.2225, 0.0139}, {0.3851, 0.7169, 0.0971}, {0.1431, 0.0606, 0.7139}}

// isSRGB tells whether colours look the same without the profile: its primaries and tone curves are sRGB's, but
// for what nobody sees, or it is a grey one with such a curve.
func (p profile) isSRGB() bool {
	const nobodySees = 0.015
	if len(p.icc) < 20 {
		return false
	}
	switch string(p.icc[16:20]) {
	case "GRAY":
		return p.srgbCurve("kTRC")
	case "RGB ":
	default:
		return false
	}
	if p.tag("A2B0") != nil && p.tag("rXYZ") == nil { // tables in place of primaries
		return strings.Contains(p.description(), "sRGB")
	}
	for i, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		t := p.tag(name)
		if len(t) < 20 {
			return false
		}
		for k, want := range srgbPrimaries[i] {
			if !(math.Abs(fixed(t[8+4*k:])-want) <= nobodySees) {
				return false
			}
		}
	}
	return p.srgbCurve("rTRC") && p.srgbCurve("gTRC") && p.srgbCurve("bTRC")
}

// srgbCurve tells whether a tone curve is about sRGB's, as a gamma of 2.2 is.
func (p profile) srgbCurve(name string) bool {
	for _, x := range []float64{0.1, 0.25, 0.5, 0.75, 0.9} {
		want := math.Pow((x+0.055)/1.055, 2.4)
		if !(math.Abs(curve(p.tag(name), x)-want) <= 0.02) {
			return false
		}
	}
	return true
}

// curve returns the value of a tone curve at x, or NaN (ICC.1:2022, 10.6 and 10.18).
func curve(t []byte, x float64) float64 {
	if len(t) < 12 {
		return math.NaN()
	}
	switch string(t[:4]) {
	case "curv":
		n := int(min(binary.BigEndian.Uint32(t[8:]), uint32(len(t)/2)))
		t = t[12:]
		if len(t) < 2*n {
			return math.NaN()
		}
		switch n {
		case 0:
			return x
		case 1:
			return math.Pow(x, float64(binary.BigEndian.Uint16(t))/256)
		}
		return float64(binary.BigEndian.Uint16(t[2*int(x*float64(n-1)+0.5):])) / 65535
	case "para":
		// Y = (aX + b)^g + e from d on, else cX + f; the shorter kinds leave some of these out.
		kind, t := binary.BigEndian.Uint16(t[8:]), t[12:]
		counts := []int{1, 3, 4, 5, 7}
		if int(kind) >= len(counts) || len(t) < 4*counts[kind] {
			return math.NaN()
		}
		v := [7]float64{1: 1} // g, a, b, c, d, e, f
		for i := range counts[kind] {
			v[i] = fixed(t[4*i:])
		}
		switch kind {
		case 1:
			v[4] = -v[2] / v[1]
		case 2:
			v = [7]float64{v[0], v[1], v[2], 0, -v[2] / v[1], v[3], v[3]}
		}
		if x < v[4] {
			return v[3]*x + v[6]
		}
		return math.Pow(v[1]*x+v[2], v[0]) + v[5]
	}
	return math.NaN()
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
