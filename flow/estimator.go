package flow

import (
	"fmt"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Estimator finds flows between pictures of one size. It holds all the memory that it needs, and serves one
// caller at a time.
type Estimator struct {
	w, h    int
	preset  Preset
	finest  int      // level at which motion is looked for at last
	sizes   [][2]int // of all levels
	pool    *parallel.Pool
	kernels *simd.Kernels

	raw     []float32 // a level before it is smoothed
	search  patches
	refine  refinement
	flow    []grid  // of each level from the finest on
	lights  []light // of blocks of the finest level
	edges   []edge  // of the finest level
	sharper *Field  // before it is settled
}

// New returns an estimator for pictures of w x h pixels. It runs on the pool, which the caller closes.
func New(w, h int, preset Preset, pool *parallel.Pool) *Estimator {
	if w < 1 || h < 1 || preset.Stride < 1 || preset.Stride > patch {
		panic(fmt.Sprintf("flow: New: pictures of %dx%d with %+v", w, h, preset))
	}
	e := &Estimator{w: w, h: h, preset: preset, pool: pool, kernels: simd.Best(), raw: make([]float32, w*h)}
	finest, coarsest := preset.levels(w, h)
	e.finest, e.flow = finest, make([]grid, coarsest+1)
	for k := range e.flow {
		e.sizes = append(e.sizes, [2]int{w, h})
		if k >= finest {
			e.flow[k] = newGrid(w, h)
		}
		w, h = (w+1)/2, (h+1)/2
	}
	if preset.Edges {
		e.edges = make([]edge, e.sizes[finest][0]*e.sizes[finest][1])
		e.sharper = NewField(e.w, e.h)
	}
	return e
}

// Estimate sets dst to the flow from one picture to another.
func (e *Estimator) Estimate(dst *Field, from, to *Frame) {
	dst.check("Estimate")
	if dst.W != e.w || dst.H != e.h {
		panic(fmt.Sprintf("flow: Estimate: a flow of %dx%d of pictures of %dx%d", dst.W, dst.H, e.w, e.h))
	}
	var coarser *grid
	for k := len(e.sizes) - 1; k >= e.finest; k-- {
		a, b, g := &from.levels[k], &to.levels[k].image, &e.flow[k]
		e.search.reset(g.w, g.h, e.preset.Stride)
		e.descend(a, b, coarser)
		e.densify(g, &a.image, b)
		if e.preset.Refinements > 0 {
			e.refineLevel(g, &a.image, b)
		}
		coarser = g
	}
	e.enlarge(dst, coarser)
	if e.preset.Edges {
		e.sharpen(dst, coarser, &from.sharp, &to.sharp)
		e.settle(dst, coarser)
	}
}

// enlarge sets dst to the flow of the finest level, interpolated bilinearly.
func (e *Estimator) enlarge(dst *Field, g *grid) {
	scale := float32(int(1) << e.finest)
	e.rows(dst.H, dst.W, func(lo, hi int) {
		rows := make([]float32, 2*g.stride)
		ru, rv := rows[:g.stride], rows[g.stride:]
		for y := lo; y < hi; y++ {
			sy := min(max((float32(y)+0.5)/scale-0.5, 0), float32(g.h-1))
			j := int(sy)
			fy := sy - float32(j)
			above, below := g.at(-1, j), g.at(-1, min(j+1, g.h-1))
			for x := range ru {
				ru[x] = scale * (g.u[above+x] + fy*(g.u[below+x]-g.u[above+x]))
				rv[x] = scale * (g.v[above+x] + fy*(g.v[below+x]-g.v[above+x]))
			}
			for _, r := range [][]float32{ru, rv} { // the pixels beyond the ends are those at the ends
				r[0], r[g.w+1] = r[1], r[g.w]
			}
			u, v := dst.U[y*dst.W:][:dst.W], dst.V[y*dst.W:][:dst.W]
			for x := range u {
				sx := (float32(x)+0.5)/scale + 0.5
				i := int(sx)
				fx := sx - float32(i)
				u[x], v[x] = ru[i]+fx*(ru[i+1]-ru[i]), rv[i]+fx*(rv[i+1]-rv[i])
			}
		}
	})
}

// grid is the flow at one level, with a pixel around it for the equations at its edges.
type grid struct {
	w, h, stride int
	u, v         []float32
}

func newGrid(w, h int) grid {
	n := (w + 2) * (h + 2)
	return grid{w, h, w + 2, make([]float32, n), make([]float32, n)}
}

// at returns the place of a pixel.
func (g *grid) at(x, y int) int { return (y+1)*g.stride + 1 + x }

// near returns the place of a pixel, or of the nearest one of the picture.
func (g *grid) near(x, y int) int { return g.at(min(max(x, 0), g.w-1), min(max(y, 0), g.h-1)) }

// sample returns the flow between pixels, by bilinear interpolation; beyond the outermost pixels theirs.
func (g *grid) sample(x, y float32) (u, v float32) {
	x, y = min(max(x, 0), float32(g.w-1)), min(max(y, 0), float32(g.h-1))
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	right, down := 1, g.stride
	if i+1 == g.w {
		right = 0
	}
	if j+1 == g.h {
		down = 0
	}
	p := g.at(i, j)
	return bilinear(g.u, p, right, down, fx, fy), bilinear(g.v, p, right, down, fx, fy)
}

// bilinear interpolates between element p, the ones right of it and below, and that beyond both.
func bilinear(s []float32, p, right, down int, fx, fy float32) float32 {
	top := s[p] + fx*(s[p+right]-s[p])
	bottom := s[p+down] + fx*(s[p+down+right]-s[p+down])
	return top + fy*(bottom-top)
}
