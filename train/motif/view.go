package motif

import "oneiro/internal/noise"

// view maps a picture, -1..1 in x and y, to the plane of a motif.
type view struct {
	half         float64 // units from the centre of the picture to its side
	angle        float64
	wide, tall   float64 // stretch
	tiltX, tiltY float64 // perspective
	warp         float64 // largest shift of points by noise, in halves
	sideways     noise.Field
	upwards      noise.Field
	x, y         float64
	repeat       bool // of an object, on a grid
	mirrored     bool // of an object
}

// period is the distance between repeated objects.
const period = 2.15

func newView(c *class, r *rng) view {
	span := c.span
	if span == [2]float64{} {
		span = [2]float64{3, 8}
		if c.object {
			span = [2]float64{1.8, 3.2}
		}
	}
	v := view{wide: r.between(0.87, 1.15), tall: r.between(0.87, 1.15), sideways: r.noise(),
		upwards: r.noise()}
	v.half = r.between(span[0], span[1]) / 2
	if c.upright {
		v.angle = r.between(-0.35, 0.35)
	} else {
		v.angle = r.angle()
	}
	if r.chance(0.35) {
		v.tiltX, v.tiltY = r.between(-0.3, 0.3), r.between(-0.3, 0.3)
	}
	if r.chance(0.6) {
		v.warp = r.between(0, 0.12)
	}
	if c.object {
		v.mirrored = r.chance(0.5)
		v.x, v.y = v.half*r.between(-0.25, 0.25), v.half*r.between(-0.25, 0.25)
		if v.repeat = r.chance(0.2); v.repeat {
			v.half *= r.between(1.2, 1.8)
		}
	} else {
		v.x, v.y = r.between(-50, 50), r.between(-50, 50)
	}
	return v
}

func (v *view) at(x, y float64) (float64, float64) {
	if v.warp > 0 {
		x, y = x+v.warp*v.sideways.At(1.7*x, 1.7*y), y+v.warp*v.upwards.At(1.7*x, 1.7*y)
	}
	depth := 1 + v.tiltX*x + v.tiltY*y
	x, y = turn(v.half*v.wide*x/depth, v.half*v.tall*y/depth, v.angle)
	x, y = x+v.x, y+v.y
	if v.repeat {
		x, y = (frac(x/period+0.5)-0.5)*period, (frac(y/period+0.5)-0.5)*period
	}
	if v.mirrored {
		x = -x
	}
	return x, y
}
