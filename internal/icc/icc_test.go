package icc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"oneiro/colour"
)

// TestWritten: a profile that was made of numbers is the same when it was written and parsed.
func TestWritten(t *testing.T) {
	for _, p := range []*Profile{SRGB(), AdobeRGB(), Coded("P3", 12, 13), Coded("BT.2020", 9, 1), Coded("x", 22, 8)} {
		q, err := Parse(p.Data())
		if err != nil {
			t.Fatal(err)
		}
		if q.Name() != p.Name() || q.IsSRGB() != p.IsSRGB() || q.IsSRGB() != (p.Name() == "sRGB") {
			t.Errorf("%q became %q, sRGB: %v and %v", p.Name(), q.Name(), p.IsSRGB(), q.IsSRGB())
		}
		a, b := ramp(), ramp()
		p.ToSRGB(a)
		q.ToSRGB(b)
		for i := range a {
			if !(math.Abs(float64(a[i]-b[i])) < 1e-3) {
				t.Fatalf("%s: value %d is %v and %v", p.Name(), i, a[i], b[i])
			}
		}
	}
	if n := len(srgb.Data()) + len(SRGB().Data()); n > 512 {
		t.Errorf("sRGB takes %d bytes", n)
	}
}

// ramp is a row of colours of all kinds.
func ramp() (row []float32) {
	for r := range 6 {
		for g := range 6 {
			for b := range 6 {
				row = append(row, float32(r)/5, float32(g)/5, float32(b)/5)
			}
		}
	}
	return row
}

// TestWayBack: what sRGB has comes back as it was.
func TestWayBack(t *testing.T) {
	for _, p := range []*Profile{SRGB(), AdobeRGB(), Coded("BT.2020", 9, 1), Coded("P3", 12, 4)} {
		if !p.Invertible() {
			t.Fatalf("%s has no way back", p.Name())
		}
		row, want := ramp(), ramp()
		p.FromSRGB(row)
		p.ToSRGB(row)
		for i := range row {
			// all of them have what sRGB has
			if !(math.Abs(float64(row[i]-want[i])) < 2e-3) {
				t.Errorf("%s: value %d was %v and is %v", p.Name(), i, want[i], row[i])
			}
		}
	}
	white := []float32{1, 1, 1}
	AdobeRGB().ToSRGB(white)
	for _, v := range white {
		if !(v > 0.9995) {
			t.Errorf("white is %v", white)
		}
	}
}

// TestMatrix compares primaries with published matrices: sRGB's of IEC 61966-2-1 adapted to D50, and that of
// Adobe RGB's profile (Adobe RGB (1998) Color Image Encoding, section 4.3.5.2).
func TestMatrix(t *testing.T) {
	for name, c := range map[string]struct {
		is   *Profile
		want colour.Matrix
	}{
		"sRGB": {SRGB(), colour.Matrix{{0.4361, 0.3851, 0.1431}, {0.2225, 0.7169, 0.0606}, {0.0139, 0.0971, 0.7141}}},
		"Adobe RGB": {AdobeRGB(), colour.Matrix{{0.60974, 0.20528, 0.14919}, {0.31111, 0.62567, 0.06322},
			{0.01947, 0.06087, 0.74457}}},
	} {
		for i := range 3 {
			for k := range 3 {
				if !(math.Abs(c.is.xyz[i][k]-c.want[i][k]) < 3e-4) {
					t.Errorf("%s: %v, not %v", name, c.is.xyz, c.want)
				}
			}
		}
	}
}

func TestCurves(t *testing.T) {
	para := func(kind byte, values ...float64) []byte {
		out := append([]byte("para\x00\x00\x00\x00\x00"), kind, 0, 0)
		for _, v := range values {
			out = binary.BigEndian.AppendUint32(out, uint32(int32(math.Round(v*65536))))
		}
		return out
	}
	for _, c := range []struct {
		data []byte
		x, y float64
	}{
		{[]byte("curv\x00\x00\x00\x00\x00\x00\x00\x00"), 0.3, 0.3},
		{[]byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x00"), 0.3, 0.09},
		{[]byte("curv\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x40\x00\xff\xff"), 0.75, (16384 + 65535) / 2 / 65535.0},
		{para(0, 2), 0.3, 0.09},
		{para(1, 2, 0.5, 0.5), 0.5, 0.5625},
		{para(2, 2, 0.5, 0.25, 0.125), 0.5, 0.375},
		{para(3, 2, 1, 0, 0.5, 0.25), 0.125, 0.0625},
		{para(3, 2, 1, 0, 0.5, 0.25), 0.5, 0.25},
		{para(4, 2, 1, 0, 0.5, 0.25, 0.125, 0.0625), 0.125, 0.125},
		{para(4, 2, 1, 0, 0.5, 0.25, 0.125, 0.0625), 0.5, 0.375},
	} {
		f, err := parseCurve(c.data)
		if err != nil {
			t.Fatal(err)
		}
		if !(math.Abs(f(c.x)-c.y) < 2e-5) {
			t.Errorf("%q at %v is %v, not %v", c.data, c.x, f(c.x), c.y)
		}
	}
	for _, bad := range []string{"", "curv\x00\x00\x00\x00\x00\x00\x00\x09\x00\x00", "para\x00\x00\x00\x00\x00\x07\x00\x00",
		"para\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00", "what\x00\x00\x00\x00\x00\x00\x00\x00",
		string(para(0, 0)), string(para(0, -1)), string(para(1, 2, 0, 0))} {
		if _, err := parseCurve([]byte(bad)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRefused(t *testing.T) {
	whole := SRGB().Data()
	other := func(from, to string) []byte { return bytes.ReplaceAll(whole, []byte(from), []byte(to)) }
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"nothing": {nil, ErrDamaged}, "a part": {whole[:300], ErrDamaged}, "CMYK": {other("RGB ", "CMYK"), ErrSpace},
		"tables": {other("rXYZ", "A2B0"), ErrTables}, "no blue": {other("bXYZ", "zXYZ"), ErrDamaged},
		"no curve": {other("gTRC", "gTRx"), ErrDamaged}, "twice the same": {twice(whole), ErrDamaged},
	} {
		if _, err := Parse(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if Coded("?", 99, 13) != nil || Coded("PQ", 9, 16) != nil || New("none", Primaries{}, Gamma(1)) != nil {
		t.Error("there is a space that there is not")
	}
	if grey, err := Parse(greyProfile()); err != nil || !grey.IsGrey() || grey.Invertible() {
		t.Errorf("grey: %v", err)
	}
}

// twice has the table of tags say that green is blue.
func twice(whole []byte) []byte {
	data := bytes.Clone(whole)
	g, b := bytes.Index(data, []byte("gXYZ")), bytes.Index(data, []byte("bXYZ"))
	copy(data[g+4:g+12], data[b+4:b+12])
	return data
}

// greyProfile has a curve for grey, linear light.
func greyProfile() []byte {
	data := []byte(strings.ReplaceAll(string(SRGB().Data()), "RGB ", "GRAY"))
	return bytes.ReplaceAll(data, []byte("rTRC"), []byte("kTRC"))
}

// FuzzParse reads whatever comes, and converts with it.
func FuzzParse(f *testing.F) {
	for _, seed := range [][]byte{
		SRGB().Data(), AdobeRGB().Data(), greyProfile(), Coded("linear", 12, 8).Data(), SRGB().Data()[:200], twice(SRGB().Data()),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Description(data)
		p, err := Parse(data)
		if err != nil {
			return
		}
		p.IsSRGB()
		row := ramp()
		p.ToSRGB(row)
		check := func() {
			for _, v := range row {
				if !(v >= 0 && v <= 1) {
					t.Fatalf("a colour has %v", v)
				}
			}
		}
		check()
		if p.Invertible() {
			p.FromSRGB(row)
			check()
		}
	})
}
