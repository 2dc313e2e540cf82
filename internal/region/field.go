package region

import "math"

// insideFrom is how much of a receptive field has to lie inside a region for its position to count at all. At a
// straight edge it is a half.
const insideFrom = 0.5

// Inside returns how much each of w x h positions of a layer counts as inside, 0 to 1. part says how much
// each is part of a region, and field is the size of the receptive field in positions, down and across. A
// position counts fully if its field lies inside, and less the more of the field lies outside, down to not at
// all at an edge. Gatys et al. ("Controlling Perceptual Factors in Neural Style Transfer", arXiv:1611.07865,
// spatial control) either count a position or do not. The field is taken for as dense as a network's is,
// which is a bell (Luo et al., arXiv:1701.04128): a quadratic B-spline of its width. What lies outside of the
// picture is neither.
func Inside(part []float32, w, h int, field [2]float64) []float32 {
	covered := Blur(part, w, h, field)
	for i, v := range covered {
		covered[i] = max(v-insideFrom, 0) / (1 - insideFrom)
	}
	return covered
}

// Blur returns w x h values averaged with a quadratic B-spline of some width, down and across. What lies
// outside has no part in it. Where values are the same within the width, they stay what they are.
func Blur(values []float32, w, h int, width [2]float64) []float32 {
	out := make([]float32, len(values))
	line := make([]float32, max(w, h))
	taps := spline(width[1])
	for y := range h {
		row := values[y*w:][:w]
		average(out[y*w:][:w], row, taps)
	}
	taps = spline(width[0])
	column := make([]float32, h)
	for x := range w {
		for y := range h {
			column[y] = out[y*w+x]
		}
		average(line[:h], column, taps)
		for y := range h {
			out[y*w+x] = line[y]
		}
	}
	return out
}

// average sets dst to weighted averages of src. taps are the weights at the distances 0, 1 and so on.
func average(dst, src []float32, taps []float64) {
	n := len(src)
	for i := range dst {
		lo, hi := max(i-len(taps)+1, 0), min(i+len(taps), n)
		var sum, all float64
		for j := lo; j < hi; j++ {
			t := taps[max(i-j, j-i)]
			sum += t * float64(src[j])
			all += t
		}
		dst[i] = float32(sum / all)
	}
}

// spline returns a quadratic B-spline of a width at the distances 0, 1 and so on.
func spline(width float64) []float64 {
	taps := []float64{0.75}
	for k := 1.0; ; k++ {
		x := 3 * k / width
		switch {
		case !(x < 1.5):
			return taps
		case x < 0.5:
			taps = append(taps, 0.75-x*x)
		default:
			taps = append(taps, 0.5*math.Pow(1.5-x, 2))
		}
	}
}
