package motif

import (
	"math"

	"oneiro/internal/noise"
)

// eye is an open eye: lids, white, iris with spokes, pupil, glint.
func eye(r *rng) shader {
	wide, open := r.between(0.75, 0.98), r.between(0.32, 0.75)
	iris := min(r.between(0.34, 0.55), open*1.05)
	pupil := iris * r.between(0.3, 0.6)
	lookX, lookY := r.between(-0.2, 0.2), r.between(-0.08, 0.08)
	spokes, phase := float64(r.whole(12, 30)), r.angle()
	glint, glintX, glintY := iris*r.between(0.12, 0.25), lookX-iris*r.between(-0.4, 0.4),
		lookY-iris*r.between(0.2, 0.45)
	lid, lashes := r.between(0.05, 0.12), r.chance(0.5)
	return func(x, y float64) point {
		edge := open * (1 - x*x/(wide*wide)) // of the lids, above and below
		if y > 0 {
			edge *= 0.8
		}
		switch gap := edge - math.Abs(y); {
		case gap < -lid-0.16:
			if lashes && y < 0 && gap > -0.45 && frac(x*7+y*x*2) < 0.25 && math.Abs(x) < wide*0.8 {
				return point{solid: true, ink: 3}
			}
			return point{}
		case gap < -lid:
			return point{solid: true, ink: 0, tone: 0.7 + gap, height: 0.1}
		case gap < 0:
			return point{solid: true, ink: 3, tone: 0.3}
		}
		q, a := polar(x-lookX, y-lookY)
		switch {
		case math.Hypot(x-glintX, y-glintY) < glint:
			return point{solid: true, ink: 2, tone: 1, height: 0.1}
		case q < pupil:
			return point{solid: true, ink: 3, height: 0.1}
		case q < iris*0.9:
			return point{solid: true, ink: 1,
				tone:   0.35 + 0.3*math.Sin(spokes*a+phase)*noise.Step(pupil, iris, q) + 0.5*(q-pupil)/(iris-pupil),
				height: 0.1}
		case q < iris:
			return point{solid: true, ink: 1, tone: 0}
		}
		return point{solid: true, ink: 2, tone: 0.9 - 0.5*x*x}
	}
}

// lips are a mouth: closed, or open with teeth.
func lips(r *rng) shader {
	wide, upper, lower := r.between(0.85, 1), r.between(0.3, 0.48), r.between(0.4, 0.65)
	bow, dip := r.between(0.2, 0.5), r.between(0.12, 0.22)
	smile, open := r.between(-0.08, 0.25), 0.0
	if r.chance(0.5) {
		open = r.between(0.15, 0.6)
	}
	teeth, tooth, gloss := r.between(0.3, 0.9), r.between(0.1, 0.18), r.between(0.1, 0.5)
	around, creases, crease := r.chance(0.4), r.noise(), r.between(0.05, 0.3)
	return func(x, y float64) point {
		t := x / wide
		full := max(0, 1-t*t)
		v := y + smile*(t*t-0.4)
		gap := open * max(0, 1-t*t/0.75)
		top, bottom := -0.4*gap, 0.6*gap
		above := (top - v) / (upper * full * (1 - bow*math.Exp(-t*t/(dip*dip))))
		below := (v - bottom) / (lower * full)
		switch {
		case full == 0 || above > 1 || below > 1:
			if around && x*x+y*y < 1 {
				return point{solid: true, ink: 3, tone: 0.8 - 0.4*math.Abs(y)}
			}
			return point{}
		case gap > 0 && above < 0 && v < top+teeth*gap:
			return point{solid: true, ink: 1, tone: 1 - t*t - 0.8*noise.Step(0.8, 1, zigzag(x/tooth)),
				height: 0.05 * zigzag(x/tooth+0.5)}
		case above < 0 && below < 0 || math.Abs(v) < 0.025 && gap == 0:
			return point{solid: true, ink: 2, tone: 0.3}
		}
		p := point{solid: true, tone: crease * creases.At(14*x, 3*y)}
		if above > 0 {
			p.tone += 0.2 + 0.4*above
			p.height = 0.25 * above * (1 - above)
		} else {
			p.tone += 0.4 + 4*gloss*below*(1-below)*full
			p.height = 0.5 * below * (1 - below)
		}
		return p
	}
}

// face is a head from the front: two eyes, a nose and a mouth, sometimes hair and ears.
func face(r *rng) shader {
	wide, jaw := r.between(0.6, 0.85), r.between(0, 0.4)
	eyeX, eyeY := wide*r.between(0.38, 0.52), r.between(-0.25, 0.02)
	eyeR, narrow, slant := wide*r.between(0.2, 0.3), r.between(0.45, 1), r.between(-0.25, 0.25)
	pupil, look, brow := eyeR*r.between(0.4, 0.6), r.between(-0.06, 0.06), r.between(0.04, 0.14)
	noseY, noseW := eyeY+r.between(0.32, 0.5), r.between(0.07, 0.17)
	mouthY, mouthW := noseY+r.between(0.16, 0.26), wide*r.between(0.3, 0.6)
	smile, open := r.between(-0.1, 0.3), r.between(0.03, 0.13)
	hair, parting, long := r.between(-1, -0.4), r.between(-0.4, 1.2), r.chance(0.35)
	ears, strands := r.whole(0, 2), r.noise()
	return func(x, y float64) point {
		m := math.Abs(x)
		head := math.Hypot(x/(wide*(1-jaw*max(y, 0))), y/0.95)
		dark := func(tone float64) point { return point{solid: true, ink: 3, tone: tone, height: 0.3} }
		skin := point{solid: true, tone: 0.85 - 0.5*head*head, height: 0.4 * dome(head)}
		if head > 1 || y < hair+parting*x*x {
			switch {
			case ears == 1 && math.Hypot((m-wide)/0.13, (y-eyeY-0.12)/0.2) < 1:
				skin.tone = 0.4
				return skin
			case ears == 2 && y > -1 && y < -0.3 && math.Abs(m-0.62*wide) < 0.4*(y+1):
				return point{solid: true, ink: 1, tone: 0.5 * noise.Step(0.05, 0.1, 0.4*(y+1)-math.Abs(m-0.62*wide))}
			case head < 1 || long && m < 0.95 && y < 0.85 && math.Hypot(x/(wide+0.15), min(y, 0)) < 1:
				return point{solid: true, ink: 1, tone: 0.45 + 0.45*strands.At(14*x, 2.5*y), height: 0.3}
			}
			return point{}
		}
		ex, ey := x-math.Copysign(eyeX, x), (y-eyeY-slant*(m-eyeX))/narrow
		eye := math.Hypot(ex, ey)
		lift := y - mouthY + smile*(x*x/mouthW-0.3*mouthW)
		lip := open * (1 - x*x/(mouthW*mouthW))
		switch {
		case math.Hypot(ex-look, ey*narrow) < pupil && eye < eyeR:
			return dark(0.1)
		case eye < eyeR*0.85:
			return point{solid: true, ink: 2, tone: 0.9, height: 0.35}
		case eye < eyeR:
			return dark(0)
		case math.Abs(y-eyeY+eyeR+0.09-slant*(m-eyeX)+1.5*ex*ex) < brow/2 && math.Abs(ex) < 1.2*eyeR:
			return dark(0.3)
		case math.Abs(lift) < 0.02 && lip > 0:
			return dark(0)
		case math.Abs(lift) < lip:
			return point{solid: true, ink: 4, tone: 0.5 + 3*lift, height: 0.42}
		case math.Abs(y-noseY) < 0.035 && m < noseW:
			return dark(0.25)
		case y < noseY && y > eyeY && m < noseW*(0.3+0.7*(y-eyeY)/(noseY-eyeY)):
			skin.tone, skin.height = skin.tone+0.12-1.2*x, skin.height+0.1
		}
		return skin
	}
}

// feather is a quill with a vane of barbs, split here and there, plain, banded or with an eye.
func feather(r *rng) shader {
	left, right := r.between(0.2, 0.44), r.between(0.24, 0.42)
	belly, round, bend := r.between(0.4, 0.65), r.between(0.5, 1), r.between(-0.35, 0.35)
	rise, barbs := r.between(0.6, 1.3), r.between(18, 30)
	split, torn := r.noise(), r.between(0.08, 0.25)
	bands, share, mark := r.between(1.5, 5), r.between(0.25, 0.6), r.whole(0, 2)
	eyeY, eyeR := r.between(-0.6, -0.4), r.between(0.14, 0.22)
	return func(x, y float64) point {
		x -= bend * (y*y - 0.4)
		t, m := (0.7-y)/1.7, math.Abs(x)
		if m < 0.03*(1.2-t) && y < 1 && y > -0.9 {
			return point{solid: true, ink: 2, tone: 0.9, height: 0.1}
		}
		s := y + rise*m // constant along a barb
		half := left
		if x > 0 {
			half = right
		}
		half *= blade(t, belly, round)
		if at := s * 6; split.Grid(int(math.Floor(at)), int(math.Copysign(1, x))) < torn+0.5*noise.Step(0.25, 0, t) {
			half *= 0.5 + math.Abs(frac(at)-0.5)
		}
		if m > half {
			return point{}
		}
		barb := zigzag(s * barbs)
		p := point{solid: true, tone: 0.65 + 0.35*barb - 0.5*m/half, height: 0.06*barb - 0.2*m}
		switch eye := math.Hypot(x, (y-eyeY)*0.8) / eyeR; {
		case mark == 1 && frac(s*bands) < share:
			p.ink = 1
		case mark == 2 && eye < 0.45:
			p.ink, p.tone = 1, 0.05
		case mark == 2 && eye < 0.75:
			p.ink, p.tone = 1, 1
		case mark == 2 && eye < 1:
			p.ink, p.tone = 2, 0.4
		}
		return p
	}
}

// shell is a ribbed spiral, of a snail or an ammonite, or a scallop, a fan of ribs.
func shell(r *rng) shader {
	if r.chance(0.4) {
		return scallop(r)
	}
	growth, ribs := math.Log(r.between(1.8, 2.9)), float64(r.whole(10, 30))
	rib, lean := r.between(0.05, 0.4), r.between(-2, 2)
	striped, stripe, mouth := r.chance(0.4), r.between(-0.4, 0.4), r.between(0.7, 1)
	inner := math.Exp(-growth)
	return func(x, y float64) point {
		x -= 0.15
		// the mouth, where the outermost turn ends
		if e := math.Hypot(2*x+1+inner, 2*y/mouth) / (1 - inner); e < 1 {
			return point{solid: true, ink: 1, tone: 0.9 * noise.Step(0.75, 0.9, e), height: 0.2 * e}
		}
		q, a := polar(x, y)
		u := math.Log(q+1e-3)/growth - (a-math.Pi)/(2*math.Pi)
		if u > 0 {
			return point{}
		}
		v := 2*frac(u) - 1 // across the tube
		round := dome(v)
		wave := math.Cos(ribs*a + lean*v)
		p := point{solid: true, tone: 0.15 + 0.6*round + rib*wave, height: q * (0.3*round + 0.1*rib*wave)}
		if striped && math.Abs(v-stripe) < 0.25 {
			p.ink = 1
		}
		if v > 0.88 || v < -0.92 {
			p.tone = 0
		}
		return p
	}
}

func scallop(r *rng) shader {
	fan, ribs := r.between(0.85, 1.15), float64(r.whole(7, 15))
	flat, wavy := r.between(0.1, 0.25), r.between(0.04, 0.1)
	bands, band, rib := r.between(2, 6), r.between(0, 0.3), r.between(0.2, 0.5)
	ear := r.between(0.25, 0.45)
	return func(x, y float64) point {
		if math.Abs(x) < ear*(1-0.8*(0.95-y)) && y > 0.7 && y < 0.95 {
			return point{solid: true, ink: 1, tone: 0.3 + 2*(0.95-y)}
		}
		q, a := polar(0.9-y, x)
		u := a / fan
		crest := zigzag(0.5 * ribs * (u + 1))
		edge := 1.75*(1-flat*u*u) - wavy*(1-crest)
		if math.Abs(u) > 1 || q > edge {
			return point{}
		}
		t := q / edge
		return point{solid: true, tone: 0.35 + rib*(crest-0.5) + 0.4*t + band*math.Sin(2*math.Pi*bands*t*t),
			height: 0.12*crest*t + 0.2*dome(u)}
	}
}
