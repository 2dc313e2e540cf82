package film

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/imageio"
)

// golden is what is known of an animation in testdata beside its frames, which testdata/make.py has as a
// PNG.
type golden struct {
	name   string
	rate   Rational
	frames []int   // the pictures that are shown
	limit  float64 // how far colours may be off, in 255ths
}

var goldens = []golden{
	{"plain.gif", Rational{25, 1}, []int{0, 1, 2, 3, 4}, 0},
	{"cleared.gif", Rational{10, 1}, []int{0, 1, 2, 2, 2, 3, 4}, 0},
	{"restored.gif", Rational{100, 7}, []int{0, 1, 2, 3, 4}, 0},
	{"kept.gif", Rational{100, 3}, []int{0, 1, 2, 3, 4}, 0},
	{"plain.apng", Rational{25, 1}, []int{0, 1, 2, 3, 4}, 0},
	{"over.apng", Rational{20, 1}, []int{0, 1, 1, 2, 3, 4}, 1}, // ffmpeg blends with 8 bits
	{"source.apng", Rational{30000, 1001}, []int{0, 1, 2, 3, 4}, 0},
	{"palette.apng", Rational{10, 1}, []int{0, 1, 2, 3, 4}, 0},
	{"grey.apng", Rational{10, 1}, []int{0, 1, 2, 3, 4}, 0},
	{"default.apng", Rational{10, 1}, []int{1, 2, 3, 4}, 0},
	{"lossless.webp", Rational{25, 1}, []int{0, 1, 2, 3, 4}, 0},
	{"lossy.webp", Rational{25, 1}, []int{0, 1, 2, 2, 2, 3, 4}, 1.5}, // libwebp rounds on the way
	{"soft.webp", Rational{25, 1}, []int{0, 1, 2, 3, 4}, 1.5},
}

// TestGoldens reads animations of another program: what that shows is shown here, in any order.
func TestGoldens(t *testing.T) {
	for _, g := range goldens {
		path := filepath.Join("testdata", g.name)
		if !IsClip(path) {
			t.Errorf("%s is no clip", g.name)
		}
		strip, err := imageio.Read(path + ".png")
		if err != nil {
			t.Fatal(err)
		}
		c := mustOpen(t, path, ReadOptions{})
		info := c.Info()
		if info.Rate != g.rate || info.Frames != len(g.frames) || (len(c.Notes()) > 0) != (len(g.frames) > 5) {
			t.Errorf("%s: %+v, %v", g.name, info, c.Notes())
			continue
		}
		for _, i := range []int{0, 1, 2, 3, info.Frames - 1, 1, 0, info.Frames - 2} {
			im := mustFrame(t, c, i)
			if d := offPremultiplied(t, im, strip, g.frames[i]*im.H); !(d <= g.limit+1e-3) {
				t.Errorf("%s: frame %d is %v off", g.name, i, d)
			}
			if im.Alpha != nil && !info.Alpha {
				t.Errorf("%s: frame %d is clear somewhere, which was not announced", g.name, i)
			}
		}
		if _, err := c.Frame(info.Frames); err != io.EOF {
			t.Errorf("%s: after the end: %v", g.name, err)
		}
	}
}

// offPremultiplied returns how far a picture is from the rows of another, in 255ths of what is seen.
func offPremultiplied(t testing.TB, got, strip *imageio.Image, row int) float64 {
	t.Helper()
	seen := func(im *imageio.Image, from int) *imageio.Image {
		out := &imageio.Image{W: 4 * got.W, H: got.H}
		for i := from * got.W; i < (from+got.H)*got.W; i++ {
			a := float32(1)
			if im.Alpha != nil {
				a = im.Alpha[i]
			}
			p := im.Pix[3*i:][:3]
			out.Pix = append(out.Pix, p[0]*a, p[1]*a, p[2]*a, a)
		}
		return out
	}
	if got.W != strip.W {
		t.Fatalf("a width of %d, want %d", got.W, strip.W)
	}
	return off(t, seen(got, 0), seen(strip, row))
}

// TestStills wants pictures that do not move to be no clips.
func TestStills(t *testing.T) {
	names, err := filepath.Glob("../internal/imageio/testdata/*.*")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	for _, name := range names {
		if moves := strings.Contains(name, "animated"); IsClip(name) != moves {
			t.Errorf("%s is a clip: %v", name, !moves)
			continue
		} else if moves {
			continue
		}
		_, err := Open(name, ReadOptions{})
		if _, ok := errors.AsType[*KindError](err); !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkError(t, name, err)
	}
}
