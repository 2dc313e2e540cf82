package judge

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/internal/imageio"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestW2 compares with the distance of normal distributions whose axes are the same, of which the standard
// deviations can be subtracted, turned by any angle.
func TestW2(t *testing.T) {
	of := func(angle float64, mean, deviation [2]float64) *moments {
		c, s := math.Cos(angle), math.Sin(angle)
		axes := [2][2]float64{{c, s}, {-s, c}}
		first, second := make([]float32, 2), make([]float32, 4)
		for i := range 2 {
			first[i] = float32(mean[i])
			for k := range 2 {
				v := mean[i] * mean[k]
				for a := range 2 {
					v += deviation[a] * deviation[a] * axes[a][i] * axes[a][k]
				}
				second[2*i+k] = float32(v)
			}
		}
		return newMoments(first, second)
	}
	for _, angle := range []float64{0, 0.4, 2} {
		own, target := of(angle, [2]float64{1, 3}, [2]float64{3, 0.5}), of(angle, [2]float64{2, 1}, [2]float64{1, 0})
		target.root()
		square := 1.0 + 4 + 2*2 + 0.5*0.5
		size := 4.0 + 1 + 1
		near(t, "the distance", own.distance(target), math.Sqrt(square/size), 1e-5)
		near(t, "the distance of itself", target.distance(target), 0, 1e-3)
	}
	a, b := of(0, [2]float64{0, 0}, [2]float64{1, 0}), of(0, [2]float64{4, 2}, [2]float64{1, 2})
	var sum *moments
	sum = sum.plus(a, 0.5).plus(b, 0.5)
	near(t, "a mean", sum.mean[0], 2, 1e-6)
	near(t, "a second moment", sum.second.At(1, 1), (0+4+4)/2, 1e-6)
	near(t, "a second moment between channels", sum.second.At(1, 0), 8/2, 1e-6)
	nothing := newMoments(make([]float32, 2), make([]float32, 4))
	b.root()
	near(t, "the distance of nothing", nothing.distance(b), 1, 1e-6)
}

func TestCorrelation(t *testing.T) {
	x := []float64{1, 2, 4, -3}
	near(t, "the correlation", correlation(x, []float64{3, 5, 9, -5}), 1, 1e-12)
	near(t, "the correlation", correlation(x, []float64{-1, -2, -4, 3}), -1, 1e-12)
	near(t, "the correlation", correlation([]float64{1, -1, 0}, []float64{1, 1, -2}), 0, 1e-12)
	near(t, "the correlation with an even one", correlation(x, make([]float64, 4)), 0, 0)
}

// even returns a picture of one colour.
func even(w, h int, r, g, b float32) *imageio.Image {
	im := imageio.New(w, h)
	for i := range w * h {
		im.Pix[3*i], im.Pix[3*i+1], im.Pix[3*i+2] = r, g, b
	}
	return im
}

// TestOkLab compares with the table of Ottosson (2020) for colours whose coordinates are known.
func TestOkLab(t *testing.T) {
	for _, c := range []struct {
		rgb [3]float32
		lab [3]float64
	}{
		{[3]float32{1, 1, 1}, [3]float64{1, 0, 0}},
		{[3]float32{1, 0, 0}, [3]float64{0.62796, 0.22486, 0.12585}},
		{[3]float32{0, 0, 1}, [3]float64{0.45201, -0.03246, -0.31153}},
	} {
		lab := oklab(even(1, 1, c.rgb[0], c.rgb[1], c.rgb[2]))
		for k := range lab {
			near(t, "a coordinate", lab[k][0], c.lab[k], 1e-4)
		}
	}
}

// TestPalette moves gray by a known distance: along direction d it moves by the first coordinate of that.
func TestPalette(t *testing.T) {
	var mean float64
	for d := range directions {
		mean += (float64(d) + 0.5) / directions / directions
	}
	light := func(v float32) float64 { return oklab(even(1, 1, v, v, v))[0][0] }
	of := func(parts ...*imageio.Image) *palette {
		p := newPalette()
		for _, im := range parts {
			p.add(im, 1/float64(len(parts)))
		}
		return p
	}
	dark, bright := even(8, 8, 0.2, 0.2, 0.2), even(200, 3, 0.8, 0.8, 0.8)
	apart := mean * (light(0.8) - light(0.2))
	near(t, "the distance", of(dark).distance(of(bright)), apart, 1e-6)
	near(t, "the distance of half", of(dark, bright).distance(of(bright)), apart/2, 1e-6)
	near(t, "the distance of itself", of(dark, bright).distance(of(bright, dark)), 0, 1e-9)
}

// TestGrain gives it noise, which has no strides, an even picture, and grids of a known period.
func TestGrain(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	noise := imageio.New(256, 192)
	for i := range 256 * 192 {
		v := float32(0.5 + 0.1*random.NormFloat64())
		noise.Pix[3*i], noise.Pix[3*i+1], noise.Pix[3*i+2] = v, v, v
	}
	if g := grainOf(noise); !(g < 1.5 && g > -1.5) {
		t.Errorf("noise has a grain of %v dB", g)
	}
	near(t, "the grain of an even picture", grainOf(even(64, 64, 0.5, 0.5, 0.5)), 0, 0.5)
	if !math.IsNaN(grainOf(even(63, 64, 0, 0, 0))) {
		t.Error("a small picture has grain")
	}
	for _, stride := range strides {
		for i := range 256 * 192 {
			if i%256%stride == 0 {
				noise.Pix[3*i] += 0.3
			}
		}
		if g := grainOf(noise); !(g > 3) {
			t.Errorf("stripes at every %d pixels have a grain of %v dB", stride, g)
		}
		for i := range 256 * 192 {
			if i%256%stride == 0 {
				noise.Pix[3*i] -= 0.3
			}
		}
	}
}

// TestBorder gives every side a bar in turn, and nothing.
func TestBorder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 0))
	im := imageio.New(120, 90)
	for i := range im.Pix {
		im.Pix[i] = float32(0.3 + 0.4*random.Float64())
	}
	plain := borderOf(im)
	near(t, "the border of noise", plain, 0, 1.5)
	near(t, "the border of an even picture", borderOf(even(64, 64, 0.5, 0.5, 0.5)), 0, 1e-6)
	for side, in := range []func(x, y int) bool{
		func(x, _ int) bool { return x < 4 }, func(x, _ int) bool { return x >= 116 },
		func(_, y int) bool { return y < 4 }, func(_, y int) bool { return y >= 86 },
	} {
		framed := imageio.New(120, 90)
		copy(framed.Pix, im.Pix)
		for i := range 120 * 90 {
			if in(i%120, i/120) {
				framed.Pix[3*i], framed.Pix[3*i+1], framed.Pix[3*i+2] = 0.9, 0, 0
			}
		}
		if b := borderOf(framed); !(b > plain+3) {
			t.Errorf("with a bar at side %d the border is %v dB, and %v without", side, b, plain)
		}
	}
}
