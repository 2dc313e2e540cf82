package flow

// light is how much brighter the second picture is in a block of pixels: a sum of differences, and of how
// many.
type light struct{ sum, count float32 }

const (
	// lightBlock is the side of a block, in pixels of the finest level, and mostLight the largest
	// difference that counts, of 255: more is not light.
	lightBlock = 16
	mostLight  = 40
)

// measureLight finds how much brighter the second picture is than the first, in each block of the finest
// level, by what the refinement knows of both. Edges of the flow do not count.
func (e *Estimator) measureLight(g *grid) {
	cols, rows := lightBlocks(g)
	e.lights = sized(e.lights, cols*rows)
	e.rows(rows, cols*lightBlock*lightBlock, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			for c := range cols {
				var l light
				for y := r * lightBlock; y < min((r+1)*lightBlock, g.h); y++ {
					for x := c * lightBlock; x < min((c+1)*lightBlock, g.w); x++ {
						d := e.refine.change[y*g.w+x]
						if e.edges[y*g.w+x] == 0 && d < mostLight && d > -mostLight {
							l.sum += d
							l.count++
						}
					}
				}
				e.lights[r*cols+c] = l
			}
		}
	})
}

func lightBlocks(g *grid) (cols, rows int) {
	return (g.w + lightBlock - 1) / lightBlock, (g.h + lightBlock - 1) / lightBlock
}

// lightAt returns how much brighter the second picture is around a pixel of the finest level: in its block
// and the eight around it.
func (e *Estimator) lightAt(g *grid, x, y int) float32 {
	cols, rows := lightBlocks(g)
	c, r := x/lightBlock, y/lightBlock
	var all light
	for j := max(r-1, 0); j <= min(r+1, rows-1); j++ {
		for i := max(c-1, 0); i <= min(c+1, cols-1); i++ {
			l := &e.lights[j*cols+i]
			all.sum, all.count = all.sum+l.sum, all.count+l.count
		}
	}
	if all.count == 0 {
		return 0
	}
	return all.sum / all.count
}
