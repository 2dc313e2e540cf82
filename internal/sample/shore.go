package sample

import (
	"math"
	"math/rand/v2"

	"oneiro/internal/noise"
)

// drawShore draws the bank that we stand on: grass and flowers, firs at the sides that frame the
// view, and a hut. Places are given in heights of the picture, from the left or the right edge.
func (s *scene) drawShore() {
	rng := rand.New(rand.NewPCG(uint64(s.seed), 1))
	s.drawBank()
	right := float64(s.w)/float64(s.h) - 0.055
	s.fir(rng, 0.455, s.bank(0.455)-0.004, 0.15)
	s.hut(0.265, s.bank(0.40)-0.004)
	s.fir(rng, 0.165, s.bank(0.165)-0.01, 0.40)
	s.fir(rng, right-0.10, s.bank(right-0.10)-0.01, 0.21)
	s.fir(rng, 0.045, s.bank(0.045)-0.03, 0.62)
	s.fir(rng, right+0.02, s.bank(right+0.02)-0.02, 0.36)
	s.drawGrass(rng)
}

// bank returns how far over the horizon (below, when negative) the bank ends.
func (s *scene) bank(e float64) float64 {
	right := float64(s.w)/float64(s.h) - e
	rough := 0.03 * (s.seed.Fractal(7*e, 3.3, 3) - 0.5)
	return rough + max(-0.255-0.20*noise.Step(0.05, 0.85, e)-0.12*noise.Step(0.5, 0.8, e),
		-0.295-0.25*noise.Step(-0.05, 0.5, right))
}

// spot returns the pixel of a place.
func (s *scene) spot(e, v float64) (x, y float64) {
	return e * float64(s.h), s.horizon - v*float64(s.h)
}

var (
	grassDark  = rgb(0x1c2a12)
	grassLight = rgb(0x9a9a3a)
	grassTip   = rgb(0xd8c060)
)

func (s *scene) drawBank() {
	for x := range s.w {
		e := (float64(x) + 0.5) / float64(s.h)
		_, edge := s.spot(e, s.bank(e))
		for y := max(int(edge), 0); y < s.h; y++ {
			_, v := s.ray(x, y)
			n := (s.seed + 500).Fractal(14*e, 40*v, 4)
			c := grassDark.mix(grassLight, 0.55*noise.Step(0.35, 0.75, n))
			i := y*s.w + x
			s.pix[i] = s.pix[i].mix(c, min(float64(y+1)-edge, 1))
		}
	}
}

var flowers = []colour{rgb(0xf4e9e0), rgb(0xf0c020), rgb(0xd03a2a), rgb(0x9a5ac0)}

// drawGrass draws blades from the far to the near, larger as they come nearer, and flowers.
func (s *scene) drawGrass(rng *rand.Rand) {
	h, aspect := float64(s.h), float64(s.w)/float64(s.h)
	const rows = 44
	for row := range rows {
		near := float64(row) / rows
		v := noise.Lerp(-0.24, -0.44, near)
		size := noise.Lerp(0.010, 0.050, near*near)
		for e := -0.02; e < aspect+0.02; e += noise.Lerp(0.0035, 0.009, near) {
			at := e + 0.008*(rng.Float64()-0.5)
			lean, tall, bright := rng.NormFloat64(), 0.5+rng.Float64(), rng.Float64()
			kind := rng.IntN(400)
			if v > s.bank(at)-0.004 {
				continue
			}
			patch := (s.seed + 510).Fractal(6*at, 18*v, 3)
			c := grassDark.mix(grassLight, min(max(0.9*bright*bright+1.6*(patch-0.45), 0), 1))
			x, y := s.spot(at, v)
			tx, ty := x+0.35*lean*size*h, y-tall*size*h
			thick := 0.05 * size * h
			s.dab(x, y, thick, (x+tx)/2-0.1*lean*size*h, (y+ty)/2, 0.8*thick, c, 1)
			s.dab((x+tx)/2-0.1*lean*size*h, (y+ty)/2, 0.8*thick, tx, ty, 0.2*thick, c.mix(grassTip, 0.55*bright), 1)
			if kind < len(flowers)*3 && patch > 0.42 {
				s.dab(tx, ty, 0.11*size*h, tx+0.1*size*h, ty, 0.09*size*h, flowers[kind%len(flowers)].scale(1.2), 1)
			}
		}
	}
}

var (
	needleDark  = rgb(0x101c14)
	needleGreen = rgb(0x35492a)
	needleGold  = rgb(0xb58f3c)
	bark        = rgb(0x3a2a20)
)

// fir draws a tree with its foot at a place, branch by branch from the lowest up, so that the upper
// ones hang over the lower.
func (s *scene) fir(rng *rand.Rand, e, v, tall float64) {
	x, foot := s.spot(e, v)
	tall *= float64(s.h)
	s.dab(x, foot, 0.018*tall, x, foot-0.95*tall, 0.002*tall, bark, 1)
	s.dab(x, foot-0.14*tall, 0.055*tall, x, foot-0.93*tall, 0.004*tall, needleDark, 0.9) // no light near the stem
	const rings = 46
	for ring := range rings {
		up := 0.06 + 0.93*float64(ring)/rings
		reach := 0.23 * tall * math.Pow(1-up, 0.8) * (0.7 + 0.35*rng.Float64())
		y := foot - up*tall
		for k := range 9 {
			side := math.Cos(math.Pi * (float64(k) + rng.Float64()) / 9) // 1 points to the right
			out, hang := reach*(0.6+0.6*rng.Float64()), 0.1+0.7*rng.Float64()
			s.branch(rng, x, y, side*out, (0.55-0.3*up)*out*hang, tall*(1.1-0.75*up), side)
		}
	}
	s.dab(x, foot-0.94*tall, 0.003*tall, x, foot-1.02*tall, 0.001*tall, needleGreen, 1)
}

// branch draws a bough with twigs that hang from it, lit from the right.
func (s *scene) branch(rng *rand.Rand, x, y, dx, dy, tall, side float64) {
	light := min(max(0.28+0.5*side+0.35*rng.NormFloat64()*0.6, 0), 1)
	const twigs = 8
	for t := range twigs {
		a := (float64(t) + 0.6) / twigs
		bx, by := x+a*dx, y+dy*a*(1.5-0.5*a)
		length := 0.027 * tall * (1.15 - 0.6*a) * (0.6 + 0.8*rng.Float64())
		c := needleDark.mix(needleGreen, min(2*light, 1)).mix(needleGold, noise.Step(0.5, 1.15, light+0.45*(a-0.5)))
		c = c.scale(0.7 + 0.6*rng.Float64())
		s.dab(bx, by, 0.0055*tall, bx+0.9*length*side, by+length*(0.5+0.3*rng.Float64()), 0.0018*tall, c, 0.95)
	}
}
