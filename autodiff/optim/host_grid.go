package optim

import "fmt"

// The taps of Backend.Halve along each axis, at positions 2i-1 ... 2i+2 of the larger grid. Twice as large they
// are those of Backend.Double.
const (
	outerTap = 0.125
	innerTap = 0.375
)

// gridOperation is an operation on two grids, of which one has half as many positions each way.
type gridOperation struct {
	large, small []float32
	grid         Grid // of large
	half         Grid // of small
	s, t         float32
	doubles      bool // it sets large
}

// Halve implements [Backend].
func (h *host) Halve(dst, x []float32, g Grid) {
	h.runGrid(gridOperation{large: x, small: dst, grid: g, half: g.Half()})
}

// Double implements [Backend].
func (h *host) Double(dst []float32, s float32, x []float32, t float32, g Grid) {
	h.runGrid(gridOperation{large: dst, small: x, grid: g, half: g.Half(), s: s, t: t, doubles: true})
}

// pieceRows returns how many rows of the result are a piece of work: about pieceLen elements of the larger
// grid.
func (o *gridOperation) pieceRows() int {
	rows := pieceLen / (o.grid.W * o.grid.C)
	if !o.doubles {
		rows /= 2
	}
	return max(rows, 1)
}

// rows returns how many rows the result has.
func (o *gridOperation) rows() int {
	if o.doubles {
		return o.grid.H
	}
	return o.half.H
}

func (h *host) runGrid(o gridOperation) {
	if len(o.large) != o.grid.Len() || len(o.small) != o.half.Len() {
		panic(fmt.Sprintf("optim: %d and %d elements for a grid of %v", len(o.large), len(o.small), o.grid))
	}
	threads := 1
	if h.pool != nil {
		threads = h.pool.Threads()
	}
	for len(h.buffers) < threads {
		h.buffers = append(h.buffers, nil)
	}
	for i, b := range h.buffers {
		if len(b) < o.grid.W*o.grid.C {
			h.buffers[i] = make([]float32, o.grid.W*o.grid.C)
		}
	}
	h.grid = o
	pieces := (o.rows() + o.pieceRows() - 1) / o.pieceRows()
	if h.pool == nil || pieces == 1 {
		for i := range pieces {
			h.gridPiece(i, 0)
		}
	} else {
		h.pool.Run(pieces, h.gridTask)
	}
	h.grid = gridOperation{} // keeps nothing of the caller's alive
}

func (h *host) gridPiece(i, worker int) {
	o := &h.grid
	lo := i * o.pieceRows()
	hi := min(lo+o.pieceRows(), o.rows())
	for y := lo; y < hi; y++ {
		if o.doubles {
			h.doubleRow(y, h.buffers[worker])
		} else {
			h.halveRow(y, h.buffers[worker])
		}
	}
	if h.release == nil {
		return
	}
	large, small := o.grid.W*o.grid.C, o.half.W*o.half.C
	if o.doubles {
		h.release(o.large[lo*large : hi*large])
		h.release(o.small[lo/2*small : (hi+1)/2*small])
	} else {
		h.release(o.large[2*lo*large : min(2*hi, o.grid.H)*large])
		h.release(o.small[lo*small : hi*small])
	}
}

// halveRow sets row y of small.
func (h *host) halveRow(y int, buffer []float32) {
	o := &h.grid
	n, c := o.grid.W*o.grid.C, o.grid.C
	row := func(i int) []float32 { return o.large[i*n : (i+1)*n] }
	v := buffer[:n]
	h.kernels.Scale(v, row(2*y), innerTap)
	if 2*y+1 < o.grid.H {
		h.kernels.Axpy(v, row(2*y+1), innerTap)
	}
	if y > 0 {
		h.kernels.Axpy(v, row(2*y-1), outerTap)
	}
	if 2*y+2 < o.grid.H {
		h.kernels.Axpy(v, row(2*y+2), outerTap)
	}
	dst := o.small[y*o.half.W*c:][:o.half.W*c]
	at := func(i int) float32 {
		if i < 0 || i >= n {
			return 0
		}
		return v[i]
	}
	inside := max((o.grid.W-2)/2, 1) // positions from 1 to here read four others
	edge := func(x int) {
		for k := range c {
			i := 2*x*c + k
			dst[x*c+k] = outerTap*at(i-c) + innerTap*at(i) + innerTap*at(i+c) + outerTap*at(i+2*c)
		}
	}
	edge(0)
	for x := 1; x < inside; x++ {
		to, from := dst[x*c:][:c], v[(2*x-1)*c:][:4*c]
		for k := range to {
			to[k] = outerTap*from[k] + innerTap*from[c+k] + innerTap*from[2*c+k] + outerTap*from[3*c+k]
		}
	}
	for x := max(inside, 1); x < o.half.W; x++ {
		edge(x)
	}
}

// doubleRow sets row y of large.
func (h *host) doubleRow(y int, buffer []float32) {
	o := &h.grid
	n, c := o.half.W*o.half.C, o.half.C
	row := func(i int) []float32 { return o.small[i*n : (i+1)*n] }
	v := buffer[:n]
	h.kernels.Scale(v, row(y/2), 2*innerTap)
	if other := y/2 + 2*(y%2) - 1; other >= 0 && other < o.half.H {
		h.kernels.Axpy(v, row(other), 2*outerTap)
	}
	dst := o.large[y*o.grid.W*c:][:o.grid.W*c]
	inner, outer := 2*innerTap*o.t, 2*outerTap*o.t
	for x := range o.grid.W {
		to, near := dst[x*c:][:c], v[x/2*c:][:c]
		other := x/2 + 2*(x%2) - 1
		if other < 0 || other >= o.half.W {
			for k := range to {
				to[k] = o.s*to[k] + inner*near[k]
			}
			continue
		}
		far := v[other*c:][:c]
		for k := range to {
			to[k] = o.s*to[k] + inner*near[k] + outer*far[k]
		}
	}
}
