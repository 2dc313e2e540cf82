package motif

import (
	"math"

	"oneiro/internal/noise"
)

// butterfly spreads its wings: veins, a dark border with spots, eyespots.
func butterfly(r *rng) shader {
	type wing struct{ sin, cos, long, wide, belly, round, at, spot float64 }
	var wings [2]wing
	for i, w := range [2]struct{ up, down, long, wide float64 }{
		{-0.85, -0.55, 1.2, 0.42}, {0.6, 0.95, 0.95, 0.4},
	} {
		s, c := math.Sincos(r.between(w.up, w.down))
		wings[i] = wing{s, c, w.long * r.between(0.88, 1), w.wide * r.between(0.85, 1.15),
			r.between(0.6, 0.75), r.between(0.3, 1), r.between(0.55, 0.72), r.between(0.08, 0.17)}
	}
	border, veins, beads := r.between(0.08, 0.25), float64(r.whole(3, 6)), float64(r.whole(8, 16))
	spots, glow, body := r.whole(1, 3), r.between(0.2, 0.6), r.between(0.05, 0.09)
	return func(x, y float64) point {
		m := math.Abs(x)
		feeler, _ := segment(m, y, 0.03, -0.4, 0.28, -0.85)
		if math.Hypot(x/body, (y-0.05)/0.5) < 1 || feeler < 0.02 || math.Hypot(m-0.28, y+0.85) < 0.045 {
			return point{solid: true, ink: 1, tone: 0.3 + 0.4*zigzag(7*y), height: 0.2 * dome(x/body)}
		}
		for i, w := range wings {
			along, across := w.cos*m+w.sin*y, w.cos*y-w.sin*m
			t := along / w.long
			half := w.wide * blade(t, w.belly, w.round)
			if math.Abs(across) > half {
				continue
			}
			eye := math.Hypot(along-w.at*w.long, across) / w.spot
			inside := min(1-math.Abs(across)/half, 3*(1-t))
			switch {
			case spots>>i&1 == 1 && eye < 0.4:
				return point{solid: true, ink: 1}
			case spots>>i&1 == 1 && eye < 0.75:
				return point{solid: true, ink: 2, tone: 1}
			case spots>>i&1 == 1 && eye < 1:
				return point{solid: true, ink: 1, tone: 0.2}
			case inside < border && t > 0.3 && inside > 0.35*border &&
				zigzag(beads*across/(w.wide+along)) > 0.6:
				return point{solid: true, ink: 2, tone: 0.9}
			case inside < border || zigzag(veins*across/(along+0.15)) > 0.9:
				return point{solid: true, ink: 1, tone: 0.2}
			}
			return point{solid: true, tone: 0.9 - glow*t + 0.2*float64(i)*t, height: 0.1 * inside}
		}
		return point{}
	}
}

// fish faces left or right: scales, stripes or bands, fins with rays, a tail.
func fish(r *rng) shader {
	tall, belly, round := r.between(0.25, 0.55), r.between(0.35, 0.5), r.between(0.3, 1)
	spread, fork := r.between(0.7, 1.1), r.between(0, 0.3)
	fin, finAt, finLong := r.between(0.12, 0.35), r.between(0.2, 0.4), r.between(0.4, 0.6)
	look, count, phase := r.whole(0, 2), r.between(2, 5), r.between(0, 1)
	scales, eyeR, gill := r.between(7, 12), r.between(0.06, 0.11), r.between(0.26, 0.34)
	return func(x, y float64) point {
		t := (x + 0.95) / 1.45
		half := tall * blade(t, belly, round)
		m := math.Abs(y)
		eyeX, eyeY := x+0.67, y+0.15*tall
		switch eye := math.Hypot(eyeX, eyeY); {
		case eye < 0.55*eyeR:
			return point{solid: true, ink: 3, height: 0.1}
		case eye < eyeR:
			return point{solid: true, ink: 3, tone: 1, height: 0.1}
		case m >= max(half, 0.07) || t < 0 || t > 1:
			tail := (x - 0.38) * spread
			switch {
			case x > 0.38 && m < min(tail, 0.55) && x < 1-fork*(1-m/0.55):
				return point{solid: true, ink: 2, tone: 0.4 + 0.5*zigzag(8*y/(x-0.2)), height: 0.05}
			case m < half+fin*blade((t-finAt)/finLong, 0.35, 0.6)*noise.Lerp(1, 0.5, noise.Step(-0.1, 0.1, y)):
				return point{solid: true, ink: 2, tone: 0.4 + 0.5*zigzag(9*(x-0.5*m)), height: 0.05}
			}
			return point{}
		case t < 0.14 && math.Abs(y-0.25*tall*(1-4*t)) < 0.016:
			return point{solid: true, ink: 3}
		}
		p := point{solid: true, tone: 0.55 - 0.45*y/tall, height: 0.35 * tall * dome(y/(half+0.02))}
		if t < gill-0.05*y*y/(tall*tall) {
			if t > gill-0.025 {
				p.tone = 0
			}
			return p
		}
		if math.Hypot((x+0.25)/0.17, (y-0.25*tall)/(0.35*tall)) < 1 {
			return point{solid: true, ink: 2, tone: 0.4 + 0.5*zigzag(12*(y-0.25*tall)), height: 0.2}
		}
		// scales are discs; each row overlaps the next and is shifted by half
		row := math.Floor(scales * x)
		u, v := frac(scales*y+0.5*parity(row))-0.5, frac(scales*x)
		p.tone += 0.3*noise.Step(0.35, 0.6, math.Hypot(u, v-0.1)) - 0.15
		if look == 0 && frac(count*t+phase) < 0.4 || look == 1 && frac(count*0.6*y/tall+phase) < 0.4 {
			p.ink = 1
		}
		return p
	}
}

// bird stands facing left or right. Neck, beak and legs make it a sparrow, a duck or a heron.
func bird(r *rng) shader {
	long, fat, tilt := r.between(0.4, 0.52), r.between(0.24, 0.34), r.between(0.1, 0.6)
	legs := r.between(0.15, 0.5)
	midY := 0.95 - legs - fat
	neck, head := r.between(0.25, 0.6), r.between(0.15, 0.22)
	headX, headY := -0.32-0.1*neck, midY-fat-neck
	headY = max(headY, -0.8)
	beak, deep, hook := r.between(0.16, 0.45), r.between(0.06, 0.11), r.between(0, 0.6)
	throat, fan, rows := r.between(0.09, 0.14), r.between(0.1, 0.4), r.between(5, 9)
	breast, cap, eyeR := r.between(-0.1, 0.3), r.chance(0.4), r.between(0.035, 0.06)
	sin, cos := math.Sincos(tilt)
	return func(x, y float64) point {
		hx, hy := x-headX, y-headY
		if eye := math.Hypot(hx+0.3*head, hy+0.2*head); eye < eyeR {
			return point{solid: true, ink: 3, tone: 0, height: 0.1}
		} else if eye < 1.5*eyeR {
			return point{solid: true, ink: 3, tone: 1, height: 0.1}
		}
		ahead := (-hx - 0.8*head) / beak
		if ahead > 0 && ahead < 1 && math.Abs(hy-hook*beak*ahead*ahead) < deep*(1-ahead) {
			return point{solid: true, ink: 2, tone: 0.8 - 0.6*noise.Step(0.015, 0, math.Abs(hy-0.01))}
		}
		u, v := cos*(x-0.08)+sin*(y-midY), cos*(y-midY)-sin*(x-0.08)
		t := (u + 0.32) / (long + 0.42) // along the wing
		wing := 0.72 * fat * blade(t, 0.35, 0.4)
		if w := math.Abs(v + 0.06); w < wing {
			p := point{solid: true, ink: 1, tone: 0.25 + 0.5*frac(rows*(t+0.3*v)), height: 0.15}
			if wing-w < 0.025 {
				p.tone = 0
			}
			return p
		}
		throatD, _ := segment(x, y, headX, headY, -0.22, midY)
		body := math.Hypot(u/long, v/fat)
		switch {
		case math.Hypot(hx, hy) < head, throatD < throat, body < 1:
			p := point{solid: true, tone: 0.35 - 0.3*v, height: 0.3 * fat * dome(min(body, throatD/throat))}
			if v > breast*fat && body < 1 {
				p.tone = 0.9 - 0.3*v
			}
			if cap && hy < -0.35*head {
				p.ink, p.tone = 1, 0.3
			}
			return p
		case u > 0 && u < long+0.42 && math.Abs(v+0.05) < 0.07+fan*max(0, u-0.4):
			return point{solid: true, ink: 1, tone: 0.2 + 0.5*zigzag(14*v)}
		case y > midY && y < 0.97 && math.Abs(math.Abs(x-0.05)-0.1) < 0.022,
			y > 0.92 && y < 0.97 && math.Abs(math.Abs(x)-0.1) < 0.1:
			return point{solid: true, ink: 2, tone: 0.4}
		}
		return point{}
	}
}

// snake is seen from above, coiled or winding, with a pattern along its back.
func snake(r *rng) shader {
	coiled := r.chance(0.6)
	turns, fat := r.between(1.8, 3), r.between(0.62, 0.85)
	pitch, swing, waves, thick := 0.8/turns, r.between(0.3, 0.5), r.between(3, 5.5), r.between(0.12, 0.18)
	marks, look, share, scales := r.between(2.5, 5), r.whole(0, 2), r.between(0.3, 0.55), r.between(12, 18)
	tongue := r.between(0.12, 0.25)
	headX, headY, wide := -0.8, -0.1, r.between(0.8, 1)*min(0.5*pitch, 0.18)
	if !coiled {
		headX, headY, wide = swing*math.Sin(-0.75*waves), -0.78, 1.1*thick
	}
	return func(x, y float64) point {
		hx, hy := math.Abs(x-headX), y-headY
		tip := -hy - 1.4*wide
		switch {
		case math.Hypot(hx-0.55*wide, hy+0.5*wide) < 0.26*wide:
			return point{solid: true, ink: 2, tone: 0, height: 0.3}
		case math.Hypot(hx/wide, hy/(1.5*wide)) < 1:
			return point{solid: true, tone: 0.9 - 0.4*hx/wide, height: 0.2 + 0.5*wide*dome(hx/wide)}
		case tip > 0 && tip < tongue && math.Abs(hx-max(0, 0.8*(tip-0.6*tongue))) < 0.018:
			return point{solid: true, ink: 2, tone: 0.9}
		}
		var s, v float64 // along the body and, -1..1, across it
		if coiled {
			q, a := polar(x, y)
			u := q/pitch - turns - (a-math.Pi)/(2*math.Pi)
			k := math.Round(u)
			angle := a - math.Pi + 2*math.Pi*(turns+k)
			if k > 0 || angle < 0 {
				return point{}
			}
			s, v = pitch*angle*angle/(4*math.Pi), 2*(u-k)/(fat*noise.Step(-1, 3, angle))
		} else {
			if y < -0.8 || y > 1 {
				return point{}
			}
			sin, cos := math.Sincos(waves * y)
			slope := swing * waves * cos
			s = y * 2
			v = (x - swing*sin) / math.Sqrt(1+slope*slope) / (thick * noise.Step(1.1, 0, y))
		}
		m := math.Abs(v)
		if m > 1 {
			return point{}
		}
		p := point{solid: true, tone: 0.75 - 0.5*m*m + 0.12*zigzag(scales*(s+0.08*m)), height: 0.15 * dome(v)}
		d := math.Abs(frac(marks*s) - 0.5)
		if look == 0 && 2*d+m < 0.5+share || look == 1 && d < 0.5*share ||
			look == 2 && math.Abs(v-0.5*(zigzag(marks*s)-0.5)) < 0.5*share {
			p.ink = 1
		}
		return p
	}
}
