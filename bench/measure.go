package bench

import (
	"context"
	"math"
	"slices"
	"time"
)

// Effort is how long to measure.
type Effort struct {
	// Rounds is how often each instance is measured.
	Rounds int
	// Limit is the time after which no more rounds begin. If the warm-up, one run of everything, takes
	// as long, it is the only round; otherwise there is at least one more.
	Limit time.Duration
}

// Timing holds the seconds that a run took in each round.
type Timing []float64

// Median returns the median, of an even number the mean of the middle two.
func (t Timing) Median() float64 {
	s := slices.Sorted(slices.Values(t))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// Spread returns the distance from the smallest to the largest as a fraction of the median.
func (t Timing) Spread() float64 { return (slices.Max(t) - slices.Min(t)) / t.Median() }

// shortest is the least duration of a round: shorter runs are repeated.
const shortest = 20 * time.Millisecond

// Measure runs the instances in turn, A B A B, so that disturbances affect all of them, and returns the
// timing of each. The error is that of a run.
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

// Ratios returns the time of a over that of b in each round.
func Ratios(a, b Timing) Timing {
	out := make(Timing, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

// Distance compares the outputs of two instances of a workload. It returns the largest difference and the
// root mean square of the differences, both relative to the root mean square of a's output, for the output
// where they are largest. NaN anywhere gives NaN.
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
