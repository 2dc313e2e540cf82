package sample

import (
	"math"

	"oneiro/internal/noise"
)

// Terrain is sampled on a fan: one line of points for each column of the picture, at distances that
// grow in proportion. From the near end to the far one, each line is then filled up column by
// column (as in the game Comanche), which needs no search for where a ray meets the ground.
const nearest, farthest = 0.7, 52.0

// fan holds heights, row k at distance z[k], one column for each column of the picture and one more on
// either side for slopes.
type fan struct {
	cols   int
	z      []float64
	x      []float64 // of the columns, at distance 1
	height []float64
	shadow []float64 // 0 in the shade to 1
}

func (s *scene) newFan() *fan {
	rows := max(int(1.6*float64(s.h)), 24)
	f := &fan{cols: s.w + 2, z: make([]float64, rows), x: make([]float64, s.w+2)}
	for k := range f.z {
		f.z[k] = nearest * math.Pow(farthest/nearest, float64(k)/float64(rows-1))
	}
	for i := range f.x {
		u, _ := s.ray(i-1, 0)
		f.x[i] = u / lens
	}
	f.height = make([]float64, rows*f.cols)
	for k, z := range f.z {
		// Detail finer than a pixel would only flicker.
		octaves := min(max(int(math.Log2(float64(s.h)*lens/z)+3.5), 4), 9)
		for i, x := range f.x {
			f.height[k*f.cols+i] = s.ground(x*z, z, octaves)
		}
	}
	f.shadow = s.castShadows(f)
	return f
}

// shore returns how far inland a point is: negative on the lake, 1 a lake's width away.
func (s *scene) shore(x, z float64) float64 {
	d := math.Sqrt(x*x/(3.1*3.1)+z*z/(7.5*7.5)) - 1
	return d + 0.55*((s.seed+200).Fractal(0.55*x+7, 0.4*z, 4)-0.5)
}

// ground returns the height of the terrain: hills along the lake, mountains behind.
func (s *scene) ground(x, z float64, octaves int) float64 {
	d := s.shore(x, z)
	if d < -0.05 {
		return -0.1
	}
	hill := 0.02 + 0.95*(s.seed+220).Eroded(0.45*x, 0.45*z, octaves-1)
	h := d * hill * (1 - 0.4*noise.Step(1, 3, d))
	if rise := noise.Step(0.15, 2.2, d); rise > 0 {
		mountain := (s.seed + 240).Eroded(0.16*x+3, 0.16*z, octaves)
		h += 6.2 * rise * mountain * (0.75 + 0.35*noise.Step(12, 40, z))
	}
	return h
}

// castShadows looks for higher ground towards the sun, on every fourth point each way.
func (s *scene) castShadows(f *fan) []float64 {
	const every = 4
	rows, cols := (len(f.z)+every-1)/every+1, (f.cols+every-1)/every+1
	coarse := make([]float64, rows*cols)
	for r := range rows {
		for c := range cols {
			k, i := min(r*every, len(f.z)-1), min(c*every, f.cols-1)
			z := f.z[k]
			x, y := f.x[i]*z, f.height[k*f.cols+i]
			light := 1.0
			for t := 0.12; t < 4 && y > -0.05; t *= 1.45 {
				over := s.ground(x+t*sun[0], z+t*sun[2], 5) - (y + t*sun[1])
				light = min(light, noise.Step(0.12, -0.10, over/t))
			}
			coarse[r*cols+c] = light
		}
	}
	fine := make([]float64, len(f.height))
	for k := range f.z {
		r, ty := k/every, float64(k%every)/every
		for i := range f.cols {
			c, tx := i/every, float64(i%every)/every
			a, b := coarse[r*cols+c:], coarse[(r+1)*cols+c:]
			fine[k*f.cols+i] = noise.Lerp(noise.Lerp(a[0], a[1], tx), noise.Lerp(b[0], b[1], tx), ty)
		}
	}
	return fine
}

// drawTerrain lays the ground over the sky and leaves the lake open.
func (s *scene) drawTerrain() {
	back := s.pix
	s.pix = make([]colour, len(back))
	f := s.newFan()
	for x := range s.w {
		s.fillColumn(f, x)
	}
	for i := range s.pix {
		if float64(i/s.w) < s.horizon {
			s.cover(i, back[i], 1)
		}
	}
}

// fillColumn goes up one column of the picture, from the near to the far.
func (s *scene) fillColumn(f *fan, x int) {
	scale := lens * float64(s.h)
	top := float64(s.h) // all below is filled
	wet := true
	for k, z := range f.z {
		h := f.height[k*f.cols+x+1]
		if h < 0 {
			wet = true
			continue
		}
		if wet { // between here and what is below lies water
			top = min(top, s.horizon+scale*eye/z)
			wet = false
		}
		y := s.horizon - scale*(h-eye)/z
		if y >= top {
			continue
		}
		c := s.surface(f, k, x)
		for row := max(int(y), 0); row < s.h && float64(row) < top; row++ {
			part := min(top, float64(row+1)) - max(y, float64(row))
			s.cover(row*s.w+x, c, part)
		}
		top = y
	}
}

var (
	forest = rgb(0x33452a)
	meadow = rgb(0x7d8a45)
	autumn = rgb(0xa8762f)
	rock   = rgb(0x7a6f69)
	scree  = rgb(0x968a7f)
	snow   = colour{0.90, 0.93, 1.0}
	sand   = rgb(0xa89a78)
	haze   = rgb(0xa9bcd6)
)

// surface returns the light that the ground at row k of the fan sends through column x.
func (s *scene) surface(f *fan, k, x int) colour {
	at := k*f.cols + x + 1
	z, h := f.z[k], f.height[at]
	px := f.x[x+1] * z
	// The slope, from the neighbours across and along; along the ray also moves sideways.
	dx := (max(f.height[at+1], 0) - max(f.height[at-1], 0)) / ((f.x[x+2] - f.x[x]) * z)
	k0, k1 := max(k-1, 0), min(k+1, len(f.z)-1)
	along := (max(f.height[k1*f.cols+x+1], 0) - max(f.height[k0*f.cols+x+1], 0)) / (f.z[k1] - f.z[k0])
	dz := along - dx*f.x[x+1]
	flat := 1 / math.Sqrt(1+dx*dx+dz*dz) // the upward part of the normal
	grain := (s.seed+300).Fractal(9*px, 9*z, 4) - 0.5
	fine := s.seed.At(60*px, 45*z) - 0.5

	ground := rock.mix(scree, noise.Step(-0.2, 0.3, grain)).scale(1 + 0.5*fine)
	green := forest.mix(meadow, 0.9*noise.Step(0.13, 0.26, grain+0.15*(flat-0.6))).
		mix(autumn, noise.Step(0.16, 0.34, -grain)*0.45)
	tree := noise.Step(0.4, 0.62, flat+0.35*grain) * noise.Step(1.7, 0.9, h+0.9*grain)
	crowns := 0.75 + 0.9*fine + 0.8*((s.seed+310).At(26*px, 30*z)-0.5)
	ground = ground.mix(green.scale(crowns), tree)
	white := noise.Step(1.9, 2.8, h+1.2*grain) * noise.Step(0.42, 0.60, flat+0.15*grain)
	ground = ground.mix(snow, white)
	ground = ground.mix(sand, noise.Step(0.012, 0.004, h))

	shine := max((-dx*sun[0]+sun[1]-dz*sun[2])*flat, 0) * f.shadow[at]
	c := ground.times(sunlight.scale(shine).add(skylight, 0.45+0.55*flat))
	return s.air(c, f.x[x+1]*lens, z, h)
}

// air mixes in the light that the air scatters on the way, warmer towards the sun, thicker low down.
func (s *scene) air(c colour, u, z, h float64) colour {
	du := u - sunX
	warm := math.Exp(-3.5 * du * du)
	veil := 1 - math.Exp(-z*0.030*(0.55+0.65*math.Exp(-0.9*max(h, 0))))
	return c.mix(haze.mix(colour{1.0, 0.74, 0.50}, 0.75*warm), veil)
}
