package film

import (
	"math"
	"slices"
	"sort"
)

// timing is how pictures that are shown for times of their own become frames at a constant rate.
type timing struct {
	rate   Rational
	frames int
	until  []int64 // when each picture ends, in microseconds; nil if each is one frame
	step   float64 // the time of a frame
}

// Times in microseconds.
const (
	second      = 1_000_000
	centisecond = 10_000
	// hasty is a time that no program that shows animations keeps to: they take usual for it instead.
	hasty = 10_000
	usual = 100_000
)

// newTiming finds a rate for pictures that are shown for so many microseconds each. If no two differ by
// more than a hundredth of a second, as the rounding of GIF makes them, each is a frame. Else the time of a
// frame is the greatest that divides all, or the shortest of them if that is less than a fiftieth of a
// second.
func newTiming(delays []int64) timing {
	times := slices.Clone(delays)
	var total int64
	shared := 0
	for i, d := range times {
		if d <= hasty {
			d = usual
		}
		times[i] = d
		total += d
		shared = gcd(shared, int(d))
	}
	least, most := slices.Min(times), slices.Max(times)
	n := len(times)
	if most-least <= centisecond {
		slack := int64(0)
		if most > least {
			slack = centisecond / 2
		}
		return timing{rate: rateBetween(n, total-slack, total+slack), frames: n}
	}
	t := timing{until: times}
	step := int64(shared)
	if step < second/50 {
		step = least
	}
	t.step = float64(step)
	for i := 1; i < n; i++ {
		t.until[i] += t.until[i-1]
	}
	t.rate = RationalOf(second / t.step)
	t.frames = int(math.Round(float64(total) / t.step))
	return t
}

// rateBetween returns the rate at which n frames take between two times: a whole number if there is one.
func rateBetween(n int, least, most int64) Rational {
	low, high := float64(n)*second/float64(most), float64(n)*second/float64(least)
	middle := (low + high) / 2
	if whole := math.Round(middle); whole >= low && whole <= high && whole >= 1 {
		return Rational{int(whole), 1}
	}
	return RationalOf(middle)
}

// picture returns which one is shown in the middle of a frame.
func (t *timing) picture(frame int) int {
	if t.until == nil {
		return frame
	}
	at := int64((float64(frame) + 0.5) * t.step)
	i := sort.Search(len(t.until), func(i int) bool { return t.until[i] > at })
	return min(i, len(t.until)-1)
}
