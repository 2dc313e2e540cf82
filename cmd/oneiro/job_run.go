package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// running is a job that has started.
type running struct {
	*job
	progress *progress
	cancel   context.CancelCauseFunc // ends the run when something beside it fails
}

// run runs the job and saves its picture, also that of a run that is interrupted, whose device fails or whose
// loss diverges: the error then says so.
func (j *job) run(ctx context.Context) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &running{j, newProgress(j.stderr, j.plans, j.render.Iterations()), cancel}
	events := render.Events{Every: j.PrintEvery, PictureEvery: j.SaveEvery, On: r.event}
	if r.progress.bar != nil {
		events.Every = 1
	}
	started := time.Now()
	res, err := j.render.Run(runCtx, j.engine, events)
	r.progress.end()
	took := time.Since(started)
	switch {
	case err == nil:
		return j.finish("done", res, took)
	case !errors.Is(err, context.Canceled) && res != nil:
		if failed := j.finish("failed", res, took); failed != nil {
			return fmt.Errorf("%w; the picture could not be saved: %v", err, failed)
		}
		return err
	case !errors.Is(err, context.Canceled):
		return mismatch(err, j.params, j.net.Name)
	case res == nil:
		res = new(render.Result)
	}
	err = j.finish("interrupted", res, took)
	if cause := context.Cause(runCtx); err == nil || ctx.Err() == nil {
		return cause
	}
	return err
}

// event handles everything that happens in the run.
func (r *running) event(e render.Event) {
	switch e.Kind {
	case render.EventSize:
		r.progress.size(e)
	case render.EventStep:
		due := r.PrintEvery > 0 && (e.Step == 1 || e.Step%r.PrintEvery == 0)
		r.progress.step(e, due)
		if due && r.JSON {
			r.check(writeLine(r.stdout, newStepEvent(e)))
		}
	case render.EventPicture:
		r.check(r.output.write(r.output.numbered(e.Step), e.Picture(), e.Step))
	}
}

// check ends the run if something beside it fails: better now than after hours.
func (r *running) check(err error) {
	if err != nil {
		r.cancel(err)
	}
}

// finish saves the picture of a run and reports how it ended. A result without steps has none.
func (j *job) finish(event string, res *render.Result, took time.Duration) error {
	path := j.output.path
	if res.Steps == 0 {
		path = ""
		fmt.Fprintln(j.stderr, "interrupted before the first step; nothing was saved")
	} else {
		if j.sheet != nil && len(res.Pictures) > 0 {
			res.Picture, res.Report = j.sheet(res.Pictures), nil
		}
		step := res.Steps
		if event == "done" {
			step = 0
		}
		if err := j.output.write(path, res.Picture, step); err != nil {
			return err
		}
		printEnd(j.stderr, event, res, path, took, j.peak())
	}
	if !j.JSON {
		return nil
	}
	return writeLine(j.stdout, endEvent{
		Event: event, Output: path, Steps: res.Steps, Loss: number(res.Loss), Seconds: seconds(took),
		PeakBytes: j.peak(),
	})
}

// printEnd prints how a run ended.
func printEnd(w io.Writer, event string, res *render.Result, path string, took time.Duration, peak int64) {
	if len(res.Report) > 0 {
		fmt.Fprintf(w, "\n%s\n", res.Report)
	}
	if event != "done" {
		fmt.Fprintf(w, "%s after step %d; the best picture so far is in %s\n", event, res.Steps, shown(path))
		return
	}
	fmt.Fprintf(w, "%s: %s, %d steps in %s, peak memory %d MiB\n",
		shown(path), sizeOf(res.Picture), res.Steps, roughly(took), peak>>20)
}

// sizeOf returns the size of a picture as text.
func sizeOf(im *imageio.Image) string { return fmt.Sprintf("%dx%d", im.W, im.H) }

// peak returns the most memory that the process took, or what was planned where the system does not know.
func (j *job) peak() int64 {
	if bytes := peakMemory(); bytes > 0 {
		return bytes
	}
	var most int64
	for i := range j.plans {
		most = max(most, j.plans[i].Peak())
	}
	return most
}
