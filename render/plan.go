package render

import (
	"errors"

	"oneiro/autodiff"
)

// SizePlan is what the steps of a stage need.
type SizePlan struct {
	W, H      int
	Plan      *autodiff.Plan
	Footprint autodiff.Footprint
	// Optimizer is the memory of the optimiser, Canvas that of the copies of the canvas beside it, and
	// Pictures that of the pictures that were read, all in bytes.
	Optimizer, Canvas, Pictures int64
}

// runtimeBytes is what the process takes before it does anything: code, the Go runtime, buffers.
const runtimeBytes = 24 << 20

// canvasCopies is how many copies of the canvas there are: itself, the step before, the best, and two while
// sizes change.
const canvasCopies = 5

// Peak returns the most memory that the process is expected to take in this stage.
func (p *SizePlan) Peak() int64 {
	return p.Footprint.Total() + p.Optimizer + p.Canvas + p.Pictures + runtimeBytes
}

// onGPU returns how much of a GPU's memory is taken if the device is one: pictures and the process itself
// are not there, but some copies of the canvas are.
func (p *SizePlan) onGPU() int64 {
	return p.Footprint.Total() + p.Optimizer + progressVectors*4*int64(p.W*p.H*3)
}

// Fits returns a *MemoryError if the plan takes more than the engine may, or than the machine or the GPU has.
func (p *SizePlan) Fits(e *Engine) error {
	if e.GPUMemory > 0 {
		if need, have := p.onGPU(), e.gpuLimit(); need > have {
			return &MemoryError{Need: need, Have: have, Budget: e.Memory == have, GPU: true, W: p.W, H: p.H}
		}
		return nil
	}
	err := &MemoryError{Need: p.Peak(), W: p.W, H: p.H}
	if err.Have = e.Memory; err.Have > 0 && err.Need > err.Have {
		err.Budget = true
		return err
	}
	if err.Have = machineMemory(); err.Have > 0 && err.Need > err.Have {
		return err
	}
	return nil
}

// fit returns the *MemoryError of the plan that needs most, if not all plans fit: what it asks for is
// enough for all.
func fit(plans []SizePlan, e *Engine) error {
	var worst *MemoryError
	for i := range plans {
		if err, ok := errors.AsType[*MemoryError](plans[i].Fits(e)); ok && (worst == nil || err.Need > worst.Need) {
			worst = err
		}
	}
	if worst == nil {
		return nil
	}
	return worst
}

// build makes the problem of a stage, with a plan for which the process takes no more than the engine
// allows: if need be features are computed again, and the device gets what is left as its limit, to make
// the most of. If that is not enough, it is the smallest plan.
func (j *Job) build(i int) (*problem, SizePlan) {
	e, p := j.engine, newProblem(j.stage(i), &j.spec)
	p.plan = autodiff.Compile(e.Device, p.outputs...)
	plan := j.sizePlan(p)
	switch {
	case e.GPUMemory > 0:
		p.limit = max(e.gpuLimit()-(plan.onGPU()-plan.Footprint.Total()), 1)
		if plan = j.sizePlan(p); plan.onGPU() > e.gpuLimit() {
			p.plan = autodiff.CompileRecompute(e.Device, p.outputs...)
			plan = j.sizePlan(p)
		}
	case e.Memory > 0:
		if plan.Peak() > e.Memory {
			p.plan = autodiff.CompileRecompute(e.Device, p.outputs...)
		}
		p.limit = max(e.Memory-(plan.Peak()-plan.Footprint.Total()), 1)
		plan = j.sizePlan(p)
	}
	return p, plan
}

// sizePlan returns what a problem needs with its plan.
func (j *Job) sizePlan(p *problem) SizePlan {
	size := p.stage.Size
	n := size.W * size.H * 3
	plan := SizePlan{
		W: size.W, H: size.H, Plan: p.plan, Footprint: j.engine.Device.Footprint(p.plan, p.limit),
		Optimizer: j.spec.Optimizer.Bytes(n),
		Canvas:    canvasCopies*4*int64(n) + j.spec.Canvas.Bytes(size) + j.spec.Transform.Bytes(size),
	}
	for _, im := range j.spec.Pictures {
		plan.Pictures += 4 * int64(len(im.Pix)+len(im.Alpha))
	}
	return plan
}
