package bench

import (
	"math"
	"slices"
)

// MannWhitney returns the probability that two sets of measurements of the same thing differ in rank by as
// much as a and b, in either direction: below 0.05 a difference is called significant (Mann and Whitney, "On
// a test of whether one of two random variables is stochastically larger than the other", 1947). The
// distribution is exact, ties included, up to 60 measurements, and normal beyond that.
func MannWhitney(a, b Timing) float64 {
	n, m := len(a), len(b)
	if n == 0 || m == 0 {
		return 1
	}
	ranks := doubledRanks(a, b)
	sum := 0
	for _, r := range ranks[:n] {
		sum += r
	}
	mean := n * (n + m + 1) // of doubled ranks
	if n+m > 60 {
		deviation := math.Sqrt(float64(n*m*(n+m+1)) / 3) // doubled, as the ranks are
		return math.Erfc(math.Abs(float64(sum-mean)) / deviation / math.Sqrt2)
	}
	// ways[k][s] is how many choices of k ranks add up to s.
	total := 0
	for _, r := range ranks {
		total += r
	}
	ways := make([][]float64, n+1)
	for k := range ways {
		ways[k] = make([]float64, total+1)
	}
	ways[0][0] = 1
	for _, r := range ranks {
		for k := n; k > 0; k-- {
			for s := total; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	var all, extreme float64
	distance := max(sum-mean, mean-sum)
	for s, w := range ways[n] {
		all += w
		if max(s-mean, mean-s) >= distance {
			extreme += w
		}
	}
	return extreme / all
}

// doubledRanks returns twice the rank of each number of a and then b among all of them, counted from 1. Equal
// numbers share the mean of their ranks, which is why it is doubled.
func doubledRanks(a, b Timing) []int {
	sorted := slices.Sorted(slices.Values(slices.Concat(a, b)))
	ranks := make([]int, 0, len(sorted))
	for _, v := range slices.Concat(a, b) {
		first, _ := slices.BinarySearch(sorted, v)
		last := first
		for last+1 < len(sorted) && sorted[last+1] == v {
			last++
		}
		ranks = append(ranks, first+last+2)
	}
	return ranks
}
