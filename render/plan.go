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
	// Optimizer is the memory of the optimiser and of what is done to gradients before, Canvas that of the
	// copies of the canvas beside it, and Pictures that of the pictures that later stages need, all in bytes.
	Optimizer, Canvas, Pictures int64
	// Disk is the room in a file, in bytes, for the state of the optimiser and the canvases that are
	// remembered, if they do not fit into memory; see Engine.Scratch. Optimizer is then the one vector, such
	// as the gradient, that passes through memory. On tiles, the canvas itself and the targets with positions
	// are in the file, too, and Optimizer is what passes through memory of all of it.
	Disk int64
	// WithScratch is what Disk would be if Engine.Scratch named a folder, for a plan that does not fit and
	// would then; else 0.
	WithScratch int64
	// Tiles says how the picture is computed on tiles; it is zero if it is computed at once. Plan and Footprint
	// are then those of the pass that takes more memory.
	Tiles TilePlan
	// Reading is the most memory that the process takes while pictures and parameters are read; 0 but for the
	// first stage.
	Reading int64
	// Ends is the most memory that the process takes while the canvas is made or its picture is, if the
	// canvas lies in a file; else 0.
	Ends int64

	painter      autodiff.Footprint // of the canvas, whose programs are loaded beside those of the steps
	painterFLOPs float64            // of a step

	targets []targetPlan
	terms   int // of the objective
}

// targetPlan is what a program needs that computes targets, before the steps.
type targetPlan struct {
	footprint autodiff.Footprint
	beside    int64   // bytes that the process takes beside the program
	flops     float64 // floating-point operations
}

// runtimeBytes is what the process takes before it does anything: code, the Go runtime, buffers.
const runtimeBytes = 27 << 20

// canvasCopies is how many copies of the canvas there are: itself, the step before, the best, and two while
// sizes change.
const canvasCopies = 5

// Peak returns the most memory that the process is expected to take in this stage.
func (p *SizePlan) Peak() int64 {
	peak := max(p.Steps(), p.Reading, p.Ends)
	for _, t := range p.targets {
		peak = max(peak, t.footprint.Total()+t.beside+p.painter.Total())
	}
	return peak
}

// targetsMapped returns the most memory outside of Go's heap that is taken while targets are computed.
func (p *SizePlan) targetsMapped() int64 {
	var most int64
	for _, t := range p.targets {
		most = max(most, t.footprint.Mapped)
	}
	return most + p.painter.Mapped
}

// Steps returns the most memory that the process is expected to take in the steps of this stage. Peak is more
// if a style picture is shown so much larger than the canvas that its targets need more.
func (p *SizePlan) Steps() int64 {
	return p.Footprint.Total() + p.painter.Total() + p.Optimizer + p.host()
}

// host returns what the process takes in any case.
func (p *SizePlan) host() int64 { return p.Canvas + p.Pictures + p.Tiles.Bytes + runtimeBytes }

// FLOPs returns the floating-point operations of an evaluation of the loss and its gradient.
func (p *SizePlan) FLOPs() float64 {
	if p.Tiles.Count() > 0 {
		return p.Tiles.FLOPs + p.painterFLOPs
	}
	return p.Plan.FLOPs() + p.painterFLOPs
}

// onGPU returns how much of a GPU's memory is taken if the device is one.
func (p *SizePlan) onGPU() int64 {
	peak := p.stepsOnGPU()
	for _, t := range p.targets {
		peak = max(peak, t.footprint.Total()+p.painter.Total())
	}
	return peak
}

// stepsOnGPU is onGPU in the steps: pictures and the process itself are not there, but some copies of the
// canvas are.
func (p *SizePlan) stepsOnGPU() int64 {
	if p.Tiles.Count() > 0 { // the canvas is the process's
		return p.Footprint.Total() + p.painter.Total()
	}
	return p.Footprint.Total() + p.painter.Total() + p.Optimizer + progressVectors*4*int64(p.W*p.H*3)
}

// Fits returns a *MemoryError if the plan takes more than the engine may, or than the machine or the GPU has,
// and a *TileError if it cannot be computed on tiles as the engine is to.
func (p *SizePlan) Fits(e *Engine) error {
	if split, ok := errors.AsType[*autodiff.SplitError](p.Tiles.problem); ok && e.Tile > 0 {
		return &TileError{split}
	}
	if err := e.fits(p.Peak(), p.onGPU()); err != nil {
		err.Disk, err.Tiles = p.Disk > 0, p.Tiles.problem
		err.W, err.H, err.Reading = p.W, p.H, !err.GPU && err.Need == p.Reading
		err.WithScratch = p.WithScratch
		return err
	}
	return nil
}

// fit returns the *MemoryError of the plan that needs most, if not all plans fit: what it asks for is
// enough for all.
func fit(plans []SizePlan, e *Engine) error {
	var worst *MemoryError
	for i := range plans {
		err := plans[i].Fits(e)
		if small, ok := errors.AsType[*MemoryError](err); ok {
			if worst == nil || small.Need > worst.Need {
				worst = small
			}
		} else if err != nil {
			return err
		}
	}
	if worst == nil {
		return nil
	}
	return worst
}

// build makes the problem of a stage, with a plan for which the process takes no more than the engine
// allows: if need be features are computed again, and the device gets what is left as its limit, to make
// the most of. If that is not enough, it is computed on tiles. If that is not enough either, it is the smallest
// plan.
func (j *Job) build(i int) (*problem, SizePlan) {
	p := newProblem(j.stage(i), &j.spec)
	plan := j.planWhole(p)
	switch tile := j.tiles; {
	case tile > 0:
		whole := plan
		if j.planTiles(p, &plan, int(tile), false); plan.Tiles.Count() > 0 && plan.Fits(j.engine) != nil {
			plan = whole
			j.planTiles(p, &plan, int(tile), true)
		}
	case tile == TileAuto && plan.Fits(j.engine) != nil:
		j.fitTiles(p, &plan)
	}
	return p, plan
}

// planWhole makes a problem one that is computed at once.
func (j *Job) planWhole(p *problem) SizePlan {
	e, w := j.engine, newWhole(p.pixels, p.built, p.terms.watched())
	p.evaluator = w
	w.plan = autodiff.Compile(e.Device, w.outputs...)
	size := func() SizePlan {
		plan := j.sizePlan(p)
		plan.Plan, plan.Footprint = w.plan, e.Device.Footprint(w.plan, w.limit)
		return plan
	}
	plan := size()
	switch {
	case e.GPUMemory > 0:
		w.limit = max(e.gpuLimit()-(plan.stepsOnGPU()-plan.Footprint.Total()), 1)
		if plan = size(); plan.stepsOnGPU() > e.gpuLimit() {
			w.plan = autodiff.CompileRecompute(e.Device, w.outputs...)
			plan = size()
		}
	case e.Memory > 0:
		if plan.Steps() > e.Memory {
			w.plan = autodiff.CompileRecompute(e.Device, w.outputs...)
		}
		w.limit = max(e.Memory-(plan.Steps()-plan.Footprint.Total()), 1)
		plan = size()
	}
	graphs := p.compile(e.Device)
	kept := func(*autodiff.Tensor) bool { return true }
	plan.targets = j.planTargets(graphs, w.plan.Consts, kept, j.besideTargets(p))
	return plan
}

// targetCanvases is how many copies of the canvas there are while targets are computed: itself, and what it was
// made from.
const targetCanvases = 2

// besideTargets returns what the process takes beside programs and constants while targets are computed.
func (j *Job) besideTargets(p *problem) int64 {
	return targetCanvases*4*int64(j.spec.Canvas.Len(p.stage)) + j.ownBeside(p)
}

// ownBeside is besideTargets without canvases.
func (j *Job) ownBeside(p *problem) int64 {
	size := p.stage.Size
	pictures, _ := j.pictures(p.stage.Index)
	return j.spec.Canvas.Bytes(p.stage) + j.spec.Transform.Bytes(size) + pictures + runtimeBytes
}

// planTargets plans the programs that compute targets, each within what the engine allows. used are constants
// that the steps read, kept says which of the targets are in memory, and host is what the process takes in any
// case.
func (j *Job) planTargets(
	graphs []*forward, used []*autodiff.Node, kept func(*autodiff.Tensor) bool, host int64,
) []targetPlan {
	constants := allConstants(used, graphs, kept)
	plans := make([]targetPlan, len(graphs))
	for i, f := range graphs {
		// Parameters that only others read are in memory too, and so are targets that have their values, and
		// the picture's colours.
		plan := f.largest()
		t := targetPlan{beside: host + constants - plan.ConstBytes() + f.copies*f.input.Shape.Bytes() + f.bytes()}
		f.limit, t.footprint = j.engine.squeeze(plan, t.beside)
		if t.flops = plan.FLOPs(); f.tiles != nil {
			t.flops = f.tiles.sweep.flops()
		}
		t.flops = t.flops*float64(max(f.times, 1)) + f.work
		plans[i] = t
	}
	return plans
}

// allConstants returns the bytes of the constants that are used, and of those that the graphs of targets read
// or give values, as far as those are kept in memory.
func allConstants(used []*autodiff.Node, graphs []*forward, kept func(*autodiff.Tensor) bool) int64 {
	seen := map[*autodiff.Tensor]bool{}
	for _, c := range used {
		seen[c.Tensor()] = true
	}
	for _, f := range graphs {
		for _, c := range f.largest().Consts {
			seen[c.Tensor()] = true
		}
		for _, t := range f.constants {
			seen[t] = kept(t)
		}
	}
	var sum int64
	for t, counts := range seen {
		if counts {
			sum += t.Shape.Bytes()
		}
	}
	return sum
}

// sizePlan returns what a problem needs beside its programs.
func (j *Job) sizePlan(p *problem) SizePlan {
	size := p.stage.Size
	n := j.spec.Canvas.Len(p.stage)
	plan := SizePlan{
		W: size.W, H: size.H, Optimizer: j.spec.Optimizer(p.stage).Bytes(n),
		Canvas: canvasCopies*4*int64(n) + j.spec.Canvas.Bytes(p.stage) + j.spec.Transform.Bytes(size),
	}
	if j.spec.Finishing != nil {
		plan.Canvas += j.spec.Finishing(j.sizes[len(j.sizes)-1])
	}
	if c := p.canvas; c != nil {
		if c.there == nil {
			c.compile(j.engine.Device)
		}
		plan.painter, plan.painterFLOPs = c.footprint(j.engine.Device), c.FLOPs()
	}
	_, plan.Pictures = j.pictures(p.stage.Index)
	if m := p.terms.matcher; m != nil {
		plan.Canvas += m.bytes()
	}
	if j.onDisk {
		vector := 4 * int64(n)
		plan.Disk = optim.ScratchBytes(plan.Optimizer+progressOnHost*vector+j.carriedBytes(p.stage.Index)) +
			j.picturesDisk()
		plan.Optimizer = vector
		plan.Canvas -= progressOnHost * vector
	}
	plan.Optimizer += j.spec.Shaping.bytes(size)
	if p.stage.Index == 0 {
		plan.Reading = j.readingBytes()
	}
	plan.terms = len(p.terms.Objective)
	return plan
}
