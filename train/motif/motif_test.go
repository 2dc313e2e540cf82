package motif

import (
	"slices"
	"testing"
)

// Every class draws the same picture from the same seed, other pictures from others, all within 0..1,
// and not all of one colour.
func TestDraw(t *testing.T) {
	const size = 32
	for c := range classes {
		draw := func(seed uint64) []float32 {
			p := make([]float32, size*size*3)
			Draw(p, size, c, seed, 7)
			return p
		}
		a := draw(1)
		if !slices.Equal(a, draw(1)) {
			t.Errorf("%s: the same seed gives other pictures", classes[c].name)
		}
		if slices.Equal(a, draw(2)) {
			t.Errorf("%s: another seed gives the same picture", classes[c].name)
		}
		for _, v := range a {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%s: %g", classes[c].name, v)
			}
		}
		if slices.Max(a)-slices.Min(a) < 0.05 {
			t.Errorf("%s: there is nothing to see", classes[c].name)
		}
	}
}

func TestNames(t *testing.T) {
	names := Names()
	slices.Sort(names)
	if len(slices.Compact(names)) != len(classes) {
		t.Error("two classes have one name")
	}
}

// A shader has the inks that its class names, and numbers everywhere.
func TestShaders(t *testing.T) {
	for _, c := range classes {
		for seed := range uint64(20) {
			s := c.shader(newRNG(seed, 0))
			for y := -1.6; y <= 1.6; y += 0.05 {
				for x := -1.6; x <= 1.6; x += 0.05 {
					p := s(x, y)
					if p.ink < 0 || p.ink >= max(1, len(c.inks)) {
						t.Fatalf("%s: ink %d", c.name, p.ink)
					}
					if p.tone != p.tone || p.height != p.height {
						t.Fatalf("%s: not a number at %g, %g", c.name, x, y)
					}
				}
			}
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	p := make([]float32, 64*64*3)
	for _, c := range []int{0, len(classes) / 2} {
		b.Run(classes[c].name, func(b *testing.B) {
			for i := range b.N {
				Draw(p, 64, c, 1, uint64(i))
			}
		})
	}
}
