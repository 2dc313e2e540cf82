package render

import (
	"context"

	"oneiro/autodiff"
)

// sweep computes a graph on the windows of a picture, tile by tile. The windows have one size, so that one
// program does for all of them.
type sweep struct {
	root         *autodiff.Node // the input for the window
	maps         []autodiff.Map
	params       []autodiff.Param
	masks        []autodiff.Mask
	down, across autodiff.Tiling
	plan         *autodiff.Plan
	limit        int64 // as whole.limit
	room         room  // of what maps are windows of

	program autodiff.Program
	buffers map[*autodiff.Node][]float32 // of the inputs above; they stay
}

// tiled returns the tiles of a split for a device, at most size pixels wide and high as far as that goes.
func tiled(s *autodiff.Split, d autodiff.Fuser, size int, pass autodiff.Pass) (down, across autodiff.Tiling) {
	unit := s.Phase(d)
	return s.Tiling(0, size, unit[0], pass), s.Tiling(1, size, unit[1], pass)
}

// tiles returns how many there are.
func (s *sweep) tiles() int { return len(s.down.Tiles) * len(s.across.Tiles) }

// pixels returns how many pixels are computed for all tiles, halos included.
func (s *sweep) pixels() int { return s.tiles() * s.down.Size * s.across.Size }

// flops returns the floating-point operations for all tiles.
func (s *sweep) flops() float64 { return float64(s.tiles()) * s.plan.FLOPs() }

// bytes returns the memory of the buffers.
func (s *sweep) bytes() int64 {
	sum := s.root.Shape.Bytes()
	for _, m := range s.maps {
		sum += m.Input.Shape.Bytes()
	}
	for _, m := range s.masks {
		sum += m.Input.Shape.Bytes()
	}
	return sum
}

func (s *sweep) load(d autodiff.Device) (err error) {
	if s.program, err = d.Load(s.plan, s.limit); err != nil {
		return err
	}
	if s.buffers != nil {
		return nil
	}
	s.buffers = map[*autodiff.Node][]float32{s.root: make([]float32, s.root.Shape.Len())}
	for _, m := range s.maps {
		s.buffers[m.Input] = make([]float32, m.Input.Shape.Len())
	}
	for _, m := range s.masks {
		s.buffers[m.Input] = make([]float32, m.Input.Shape.Len())
	}
	return nil
}

func (s *sweep) close() error {
	if s.program == nil {
		return nil
	}
	p := s.program
	s.program = nil
	return p.Close()
}

// run computes all tiles of a picture rolled by shift, in order, and calls done with each. values returns what
// an input of the split graph, or the source of a map, holds.
func (s *sweep) run(
	ctx context.Context, picture raster, shift [2]int, values func(source *autodiff.Node) []float32,
	done func(down, across autodiff.Tile),
) error {
	for _, p := range s.params {
		s.program.Write(p.Input, values(p.Of))
	}
	for _, y := range s.down.Tiles {
		for _, x := range s.across.Tiles {
			b := s.buffers[s.root]
			picture.cut(b, s.root.Shape, y.Window-shift[0], x.Window-shift[1])
			s.program.Write(s.root, b)
			for _, m := range s.maps {
				b, of := s.buffers[m.Input], m.Of.Shape
				top, left := y.Window/m.Step[0], x.Window/m.Step[1]
				if m.Rolled {
					top, left = top-shift[0], left-shift[1]
				}
				raster{values(m.Of), of.H, of.W, of.C, s.room}.cut(b, m.Input.Shape, top, left)
				s.program.Write(m.Input, b)
			}
			for _, m := range s.masks {
				b := s.buffers[m.Input]
				cover(b, m, y, x)
				s.program.Write(m.Input, b)
			}
			if err := s.program.Run(ctx); err != nil {
				return err
			}
			done(y, x)
		}
	}
	return nil
}

// cover sets a mask to 1 at the positions of a tile and to 0 elsewhere.
func cover(mask []float32, m autodiff.Mask, y, x autodiff.Tile) {
	clear(mask)
	y0, y1 := y.Of(m.Step[0], m.Extent[0])
	x0, x1 := x.Of(m.Step[1], m.Extent[1])
	for row := y0; row < y1; row++ {
		at := (row-y.Window/m.Step[0])*m.Input.Shape.W - x.Window/m.Step[1]
		for i := at + x0; i < at+x1; i++ {
			mask[i] = 1
		}
	}
}

// raster is h rows of w positions with c values each, which continue at their opposite edges.
type raster struct {
	values  []float32
	h, w, c int
	room    room // of the values
}

// cut copies a window to dst, which has its shape.
func (r raster) cut(dst []float32, window autodiff.Shape, top, left int) {
	r.runs(window.H, window.W, top, left, func(at, in, n int) { copy(dst[in:in+n], r.values[at:at+n]) })
}

// paste copies a part of a window to a place: h x w positions, the first of which is at row top and column left
// of r, and at row y and column x of the window, which is width positions wide.
func (r raster) paste(window []float32, width, y, x, h, w, top, left int) {
	for row := range h {
		from := window[((y+row)*width+x)*r.c:]
		r.runs(1, w, top+row, left, func(at, in, n int) { copy(r.values[at:at+n], from[in:in+n]) })
	}
}

// tile copies what a window, width positions wide, has of a tile to its place. Positions are step pixels apart.
func (r raster) tile(window []float32, width int, y, x autodiff.Tile, step [2]int) {
	y0, y1 := y.Of(step[0], r.h)
	x0, x1 := x.Of(step[1], r.w)
	r.paste(window, width, y0-y.Window/step[0], x0-x.Window/step[1], y1-y0, x1-x0, y0, x0)
}

// runs visits the runs of values that make up h x w positions: where they are in r and in the window, and how
// many.
func (r raster) runs(h, w, top, left int, visit func(at, in, n int)) {
	for row := range h {
		y := modulo(top+row, r.h)
		for done := 0; done < w; {
			x := modulo(left+done, r.w)
			n := min(w-done, r.w-x)
			visit((y*r.w+x)*r.c, (row*w+done)*r.c, n*r.c)
			done += n
		}
		r.room.release(r.values[y*r.w*r.c:][:r.w*r.c])
	}
}

func modulo(i, n int) int { return (i%n + n) % n }
