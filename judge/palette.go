package judge

import (
	"math"
	"sort"

	"oneiro/internal/imageio"
)

// directions is the number of directions onto which colours are projected, and quantiles how many of the
// projections are compared.
const (
	directions = 32
	quantiles  = 256
)

// palette is a distribution of colours: for each direction the projections with their weights.
type palette struct{ along [directions][]weighted }

type weighted struct{ value, weight float64 }

func newPalette() *palette { return new(palette) }

// add adds the colours of a picture, at most 64 x 64 pixels of it at equal distances.
func (p *palette) add(im *imageio.Image, weight float64) {
	small := spread(im, 64)
	lab := oklab(small)
	n := small.W * small.H
	for d := range p.along {
		// A spiral from pole to pole of a half sphere.
		z := (float64(d) + 0.5) / directions
		r, turn := math.Sqrt(1-z*z), float64(d)*math.Pi*(3-math.Sqrt(5))
		x, y := r*math.Cos(turn), r*math.Sin(turn)
		for i := range n {
			v := z*lab[0][i] + x*lab[1][i] + y*lab[2][i]
			p.along[d] = append(p.along[d], weighted{v, weight / float64(n)})
		}
	}
}

// spread returns a picture of at most side x side pixels of another.
func spread(im *imageio.Image, side int) *imageio.Image {
	out := imageio.New(min(im.W, side), min(im.H, side))
	for y := range out.H {
		for x := range out.W {
			from := (2*y+1)*im.H/(2*out.H)*im.W + (2*x+1)*im.W/(2*out.W)
			copy(out.Pix[3*(y*out.W+x):][:3], im.Pix[3*from:])
		}
	}
	return out
}

// distance returns the sliced Wasserstein distance of order 1 (Bonneel et al. 2015): how far colours have
// to move, in OkLab, as seen along one direction, in the mean over directions.
func (p *palette) distance(target *palette) float64 {
	var sum float64
	for d := range p.along {
		own, theirs := quantilesOf(p.along[d]), quantilesOf(target.along[d])
		for i, v := range own {
			sum += math.Abs(v - theirs[i])
		}
	}
	return sum / directions / quantiles
}

// quantilesOf returns values at equal steps of the distribution. It sorts all.
func quantilesOf(all []weighted) (values [quantiles]float64) {
	sort.Slice(all, func(i, k int) bool { return all[i].value < all[k].value })
	var total, below float64
	for _, v := range all {
		total += v.weight
	}
	at := 0
	for q := range values {
		for want := (float64(q) + 0.5) / quantiles * total; at < len(all)-1 && below+all[at].weight < want; at++ {
			below += all[at].weight
		}
		values[q] = all[at].value
	}
	return values
}
