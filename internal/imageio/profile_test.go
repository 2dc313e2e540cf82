package imageio

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/colour"
)

// TestProfiles compares with LittleCMS: testdata/profiles/make.py has what the profiles are. No colour is off
// by 1 in CIE Lab, which nobody sees, and hardly any by half of that, although the truth is rounded to 8 bits.
func TestProfiles(t *testing.T) {
	paths, _ := filepath.Glob("testdata/profiles/*.*")
	paths = slices.DeleteFunc(paths, func(p string) bool {
		return filepath.Ext(p) == ".py" || filepath.Base(p) == "truth.png"
	})
	slices.Sort(paths)
	truth, err := Read("testdata/profiles/truth.png")
	if err != nil || len(paths) != truth.H {
		t.Fatalf("%d pictures, %d rows of truth: %v", len(paths), truth.H, err)
	}
	for y, path := range paths {
		im, err := Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		want := truth.Pix[3*truth.W*y:][:3*truth.W]
		var worst, sum float64
		for i := 0; i < len(want); i += 3 {
			d := cieDistance(im.Pix[i:i+3], want[i:i+3])
			worst, sum = max(worst, d), sum+d
		}
		mean := sum / float64(truth.W)
		t.Logf("%s: at most %.2f, on average %.3f", filepath.Base(path), worst, mean)
		if !(worst < 1 && mean < 0.25) || len(im.Warnings) > 0 {
			t.Errorf("%s is off by up to %.2f, %.3f on average; %q", path, worst, mean, im.Warnings)
		}
		if srgb := filepath.Base(path) == "srgb2.png"; srgb != (im.Profile == nil) {
			t.Errorf("%s: profile %v", path, im.Profile)
		}
	}
}

// cieDistance returns how far two sRGB colours are apart in CIE Lab (1976).
func cieDistance(a, b []float32) float64 {
	p, q := cieLab(a), cieLab(b)
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

func cieLab(c []float32) [3]float64 {
	r, g, b := colour.Linear(float64(c[0])), colour.Linear(float64(c[1])), colour.Linear(float64(c[2]))
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124564*r + 0.3575761*g + 0.1804375*b) / 0.95047)
	y := f(0.2126729*r + 0.7151522*g + 0.0721750*b)
	z := f((0.0193339*r + 0.1191920*g + 0.9503041*b) / 1.08883)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// TestTableProfile: what tables would convert is refused, with a way out, unless it calls itself sRGB.
func TestTableProfile(t *testing.T) {
	jpg := mustReadBytes(t, "testdata/jpeg420.jpg")
	tables := func(name string) []byte {
		data := testProfile(p3Primaries, 2.2)
		data = []byte(string(data[:132]) + strings.ReplaceAll(string(data[132:]), "rXYZ", "A2B0"))
		return []byte(strings.ReplaceAll(string(data), "test\x00", name))
	}
	data := withProfile(jpg, tables("scan\x00"))
	_, err := Decode(data, "scan.jpg")
	if e, ok := err.(*ProfileError); !ok || e.Path != "scan.jpg" || e.Hint() == "" {
		t.Errorf("%v", err)
	}
	if _, err := DecodeWith(data, "scan.jpg", ReadOptions{IgnoreProfile: true}); err != nil {
		t.Error(err)
	}
	if im, err := Decode(withProfile(jpg, tables("sRGB\x00")), "ours.jpg"); err != nil || im.Profile != nil {
		t.Errorf("one that calls itself sRGB: %v", err)
	}
	path := filepath.Join(t.TempDir(), "scan.jpg")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, ReadOptions{}); err == nil {
		t.Error("it is found out only when pixels are read")
	}
	if _, err := Stat(path); err != nil {
		t.Error(err)
	}
}

// TestProfileBomb: a small chunk that would unpack to far more is not unpacked.
func TestProfileBomb(t *testing.T) {
	bomb := pngChunk("iCCP", append([]byte("x\x00\x00"), deflated(make([]byte, 16<<20))...), false)
	p, err := parsePNG(inMemory(madePNG(9, 7, pngRGB, 8, false, bomb), "bomb", fuzzBytes))
	if err != nil || len(p.profile.icc) > maxProfile {
		t.Errorf("%d bytes, %v", len(p.profile.icc), err)
	}
}

// TestKeptProfile: a picture that is written with a profile has it in the file, and reads as the same colours;
// one that is written without says that it is sRGB.
func TestKeptProfile(t *testing.T) {
	for _, from := range []string{"adobe.png", "p3.png", "romm4.webp", "wide.webp"} {
		im, err := Read("testdata/profiles/" + from)
		if err != nil {
			t.Fatal(err)
		}
		if !im.Profile.Invertible() {
			t.Fatalf("%s: no way back", from)
		}
		im.Depth = 16
		for _, ending := range []string{".png", ".tif", ".jpg"} {
			if ending == ".jpg" { // which has chroma at half the size
				profile := im.Profile
				im = slope(48, 40, false)
				im.Profile = profile
			}
			kept := mustDecode(t, written(t, im, ending, Meta{Profile: im.Profile}))
			plain := mustDecode(t, written(t, im, ending, Meta{}))
			if kept.Profile == nil || string(kept.Profile.Data()) != string(im.Profile.Data()) || plain.Profile != nil {
				t.Errorf("%s as %s: %v and %v", from, ending, kept.Profile, plain.Profile)
			}
			if ending != ".jpg" && !(maxDiff(t, kept.Pix, im.Pix) < 3e-3) {
				t.Errorf("%s as %s: off by %v", from, ending, maxDiff(t, kept.Pix, im.Pix))
			}
			if d := meanDistance(kept, plain); ending == ".jpg" && !(d < 1) {
				t.Errorf("%s as %s: off by %v in CIE Lab", from, ending, d)
			}
		}
	}
	gray := mustReadBytes(t, "testdata/profiles/greyold.tif")
	if im := mustDecode(t, gray); im.Profile == nil || im.Profile.Invertible() {
		t.Error("a profile of greys is good for colours")
	}
}

func meanDistance(a, b *Image) (sum float64) {
	for i := 0; i < len(a.Pix); i += 3 {
		sum += cieDistance(a.Pix[i:i+3], b.Pix[i:i+3])
	}
	return sum / float64(len(a.Pix)/3)
}
