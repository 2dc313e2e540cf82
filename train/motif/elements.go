package motif

import (
	"math"

	"oneiro/internal/noise"
)

// puffs are overlapping balls: a cloud, or the crown of a tree.
type puffs []puff

type puff struct{ x, y, r float64 }

// at returns the height of the balls at a point, 0 outside all of them, and the light from above, -1..1.
func (p puffs) at(x, y float64) (height, light float64) {
	best := 0.0
	for i := range p {
		dx, dy := x-p[i].x, y-p[i].y
		if z := p[i].r*p[i].r - dx*dx - dy*dy; z > best {
			best, light = z, -dy/p[i].r
		}
	}
	return math.Sqrt(best), light
}

// cloud is a heap of puffs with a flat base, sometimes with rain.
func cloud(r *rng) shader {
	var balls puffs
	n, floor := r.whole(5, 9), r.between(0.35, 0.55)
	wide, tall := r.between(0.55, 0.75), r.between(0.3, 0.75)
	for i := range n {
		t := 2*float64(i)/float64(n-1) - 1
		size := r.between(0.22, 0.32) + 0.1*(1-t*t)
		balls = append(balls, puff{t * wide, floor - 0.7*size - tall*(1-t*t)*r.between(0.3, 1), size})
	}
	balls = append(balls, puff{0, floor - 0.25, 0.4}, puff{0, floor - 0.25 - tall/2, 0.35})
	rough, edge := r.noise(), r.between(0.02, 0.08)
	contrast, rain := r.between(0.3, 0.7), r.chance(0.25)
	return func(x, y float64) point {
		if y > floor {
			if u := x + 0.3*y; rain && math.Abs(x) < wide && frac(u*7) < 0.25 &&
				frac(3*y+rough.Grid(int(math.Floor(u*7)), 0)) < 0.6 && y < 0.95 {
				return point{solid: true, ink: 1, tone: 0.5}
			}
			return point{}
		}
		wave := edge * rough.At(7*x, 7*y)
		h, light := balls.at(x+wave, y+wave)
		if h == 0 {
			return point{}
		}
		return point{solid: true, tone: 0.55 + contrast*light - 0.5*noise.Step(floor-0.35, floor, y) + wave,
			height: 0.5 * h}
	}
}

// flame is a fire of several tongues, or that of a candle, hotter inside.
func flame(r *rng) shader {
	type tongue struct{ x, top, wide, sway, phase float64 }
	tongues := make([]tongue, r.whole(1, 5))
	n := float64(len(tongues))
	for i := range tongues {
		t := (float64(i)+0.5)/n*2 - 1
		tongues[i] = tongue{0.55 * t, 1.85 - 0.9*math.Abs(t)*r.between(0.4, 1),
			r.between(0.35, 0.5) * (1.3 - 0.1*n), r.between(0.06, 0.22), r.angle()}
	}
	belly, waves := r.between(0.2, 0.35), r.between(3, 6)
	core, bands := r.between(0.5, 1), float64(r.whole(3, 5))
	layered, foot := r.chance(0.6), r.whole(0, 2)
	return func(x, y float64) point {
		heat := 0.0
		for i := range tongues {
			f := &tongues[i]
			t := (0.9 - y) / f.top
			if t <= 0 || t >= 1 {
				continue
			}
			m := math.Abs(x - f.x*(1-0.4*t) - f.sway*t*math.Sin(waves*t+f.phase))
			if half := f.wide * blade(t, belly, 0.35); m < half {
				heat = max(heat, (1-m/half)*(1.1-core*t))
			}
		}
		switch {
		case foot == 1 && math.Abs(math.Abs(y-0.85)-0.25*math.Abs(x)) < 0.07 && math.Abs(x) < 0.7:
			return point{solid: true, ink: 1, tone: 0.4 + 0.4*zigzag(3*x)}
		case foot == 2 && n == 1 && math.Abs(x) < 0.03 && y > 0.6 && y < 1:
			return point{solid: true, ink: 1}
		case heat == 0:
			return point{}
		case layered:
			heat = math.Floor(heat*bands+0.6) / bands
		}
		return point{solid: true, tone: heat}
	}
}

// snowflake has six arms with side branches around a hexagon.
func snowflake(r *rng) shader {
	type branch struct{ at, dx, dy float64 }
	branches := make([]branch, r.whole(2, 5))
	n := float64(len(branches))
	shape, angle := r.between(-0.4, 0.4), r.between(0.9, 1.15)
	for i := range branches {
		at := 0.25 + 0.6*(float64(i)+r.between(0.2, 0.8))/n
		long := (0.26 + shape*(at-0.55)) * r.between(0.7, 1.2)
		branches[i] = branch{at, long * math.Cos(angle), long * math.Sin(angle)}
	}
	arm, thin := r.between(0.035, 0.07), r.between(0.025, 0.045)
	plate, hole, tip := r.between(0.12, 0.3), r.between(0, 0.8), r.between(0.05, 0.1)
	tips := r.whole(0, 2)
	return func(x, y float64) point {
		if x*x+y*y > 1.1 {
			return point{}
		}
		fx, fy, _ := sector(x, y, 6)
		fy = math.Abs(fy)
		in := -1.0 // distance inside the edge of the ice
		if fx < 0.97 {
			in = arm - fy
		}
		for _, b := range branches {
			if fy < b.dy+thin {
				d, _ := segment(fx, fy, b.at, 0, b.at+b.dx, b.dy)
				in = max(in, thin-d)
			}
		}
		// the plate is a hexagon with its corners between the arms
		if fx < plate && fx > plate*hole {
			in = max(in, min(plate-fx, fx-plate*hole))
		}
		switch tips {
		case 1:
			in = max(in, tip-math.Hypot(fx-0.92, fy))
		case 2:
			in = max(in, (tip*1.4-math.Abs(fx-0.88)-fy)*0.7)
		}
		if in < 0 {
			return point{}
		}
		return point{solid: true, tone: 0.5 + 9*in, height: 1.2 * in}
	}
}
