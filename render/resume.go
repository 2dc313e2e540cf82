package render

import "time"

// Resume has the next call of Run go on from a checkpoint, which it closes. That its recipe
// is the job's is for the caller to check (Recipe.Differences). The error is a *CheckpointError if it cannot
// be of such a job.
func (j *Job) Resume(c *Checkpoint) error {
	p := &c.place
	switch {
	case p.Done && len(p.Pictures) == 0:
		return c.mismatch("it has no picture")
	case p.Done:
	case p.Stage < 0 || p.Stage >= len(j.sizes) || p.First < 0 || p.First > p.Step:
		return c.mismatch("it is at step %d in stage %d, and there are %d steps in %d", p.Step, p.Stage, j.Steps(),
			len(j.sizes))
	case p.Canvas != j.spec.Canvas.Len(j.stage(p.Stage)):
		return c.mismatch("its canvas of %v has %d numbers", j.sizes[p.Stage], p.Canvas)
	case p.Steps != nil && len(p.Steps.Losses) != changeWindow:
		return c.mismatch("it remembers %d losses, not %d", len(p.Steps.Losses), changeWindow)
	}
	j.from = c
	return nil
}

// resume returns the stage that the run begins in. If it goes on from a checkpoint, it reads what there is of
// it but for the steps of the stage.
func (r *run) resume() (stage int, err error) {
	c := r.job.from
	if r.job.from = nil; c == nil {
		return 0, nil
	}
	if err := c.begin(); err != nil {
		return 0, err
	}
	p := &c.place
	r.started = r.started.Add(-c.Elapsed())
	r.step, r.saved = p.Step, p.Step
	if r.result.Pictures, err = c.pictures(); err != nil {
		return 0, err
	}
	if p.Done {
		c.Close()
		done := &r.result
		done.Picture, done.Steps = done.Pictures[len(done.Pictures)-1], p.Step
		done.Loss, done.Report, done.Elapsed = float64(p.Loss), p.Report, time.Since(r.started)
		return len(r.job.sizes), nil
	}
	if err := r.source.UnmarshalBinary(p.Random); err != nil {
		return 0, c.mismatch("its random numbers cannot be used")
	}
	for i := range p.Stage {
		r.job.problems[i] = nil
		r.job.drop(i)
	}
	r.enter(p.Stage, nil)
	r.from, r.canvas = c, r.room.vector(p.Canvas)
	err = c.vector(r.canvas, r.room.backend)
	if r.spec.carries(p.Stage) && err == nil {
		last := r.job.sizes[p.Stage-1]
		if p.Carried != 3*last.W*last.H {
			c.Close()
			return 0, c.mismatch("the picture of %v before its canvas has %d numbers", last, p.Carried)
		}
		r.carried = carried{r.beside().vector(p.Carried), last}
		err = c.vector(r.carried.pixels, r.backend)
	}
	if err == nil && p.Found > 0 {
		r.found = make([]float32, p.Found)
		err = c.vector(r.found, nil)
	}
	if err != nil || p.Steps == nil {
		c.Close()
		return p.Stage, err
	}
	r.best = r.room.vector(p.Canvas)
	return p.Stage, c.vector(r.best, r.room.backend)
}

// resumeSteps puts the steps of a stage where the checkpoint is that the run begins from, if it was in them.
func (r *run) resumeSteps(k *stepping, c *progress) error {
	from := r.from
	r.from = nil
	if from == nil || from.place.Steps == nil {
		return nil
	}
	defer from.Close() // so that it can be replaced
	p := from.place.Steps
	o, err := k.optimizer.Restore(exactly[float64](p.Numbers))
	if err != nil {
		return from.mismatch("%v", err)
	}
	if len(o.Vectors) != p.Vectors {
		return from.mismatch("its optimiser has %d vectors, not %d", p.Vectors, len(o.Vectors))
	}
	c.backend.Copy(c.best, r.best)
	r.best = nil
	for _, v := range o.Vectors {
		if err := from.vector(v, c.backend); err != nil {
			return err
		}
	}
	c.atBest, k.ended = float64(p.AtBest), p.Ended
	copy(k.losses[:], exactly[float64](p.Losses))
	if r.events.Every > 0 {
		k.starts.seen = p.Seen
	}
	return c.fetch(c.x)
}
