package motif

import (
	"math"

	"oneiro/internal/noise"
)

// eye is an open eye: lids, white, iris with its spokes, pupil, glint.
func eye(r *Rand) Shader {
	wide, open := r.Between(0.75, 0.98), r.Between(0.32, 0.75)
	iris := min(r.Between(0.34, 0.55), open*1.05)
	pupil := iris * r.Between(0.3, 0.6)
	lookX, lookY := r.Between(-0.2, 0.2), r.Between(-0.08, 0.08)
	spokes, phase := float64(r.Int(12, 30)), r.Angle()
	glint, glintX, glintY := iris*r.Between(0.12, 0.25), lookX-iris*r.Between(-0.4, 0.4), lookY-iris*r.Between(0.2, 0.45)
	lid, lashes := r.Between(0.05, 0.12), r.Chance(0.5)
	return func(x, y float64) Point {
		edge := open * (1 - x*x/(wide*wide)) // of the lids, above and below
		if y > 0 {
			edge *= 0.8
		}
		switch gap := edge - math.Abs(y); {
		case gap < -lid-0.16:
			if lashes && y < 0 && gap > -0.45 && frac(x*7+y*x*2) < 0.25 && math.Abs(x) < wide*0.8 {
				return Point{Solid: true, Ink: 3}
			}
			return Point{}
		case gap < -lid:
			return Point{Solid: true, Ink: 0, Tone: 0.7 + gap, Height: 0.1}
		case gap < 0:
			return Point{Solid: true, Ink: 3, Tone: 0.3}
		}
		q, a := polar(x-lookX, y-lookY)
		switch {
		case math.Hypot(x-glintX, y-glintY) < glint:
			return Point{Solid: true, Ink: 2, Tone: 1, Height: 0.1}
		case q < pupil:
			return Point{Solid: true, Ink: 3, Height: 0.1}
		case q < iris*0.9:
			return Point{Solid: true, Ink: 1, Tone: 0.35 + 0.3*math.Sin(spokes*a+phase)*noise.Step(pupil, iris, q) + 0.5*(q-pupil)/(iris-pupil), Height: 0.1}
		case q < iris:
			return Point{Solid: true, Ink: 1, Tone: 0}
		}
		return Point{Solid: true, Ink: 2, Tone: 0.9 - 0.5*x*x}
	}
}

// lips are a mouth: closed, or open with teeth.
func lips(r *Rand) Shader {
	wide, upper, lower := r.Between(0.85, 1), r.Between(0.3, 0.48), r.Between(0.4, 0.65)
	bow, dip := r.Between(0.2, 0.5), r.Between(0.12, 0.22)
	smile, open := r.Between(-0.08, 0.25), 0.0
	if r.Chance(0.5) {
		open = r.Between(0.15, 0.6)
	}
	teeth, tooth, gloss := r.Between(0.3, 0.9), r.Between(0.1, 0.18), r.Between(0.1, 0.5)
	around, creases, crease := r.Chance(0.4), r.Noise(), r.Between(0.05, 0.3)
	return func(x, y float64) Point {
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
				return Point{Solid: true, Ink: 3, Tone: 0.8 - 0.4*math.Abs(y)}
			}
			return Point{}
		case gap > 0 && above < 0 && v < top+teeth*gap:
			return Point{Solid: true, Ink: 1, Tone: 1 - t*t - 0.8*noise.Step(0.8, 1, zigzag(x/tooth)), Height: 0.05 * zigzag(x/tooth+0.5)}
		case above < 0 && below < 0 || math.Abs(v) < 0.025 && gap == 0:
			return Point{Solid: true, Ink: 2, Tone: 0.3}
		}
		p := Point{Solid: true, Tone: crease * creases.At(14*x, 3*y)}
		if above > 0 {
			p.Tone += 0.2 + 0.4*above
			p.Height = 0.25 * above * (1 - above)
		} else {
			p.Tone += 0.4 + 4*gloss*below*(1-below)*full
			p.Height = 0.5 * below * (1 - below)
		}
		return p
	}
}

// face is a head from before: two eyes, a nose and a mouth, hair and ears at will.
func face(r *Rand) Shader {
	wide, jaw := r.Between(0.6, 0.85), r.Between(0, 0.4)
	eyeX, eyeY := wide*r.Between(0.38, 0.52), r.Between(-0.25, 0.02)
	eyeR, narrow, slant := wide*r.Between(0.2, 0.3), r.Between(0.45, 1), r.Between(-0.25, 0.25)
	pupil, look, brow := eyeR*r.Between(0.4, 0.6), r.Between(-0.06, 0.06), r.Between(0.04, 0.14)
	noseY, noseW := eyeY+r.Between(0.32, 0.5), r.Between(0.07, 0.17)
	mouthY, mouthW := noseY+r.Between(0.16, 0.26), wide*r.Between(0.3, 0.6)
	smile, open := r.Between(-0.1, 0.3), r.Between(0.03, 0.13)
	hair, parting, long := r.Between(-1, -0.4), r.Between(-0.4, 1.2), r.Chance(0.35)
	ears, strands := r.Int(0, 2), r.Noise()
	return func(x, y float64) Point {
		m := math.Abs(x)
		head := math.Hypot(x/(wide*(1-jaw*max(y, 0))), y/0.95)
		dark := func(tone float64) Point { return Point{Solid: true, Ink: 3, Tone: tone, Height: 0.3} }
		skin := Point{Solid: true, Tone: 0.85 - 0.5*head*head, Height: 0.4 * dome(head)}
		if head > 1 || y < hair+parting*x*x {
			switch {
			case ears == 1 && math.Hypot((m-wide)/0.13, (y-eyeY-0.12)/0.2) < 1:
				skin.Tone = 0.4
				return skin
			case ears == 2 && y > -1 && y < -0.3 && math.Abs(m-0.62*wide) < 0.4*(y+1):
				return Point{Solid: true, Ink: 1, Tone: 0.5 * noise.Step(0.05, 0.1, 0.4*(y+1)-math.Abs(m-0.62*wide))}
			case head < 1 || long && m < 0.95 && y < 0.85 && math.Hypot(x/(wide+0.15), min(y, 0)) < 1:
				return Point{Solid: true, Ink: 1, Tone: 0.45 + 0.45*strands.At(14*x, 2.5*y), Height: 0.3}
			}
			return Point{}
		}
		ex, ey := x-math.Copysign(eyeX, x), (y-eyeY-slant*(m-eyeX))/narrow
		eye := math.Hypot(ex, ey)
		lift := y - mouthY + smile*(x*x/mouthW-0.3*mouthW)
		lip := open * (1 - x*x/(mouthW*mouthW))
		switch {
		case math.Hypot(ex-look, ey*narrow) < pupil && eye < eyeR:
			return dark(0.1)
		case eye < eyeR*0.85:
			return Point{Solid: true, Ink: 2, Tone: 0.9, Height: 0.35}
		case eye < eyeR:
			return dark(0)
		case math.Abs(y-eyeY+eyeR+0.09-slant*(m-eyeX)+1.5*ex*ex) < brow/2 && math.Abs(ex) < 1.2*eyeR:
			return dark(0.3)
		case math.Abs(lift) < 0.02 && lip > 0:
			return dark(0)
		case math.Abs(lift) < lip:
			return Point{Solid: true, Ink: 4, Tone: 0.5 + 3*lift, Height: 0.42}
		case math.Abs(y-noseY) < 0.035 && m < noseW:
			return dark(0.25)
		case y < noseY && y > eyeY && m < noseW*(0.3+0.7*(y-eyeY)/(noseY-eyeY)):
			skin.Tone, skin.Height = skin.Tone+0.12-1.2*x, skin.Height+0.1
		}
		return skin
	}
}

// feather is a quill with a vane of barbs, split here and there, plain, banded or with an eye.
func feather(r *Rand) Shader {
	left, right := r.Between(0.2, 0.44), r.Between(0.24, 0.42)
	belly, round, bend := r.Between(0.4, 0.65), r.Between(0.5, 1), r.Between(-0.35, 0.35)
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
		if at := s * 6; split.Grid(int(math.Floor(at)), int(math.Copysign(1, x))) < torn+0.5*noise.Step(0.25, 0, t) {
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
			return Point{Solid: true, Ink: 1, Tone: 0.9 * noise.Step(0.75, 0.9, e), Height: 0.2 * e}
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
