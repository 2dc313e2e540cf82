package render

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/colour"
)

// TestShares checks the lengths of what is mixed.
func TestShares(t *testing.T) {
	for _, c := range []struct{ aa, ab, bb, want, length float64 }{
		{0.9, 0.1, 1, 1, 1}, {0.9, -0.2, 4, 1, 1}, {0, 0, 1, 0.25, 0.25}, // enough is there
		{4, 1, 1, 1, 1},                 // too long
		{0.25, 0.5, 1, 9, 0.25 + 1 + 1}, // all of the second is too little
		{0.5, 0, 0, 1, 0.5}, {0, 0, 0, 0, 0}, {1, 1, 1, 0, 0},
	} {
		k, g := shares(c.aa, c.ab, c.bb, c.want)
		keep, add := float64(k), float64(g)
		if length := keep*keep*c.aa + 2*keep*add*c.ab + add*add*c.bb; !(math.Abs(length-c.length) < 1e-6) ||
			!(keep >= 0 && keep <= 1 && add >= 0 && add <= 1) {
			t.Errorf("%+v: %g and %g, which has a square of %g", c, keep, add, length)
		}
	}
}

// TestStrength makes a residual as strong as it was in each band, whichever it has too much or too little
// of.
func TestStrength(t *testing.T) {
	size := Size{44, 30}
	r := rand.New(rand.NewPCG(1, 2))
	noise := func(fine, coarse float32) []float32 {
		l := newLaplacian(size)
		x := make([]float32, l.len())
		for k, level := range l.levels(x) {
			for i := range level {
				if level[i] = coarse * float32(r.NormFloat64()); k == 0 {
					level[i] = fine * float32(r.NormFloat64())
				}
			}
		}
		return l.Forward(x)
	}
	frame, dream := make([]float32, size.values()), noise(0.02, 0.03)
	seen := make([]float32, size.W*size.H)
	for i := range seen {
		seen[i] = 1
	}
	h := newHold(frame, dream, size, nil)
	for _, light := range []float64{1, 0.7} {
		old := noise(0.005, 0.08)
		for range 4 { // frames
			h.strength(old, noise(0.1, 0.1), seen, light)
		}
		now := newHold(frame, old, size, nil)
		for k, want := range h.energy {
			if want *= light * light; !(math.Abs(now.energy[k]-want) < 0.25*want) {
				t.Errorf("light %g: band %d has an energy of %g, want %g", light, k, now.energy[k], want)
			}
		}
	}
	// Of a frame of which half was seen, only that half is held.
	old := noise(0.005, 0.08)
	for i := range seen {
		if i%size.W < size.W/2 {
			seen[i], old[3*i], old[3*i+1], old[3*i+2] = 0, 0, 0, 0
		}
	}
	fresh := make([]float32, len(frame))
	for range 4 {
		h.strength(old, fresh, seen, 1)
	}
	now, want := newHold(frame, old, size, nil).energy[holdBands-1], h.energy[holdBands-1]/2
	if !(now < 1.2*want) {
		t.Errorf("of half a frame: energy %g, want %g", now, want)
	}
}

// TestHeldColours lets a dream drift and the light of the clip change: what the first dream did to colours
// is done to those that the frame has now.
func TestHeldColours(t *testing.T) {
	size := Size{40, 30}
	frame, dream := landscape(40, 30, 1).Pix, make([]float32, size.values())
	change := func(p []float32) {
		p[0], p[1], p[2] = 0.9*p[0]+0.03, 0.8*p[1]+0.1*p[0], 0.85*p[2]+0.02
	}
	copy(dream, frame)
	for i := 0; i < len(dream); i += 3 {
		change(dream[i : i+3])
	}
	h := newHold(frame, dream, size, nil)
	now, drifted := make([]float32, len(frame)), make([]float32, len(frame))
	for i, v := range frame {
		now[i] = 0.8 * v
	}
	copy(drifted, now)
	for i := 0; i < len(drifted); i += 3 {
		change(drifted[i : i+3])
		drifted[i], drifted[i+1] = drifted[i]*0.9+0.05, drifted[i+1]*1.05-0.02
	}
	of := colour.Of(now, nil, size.W)
	if now, want := h.wanted(h.from), colour.Of(dream, nil, size.W); !(now.Distance(want) < 1e-4) {
		t.Errorf("of the first frame %v are wanted, not %v", now, want)
	}
	if l := h.light(of); !(math.Abs(l-0.8) < 1e-3) {
		t.Errorf("light of %g", l)
	}
	if l := h.light(colour.Of(dream, nil, size.W)); !(l > 0.8 && l < 1) {
		t.Errorf("light of %g", l)
	}
	h.colours(drifted, of)
	got, want := colour.Of(drifted, nil, size.W), h.wanted(of)
	if d := got.Distance(want); !(d < 1e-4) {
		t.Errorf("%g from the colours that were wanted", d)
	}
	for c := range 3 {
		first := colour.Of(dream, nil, size.W).Mean[c] - h.from.Mean[c]
		if now := got.Mean[c] - of.Mean[c]; !(math.Abs(now-0.8*first) < 1e-3) {
			t.Errorf("channel %d changes by %g, and at first by %g", c, now, first)
		}
	}
}
