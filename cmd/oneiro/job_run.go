package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
	quoting "oneiro/internal/quote"
	"oneiro/render"
)

// running is a job that has started.
type running struct {
	*job
	progress *progress
	warnings []string                // about the result
	cancel   context.CancelCauseFunc // ends the run when something beside it fails
}

// run runs the job and saves its picture, whatever ends it: its last step, a signal, a report that cannot be
// written, a device that fails, a loss that diverges. The error is what ended it before its time.
func (j *job) run(ctx context.Context) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &running{job: j, progress: newProgress(j.stderr, j.plans, j.render.Iterations), cancel: cancel}
	events := render.Events{Every: j.PrintEvery, PictureEvery: j.SaveEvery, On: r.event, Checkpoints: r.checkpointing(),
		Look: j.looks()}
	if r.progress.bar != nil {
		events.Every = 1
	}
	started := time.Now()
	if c := j.checkpoints.from; c != nil {
		started = started.Add(-c.Elapsed())
	}
	res, err := j.render.Run(runCtx, j.engine, events)
	r.progress.end()
	took := time.Since(started)
	switch {
	case err == nil:
		return r.finish(ctx, "done", res, took, nil)
	case errors.Is(err, context.Canceled):
		return r.finish(ctx, "interrupted", res, took, context.Cause(runCtx))
	case res == nil:
		return mismatch(err, j.params, j.net)
	case is[*optim.NonFiniteError](err): // and would again
		r.checkpoints.remove()
	}
	return r.finish(ctx, "failed", res, took, err)
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
			_, left := r.progress.soFar(e, e.Step-r.progress.first)
			r.check(writeLine(r.stdout, newStepEvent(e, left, peakMemory())))
		}
	case render.EventLearnt:
		r.progress.learnt(e)
		if r.JSON {
			r.check(writeLine(r.stdout, learntEvent{"learnt", e.Step, number(e.PSNR), seconds(e.Elapsed)}))
		}
	case render.EventStalled:
		r.warnings = append(r.warnings, stalledText(e))
	case render.EventLook:
		r.check(r.show(e.Preview(previewSide), e.Step))
	case render.EventPicture:
		r.check(r.output.write(r.output.numbered(e.Step), e.Picture(), e.Step))
		if e.Step == r.stopAfter {
			r.cancel(errStopped)
		}
	}
}

// errStopped ends a run that was to stop after some step.
var errStopped = errors.New("stopped where it was to stop")

// check ends the run if something beside it fails: better now than after hours.
func (r *running) check(err error) {
	if err != nil {
		r.cancel(err)
	}
}

// finish saves the picture of a run and then reports how it ended; cut is what cut it short, if anything. It
// returns cut, or why the picture could not be saved. Once a run was cut short it does not matter whether
// anybody can read the report.
func (r *running) finish(ctx context.Context, event string, res *render.Result, took time.Duration, cut error) error {
	if cut == nil {
		r.scoreOf(ctx, res)
	}
	path, err := r.save(res, cut != nil)
	if err == nil {
		err = r.saveCanvas(res)
	}
	if save := r.checkpointing().Save; err != nil && cut == nil && save != nil { // it is all that is left to do
		save(res.State())
	}
	defer r.printResume()
	switch {
	case err != nil && event == "failed":
		return fmt.Errorf("%w; the picture could not be saved: %v", cut, err)
	case err != nil:
		return err
	}
	if cut == nil {
		r.checkpoints.remove()
	}
	for _, text := range r.warnings {
		r.warn(text)
	}
	if path != "" && isEven(res.Picture) {
		r.warn(shown(path) + " is one even colour: try other weights of the terms, or another start (--init)")
	}
	if r.output.recipe.Score != nil {
		fmt.Fprintln(r.stderr)
		printScoreTable(r.stderr, r.output.recipe.Score.Numbers)
		fmt.Fprintln(r.stderr, r.score.text())
	}
	printEnd(r.stderr, event, res, path, took, r.peak())
	if r.JSON {
		end := sizeInfo{}
		if path != "" {
			end = sizeInfo{res.Picture.W, res.Picture.H}
		}
		err = writeLine(r.stdout, endEvent{
			Event: event, Output: path, Width: end.Width, Height: end.Height,
			Steps: res.Steps, Loss: number(res.Loss), Seconds: seconds(took), PeakBytes: r.peak(),
			Checkpoint: r.checkpoints.name(), Score: r.output.recipe.Score,
		})
	}
	if cut != nil {
		return cut
	}
	return err
}

// save saves the picture of a run and returns where. A run without steps has none.
func (j *job) save(res *render.Result, cut bool) (path string, err error) {
	if res.Steps == 0 {
		return "", nil
	}
	if j.sheet != nil && len(res.Pictures) > 0 {
		res.Picture, res.Report = j.sheet(res.Pictures), nil
	}
	step := 0
	if cut {
		step = res.Steps
	}
	if j.output.free && exists(j.output.path) { // it was taken meanwhile
		j.output.path = freeName(j.output.path)
	}
	return j.output.path, j.output.write(j.output.path, res.Picture, step)
}

// printEnd prints how a run ended.
func printEnd(w io.Writer, event string, res *render.Result, path string, took time.Duration, peak int64) {
	if len(res.Report) > 0 {
		fmt.Fprintf(w, "\n%s\n", res.Report)
	}
	switch {
	case res.Steps == 0:
		fmt.Fprintln(w, "interrupted before the first step; nothing was saved")
		return
	case event != "done":
		fmt.Fprintf(w, "%s after step %d; the best picture so far is in %s\n", event, res.Steps, outputName(path))
		return
	}
	fmt.Fprintf(w, "%s: %s, %s in %s, peak memory %s\n",
		outputName(path), sizeOf(res.Picture), quoting.Count(res.Steps, "step"), roughly(took), mib(peak))
}

// sizeOf returns the size of a picture as text.
func sizeOf(im *imageio.Image) string { return fmt.Sprintf("%dx%d", im.W, im.H) }

// peak returns the most memory that the process took, or what was planned where the system does not know.
func (j *job) peak() int64 {
	if bytes := peakMemory(); bytes > 0 {
		return bytes
	}
	return j.expectedPeak()
}

// work returns how many steps the run takes at most, and how many floating-point operations those are.
func (j *job) work() (steps int, flops float64) {
	for i := range j.plans {
		n := j.render.Iterations(i)
		steps += n
		flops += float64(n) * j.plans[i].FLOPs()
	}
	return steps, flops
}

// expectedPeak returns the most memory that any stage is planned to take.
func (j *job) expectedPeak() int64 {
	var most int64
	for i := range j.plans {
		most = max(most, j.plans[i].Peak())
	}
	return max(most, j.score.bytes)
}
