package render

import "oneiro/autodiff/optim"

// fitted builds a stage so that it fits, with the vectors of the optimiser and of progress in a file if there
// is a folder for that and it does not fit otherwise, or only on smaller tiles.
func (j *Job) fitted(i int) (*problem, SizePlan) {
	e := j.engine
	p, plan := j.build(i)
	fits := plan.Fits(e) == nil
	if e.Scratch == "" || e.GPUMemory > 0 || fits && plan.Tiles.Count() == 0 {
		return p, plan
	}
	j.onDisk = true
	defer func() { j.onDisk = false }()
	onDisk, diskPlan := j.build(i)
	if fits && plan.FLOPs() <= diskPlan.FLOPs() {
		return p, plan
	}
	return onDisk, diskPlan
}

// mapped returns how much memory outside of Go's heap is taken in the steps.
func (p *SizePlan) mapped() int64 {
	if p.Disk > 0 {
		return p.Footprint.Mapped + p.Optimizer
	}
	return p.Footprint.Mapped
}

// keeping returns the backend for the vectors of a stage: another one, if they are kept in a file. They stay
// there until the next stage, or the end of the engine.
func (e *Engine) keeping(p *SizePlan, otherwise optim.Backend) optim.Backend {
	if p.Disk == 0 {
		return otherwise
	}
	return e.scratch.Backend(e.Kernels, e.Pool)
}

// reserveScratch makes the file for the largest state that plans keep on the disk. The error is an
// *optim.ScratchError.
func (e *Engine) reserveScratch(plans []SizePlan) error {
	var room int64
	for i := range plans {
		room = max(room, plans[i].Disk)
	}
	if room == 0 || e.scratch != nil && e.scratch.Bytes() >= room {
		return nil
	}
	e.releaseScratch()
	var err error
	e.scratch, err = optim.NewScratch(e.Scratch, room)
	return err
}

func (e *Engine) releaseScratch() {
	if e.scratch != nil {
		e.scratch.Close()
		e.scratch = nil
	}
}
