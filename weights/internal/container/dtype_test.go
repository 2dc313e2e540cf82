package container

import (
	"math"
	"testing"
)

func TestHalf(t *testing.T) {
	for bits, want := range map[uint16]float32{
		0: 0, 1: 0x1p-24, 0x3ff: 0x3ffp-24, 0x400: 0x1p-14, 0x3c00: 1, 0xc000: -2, 0x3555: 0x1.554p-2, 0x7bff: 65504,
		0x7c00: float32(math.Inf(1)), 0xfc00: float32(math.Inf(-1)),
	} {
		if got := Half(bits); got != want {
			t.Errorf("Half(%#x) = %v, want %v", bits, got, want)
		}
	}
	if got := Half(0x8000); got != 0 || !math.Signbit(float64(got)) {
		t.Errorf("Half(-0) = %v", got)
	}
	if got := Half(0x7e00); got == got {
		t.Errorf("Half(NaN) = %v", got)
	}
}

func TestFloat8(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		dtype DType
		bits  byte
		want  float64
	}{
		{Float8E4M3, 0, 0}, {Float8E4M3, 1, 0x1p-9}, {Float8E4M3, 7, 7 * 0x1p-9}, {Float8E4M3, 8, 0x1p-6},
		{Float8E4M3, 0x38, 1}, {Float8E4M3, 0xb9, -1.125}, {Float8E4M3, 0x7e, 448}, {Float8E4M3, 0x7f, nan},
		{Float8E4M3, 0xff, nan}, {Float8E4M3FNUZ, 0x7f, 240}, {Float8E4M3FNUZ, 0x80, nan}, {Float8E4M3FNUZ, 0x40, 1},
		{Float8E5M2, 1, 0x1p-16}, {Float8E5M2, 0x3c, 1}, {Float8E5M2, 0x7b, 57344}, {Float8E5M2, 0x7c, inf},
		{Float8E5M2, 0xfc, -inf}, {Float8E5M2, 0x7d, nan}, {Float8E5M2FNUZ, 0x7f, 57344}, {Float8E5M2FNUZ, 0x80, nan},
		{Float8E5M2FNUZ, 0x40, 1}, {Float8E8M0, 127, 1}, {Float8E8M0, 0, 0x1p-127}, {Float8E8M0, 254, 0x1p127},
		{Float8E8M0, 255, nan},
	} {
		var got [1]float32
		c.dtype.Decode(got[:], []byte{c.bits})
		if float64(got[0]) != c.want && !(math.IsNaN(c.want) && math.IsNaN(float64(got[0]))) {
			t.Errorf("%s, %#02x: %v, want %v", c.dtype.Name, c.bits, got[0], c.want)
		}
	}
}
