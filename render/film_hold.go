package render

import (
	"math"

	"oneiro/colour"
)

// hold is what the first dream of a shot was like, to which the other frames of the shot are held: without
// it a dream gets stronger from frame to frame until nothing is left of the film, and colours drift.
type hold struct {
	size    Size
	weights []float32 // how much each pixel may change, nil for all of it
	from    colour.Statistics
	change  colour.Map // of colours, from the frame of the film to the dream
	// energy is the mean square of the residual, the dream less the frame, in each of the bands.
	energy [holdBands]float64
}

// holdBands are the levels of a pyramid whose energies are held: the finest ones each by itself and the
// rest together, since warping takes fine detail away.
const holdBands = 4

// newHold returns what the dream of a frame is like.
func newHold(frame, dream []float32, size Size, weights []float32) *hold {
	h := &hold{size: size, weights: weights, from: colour.Of(frame, weights, size.W)}
	h.change = colour.Transfer(h.from, colour.Of(dream, weights, size.W))
	r := make([]float32, len(frame))
	for i, v := range dream {
		r[i] = v - frame[i]
	}
	l := newLaplacian(size)
	levels := l.levels(l.of(r))
	for k, x := range levels {
		h.energy[min(k, holdBands-1)] += product(x, x, k) / float64(len(frame))
	}
	return h
}

// product returns the sum of products of two levels k of pyramids, in which each number counts as the
// pixels of the picture that it stands for.
func product(a, b []float32, k int) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum * float64(int(1)<<(2*k))
}

// strength makes residuals as strong as in the first dream, in each band: it adds as much of fresh, at most
// all, to old, or makes old weaker. seen is how far each pixel was seen before; where not, there is nothing
// to hold. The result is in the place of old. light is how much weaker all has become. Bands are not quite
// independent of each other: where their shares differ much, energies come near to those that are wanted
// only from frame to frame.
func (h *hold) strength(old, fresh, seen []float32, light float64) {
	var share float64
	for _, c := range seen {
		share += float64(c) * float64(c)
	}
	l := newLaplacian(h.size)
	x, y := l.of(old), l.of(fresh)
	a, b := l.levels(x), l.levels(y)
	for band := range holdBands {
		end := band + 1
		if band == holdBands-1 {
			end = len(a)
		}
		var aa, ab, bb float64
		for k := band; k < min(end, len(a)); k++ {
			aa, ab, bb = aa+product(a[k], a[k], k), ab+product(a[k], b[k], k), bb+product(b[k], b[k], k)
		}
		keep, add := shares(aa, ab, bb, h.energy[band]*light*light*share*3)
		for k := band; k < min(end, len(a)); k++ {
			for i, v := range b[k] {
				a[k][i] = keep*a[k][i] + add*v
			}
		}
	}
	copy(old, l.Forward(x))
}

// shares returns how much of two vectors, whose products are aa, ab and bb, has a square of want: all of
// the first and as much of the second as it takes, or all of it, or if the first is too long only a part of
// that.
func shares(aa, ab, bb, want float64) (keep, add float32) {
	switch {
	case aa > want:
		return float32(math.Sqrt(want / aa)), 0
	case !(bb > 0):
		return 1, 0
	}
	return 1, float32(min((math.Sqrt(ab*ab+(want-aa)*bb)-ab)/bb, 1)) // aa + 2·g·ab + g²·bb = want
}

// light returns how much less contrast a frame has than the first, 0 to 1: where light goes out a dream
// gets weaker, too.
func (h *hold) light(frame colour.Statistics) float64 {
	trace := func(s colour.Statistics) float64 {
		return s.Covariance[0][0] + s.Covariance[1][1] + s.Covariance[2][2]
	}
	if !(trace(frame) < trace(h.from)) {
		return 1
	}
	return math.Sqrt(max(trace(frame), 0) / trace(h.from))
}

// wanted returns the mean and the covariance of colours for a dream of a frame with those of frame: the
// first dream's change is done to these, so that the clip's own changes of light and colour stay. The mean
// is shifted, and not mapped with the rest, since a dream with more contrast than its frame would
// exaggerate changes of light.
func (h *hold) wanted(frame colour.Statistics) colour.Statistics {
	out, light := h.change.Of(frame), h.light(frame)
	for c, v := range frame.Mean {
		out.Mean[c] = v + light*(h.change.To[c]-h.change.From[c])
	}
	return out
}

// colours gives a dream of a frame the colours that are wanted.
func (h *hold) colours(dream []float32, frame colour.Statistics) {
	to := colour.Transfer(colour.Of(dream, h.weights, h.size.W), h.wanted(frame))
	for i := 0; i < len(dream); i += 3 {
		p := dream[i : i+3]
		x, y, z := to.At(p[0], p[1], p[2])
		w := float32(1)
		if h.weights != nil {
			w = h.weights[i/3]
		}
		p[0], p[1], p[2] = p[0]+w*(x-p[0]), p[1]+w*(y-p[1]), p[2]+w*(z-p[2])
	}
}
