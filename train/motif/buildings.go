package motif

import (
	"math"

	"oneiro/internal/noise"
)

// arch is an arcade: one to three round, pointed or horseshoe arches on columns, on one or two floors.
func arch(r *rng) shader {
	bays, floors := float64(r.whole(1, 3)), 1.0
	if bays > 1 && r.chance(0.5) {
		floors = 2
	}
	half := 0.95 / bays
	column := half * r.between(0.16, 0.3)
	open := half - column
	tall := min(1.9/floors, half*r.between(3, 4.2))
	var apart, sink float64 // distance of the centres of the two arcs from each other, and below the arch
	switch r.whole(0, 2) {
	case 1:
		apart = open * r.between(0.3, 1)
	case 2:
		sink = open * r.between(0.25, 0.45)
	}
	radius := math.Hypot(open+apart, sink)
	ring := half * r.between(0.2, 0.32)
	crown := math.Sqrt(radius*radius - apart*apart)
	spring := crown + ring + half*r.between(0.05, 0.2) + sink // from the cornice to where arches begin
	stones, banded, flutes := float64(r.whole(4, 9)), r.chance(0.4), r.between(2, 4)
	cornice, course, through, grain := half*r.between(0.12, 0.2), half*r.between(0.12, 0.25), r.chance(0.3),
		r.noise()
	top := -floors * tall / 2
	return func(x, y float64) point {
		y -= top
		if math.Abs(x) > 0.95 || y < 0 || y > floors*tall {
			return point{}
		}
		floor := math.Floor(y / tall)
		u := math.Abs(x)
		if bays == 2 {
			u -= half
		} else if u > half {
			u -= 2 * half
		}
		u = math.Abs(u)
		y -= floor * tall
		v := y - spring // below where arches begin, if positive
		d := math.Hypot(u+apart, v+sink) - radius
		tone := 0.65 + 0.15*grain.At(6*x, 6*y)
		switch {
		case y < cornice:
			return point{solid: true, tone: tone + 0.2*zigzag(2*y/cornice) - 0.2, height: 0.12 - 0.1*y/cornice}
		case v < 0 && d < 0,
			v >= 0 && u < open && (v > 0.12*half || u < open-0.3*column) && (tall-y > 0.15*half || u < open-0.3*column):
			if through {
				return point{}
			}
			return point{solid: true, ink: 1, tone: 0.5*v/tall + 0.3*u/half, height: -0.3}
		case v < 0 && d < ring:
			angle := math.Atan2(-v-sink, u+apart)
			stone := stones * angle / (math.Pi / 2)
			if banded && parity(math.Floor(stone)) == 1 {
				return point{solid: true, ink: 2, tone: tone - 0.2, height: 0.08}
			}
			if frac(stone) < 0.12 || d > 0.88*ring {
				tone = 0.15
			}
			return point{solid: true, tone: tone + 0.15, height: 0.08}
		case v < 0:
			row := math.Floor(v / course)
			if frac(v/course) < 0.12 || frac(0.4*x/course+0.5*parity(row)) < 0.06 {
				tone -= 0.3
			}
			return point{solid: true, tone: tone - 0.15}
		case v < 0.12*half || tall-y < 0.15*half:
			return point{solid: true, ink: 2, tone: tone + 0.15, height: 0.1}
		}
		side := (half - u) / column // 0 in the middle of the column, 1 at its side
		return point{solid: true, ink: 2, tone: tone + 0.15*math.Cos(flutes*math.Pi*side) - 0.3*side*side,
			height: 0.2 * column * dome(side)}
	}
}

// tower is a pagoda: storeys that get smaller, each with a roof, and a spire. Roofs are straight or curved,
// with upturned eaves.
func tower(r *rng) shader {
	storeys := r.whole(2, 5)
	shrink, spire := r.between(0.72, 0.9), r.between(0.2, 0.35)
	body := r.between(0.3, 0.5) // of the walls in a storey
	wide, over := r.between(0.35, 0.5), r.between(1.35, 1.75)
	curve, lift := r.between(0, 1), r.between(0, 0.35)
	tiles, bays := r.between(4, 9), float64(r.whole(1, 3))
	round, lights, plinth := r.chance(0.3), r.between(0.3, 0.6), r.between(0.03, 0.1)
	// from the ground up; the spire has the rest of the height
	sum, size := 0.0, 1.0
	for range storeys {
		sum, size = sum+size, size*shrink
	}
	unit := (1.9 - spire - plinth) / sum
	wide = min(wide, 0.9/over)
	return func(x, y float64) point {
		m, up := math.Abs(x), 0.95-y
		if up < 0 {
			return point{}
		}
		if up < plinth {
			if m < wide*1.3 {
				return point{solid: true, tone: 0.6}
			}
			return point{}
		}
		up -= plinth
		w, h := wide, unit
		for k := range storeys {
			next := w * shrink
			if k == storeys-1 {
				next = 0.02
			}
			// the roof: from the upturned eaves to the next storey
			eaves := w * over
			rise := up - body*h - lift*h*(m/eaves)*(m/eaves)*(m/eaves)
			t := rise / ((1 - body) * h)
			slope := noise.Lerp(1-t, (1-t)*(1-t), curve)
			switch {
			case t > 0 && t <= 1 && m < next+(eaves-next)*slope:
				p := point{solid: true, ink: 1,
					tone: 0.25 + 0.45*zigzag(tiles*x/(w*(1.2-t)))*noise.Step(0.1, 0.3, t), height: 0.15 - 0.15*t}
				if t < 0.13 {
					p.tone = 0.95
				}
				return p
			case t <= 0 && m < w && up >= 0:
				u, v := zigzag(bays*x/(2*w)+0.5*parity(bays+1)), up/(body*h)
				top := 0.75
				if round {
					top = 0.5 + 0.25*dome((1-u)/lights)
				}
				if 1-u < lights && v < top && v > 0.15 {
					return point{solid: true, ink: 2, tone: 0.3 * v}
				}
				return point{solid: true, tone: 0.75 - 0.3*m/w - 0.5*noise.Step(0.8, 1, v) + 0.15*noise.Step(0.9, 1, 1-u)}
			}
			up, w, h = up-h, next, h*shrink
		}
		if ball := math.Hypot(x, up-0.3*spire); up > 0 && up < spire && m < 0.03*(1.2-up/spire) ||
			ball < 0.05 {
			return point{solid: true, ink: 1, tone: 0.8}
		}
		return point{}
	}
}
