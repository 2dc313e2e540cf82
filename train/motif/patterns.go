package motif

import (
	"math"

	"oneiro/internal/noise"
)

// hexagon returns where (x, y) lies from the middle of its cell of a honeycomb of cells a unit wide, and
// the number of the cell.
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

// honeycomb is of deep six-sided cells of wax; some are closed.
func honeycomb(r *Rand) Shader {
	wall, closed, deep := r.Between(0.05, 0.11), r.Between(0, 0.4), r.Between(0.2, 0.5)
	spread := r.Between(0, 0.4)
	one := r.Noise()
	return func(x, y float64) Point {
		u, v, i, j := hexagon(x, y)
		edge := 0.5 - max(math.Abs(u), math.Abs(u)/2+math.Abs(v)*0.8660254)
		random := one.Grid(i, j)
		switch {
		case edge < wall:
			return Point{Solid: true, Tone: 0.85 - 0.3*edge/wall, Height: 0.1}
		case random < closed:
			return Point{Solid: true, Ink: 0, Tone: 0.35 + random*spread, Height: 0.15 * noise.Step(0, 0.4, edge)}
		}
		return Point{Solid: true, Ink: 1, Tone: 0.15 + spread*random + 0.6*(0.3+v)*noise.Step(0.5, 0.1, edge), Height: -deep * noise.Step(wall, 0.3, edge)}
	}
}

// dots are round spots of one or two sizes on a grid.
func dots(r *Rand) Shader {
	radius, hex := r.Between(0.2, 0.4), r.Chance(0.6)
	second, ring, ball := r.Between(0.35, 1.1), r.Chance(0.2), r.Chance(0.25)
	ground, pale := r.Between(0.1, 0.35), r.Between(0.7, 1)
	if r.Chance(0.5) {
		ground, pale = pale, ground
	}
	return func(x, y float64) Point {
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
			return Point{Solid: true, Tone: ground}
		case ball:
			return Point{Solid: true, Ink: 1, Tone: pale - 0.3*(u+v)/size, Height: 0.5 * size * dome(d)}
		}
		return Point{Solid: true, Ink: 1, Tone: pale}
	}
}

// checker is a board of squares of two colours, with or without grain and bevels.
func checker(r *Rand) Shader {
	dark, light, spread := r.Between(0, 0.25), r.Between(0.75, 1), r.Between(0, 0.2)
	bevel, rough, stretch := r.Between(-0.05, 0.08), r.Between(0, 0.12), r.Between(-0.25, 0.25)
	one, grain := r.Noise(), r.Noise()
	return func(x, y float64) Point {
		x, y = x+stretch*y, y+stretch*x // rhombs
		i, j := math.Floor(x), math.Floor(y)
		edge := 0.5 - max(math.Abs(x-i-0.5), math.Abs(y-j-0.5))
		p := Point{Solid: true, Tone: light, Height: max(bevel, 0) * noise.Step(0, 0.12, edge)}
		if parity(i+j) == 1 {
			p.Ink, p.Tone = 1, dark
		}
		p.Tone += spread*(one.Grid(int(i), int(j))-0.5) + rough*grain.At(8*x, 2*y)
		return p
	}
}

// bands is a row of stripes that repeats after a unit.
type bands []struct {
	end, tone float64
	ink       int
}

// newBands draws n stripes of 3 inks, neighbours unlike.
func newBands(r *Rand, n int) bands {
	b := make(bands, n)
	at, first := 0.0, r.Int(0, 2)
	for i := range b {
		at += r.Between(0.25, 1)
		b[i].end, b[i].ink = at, (first+i%2+i/2)%3
		b[i].tone = []float64{0.15, 0.85}[i%2] + r.Between(-0.15, 0.15)
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
func stripes(r *Rand) Shader {
	n := 2 * r.Int(1, 2)
	b, length := newBands(r, n), float64(n)*r.Between(0.4, 0.7)
	relief, rough := 0.0, r.Between(0, 0.1)
	if r.Chance(0.3) {
		relief = r.Between(0.05, 0.2)
	}
	grain := r.Noise()
	return func(x, y float64) Point {
		ink, tone := b.at(x / length)
		return Point{Solid: true, Ink: ink, Tone: tone + rough*grain.At(7*x, y), Height: relief * tone}
	}
}

// chevrons are bands that go up and down together, in sharp corners.
func chevrons(r *Rand) Shader {
	n := 2 * r.Int(1, 2)
	b, length := newBands(r, n), float64(n)*r.Between(0.35, 0.5)
	wide, rise, rough := r.Between(1, 2), r.Between(0.35, 0.65), r.Between(0, 0.1)
	grain := r.Noise()
	return func(x, y float64) Point {
		ink, tone := b.at((y + wide*rise*zigzag(x/wide)) / length)
		return Point{Solid: true, Ink: ink, Tone: tone + rough*grain.At(5*x, 5*y)}
	}
}

// turing is a skin of spots or of winding stripes, all of one width.
func turing(r *Rand) Shader {
	waves, long := NewWaves(r), r.Between(0.6, 1)
	level, soft, relief := r.Between(-0.7, 0.7), r.Between(0.1, 0.5), r.Between(0, 0.2)
	return func(x, y float64) Point {
		v := noise.Step(level-soft, level+soft, waves.At(x, y*long))
		p := Point{Solid: true, Tone: v * 0.7, Height: relief * v}
		if v > 0.5 {
			p.Ink, p.Tone = 1, 0.3+0.7*v
		}
		return p
	}
}

// contours are the lines of equal height on a map.
func contours(r *Rand) Shader {
	levels, thin, tint := r.Between(6, 12), r.Between(0.05, 0.09), r.Between(0, 0.5)
	land, bold := r.Noise(), float64(r.Int(3, 5))
	return func(x, y float64) Point {
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
			return Point{Solid: true, Ink: 1, Tone: 0.2}
		}
		return Point{Solid: true, Tone: 0.75 + tint*math.Floor(h)/levels}
	}
}
