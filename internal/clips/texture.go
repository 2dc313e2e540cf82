package clips

import (
	"math"
	"slices"
	"sync"

	"oneiro/train/motif"
)

// texture is a picture that covers the plane again and again: n x n pixels of three values.
type texture struct {
	n   int
	pix []float32
}

// textures say what the textures of layers are: how wide one is, in heights of the picture, and of how many
// motifs each way.
var textures = []struct {
	wide  float64
	tiles int
}{{2, 6}, {1, 4}, {2, 5}}

// newTexture draws a texture for pictures of h pixels, at twice their resolution.
func newTexture(which, h int) *texture {
	row := textures[which]
	names := motif.Names()
	first := slices.Index(names, "brick") // textures follow
	side := max(int(2*row.wide*float64(h)/float64(row.tiles)+0.5), 2)
	t := &texture{n: side * row.tiles}
	t.pix = make([]float32, 3*t.n*t.n)
	var group sync.WaitGroup
	for k := range row.tiles * row.tiles {
		group.Go(func() {
			pix := make([]float32, 3*side*side)
			class := first + (7*which+5*k)%(len(names)-first)
			motif.Draw(pix, side, class, uint64(which), uint64(k))
			for y := range side {
				at := (k/row.tiles*side+y)*t.n + k%row.tiles*side
				copy(t.pix[3*at:], pix[3*side*y:][:3*side])
			}
		})
	}
	group.Wait()
	return t
}

// at returns the colour at a place, in pixels, by bilinear interpolation.
func (t *texture) at(x, y float64) (c [3]float64) {
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := wrapped(int(fx), t.n), wrapped(int(fy), t.n)
	right, down := wrapped(i+1, t.n), wrapped(j+1, t.n)
	fx, fy = x-fx, y-fy
	for k := range c {
		value := func(x, y int) float64 { return float64(t.pix[3*(y*t.n+x)+k]) }
		top := value(i, j) + fx*(value(right, j)-value(i, j))
		bottom := value(i, down) + fx*(value(right, down)-value(i, down))
		c[k] = top + fy*(bottom-top)
	}
	return c
}

func wrapped(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}
