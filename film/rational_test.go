package film

import "testing"

func TestRationalOf(t *testing.T) {
	for v, want := range map[float64]Rational{
		25: {25, 1}, 30: {30, 1}, 29.97: {30000, 1001}, 23.976: {24000, 1001}, 59.94: {60000, 1001}, 12.5: {25, 2},
		0.5: {1, 2}, 1000.0 / 33: {1000, 33}, 100.0 / 7: {100, 7}, 0: {}, -3: {}, 1e300: {}, 1e-9: {1, 1e6},
		24.0001: {24, 1},
	} {
		if got := RationalOf(v); got != want {
			t.Errorf("%v: %v, want %v", v, got, want)
		}
	}
}

func TestTiming(t *testing.T) {
	for name, c := range map[string]struct {
		delays []int64
		rate   Rational
		shown  []int
	}{
		"equal":      {[]int64{40_000, 40_000, 40_000}, Rational{25, 1}, []int{0, 1, 2}},
		"rounded":    {[]int64{30_000, 30_000, 40_000}, Rational{30, 1}, []int{0, 1, 2}},
		"of 24":      {[]int64{40_000, 40_000, 50_000, 40_000}, Rational{24, 1}, []int{0, 1, 2, 3}},
		"long last":  {[]int64{100_000, 100_000, 300_000}, Rational{10, 1}, []int{0, 1, 2, 2, 2}},
		"hasty":      {[]int64{0, 10_000}, Rational{10, 1}, []int{0, 1}},
		"primes":     {[]int64{70_000, 30_000, 110_000}, Rational{100, 3}, []int{0, 0, 1, 2, 2, 2, 2}},
		"one":        {[]int64{1_000_000}, Rational{1, 1}, []int{0}},
		"29.97":      {[]int64{33_367, 33_367}, Rational{30000, 1001}, []int{0, 1}},
		"long first": {[]int64{200_000, 100_000}, Rational{10, 1}, []int{0, 0, 1}},
	} {
		got := newTiming(c.delays)
		if got.rate != c.rate || got.frames != len(c.shown) {
			t.Errorf("%s: %v, %d frames", name, got.rate, got.frames)
			continue
		}
		for i, want := range c.shown {
			if p := got.picture(i); p != want {
				t.Errorf("%s: frame %d shows %d, want %d", name, i, p, want)
			}
		}
	}
}
