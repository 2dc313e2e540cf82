package bench

import (
	"math"
	"testing"
)

// TestMannWhitney compares with scipy.stats.mannwhitneyu(a, b, method="exact"), and with ties with
// scipy.stats.permutation_test of the rank sum over all permutations.
func TestMannWhitney(t *testing.T) {
	for _, c := range []struct {
		a, b Timing
		want float64
	}{
		{Timing{1, 2, 3, 4, 5}, Timing{6, 7, 8, 9, 10}, 0.0079365},
		{Timing{6, 7, 8, 9, 10}, Timing{1, 2, 3, 4, 5}, 0.0079365},
		{Timing{1, 3, 5, 7}, Timing{2, 4, 6, 8}, 0.6857143},
		{Timing{1, 2, 9}, Timing{3, 4, 5, 6}, 0.6285714},
		{Timing{1, 1, 2, 2}, Timing{2, 3, 3, 3}, 0.0857143},
		{Timing{5, 5, 5}, Timing{5, 5, 5}, 1},
		{Timing{1}, nil, 1},
	} {
		if got := MannWhitney(c.a, c.b); !(math.Abs(got-c.want) <= 1e-6) {
			t.Errorf("%v and %v: %.7f, want %.7f", c.a, c.b, got, c.want)
		}
	}
	// The normal distribution takes over without a jump.
	many := func(n int, shift float64) (out Timing) {
		for i := range n {
			out = append(out, float64(i)*1.0001+shift)
		}
		return out
	}
	exact, normal := MannWhitney(many(30, 0), many(30, 7.5)), MannWhitney(many(31, 0), many(30, 7.5))
	if !(math.Abs(exact-normal) <= 0.02) || !(exact < 0.1) {
		t.Errorf("%.4f exactly, %.4f by the normal distribution", exact, normal)
	}
}
