package main

import (
	"context"
	"fmt"
	"time"

	"oneiro/render"
)

// rehearse checks all that a run needs, says what it would do, and ends. Nothing is written.
func (j *job) rehearse(ctx context.Context, t *task) error {
	times := 1             // that the work is done
	var usual *render.Spec // of all times but the first, if that is other work
	switch {
	case t.film != nil:
		defer t.film.source.close()
		f := &filming{job: j, filmTask: t.film}
		if err := f.check(); err != nil {
			return err
		}
		film, err := f.start(f.footage(), render.Pass{})
		if err != nil {
			return err
		}
		if t.spec, err = film.Spec(j.engine); err != nil {
			return err
		}
		times = max(f.frames, f.about, 1) * f.passes
		usual = new(film.Usual())
	case t.atlas != nil:
		times = t.atlas.channels
	}
	path := j.output.path
	if t.film != nil { // whose output may be a folder
		j.output.path = "film.png"
	}
	if err := j.plan(t); err != nil {
		return err
	}
	start := j.startEvent()
	start.Output = path
	if j.DryRun == dryRecipe {
		if err := j.describeFor(&start, t); err != nil {
			return err
		}
	}
	if times > 1 {
		start.Frames = times
	}
	if job, ok := j.render.(*render.Job); ok && j.DryRun == dryTime {
		first, err := j.takes(ctx, job)
		if err != nil {
			return err
		}
		each := first
		if usual != nil && times > 1 {
			if job, err = render.New(*usual, j.net, j.tensors); err == nil {
				each, err = j.takes(ctx, job)
			}
			if err != nil {
				return err
			}
		}
		start.Seconds = seconds(first + each*time.Duration(times-1))
	}
	j.printStart(j.stderr, start)
	if start.Seconds > 0 {
		fmt.Fprintf(j.stderr, "it would take about %s\n", roughly(time.Duration(float64(start.Seconds)*1e9)))
	}
	if j.JSON {
		if err := writeLine(j.stdout, start); err != nil {
			return err
		}
	}
	for _, text := range j.facts() {
		j.warn(text)
	}
	return nil
}

// takes returns how long a job would take.
func (j *job) takes(ctx context.Context, job *render.Job) (sum time.Duration, err error) {
	all, err := job.Times(ctx, j.engine)
	for _, t := range all {
		sum += t
	}
	return sum, err
}

// describeFor adds to the first line of --json what another computer needs to do the work.
func (j *job) describeFor(start *startEvent, t *task) (err error) {
	about := j.aboutCheckpoint()
	start.Recipe, start.Files, start.Options = *j.output.complete(), &about.Files, about.Options
	if t.film == nil || t.film.source == nil || t.film.passes > 1 {
		return nil
	}
	f := &filming{job: j, filmTask: t.film}
	if start.Shots, err = f.countShots(); err != nil {
		return err
	}
	start.Frames = f.frames
	return nil
}
