package render

import (
	"errors"

	"oneiro/autodiff"
	"oneiro/autodiff/optim"
)

// SizePlan is what a stage needs: for its steps, and before them for its targets.
type SizePlan struct {
	W, H      int
	Plan      *autodiff.Plan
	Footprint autodiff.Footprint
	// Optimizer is the memory of the optimiser, Canvas that of the copies of the canvas beside it, and
	// Pictures that of the pictures that later stages need, all in bytes.
	Optimizer, Canvas, Pictures int64
	// Disk is the room in a file, in bytes, for the state of the optimiser and the canvases that are remembered,
	// if they do not fit into memory; see Engine.Scratch. Optimizer is then the one vector, such as the gradient,
	// that passes through memory.
	Disk int64
	// Reading is the most memory that the process takes while pictures and parameters are read; 0 but for the
	// first stage.
	Reading int64

	targets []targetPlan
}

// targetPlan is what a program needs that computes targets, before the steps.
type targetPlan struct {
	footprint autodiff.Footprint
	beside    int64 // bytes that the process takes beside the program
}

// runtimeBytes is what the process takes before it does anything: code, the Go runtime, buffers.
const runtimeBytes = 24 << 20

// canvasCopies is how many copies of the canvas there are: itself, the step before, the best, and two while
// sizes change.
const canvasCopies = 5

// Peak returns the most memory that the process is expected to take in this stage.
func (p *SizePlan) Peak() int64 {
	peak := max(p.Steps(), p.Reading)
	for _, t := range p.targets {
		peak = max(peak, t.footprint.Total()+t.beside)
	}
	return peak
}

// targetsMapped returns the most memory outside of Go's heap that is taken while targets are computed.
func (p *SizePlan) targetsMapped() int64 {
	var most int64
	for _, t := range p.targets {
		most = max(most, t.footprint.Mapped)
	}
	return most
}

// Steps returns the most memory that the process is expected to take in the steps of this stage. Peak is more
// if a style picture is shown so much larger than the canvas that its targets need more.
func (p *SizePlan) Steps() int64 { return p.Footprint.Total() + p.Optimizer + p.host() }

// host returns what the process takes in any case.
func (p *SizePlan) host() int64 { return p.Canvas + p.Pictures + runtimeBytes }

// onGPU returns how much of a GPU's memory is taken if the device is one.
func (p *SizePlan) onGPU() int64 {
	peak := p.stepsOnGPU()
	for _, t := range p.targets {
		peak = max(peak, t.footprint.Total())
	}
	return peak
}

// stepsOnGPU is onGPU in the steps: pictures and the process itself are not there, but some copies of the
// canvas are.
func (p *SizePlan) stepsOnGPU() int64 {
	return p.Footprint.Total() + p.Optimizer + progressVectors*4*int64(p.W*p.H*3)
}

// Fits returns a *MemoryError if the plan takes more than the engine may, or than the machine or the GPU has.
func (p *SizePlan) Fits(e *Engine) error {
	if err := e.fits(p.Peak(), p.onGPU()); err != nil {
		err.Disk = p.Disk > 0
		err.W, err.H, err.Reading = p.W, p.H, !err.GPU && err.Need == p.Reading
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
		p.limit = max(e.gpuLimit()-(plan.stepsOnGPU()-plan.Footprint.Total()), 1)
		if plan = j.sizePlan(p); plan.stepsOnGPU() > e.gpuLimit() {
			p.plan = autodiff.CompileRecompute(e.Device, p.outputs...)
			plan = j.sizePlan(p)
		}
	case e.Memory > 0:
		if plan.Steps() > e.Memory {
			p.plan = autodiff.CompileRecompute(e.Device, p.outputs...)
		}
		p.limit = max(e.Memory-(plan.Steps()-plan.Footprint.Total()), 1)
		plan = j.sizePlan(p)
	}
	pictures, _ := j.pictures(i)
	plan.targets = j.planTargets(p, plan.host()-plan.Pictures+pictures)
	if i == 0 {
		plan.Reading = j.readingBytes()
	}
	return p, plan
}

// planTargets plans the programs that compute the targets of a problem, each within what the engine allows.
// host is what the process takes in any case.
func (j *Job) planTargets(p *problem, host int64) []targetPlan {
	e := j.engine
	graphs := p.terms.compile(e.Device)
	constants := allConstants(p.plan, graphs)
	plans := make([]targetPlan, len(graphs))
	for i, f := range graphs {
		// Parameters that only others read are in memory too, and so are targets that have their values, and
		// the picture's colours, resampled and in the range of the network.
		t := targetPlan{beside: host + constants - f.plan.ConstBytes() + 2*f.input.Shape.Bytes()}
		f.limit, t.footprint = e.squeeze(f.plan, t.beside)
		plans[i] = t
	}
	return plans
}

// allConstants returns the bytes of the constants of a plan, and of those that the graphs of its targets read
// or give values.
func allConstants(p *autodiff.Plan, graphs []*forward) int64 {
	seen := map[*autodiff.Tensor]bool{}
	for _, c := range p.Consts {
		seen[c.Tensor()] = true
	}
	for _, f := range graphs {
		for _, c := range f.plan.Consts {
			seen[c.Tensor()] = true
		}
		for _, t := range f.constants {
			seen[t] = true
		}
	}
	var sum int64
	for t := range seen {
		sum += t.Shape.Bytes()
	}
	return sum
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
	_, plan.Pictures = j.pictures(p.stage.Index)
	if j.onDisk {
		vector := 4 * int64(n)
		plan.Disk = optim.ScratchBytes(plan.Optimizer + progressOnHost*vector)
		plan.Optimizer = vector
		plan.Canvas -= progressOnHost * vector
	}
	return plan
}
