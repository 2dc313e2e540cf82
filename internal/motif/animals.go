package motif

import "math"

// feather is a quill with a vane of barbs, split here and there, plain, banded or with an eye.
func feather(r *Rand) Shader {
	left, right := r.Between(0.18, 0.36), r.Between(0.22, 0.36)
	belly, round, bend := r.Between(0.4, 0.65), r.Between(0.5, 1), r.Between(-0.25, 0.25)
	rise, barbs := r.Between(0.6, 1.3), r.Between(18, 30)
	split, torn := r.Noise(), r.Between(0.08, 0.25)
	bands, share, mark := r.Between(1.5, 5), r.Between(0.25, 0.6), r.Int(0, 2)
	eyeY, eyeR := r.Between(-0.6, -0.4), r.Between(0.14, 0.22)
	return func(x, y float64) Point {
		x -= bend * (y*y - 0.4)
		t, m := (0.7-y)/1.7, math.Abs(x)
		if m < 0.03*(1.2-t) && y < 1 && y > -0.9 {
			return Point{Solid: true, Ink: 2, Tone: 0.9, Height: 0.1}
		}
		s := y + rise*m // the same all along a barb
		half := left
		if x > 0 {
			half = right
		}
		half *= blade(t, belly, round)
		if at := s * 6; split.Grid(int(math.Floor(at)), int(math.Copysign(1, x))) < torn+0.5*step(0.25, 0, t) {
			half *= 0.5 + math.Abs(frac(at)-0.5)
		}
		if m > half {
			return Point{}
		}
		barb := zigzag(s * barbs)
		p := Point{Solid: true, Tone: 0.65 + 0.35*barb - 0.5*m/half, Height: 0.06*barb - 0.2*m}
		switch eye := math.Hypot(x, (y-eyeY)*0.8) / eyeR; {
		case mark == 1 && frac(s*bands) < share:
			p.Ink = 1
		case mark == 2 && eye < 0.45:
			p.Ink, p.Tone = 1, 0.05
		case mark == 2 && eye < 0.75:
			p.Ink, p.Tone = 1, 1
		case mark == 2 && eye < 1:
			p.Ink, p.Tone = 2, 0.4
		}
		return p
	}
}

// shell is a snail's or an ammonite's, wound and ribbed, or a scallop, a fan of ribs.
func shell(r *Rand) Shader {
	if r.Chance(0.4) {
		return scallop(r)
	}
	growth, ribs := math.Log(r.Between(1.8, 2.9)), float64(r.Int(10, 30))
	rib, lean := r.Between(0.05, 0.4), r.Between(-2, 2)
	striped, stripe, mouth := r.Chance(0.4), r.Between(-0.4, 0.4), r.Between(0.7, 1)
	inner := math.Exp(-growth)
	return func(x, y float64) Point {
		x -= 0.15
		// the mouth, where the outermost turn ends
		if e := math.Hypot(2*x+1+inner, 2*y/mouth) / (1 - inner); e < 1 {
			return Point{Solid: true, Ink: 1, Tone: 0.9 * step(0.75, 0.9, e), Height: 0.2 * e}
		}
		q, a := polar(x, y)
		u := math.Log(q+1e-3)/growth - (a-math.Pi)/(2*math.Pi)
		if u > 0 {
			return Point{}
		}
		v := 2*frac(u) - 1 // across the tube
		round := dome(v)
		wave := math.Cos(ribs*a + lean*v)
		p := Point{Solid: true, Tone: 0.15 + 0.6*round + rib*wave, Height: q * (0.3*round + 0.1*rib*wave)}
		if striped && math.Abs(v-stripe) < 0.25 {
			p.Ink = 1
		}
		if v > 0.88 || v < -0.92 {
			p.Tone = 0
		}
		return p
	}
}

func scallop(r *Rand) Shader {
	fan, ribs := r.Between(0.85, 1.15), float64(r.Int(7, 15))
	flat, wavy := r.Between(0.1, 0.25), r.Between(0.04, 0.1)
	bands, band, rib := r.Between(2, 6), r.Between(0, 0.3), r.Between(0.2, 0.5)
	ear := r.Between(0.25, 0.45)
	return func(x, y float64) Point {
		if math.Abs(x) < ear*(1-0.8*(0.95-y)) && y > 0.7 && y < 0.95 {
			return Point{Solid: true, Ink: 1, Tone: 0.3 + 2*(0.95-y)}
		}
		q, a := polar(0.9-y, x)
		u := a / fan
		crest := zigzag(0.5 * ribs * (u + 1))
		edge := 1.75*(1-flat*u*u) - wavy*(1-crest)
		if math.Abs(u) > 1 || q > edge {
			return Point{}
		}
		t := q / edge
		return Point{Solid: true, Tone: 0.35 + rib*(crest-0.5) + 0.4*t + band*math.Sin(2*math.Pi*bands*t*t), Height: 0.12*crest*t + 0.2*dome(u)}
	}
}

// butterfly spreads its wings: veins, a dark border with spots, eyespots.
func butterfly(r *Rand) Shader {
	type wing struct{ sin, cos, long, wide, belly, round, at, spot float64 }
	var wings [2]wing
	for i, w := range [2]struct{ up, down, long, wide float64 }{{-0.85, -0.55, 1.2, 0.42}, {0.6, 0.95, 0.95, 0.4}} {
		s, c := math.Sincos(r.Between(w.up, w.down))
		wings[i] = wing{s, c, w.long * r.Between(0.88, 1), w.wide * r.Between(0.85, 1.15), r.Between(0.6, 0.75), r.Between(0.3, 1), r.Between(0.55, 0.72), r.Between(0.08, 0.17)}
	}
	border, veins, beads := r.Between(0.08, 0.25), float64(r.Int(3, 6)), float64(r.Int(8, 16))
	spots, glow, body := r.Int(1, 3), r.Between(0.2, 0.6), r.Between(0.05, 0.09)
	return func(x, y float64) Point {
		m := math.Abs(x)
		feeler, _ := segment(m, y, 0.03, -0.4, 0.28, -0.85)
		if math.Hypot(x/body, (y-0.05)/0.5) < 1 || feeler < 0.02 || math.Hypot(m-0.28, y+0.85) < 0.045 {
			return Point{Solid: true, Ink: 1, Tone: 0.3 + 0.4*zigzag(7*y), Height: 0.2 * dome(x/body)}
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
				return Point{Solid: true, Ink: 1}
			case spots>>i&1 == 1 && eye < 0.75:
				return Point{Solid: true, Ink: 2, Tone: 1}
			case spots>>i&1 == 1 && eye < 1:
				return Point{Solid: true, Ink: 1, Tone: 0.2}
			case inside < border && t > 0.3 && inside > 0.35*border && zigzag(beads*across/(w.wide+along)) > 0.6:
				return Point{Solid: true, Ink: 2, Tone: 0.9}
			case inside < border || zigzag(veins*across/(along+0.15)) > 0.9:
				return Point{Solid: true, Ink: 1, Tone: 0.2}
			}
			return Point{Solid: true, Tone: 0.9 - glow*t + 0.2*float64(i)*t, Height: 0.1 * inside}
		}
		return Point{}
	}
}
