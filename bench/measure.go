package bench

import (
	"context"
	"math"
	"slices"
	"time"
)

// Effort says how long to measure.
type Effort struct {
	// Rounds is how often each instance is measured.
	Rounds int
	// Limit is the time after which no more rounds begin. If running everything once to warm up has
	// taken as long, that was the only round; otherwise there is at least one more.
	Limit time.Duration
}

// Timing holds the seconds that a run took in each round.
type Timing []float64

// Median returns the median, the mean of the middle two if there are as many on both sides.
func (t Timing) Median() float64 {
	s := slices.Sorted(slices.Values(t))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// Spread returns the distance from the least to the largest as a fraction of the median.
func (t Timing) Spread() float64 { return (slices.Max(t) - slices.Min(t)) / t.Median() }

// shortest is how long a round takes at least: runs that are shorter are repeated.
const shortest = 20 * time.Millisecond

// Measure runs the instances in turn, A B A B, so that what else goes on in the machine hits all of
// them, and returns the timing of each. The error is that of a run.
func Measure(ctx context.Context, list []*Instance, e Effort) ([]Timing, error) {
	start := time.Now()
	timings, repeat := make([]Timing, len(list)), make([]int, len(list))
	for i, in := range list {
		took, err := clock(ctx, in, 1)
		if err != nil {
			return nil, err
		}
		timings[i] = Timing{took.Seconds()}
		repeat[i] = 1 + int(shortest/max(took, 1))
	}
	if time.Since(start) >= e.Limit {
		return timings, nil
	}
	for i := range timings {
		timings[i] = nil
	}
	for round := 0; round < max(e.Rounds, 1) && (round == 0 || time.Since(start) < e.Limit); round++ {
		for i, in := range list {
			took, err := clock(ctx, in, repeat[i])
			if err != nil {
				return nil, err
			}
			timings[i] = append(timings[i], took.Seconds()/float64(repeat[i]))
		}
	}
	return timings, nil
}

func clock(ctx context.Context, in *Instance, runs int) (time.Duration, error) {
	start := time.Now()
	for range runs {
		if err := in.Run(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// Ratios returns, round by round, how many times as long a took as b.
func Ratios(a, b Timing) Timing {
	out := make(Timing, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

// Distance returns how far the outputs of two instances of one workload are from each other: the
// largest difference and the root mean square of the differences, in units of the root mean square of
// a's output, for the output where they are largest. NaN anywhere gives NaN.
func Distance(a, b *Instance) (most, rms float64) {
	other := b.Outputs()
	for i, x := range a.Outputs() {
		var largest, differences, squares float64
		for j, v := range x {
			d := math.Abs(float64(v) - float64(other[i][j]))
			largest = max(largest, d) // NaN if either is
			differences += d * d
			squares += float64(v) * float64(v)
		}
		if largest != 0 {
			most = max(most, largest/math.Sqrt(squares/float64(len(x))))
			rms = max(rms, math.Sqrt(differences/squares))
		}
	}
	return most, rms
}
