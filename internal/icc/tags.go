package icc

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf16"
)

const headerSize = 128

// tag returns the data of a tag (7.3), or nil.
func tag(data []byte, name string) []byte {
	if len(data) < headerSize+4 {
		return nil
	}
	table := data[headerSize+4:]
	for range min(binary.BigEndian.Uint32(data[headerSize:]), uint32(len(table)/12)) {
		at, n := uint64(binary.BigEndian.Uint32(table[4:])), uint64(binary.BigEndian.Uint32(table[8:]))
		if string(table[:4]) == name && at+n <= uint64(len(data)) && n >= 8 {
			return data[at : at+n]
		}
		table = table[12:]
	}
	return nil
}

// Description returns the name of a profile for people: text of version 2, or the first one of version 4.
func Description(data []byte) string {
	d := tag(data, "desc")
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

// curve is a tone curve: from a value to linear light, both in 0..1.
type curve func(x float64) float64

// parseCurve reads a tone curve (10.6 and 10.18).
func parseCurve(t []byte) (curve, error) {
	if len(t) < 12 {
		return nil, ErrDamaged
	}
	switch string(t[:4]) {
	case "curv":
		return sampled(binary.BigEndian.Uint32(t[8:]), t[12:])
	case "para":
		return parametric(binary.BigEndian.Uint16(t[8:]), t[12:])
	}
	return nil, ErrDamaged
}

// sampled returns a curve of n values, between which it is straight; of one, which is a gamma; or of none.
func sampled(n uint32, t []byte) (curve, error) {
	if uint64(len(t)) < 2*uint64(n) {
		return nil, ErrDamaged
	}
	switch n {
	case 0:
		return func(x float64) float64 { return x }, nil
	case 1:
		return gamma(float64(binary.BigEndian.Uint16(t)) / 256), nil
	}
	last := float64(n - 1)
	return func(x float64) float64 {
		at := x * last
		i := min(int(at), int(n)-2)
		y0, y1 := float64(binary.BigEndian.Uint16(t[2*i:])), float64(binary.BigEndian.Uint16(t[2*i+2:]))
		return (y0 + (at-float64(i))*(y1-y0)) / 65535
	}, nil
}

func gamma(g float64) curve { return func(x float64) float64 { return math.Pow(x, g) } }

// parametric returns a curve of a kind: Y = (aX + b)^g + e from d on, else cX + f. The shorter kinds leave some
// of these out.
func parametric(kind uint16, t []byte) (curve, error) {
	counts := []int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) || len(t) < 4*counts[kind] {
		return nil, ErrDamaged
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
	c := func(x float64) float64 {
		if x < v[4] {
			return clip(v[3]*x + v[6])
		}
		return clip(math.Pow(v[1]*x+v[2], v[0]) + v[5])
	}
	if !(c(1) > c(0)) { // also NaN
		return nil, ErrDamaged
	}
	return c, nil
}

// fixed reads an s15Fixed16Number.
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
