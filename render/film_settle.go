package render

import (
	"math"

	"oneiro/flow"
)

// What comes into sight in the middle of a shot gets few steps in its first frame, and in a strip too narrow
// for large strokes. Held from then on, it would stay a photograph, with a line where the frame before ended.
// So a place is held, and keeps its strokes, as far as it is settled: wholly after as many steps at each size
// as the first frame of a shot has.

// rimWidth is how wide a rim is, as a share of the longer side, that is painted otherwise for the want of what
// lies outside: with the built-in network strokes are paler in the last 2 to 3 %. A place that leaves the rim
// is less settled than it was, for further inside it would show as a line; one that stays there is not.
const rimWidth = 0.05

// inside returns how far places are from the border of a frame, H x W, 1 for those that are not in the rim.
func inside(size Size) []float32 {
	out := make([]float32, size.W*size.H)
	width := max(rimWidth*float64(size.longer()), 1)
	for y := range size.H {
		for x := range size.W {
			depth := 1 + min(x, y, size.W-1-x, size.H-1-y)
			out[y*size.W+x] = float32(min(float64(depth)/width, 1))
		}
	}
	return out
}

// settledFrom returns how far the places of the next frame are settled that are in sight in a frame made
// before, whose state is s and which moves as m says, H x W. inside is that of the frame's size.
func (f *StyleFilm) settledFrom(e *Engine, s *FilmState, m *motion, inside []float32) []float32 {
	was, now := make([]float32, len(inside)), make([]float32, len(inside))
	for i, share := range inside {
		was[i] = share
		if s.settled != nil {
			was[i] *= s.settled[i]
		}
	}
	flow.Warp(now, was, 1, m.back, e.Pool)
	for i, share := range inside {
		now[i] = min(max(now[i]/share, 0), 1)
	}
	return now
}

// settledThen returns how far places are settled once the frame is made, in 255ths; nil is for wholly.
func (f *StyleFilm) settledThen() []float32 {
	if f.held.settled == nil {
		return nil
	}
	more := float32(f.o.FrameIterations) / float32(f.o.Iterations)
	out := make([]float32, len(f.held.settled))
	for i, v := range f.held.settled {
		out[i] = float32(math.Round(float64(min(v+more, 1))*255)) / 255
	}
	return out
}
