package render

import (
	"oneiro/autodiff"
	"oneiro/autodiff/optim"
)

// room is where vectors lie that have a value for each pixel of the canvas, or for each position of a layer.
// The zero room is memory. The others are files, of which no more than what is being worked on is in memory:
// who reads or writes a part of a vector releases it then.
type room struct {
	scratch *optim.Scratch
	backend optim.Backend
}

func (r room) isFile() bool { return r.scratch != nil }

// vector returns n zeros.
func (r room) vector(n int) []float32 {
	if r.isFile() {
		return r.backend.Vector(n)
	}
	return make([]float32, n)
}

// release lets a part of a vector leave memory.
func (r room) release(part []float32) {
	if r.isFile() {
		r.scratch.Release(part)
	}
}

// own returns a vector that lies in the room: v, or a copy if v is in memory and the room is a file.
func (r room) own(v []float32) []float32 {
	if !r.isFile() || r.scratch.Has(v) {
		return v
	}
	filed := r.vector(len(v))
	r.copy(filed, v)
	return filed
}

// copy is the built-in one.
func (r room) copy(dst, src []float32) {
	r.pieces(src, func(lo, hi int) {
		copy(dst[lo:hi], src[lo:hi])
		r.release(dst[lo:hi])
	})
}

// pieces calls do for one piece of a vector after the other, and releases them.
func (r room) pieces(v []float32, do func(lo, hi int)) {
	for lo := 0; lo < len(v); lo += vectorPiece {
		hi := min(lo+vectorPiece, len(v))
		do(lo, hi)
		r.release(v[lo:hi])
	}
}

// fill gives a constant its values, which lie in the room. Of a file they are not to be read as a whole again.
func (r room) fill(c *autodiff.Tensor, values []float32) {
	c.Data, c.Energy = values, 0
	if r.isFile() {
		r.pieces(values, func(lo, hi int) {
			for _, v := range values[lo:hi] { // in this order, as a Factor does
				c.Energy += float64(v) * float64(v)
			}
		})
	}
}

// rooms says where each of the constants of a stage lies.
type rooms func(c *autodiff.Tensor) room

func (r rooms) of(c *autodiff.Tensor) room {
	if r == nil {
		return room{}
	}
	return r(c)
}

// openRoom takes the file for a stage, if one is planned. What lay there before is gone. The state of the
// optimiser lies in the backend, nil for elsewhere, and the canvas and what goes with it in the room.
func (e *Engine) openRoom(p *SizePlan) (room, optim.Backend) {
	if p.Disk == 0 {
		return room{}, nil
	}
	backend := e.scratch.Backend(e.Kernels, e.Pool)
	if p.Tiles.Count() == 0 {
		return room{}, backend
	}
	return room{e.scratch, backend}, backend
}

// spill plans the canvas of a stage on tiles, and what else has a value for each of its pixels, in a file.
func (j *Job) spill(p *problem, t *tiles, plan *SizePlan) {
	size := p.stage.Size
	n := j.spec.Canvas.Len(p.stage)
	vectors := j.spec.Optimizer(p.stage).Bytes(n) + filedCanvases*4*int64(n) + j.carriedBytes(p.stage.Index)
	plan.Disk = optim.ScratchBytes(vectors) + j.picturesDisk()
	for _, m := range t.split.Maps {
		if m.Tensor() != nil {
			plan.Disk += optim.ScratchBytes(m.Shape.Bytes())
		}
	}
	plan.Optimizer = inFlight(size) + j.spec.Shaping.bytes(size)
	plan.Canvas = j.spec.Canvas.Bytes(p.stage) + j.spec.Transform.Bytes(size)
}

// filedCanvases is how many vectors as large as the canvas are in the file: itself, the step before, the best
// one, that of a checkpoint, and the gradient that the report is made of.
const filedCanvases = 5

// inFlight returns how much of the file is in memory while a canvas of a size is read or written.
func inFlight(s Size) int64 { return min(32<<20, canvasBytes(s)) }

// canvasBytes returns the memory of the pixels of a canvas.
func canvasBytes(s Size) int64 { return 4 * 3 * int64(s.W) * int64(s.H) }

// ends returns the most memory that a stage with its canvas in a file takes before its steps, while the
// canvas is made, and after them, while its picture is.
func (j *Job) ends(p *problem, plan *SizePlan) int64 {
	canvas := 4 * int64(j.spec.Canvas.Len(p.stage))
	before, after := j.pictures(p.stage.Index)
	if i := p.stage.Index; i > 0 {
		before += 4 * int64(j.spec.Canvas.Len(j.stage(i-1)))
	}
	if maker, ok := j.spec.Schedule.(interface{ canvases(stage int) int64 }); ok {
		before += maker.canvases(p.stage.Index) * canvas
	} else {
		before += startCanvases * canvas
	}
	after += canvas + plan.Plan.ConstBytes()
	return max(before, after) + plan.Canvas + plan.Tiles.Bytes + inFlight(p.stage.Size) + runtimeBytes
}

// startCanvases is how many copies of the canvas there are in memory while it is made, unless a schedule says
// something else.
const startCanvases = 3
