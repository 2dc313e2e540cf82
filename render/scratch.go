package render

import (
	"errors"

	"oneiro/autodiff/optim"
)

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

// tryScratch finds whether stages that do not fit would do so with a folder for a file.
func (j *Job) tryScratch() {
	e := j.engine
	if e.Scratch != "" || e.GPUMemory > 0 || fit(j.plans, e) == nil {
		return
	}
	j.onDisk, j.filed = true, true
	defer func() { j.onDisk, j.filed = false, false }()
	var room int64
	var stages []int
	for i := range j.plans {
		if _, is := errors.AsType[*MemoryError](j.plans[i].Fits(e)); !is {
			continue
		}
		_, plan := j.build(i)
		if plan.Fits(e) != nil {
			return
		}
		room, stages = max(room, plan.Disk), append(stages, i)
	}
	for _, i := range stages {
		j.plans[i].WithScratch = room
	}
}

// mapped returns how much memory outside of Go's heap is taken in the steps.
func (p *SizePlan) mapped() int64 {
	if p.Disk > 0 {
		return p.Footprint.Mapped + p.painter.Mapped + p.Optimizer
	}
	return p.Footprint.Mapped + p.painter.Mapped
}

// reserveScratch makes the file for the largest state that plans keep on the disk, or for no more than the
// pictures that are kept there. The error is an *optim.ScratchError.
func (e *Engine) reserveScratch(plans []SizePlan, pictures int64) error {
	room := pictures
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
