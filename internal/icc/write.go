package icc

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
)

// Data returns the profile as it is in files.
func (p *Profile) Data() []byte { return p.data }

// encode returns a profile of version 4.2 of primaries and a curve, with nothing in it that is not required.
func (p *Profile) encode(primaries Primaries, c Curve) []byte {
	numbers := func(kind string, values ...float64) []byte {
		out := append([]byte(kind), 0, 0, 0, 0)
		for _, v := range values {
			out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(v*65536))))
		}
		return out
	}
	text := func(s string) []byte {
		out := append([]byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS"), 0, 0, 0, 0, 0, 0, 0, 28)
		for _, r := range utf16.Encode([]rune(s)) {
			out = binary.BigEndian.AppendUint16(out, r)
		}
		binary.BigEndian.PutUint32(out[20:], uint32(len(out)-28))
		return out
	}
	column := func(k int) []byte { return numbers("XYZ ", p.xyz[0][k], p.xyz[1][k], p.xyz[2][k]) }
	adapt := adaptation(xyzOf(primaries[0]))
	tone := append([]byte("para\x00\x00\x00\x00\x00\x03\x00\x00"), numbers("", c.G, c.A, c.B, c.C, c.D)[4:]...)
	tags := []struct {
		names []string
		body  []byte
	}{
		{[]string{"desc"}, text(p.name)},
		{[]string{"cprt"}, text("CC0")},
		{[]string{"wtpt"}, numbers("XYZ ", d50[:]...)},
		{[]string{"chad"}, numbers("sf32", append(append(adapt[0][:], adapt[1][:]...), adapt[2][:]...)...)},
		{[]string{"rXYZ"}, column(0)},
		{[]string{"gXYZ"}, column(1)},
		{[]string{"bXYZ"}, column(2)},
		{[]string{"rTRC", "gTRC", "bTRC"}, tone},
	}
	count := 0
	for _, t := range tags {
		count += len(t.names)
	}
	out := make([]byte, headerSize, 600)
	copy(out[8:], "\x04\x20\x00\x00mntrRGB XYZ ")
	copy(out[24:], "\x07\xea\x00\x01\x00\x01") // a date has to be there
	copy(out[36:], "acsp")
	copy(out[68:], numbers("", d50[:]...)[4:])
	out = binary.BigEndian.AppendUint32(out, uint32(count))
	at := len(out) + 12*count
	var bodies []byte
	for _, t := range tags {
		for _, name := range t.names {
			out = append(out, name...)
			out = binary.BigEndian.AppendUint32(out, uint32(at+len(bodies)))
			out = binary.BigEndian.AppendUint32(out, uint32(len(t.body)))
		}
		bodies = append(bodies, t.body...)
		for len(bodies)%4 != 0 {
			bodies = append(bodies, 0)
		}
	}
	out = append(out, bodies...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}
