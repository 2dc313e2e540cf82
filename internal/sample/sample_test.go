package sample

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
)

var pictures = map[string]func(w, h int, seed uint64) *imageio.Image{
	"Landscape": Landscape, "Painting": Painting,
}

func TestSameSeedSamePicture(t *testing.T) {
	for name, draw := range pictures {
		a, b := draw(96, 64, 7), draw(96, 64, 7)
		if !slices.Equal(a.Pix, b.Pix) {
			t.Errorf("%s: two pictures from one seed differ", name)
		}
		for _, other := range []uint64{8, 7 + 1<<32, 0} {
			if c := draw(96, 64, other); slices.Equal(a.Pix, c.Pix) {
				t.Errorf("%s: seed %d draws the same as 7", name, other)
			}
		}
	}
}

func TestGolden(t *testing.T) {
	for name, draw := range pictures {
		fixture.Golden(t, strings.ToLower(name)+".png", 96, draw(96, 64, 7).Pix)
	}
}

func TestSizes(t *testing.T) {
	for name, draw := range pictures {
		for _, size := range [][2]int{{1, 1}, {1, 40}, {40, 1}, {2, 2}, {3, 7}, {61, 37}, {37, 61}, {200, 20}} {
			w, h := size[0], size[1]
			im := draw(w, h, 1)
			if im.W != w || im.H != h || len(im.Pix) != 3*w*h || im.Alpha != nil || im.Depth != 8 {
				t.Fatalf("%s: %dx%d with %d values, want %dx%d", name, im.W, im.H, len(im.Pix), w, h)
			}
			for i, v := range im.Pix {
				level := float64(v) * 255
				if !(v >= 0 && v <= 1) || math.Abs(level-math.Round(level)) > 1e-4 {
					t.Fatalf("%s %dx%d: value %d is %v", name, w, h, i, v)
				}
			}
		}
		for _, size := range [][2]int{{0, 5}, {5, 0}, {-1, 5}} {
			if !panics(func() { draw(size[0], size[1], 1) }) {
				t.Errorf("%s: no panic at %v", name, size)
			}
		}
	}
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

// TestVaried wants pictures that are worth a network's time, whatever the seed: light and dark,
// several hues, and detail in most places.
func TestVaried(t *testing.T) {
	for name, draw := range pictures {
		for seed := range uint64(6) {
			im := draw(128, 96, seed)
			busy := 0
			for y := 0; y < 96; y += 16 {
				for x := 0; x < 128; x += 16 {
					if spread(im, x, y, 16, 1) > 0.02 {
						busy++
					}
				}
			}
			if busy < 30 { // of 48
				t.Errorf("%s, seed %d: only %d patches have detail", name, seed, busy)
			}
			for c := range 3 {
				if d := spread(im, 0, 0, 96, c); d < 0.15 {
					t.Errorf("%s, seed %d: channel %d deviates by %.3f only", name, seed, c, d)
				}
			}
			warm, cold := 0, 0
			for i := 0; i < len(im.Pix); i += 3 {
				if d := im.Pix[i] - im.Pix[i+2]; d > 0.15 {
					warm++
				} else if d < -0.15 {
					cold++
				}
			}
			if least := 128 * 96 / 12; warm < least || cold < least {
				t.Errorf("%s, seed %d: %d warm and %d cold pixels", name, seed, warm, cold)
			}
		}
	}
}

// spread returns the standard deviation of a channel in a square.
func spread(im *imageio.Image, x0, y0, side, c int) float64 {
	sum, squares := 0.0, 0.0
	for y := y0; y < y0+side; y++ {
		for x := x0; x < x0+side; x++ {
			v := float64(im.Pix[3*(y*im.W+x)+c])
			sum += v
			squares += v * v
		}
	}
	n := float64(side * side)
	return math.Sqrt(max(squares/n-sum*sum/(n*n), 0))
}

// TestScales compares a picture with a larger one of the same seed, made small: it is the same scene
// at every size. The strokes of a painting fall elsewhere, but its grounds do not.
func TestScales(t *testing.T) {
	for name, draw := range pictures {
		a, b := draw(128, 96, 3), draw(256, 192, 3)
		a, b = imageio.Resize(a, 16, 12, imageio.Bilinear), imageio.Resize(b, 16, 12, imageio.Bilinear)
		sum := 0.0
		for i := range a.Pix {
			sum += math.Abs(float64(a.Pix[i] - b.Pix[i]))
		}
		if mean := sum / float64(len(a.Pix)); !(mean < 0.06) {
			t.Errorf("%s: differs by %.3f on average", name, mean)
		}
	}
}

func TestPictureSurvivesPNG(t *testing.T) {
	for name, draw := range pictures {
		im := draw(40, 30, 2)
		path := filepath.Join(t.TempDir(), "a.png")
		if err := imageio.Write(path, im, imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
		back, err := imageio.Read(path)
		if err != nil || !slices.Equal(back.Pix, im.Pix) {
			t.Errorf("%s: came back changed, %v", name, err)
		}
	}
}

func BenchmarkSample(b *testing.B) {
	for name, draw := range pictures {
		b.Run(fmt.Sprintf("%s/512x384", name), func(b *testing.B) {
			for b.Loop() {
				draw(512, 384, 1)
			}
		})
	}
}
