package motif

import (
	"math"

	"oneiro/internal/noise"
)

// hexagon returns the offset of (x, y) from the centre of its cell in a honeycomb of cells one unit wide,
// and the indices of the cell.
func hexagon(x, y float64) (u, v float64, i, j int) {
	const tall = 1.7320508
	ax, ay := math.Round(x), math.Round(y/tall)
	bx, by := math.Floor(x), math.Floor(y/tall)
	u, v = x-ax, y-ay*tall
	p, q := x-bx-0.5, y-(by+0.5)*tall
	if u*u+v*v < p*p+q*q {
		return u, v, int(ax), 2 * int(ay)
	}
	return p, q, int(bx), 2*int(by) + 1
}

// offGrid returns the distance of x from the nearest whole number.
func offGrid(x float64) float64 { return math.Abs(x - math.Round(x)) }

// honeycomb has deep hexagonal cells of wax, some of them closed.
func honeycomb(r *rng) shader {
	wall, closed, deep := r.between(0.05, 0.11), r.between(0, 0.4), r.between(0.2, 0.5)
	spread := r.between(0, 0.4)
	one := r.noise()
	return func(x, y float64) point {
		u, v, i, j := hexagon(x, y)
		edge := 0.5 - max(math.Abs(u), math.Abs(u)/2+math.Abs(v)*0.8660254)
		random := one.Grid(i, j)
		switch {
		case edge < wall:
			return point{solid: true, tone: 0.85 - 0.3*edge/wall, height: 0.1}
		case random < closed:
			return point{solid: true, ink: 0, tone: 0.35 + random*spread, height: 0.15 * noise.Step(0, 0.4, edge)}
		}
		return point{solid: true, ink: 1, tone: 0.15 + spread*random + 0.6*(0.3+v)*noise.Step(0.5, 0.1, edge),
			height: -deep * noise.Step(wall, 0.3, edge)}
	}
}

// dots are round spots of one or two sizes on a grid.
func dots(r *rng) shader {
	radius, hex := r.between(0.2, 0.4), r.chance(0.6)
	second, ring, ball := r.between(0.35, 1.1), r.chance(0.2), r.chance(0.25)
	ground, pale := r.between(0.1, 0.35), r.between(0.7, 1)
	if r.chance(0.5) {
		ground, pale = pale, ground
	}
	return func(x, y float64) point {
		u, v, j := x-math.Round(x), y-math.Round(y), int(math.Round(x)+math.Round(y))
		if hex {
			u, v, _, j = hexagon(x, y)
		}
		size := radius
		if second < 0.7 && j&1 == 1 {
			size *= second
		}
		d := math.Hypot(u, v) / size
		switch {
		case d > 1 || ring && d < 0.5:
			return point{solid: true, tone: ground}
		case ball:
			return point{solid: true, ink: 1, tone: pale - 0.3*(u+v)/size, height: 0.5 * size * dome(d)}
		}
		return point{solid: true, ink: 1, tone: pale}
	}
}

// checker is a chequerboard of two colours, with or without grain and bevels.
func checker(r *rng) shader {
	dark, light, spread := r.between(0, 0.25), r.between(0.75, 1), r.between(0, 0.2)
	bevel, rough, stretch := r.between(-0.05, 0.08), r.between(0, 0.12), r.between(-0.25, 0.25)
	one, grain := r.noise(), r.noise()
	return func(x, y float64) point {
		x, y = x+stretch*y, y+stretch*x // rhombuses
		i, j := math.Floor(x), math.Floor(y)
		edge := 0.5 - max(math.Abs(x-i-0.5), math.Abs(y-j-0.5))
		p := point{solid: true, tone: light, height: max(bevel, 0) * noise.Step(0, 0.12, edge)}
		if parity(i+j) == 1 {
			p.ink, p.tone = 1, dark
		}
		p.tone += spread*(one.Grid(int(i), int(j))-0.5) + rough*grain.At(8*x, 2*y)
		return p
	}
}

// bands is a row of stripes that repeats after a unit.
type bands []struct {
	end, tone float64
	ink       int
}

// newBands draws n stripes of 3 inks; neighbours differ.
func newBands(r *rng, n int) bands {
	b := make(bands, n)
	at, first := 0.0, r.whole(0, 2)
	for i := range b {
		at += r.between(0.25, 1)
		b[i].end, b[i].ink = at, (first+i%2+i/2)%3
		b[i].tone = []float64{0.15, 0.85}[i%2] + r.between(-0.15, 0.15)
	}
	for i := range b {
		b[i].end /= at
	}
	return b
}

// at returns the ink and the tone at x.
func (b bands) at(x float64) (ink int, tone float64) {
	x = frac(x)
	for _, s := range b {
		if x < s.end {
			return s.ink, s.tone
		}
	}
	return b[0].ink, b[0].tone
}

// stripes are straight bands of two to four widths and colours.
func stripes(r *rng) shader {
	n := 2 * r.whole(1, 2)
	b, length := newBands(r, n), float64(n)*r.between(0.4, 0.7)
	relief, rough := 0.0, r.between(0, 0.1)
	if r.chance(0.3) {
		relief = r.between(0.05, 0.2)
	}
	grain := r.noise()
	return func(x, y float64) point {
		ink, tone := b.at(x / length)
		return point{solid: true, ink: ink, tone: tone + rough*grain.At(7*x, y), height: relief * tone}
	}
}

// chevrons are zigzag bands side by side.
func chevrons(r *rng) shader {
	n := 2 * r.whole(1, 2)
	b, length := newBands(r, n), float64(n)*r.between(0.35, 0.5)
	wide, rise, rough := r.between(1, 2), r.between(0.35, 0.65), r.between(0, 0.1)
	grain := r.noise()
	return func(x, y float64) point {
		ink, tone := b.at((y + wide*rise*zigzag(x/wide)) / length)
		return point{solid: true, ink: ink, tone: tone + rough*grain.At(5*x, 5*y)}
	}
}

// turing is a Turing pattern: spots or winding stripes of one width.
func turing(r *rng) shader {
	waves, long := newPlaneWaves(r), r.between(0.6, 1)
	level, soft, relief := r.between(-0.7, 0.7), r.between(0.1, 0.5), r.between(0, 0.2)
	return func(x, y float64) point {
		v := noise.Step(level-soft, level+soft, waves.at(x, y*long))
		p := point{solid: true, tone: v * 0.7, height: relief * v}
		if v > 0.5 {
			p.ink, p.tone = 1, 0.3+0.7*v
		}
		return p
	}
}

// contours are the lines of equal height on a map.
func contours(r *rng) shader {
	levels, thin, tint := r.between(6, 12), r.between(0.05, 0.09), r.between(0, 0.5)
	land, bold := r.noise(), float64(r.whole(3, 5))
	return func(x, y float64) point {
		const near = 0.02
		at := func(x, y float64) float64 { return levels * land.Fractal(0.4*x, 0.4*y, 2) }
		h := at(x, y)
		slope := math.Hypot(at(x+near, y)-h, at(x, y+near)-h)/near + 0.3
		line := math.Round(h)
		width := thin
		if frac(line/bold) == 0 {
			width *= 2
		}
		if math.Abs(h-line)/slope < width/2 {
			return point{solid: true, ink: 1, tone: 0.2}
		}
		return point{solid: true, tone: 0.75 + tint*math.Floor(h)/levels}
	}
}
