package motif

import (
	"math"

	"oneiro/internal/noise"
)

// spiral has one to three arms, Archimedean or growing.
func spiral(r *rng) shader {
	arms := float64(r.whole(1, 3))
	if r.chance(0.5) {
		arms = -arms
	}
	growing, rate := r.chance(0.5), r.between(0.7, 1.5)
	turns := r.between(2, 3.8)
	sharp, disc := r.chance(0.5), r.chance(0.6)
	return func(x, y float64) point {
		q, a := polar(x, y)
		if disc && q > 1 {
			return point{}
		}
		t := q * turns
		if growing {
			t = math.Log(q+0.01) * rate * 1.6
		}
		v := zigzag(arms*a/(2*math.Pi) + t)
		if sharp {
			v = noise.Step(0.3, 0.7, v)
		}
		return point{solid: true, tone: v, height: 0.12 * v}
	}
}

// mandala is a disc of rings, each of one figure repeated.
func mandala(r *rng) shader {
	type ring struct {
		from, wide, n, shift, round float64
		kind, ground, figure        int
		flip                        bool
	}
	rings := make([]ring, r.whole(3, 5))
	fold, total := float64(r.whole(4, 9)), 0.0
	for i := range rings {
		g := &rings[i]
		*g = ring{from: total, wide: r.between(0.6, 1.4), n: fold * float64(r.whole(1, 2)),
			shift: 0.5 * float64(r.whole(0, 1)), round: r.between(0, 1),
			kind: r.whole(0, 4), ground: r.whole(0, 2), flip: r.chance(0.5)}
		g.figure = (g.ground + r.whole(1, 2)) % 3
		if i > 1 {
			g.n = fold * float64(r.whole(2, 3))
		}
		total += g.wide
	}
	for i := range rings {
		rings[i].from, rings[i].wide = rings[i].from/total, rings[i].wide/total
	}
	line, lacy := r.between(0.01, 0.025), r.chance(0.6)
	last := len(rings) - 1
	return func(x, y float64) point {
		q, a := polar(x, y)
		i := 0
		for i < last && q > rings[i+1].from {
			i++
		}
		g := &rings[i]
		s := (q - g.from) / g.wide
		u := zigzag(g.n*a/(2*math.Pi) + g.shift) // 0 in the middle of the figure, 1 at its side
		rest := q - g.from
		if g.flip && i < last {
			s = 1 - s
		}
		arc := math.Pi * (g.from + g.wide/2) / g.n // half the width of a figure
		in := 0.0                                  // distance inside the figure, as a fraction of its width
		switch g.kind {
		case 0:
			in = 0.92*blade(s, 0.5, g.round) - u
		case 1:
			in = 0.8 - 2*math.Hypot(u*arc, (s-0.5)*g.wide)/min(2*arc, g.wide)
		case 2:
			in = 1 - s - u
		case 3:
			in = dome(u) - s
		case 4:
			in = 0.5 - math.Abs(s-u)
		}
		switch {
		case q > 1, lacy && i == last && in < 0 && !g.flip:
			return point{}
		case rest < line && i > 0, math.Abs(in)*arc < 0.008, q > 1-line:
			return point{solid: true, ink: 3, tone: 0.5}
		case in > 0:
			return point{solid: true, ink: g.figure, tone: 0.4 + in, height: 0.1 * in}
		}
		return point{solid: true, ink: g.ground, tone: 0.2 + 0.4*s}
	}
}

// star has four to eight rays: smooth, cut in facets, or with stripes along its edge.
func star(r *rng) shader {
	n := r.whole(4, 8)
	if r.chance(0.5) {
		n = 5
	}
	inner := r.between(0.34, 0.55) + 0.02*float64(n-5)
	s, c := math.Sincos(math.Pi / float64(n))
	// the edge goes from the tip at (1, 0) to the notch between two rays
	dx, dy := inner*c-1, inner*s
	long := math.Hypot(dx, dy)
	look, rim, stripes, facet := r.whole(0, 2), r.between(0.04, 0.12), r.between(4, 9), r.between(0.15, 0.35)
	round := r.between(0, 0.05)
	return func(x, y float64) point {
		fx, fy, _ := sector(x, y, n)
		in := ((1-fx)*dy + math.Abs(fy)*dx) / long
		if in < round*noise.Step(0.7, 1, fx) {
			return point{}
		}
		p := point{solid: true, tone: 0.6, height: 0.6 * in}
		switch {
		case look != 2 && in < rim:
			p.ink, p.tone = 1, 0.4
		case look == 0:
			p.tone = 0.5 + math.Copysign(facet, fy)
		case look == 1:
			p.tone = 0.95 - 0.8*math.Hypot(x, y)
		case frac(in*stripes) > 0.5:
			p.ink = 1
		}
		return p
	}
}

// heart is glossy, divided in half, or a heart within a heart.
func heart(r *rng) shader {
	wide, tall, sag := r.between(0.85, 1.15), r.between(0.85, 1.1), r.between(-0.1, 0.25)
	look, rim, stripes := r.whole(0, 2), r.between(0, 0.1), r.between(3, 6)
	gloss, glossX, glossY := r.between(0.06, 0.14), r.between(0.35, 0.5), r.between(-0.5, -0.4)
	return func(x, y float64) point {
		u, v := math.Abs(x)*0.6/wide, 0.55-0.6*y/tall
		v += sag * u * (0.5 - u)
		// distance after Quilez: of a quarter of a circle and the square below it
		var in float64
		if u+v > 1 {
			in = math.Sqrt2/4 - math.Hypot(u-0.25, v-0.75)
		} else {
			d := max(u+v, 0) / 2
			in = math.Copysign(min(math.Hypot(u, v-1), math.Hypot(u-d, v-d)), v-u)
		}
		if in < 0 {
			return point{}
		}
		p := point{solid: true, tone: 0.35 + 1.5*in, height: 0.5 * math.Sqrt(in)}
		switch {
		case in < rim:
			p.ink, p.tone = 1, 0.3
		case look == 0 && math.Hypot((x+glossX)*0.8+(y-glossY)*0.4, (y-glossY)*1.2-(x+glossX)*0.5) < gloss:
			p.ink, p.tone = 1, 1
		case look == 1 && x > 0:
			p.tone -= 0.3
		case look == 2 && frac(in*2*stripes) > 0.5:
			p.ink = 1
		}
		return p
	}
}
