package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"oneiro/internal/imageio"
	"oneiro/render"
	"oneiro/zoo"
)

// jobOptions are what style, dream and vis have in common beside the options of package render.
type jobOptions struct {
	modelOptions
	engineOptions
	output                string
	printEvery, saveEvery int
	json, quiet           bool
}

// sourceFlags are the flags that come before those of package render in the help.
func (o *jobOptions) sourceFlags(fs *pflag.FlagSet, output string) {
	fs.StringVarP(&o.output, "output", "o", output, "`FILE` to write, .png or .jpg")
	o.modelOptions.flags(fs)
}

// runFlags are those that come after them.
func (o *jobOptions) runFlags(fs *pflag.FlagSet) {
	o.engineOptions.flags(fs)
	fs.IntVar(&o.printEvery, "print-every", 10, "tell of the progress every so many `STEPS`; 0 never does")
	fs.IntVar(&o.saveEvery, "save-every", 0, "also save a picture every so many `STEPS`, as out_0050.png; 0 never does")
	fs.BoolVar(&o.json, "json", false, "print an event as a line of JSON every --print-every steps, and one at the end")
	fs.BoolVar(&o.quiet, "quiet", false, "print nothing but errors, and what --json asks for")
}

// job is a run of style, dream or vis, ready to start.
type job struct {
	jobOptions
	stdout, stderr io.Writer
	out            output
	plans          []render.SizePlan
	common         *render.Common
	weights        *zoo.Params // nil if they are built in
	run            func(context.Context) (*render.Result, error)

	progress *progress
	cancel   context.CancelCauseFunc // of the run, when something else goes wrong
}

// do runs the job and saves its picture, also that of a run that is interrupted or whose device fails: the
// error is then that of ctx or of the device.
func (j *job) do(ctx context.Context) error {
	if j.quiet {
		j.stderr = io.Discard
	}
	j.progress = newProgress(j.stderr, j.plans, j.common.Iterations)
	j.common.EventEvery, j.common.PictureEvery = j.printEvery, j.saveEvery
	if j.progress.bar != nil {
		j.common.EventEvery = 1
	}
	j.common.OnEvent = j.event

	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	j.cancel = cancel
	started := time.Now()
	res, err := j.run(running)
	j.progress.end()
	took := time.Since(started)
	switch {
	case err == nil:
		return j.finish("done", res, took)
	case is[*render.DeviceError](err) && res != nil:
		if err := j.finish("failed", res, took); err != nil {
			fmt.Fprintf(j.stderr, "the picture could not be saved: %v\n", err)
		}
		return err
	case !errors.Is(err, context.Canceled):
		return mismatch(err, j.weights, j.model)
	case res == nil:
		res = new(render.Result)
	}
	err = j.finish("interrupted", res, took)
	if cause := context.Cause(running); err == nil || ctx.Err() == nil {
		return cause
	}
	return err
}

// event is told of everything that happens in the run.
func (j *job) event(e render.Event) {
	switch e.Kind {
	case render.EventSize:
		j.progress.size(e)
	case render.EventStep:
		due := j.printEvery > 0 && (e.Step == 1 || e.Step%j.printEvery == 0)
		j.progress.step(e, due)
		if due && j.json {
			j.check(writeLine(j.stdout, newStepEvent(e)))
		}
	case render.EventPicture:
		j.check(j.out.write(j.out.numbered(e.Step), e.Picture()))
	}
}

// check ends the run if something beside it fails: better now than after hours.
func (j *job) check(err error) {
	if err != nil {
		j.cancel(err)
	}
}

// finish saves the picture of a run and tells of it. A result without steps has none.
func (j *job) finish(event string, res *render.Result, took time.Duration) error {
	path := j.out.path
	if res.Steps == 0 {
		path = ""
		fmt.Fprintln(j.stderr, "interrupted before the first step; nothing was saved")
	} else {
		if err := j.out.write(path, res.Picture); err != nil {
			return err
		}
		j.conclude(event, res, took)
	}
	if !j.json {
		return nil
	}
	return writeLine(j.stdout, endEvent{
		Event: event, Output: path, Steps: res.Steps, Loss: number(res.Loss), Seconds: seconds(took), PeakBytes: j.peak(),
	})
}

// conclude tells people how it ended.
func (j *job) conclude(event string, res *render.Result, took time.Duration) {
	if len(res.Report) > 0 {
		fmt.Fprintf(j.stderr, "\n%s\n", res.Report)
	}
	if event != "done" {
		fmt.Fprintf(j.stderr, "%s after step %d; the best picture so far is in %s\n", event, res.Steps, j.out.path)
		return
	}
	fmt.Fprintf(j.stderr, "%s: %s, %d steps in %s, %d MiB of memory at most\n",
		j.out.path, sizeOf(res.Picture), res.Steps, roughly(took), j.peak()>>20)
}

func sizeOf(im *imageio.Image) string { return fmt.Sprintf("%dx%d", im.W, im.H) }

// peak returns the most memory that the process took, or if the system does not tell, what was
// planned.
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
