package motif

import (
	"slices"

	"oneiro/internal/noise"
)

type colour [3]float32

// ramp is the colours of a material from tone 0 to 1.
type ramp [64]colour

func (p *ramp) at(tone float64) colour { return p[int(noise.Clamp(tone)*(float64(len(p))-0.5))] }

// palette draws a ramp for each ink: natural colours in half of all pictures, otherwise any that differ from
// those of the ink before.
func palette(inks []ink, r *rng) []ramp {
	natural := inks != nil && r.chance(0.5)
	ramps := make([]ramp, max(1, len(inks)))
	for i := range ramps {
		if natural {
			ramps[i] = blend([]colour{near(rgb(inks[i].from), r), near(rgb(inks[i].to), r)}, nil)
		} else {
			ramps[i] = anyRamp(r)
			for i > 0 && distance(ramps[i].at(0.5), ramps[i-1].at(0.5)) < 0.25 {
				ramps[i] = anyRamp(r)
			}
		}
	}
	return ramps
}

func rgb(hex uint32) colour {
	return colour{float32(hex>>16&255) / 255, float32(hex>>8&255) / 255, float32(hex&255) / 255}
}

// near returns a colour similar to c.
func near(c colour, r *rng) colour {
	light := float32(r.between(0.85, 1.15))
	for i := range c {
		c[i] = c[i]*light + float32(r.between(-0.08, 0.08))
	}
	return c
}

func anyColour(r *rng) colour {
	return colour{float32(r.between(0, 1)), float32(r.between(0, 1)), float32(r.between(0, 1))}
}

// anyRamp returns a ramp of two to five colours, which may be related and mostly get lighter or darker.
func anyRamp(r *rng) ramp {
	stops := make([]colour, r.whole(2, 5))
	common, kin := anyColour(r), r.chance(0.5)
	ordered, last := r.chance(0.65), float32(len(stops)-1)
	for i := range stops {
		c := anyColour(r)
		if kin {
			c = mixColour(c, common, 0.5)
		}
		if ordered {
			shift := 0.9*float32(i)/last + 0.05 - luma(c)
			for k := range c {
				c[k] += 0.8 * shift
			}
		}
		stops[i] = c
	}
	if r.chance(0.3) {
		slices.Reverse(stops)
	}
	return blend(stops, r)
}

// blend interpolates colours over a ramp, sometimes unevenly if r is not nil.
func blend(stops []colour, r *rng) (p ramp) {
	at := make([]float64, len(stops))
	for i := range at {
		at[i] = float64(i) / float64(len(at)-1)
	}
	if r != nil && r.chance(0.3) {
		for i := 1; i < len(at)-1; i++ {
			at[i] = r.between(0, 1)
		}
		slices.Sort(at)
	}
	k := 0
	for i := range p {
		t := float64(i) / float64(len(p)-1)
		for k < len(at)-2 && t > at[k+1] {
			k++
		}
		p[i] = mixColour(stops[k], stops[k+1], float32(noise.Clamp((t-at[k])/max(at[k+1]-at[k], 1e-6))))
		for j, v := range p[i] {
			p[i][j] = min(max(v, 0), 1)
		}
	}
	return p
}

// distance returns the largest difference of red, green or blue.
func distance(a, b colour) float32 {
	var d float32
	for i := range a {
		d = max(d, a[i]-b[i], b[i]-a[i])
	}
	return d
}

func luma(c colour) float32 { return 0.3*c[0] + 0.59*c[1] + 0.11*c[2] }

func mixColour(a, b colour, t float32) colour {
	for i := range a {
		a[i] += (b[i] - a[i]) * t
	}
	return a
}
