package colour

import (
	"math"
	"math/rand/v2"
	"testing"
)

// photoRows returns Chroma.Photo for a picture in memory.
func photoRows(pix []float32, w int) func(int, []float32) {
	return func(y int, row []float32) { copy(row, pix[3*y*w:]) }
}

func noise(w, h int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	pix := make([]float32, 3*w*h)
	for i := range pix {
		pix[i] = r.Float32()
	}
	return pix
}

// TestChromaIsTheFilter compares with the filter written down for a whole picture in float64, at heights around
// those of the bands.
func TestChromaIsTheFilter(t *testing.T) {
	for _, h := range []int{1, 2, chromaPasses, chromaBand - 1, chromaBand, chromaBand + 1, chromaBand + chromaPasses, 2*chromaBand + 7} {
		for _, w := range []int{1, 2, 9} {
			picture, photo := noise(w, h, 1), noise(w, h, 2)
			want := filtered(picture, photo, w, h)
			c := Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: 1}
			c.Apply(picture)
			for i := range w * h {
				r, g, b := want[i].RGB()
				for k, v := range []float32{r, g, b} {
					if d := math.Abs(float64(picture[3*i+k] - v)); !(d <= 2e-3) {
						t.Fatalf("%dx%d: value %d of pixel %d is %v, not %v", w, h, k, i, picture[3*i+k], v)
					}
				}
			}
		}
	}
}

// filtered returns lightness of one picture and filtered chroma of another.
func filtered(picture, photo []float32, w, h int) []Lab {
	light, chroma := make([]float64, w*h), make([][2]float64, w*h)
	for i := range light {
		light[i] = float64(ToLab(picture[3*i], picture[3*i+1], picture[3*i+2]).L)
		c := ToLab(photo[3*i], photo[3*i+1], photo[3*i+2])
		chroma[i] = [2]float64{float64(c.A), float64(c.B)}
	}
	for range 5 {
		next := make([][2]float64, w*h)
		for y := range h {
			for x := range w {
				var sum, a, b float64
				for v := max(y-1, 0); v <= min(y+1, h-1); v++ {
					for u := max(x-1, 0); u <= min(x+1, w-1); u++ {
						weight := math.Exp(-10 * math.Abs(light[y*w+x]-light[v*w+u]))
						sum += weight
						a += weight * chroma[v*w+u][0]
						b += weight * chroma[v*w+u][1]
					}
				}
				next[y*w+x] = [2]float64{a / sum, b / sum}
			}
		}
		chroma = next
	}
	out := make([]Lab, w*h)
	for i := range out {
		out[i] = Lab{float32(light[i]), float32(chroma[i][0]), float32(chroma[i][1])}
	}
	return out
}

// TestChromaKeepsLightness: whatever the photograph, the picture is as light as it was, and its hue is the
// photograph's where that is even.
func TestChromaKeepsLightness(t *testing.T) {
	const w, h = 40, 50
	picture := noise(w, h, 3)
	before := append([]float32(nil), picture...)
	photo := make([]float32, 3*w*h)
	for i := range w * h {
		photo[3*i], photo[3*i+1], photo[3*i+2] = 0.9, 0.3, 0.1
	}
	c := Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: 1}
	c.Apply(picture)
	want := ToLab(0.9, 0.3, 0.1)
	for i := range w * h {
		had, has := ToLab(before[3*i], before[3*i+1], before[3*i+2]), ToLab(picture[3*i], picture[3*i+1], picture[3*i+2])
		if !(math.Abs(float64(had.L-has.L)) <= 2e-3) {
			t.Fatalf("pixel %d had lightness %v and has %v", i, had.L, has.L)
		}
		angle := math.Atan2(float64(has.B), float64(has.A)) - math.Atan2(float64(want.B), float64(want.A))
		if math.Hypot(float64(has.A), float64(has.B)) > 0.05 && !(math.Abs(angle) <= math.Pi/180) {
			t.Fatalf("pixel %d has a hue that is %v off", i, angle)
		}
	}
}

func TestChromaStrength(t *testing.T) {
	const w, h = 12, 40
	photo := noise(w, h, 4)
	at := func(strength float64) []float32 {
		picture := noise(w, h, 5)
		(&Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: strength}).Apply(picture)
		return picture
	}
	none, half, all := at(0), at(0.5), at(1)
	for i, v := range noise(w, h, 5) {
		if none[i] != v {
			t.Fatal("strength 0 changes the picture")
		}
	}
	var toNone, toAll float64
	for i := range half {
		toNone += math.Abs(float64(half[i] - none[i]))
		toAll += math.Abs(float64(half[i] - all[i]))
	}
	if ratio := toNone / toAll; !(ratio > 0.6 && ratio < 1.6) {
		t.Errorf("half the strength is %v times as far from none as from all", ratio)
	}
}

// TestChromaInPieces: the bits are the same in whatever order pieces are done.
func TestChromaInPieces(t *testing.T) {
	const w, h = 17, 90
	photo := noise(w, h, 6)
	one, other := noise(w, h, 7), noise(w, h, 7)
	(&Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: 0.7}).Apply(one)
	backwards := func(n int, do func(int)) {
		for i := n - 1; i >= 0; i-- {
			do(i)
		}
	}
	(&Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: 0.7, Run: backwards}).Apply(other)
	for i := range one {
		if one[i] != other[i] {
			t.Fatalf("value %d differs", i)
		}
	}
}

func BenchmarkChroma(b *testing.B) {
	const w, h = 1000, 200
	picture, photo := noise(w, h, 8), noise(w, h, 9)
	b.SetBytes(w * h)
	for b.Loop() {
		(&Chroma{Photo: photoRows(photo, w), W: w, H: h, Strength: 1}).Apply(picture)
	}
}
