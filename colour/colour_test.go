package colour

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, by float64) {
	t.Helper()
	if !(math.Abs(got-want) <= by) {
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

func TestSRGB(t *testing.T) {
	for i := range 2001 {
		v := float64(i) / 2000
		near(t, "the way back", Encoded(Linear(v)), v, 1e-9)
		near(t, "the table", float64(FastLinear(float32(v))), Linear(v), 3e-7)
		near(t, "the table back", float64(FastEncoded(float32(v))), Encoded(v), 6e-7)
	}
	near(t, "middle grey", Linear(0.5), 0.21404114, 1e-8)
	for v, want := range map[float32]float32{-1: 0, 2: 1, float32(math.NaN()): 0, float32(math.Inf(1)): 1} {
		if FastLinear(v) != want || FastEncoded(v) != want {
			t.Errorf("%v becomes %v and %v", v, FastLinear(v), FastEncoded(v))
		}
	}
}

// TestOkLab compares with the values of CSS Color 4 for the primaries, which have four to five digits.
func TestOkLab(t *testing.T) {
	for _, c := range []struct{ rgb, lab [3]float32 }{
		{[3]float32{1, 1, 1}, [3]float32{1, 0, 0}},
		{[3]float32{1, 0, 0}, [3]float32{0.62796, 0.22486, 0.12585}},
		{[3]float32{0, 1, 0}, [3]float32{0.86644, -0.23389, 0.17950}},
		{[3]float32{0, 0, 1}, [3]float32{0.45201, -0.03246, -0.31153}},
		{[3]float32{0, 0, 0}, [3]float32{0, 0, 0}},
	} {
		l := ToLab(c.rgb[0], c.rgb[1], c.rgb[2])
		for i, v := range []float32{l.L, l.A, l.B} {
			near(t, "OkLab", float64(v), float64(c.lab[i]), 2e-5)
		}
		r, g, b := l.RGB()
		for i, v := range []float32{r, g, b} {
			near(t, "the way back", float64(v), float64(c.rgb[i]), 1e-3)
		}
	}
	pix := noise(30, 30, 11)
	for i := 0; i < len(pix); i += 3 {
		r, g, b := ToLab(pix[i], pix[i+1], pix[i+2]).RGB()
		for k, v := range []float32{r, g, b} {
			near(t, "the way back", float64(v), float64(pix[i+k]), 2e-4)
		}
	}
}

// TestPale: a colour that sRGB does not have keeps lightness and hue, and no paler one would do.
func TestPale(t *testing.T) {
	for hue := 0.0; hue < 2*math.Pi; hue += 0.1 {
		for _, l := range []float32{0.1, 0.5, 0.9} {
			a, b := float32(0.4*math.Cos(hue)), float32(0.4*math.Sin(hue))
			is := ToLab(Lab{l, a, b}.RGB())
			near(t, "lightness", float64(is.L), float64(l), 2e-3)
			near(t, "hue", math.Remainder(math.Atan2(float64(is.B), float64(is.A))-hue, 2*math.Pi), 0, 0.02)
			chroma := math.Hypot(float64(is.A), float64(is.B))
			if inside(Lab{l, a * float32(chroma/0.4*1.02), b * float32(chroma/0.4*1.02)}.light()) {
				t.Errorf("at lightness %v and hue %v there is more chroma than %v", l, hue, chroma)
			}
		}
	}
}

func TestYUV(t *testing.T) {
	for _, rgb := range [][3]float32{{1, 1, 1}, {0.2, 0.5, 0.9}, {1, 0, 0}} {
		r, g, b := FromYUV(YUV(rgb[0], rgb[1], rgb[2]))
		r2, g2, b2 := FromYCbCr(YCbCr(rgb[0], rgb[1], rgb[2]))
		for i, v := range []float32{r, g, b} {
			near(t, "YUV and back", float64(v), float64(rgb[i]), 5e-3)
			near(t, "YCbCr and back", float64([]float32{r2, g2, b2}[i]), float64(rgb[i]), 2e-5)
		}
	}
	if y, u, v := YUV(1, 1, 1); math.Abs(float64(y-1))+math.Abs(float64(u))+math.Abs(float64(v)-0) > 0.002 {
		t.Errorf("white is %v %v %v", y, u, v)
	}
}

func TestStatistics(t *testing.T) {
	pix := []float32{0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0}
	s := Of(pix, nil, 2)
	near(t, "mean", s.Mean[0], 0.5, 1e-12)
	near(t, "variance", s.Covariance[0][0], 0.25, 1e-12)
	near(t, "covariance", s.Covariance[2][0], -0.125, 1e-12)
	w := Of(pix, []float32{1, 0, 1, 0}, 2)
	near(t, "mean of some", w.Mean[0], 0, 1e-12)
	near(t, "mean of some", w.Mean[2], 1, 1e-12)
	if (Of(nil, nil, 1) != Statistics{}) {
		t.Error("nothing has statistics")
	}
}

// TestTransfer wants the statistics that were asked for, a symmetric map, and none of it where there is nothing
// to do. Of maps that do it, Monge's moves colours least: less than one with a turn.
func TestTransfer(t *testing.T) {
	from, to := noise(60, 40, 12), noise(60, 40, 13)
	for i := 0; i < len(to); i += 3 { // other statistics
		to[i], to[i+1] = 0.3+0.2*to[i]*to[i+1], 0.7*to[i+1]*to[i+1]
	}
	s, target := Of(from, nil, 60), Of(to, nil, 60)
	m := Transfer(s, target)
	mapped := make([]float32, len(from))
	for i := 0; i < len(from); i += 3 {
		mapped[i], mapped[i+1], mapped[i+2] = m.At(from[i], from[i+1], from[i+2])
	}
	near(t, "what is left", Of(mapped, nil, 60).Distance(target), 0, 1e-7)
	near(t, "nothing to do", Of(from, nil, 60).Distance(s), 0, 0)
	if m.Matrix != m.Matrix.transposed() {
		t.Errorf("%v is not symmetric", m.Matrix)
	}
	none := Transfer(s, s)
	for i := range 3 {
		for k := range 3 {
			want := 0.0
			if i == k {
				want = 1
			}
			near(t, "the map to itself", none.Matrix[i][k], want, 1e-9)
		}
	}
	cost := func(m *Map) (sum float64) {
		for i := 0; i < len(from); i += 3 {
			x, y, z := m.At(from[i], from[i+1], from[i+2])
			for k, v := range []float32{x, y, z} {
				sum += float64(v-from[i+k]) * float64(v-from[i+k])
			}
		}
		return sum
	}
	// Another map with the same result: R T, where R turns and keeps the covariance of the target.
	root := target.Covariance.ofEigenvalues(math.Sqrt)
	inverse := target.Covariance.ofEigenvalues(func(v float64) float64 { return 1 / math.Sqrt(v) })
	c, sn := math.Cos(0.3), math.Sin(0.3)
	turn := root.Times(Matrix{{c, sn, 0}, {-sn, c, 0}, {0, 0, 1}}).Times(inverse)
	other := m.Then(Map{turn, target.Mean, target.Mean})
	if !(cost(&m) < cost(&other)) {
		t.Errorf("colours move by %v, and could move by %v", cost(&m), cost(&other))
	}
	half := m.Partly(0.5)
	x, _, _ := half.At(0.2, 0.4, 0.6)
	all, _, _ := m.At(0.2, 0.4, 0.6)
	near(t, "half of the way", float64(x), (0.2+float64(all))/2, 1e-6)
}

// TestMatch: after clipping, too, mean and covariance are those that were asked for, and a grey picture gets no
// colours out of nothing.
func TestMatch(t *testing.T) {
	from, to := noise(60, 40, 14), noise(60, 40, 15)
	for i := 0; i < len(to); i += 3 { // lighter and darker than noise, so that much is clipped
		to[i] = float32(math.Round(float64(to[i])))*0.3 + to[i]*0.5
		to[i+1] = to[i]*0.8 + 0.1*to[i+1]
	}
	target := Of(to, nil, 60)
	clipped := func(m Map) float64 {
		out := append([]float32(nil), from...)
		m.Row(out)
		for _, v := range out {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("%v is no colour", v)
			}
		}
		return Of(out, nil, 60).Distance(target)
	}
	near(t, "what is left", clipped(Match(from, nil, 60, target)), 0, 1e-4)
	if once := clipped(Transfer(Of(from, nil, 60), target)); !(once > 1e-3) {
		t.Errorf("without a second try %v are left: the test shows nothing", once)
	}
	grey := noise(60, 40, 16)
	for i := 0; i < len(grey); i += 3 {
		grey[i+1], grey[i+2] = grey[i], grey[i]
	}
	m := Match(grey, nil, 60, target)
	for i := range 3 {
		for k := range 3 {
			if !(math.Abs(m.Matrix[i][k]) < 100) {
				t.Errorf("the map has %v", m.Matrix)
			}
		}
	}
}

// TestLuma8 compares with Pillow 13: Image.merge of Y of the first and CbCr of the second colour. Its tables
// are rounded here and there in another way, which makes up to two levels.
func TestLuma8(t *testing.T) {
	for _, c := range luma8Golden {
		var picture, photo [3]float32
		for k := range 3 {
			picture[k], photo[k] = float32(c[k])/255, float32(c[3+k])/255
		}
		Luma8(picture[:], photo[:])
		for k := range 3 {
			near(t, "a level", math.Round(float64(picture[k]*255)), float64(c[6+k]), 2)
		}
	}
}

func TestInverse(t *testing.T) {
	m := Matrix{{0.4, 0.3, 0.1}, {0.2, 0.7, 0.1}, {0.05, 0.1, 0.9}}
	inverse, ok := m.Inverse()
	if !ok {
		t.Fatal("no inverse")
	}
	for i, row := range m.Times(inverse) {
		for k, v := range row {
			want := 0.0
			if i == k {
				want = 1
			}
			near(t, "the product", v, want, 1e-12)
		}
	}
	if _, ok := (Matrix{{1, 2, 3}, {2, 4, 6}, {0, 0, 1}}).Inverse(); ok {
		t.Error("a singular matrix has an inverse")
	}
}

// TestMapOf compares with the statistics of colours that are mapped.
func TestMapOf(t *testing.T) {
	pix := noise(20, 15, 3)
	m := Map{Matrix{{0.9, 0.1, 0}, {-0.05, 0.8, 0.2}, {0.1, 0, 1.1}}, [3]float64{0.5, 0.4, 0.3}, [3]float64{0.4, 0.5, 0.2}}
	want := m.Of(Of(pix, nil, 20))
	for i := 0; i < len(pix); i += 3 {
		pix[i], pix[i+1], pix[i+2] = m.At(pix[i], pix[i+1], pix[i+2])
	}
	if d := Of(pix, nil, 20).Distance(want); !(d < 1e-6) {
		t.Errorf("%g apart", d)
	}
}
