package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/render"
)

// batch makes the pictures of many jobs that differ in nothing but their inputs. The jobs share the file of
// weights, what was read of it, and hashes of files; those that come one after the other share an engine.
type batch struct {
	kind    batchKind
	options batchOptions
	job     jobOptions // of every picture, but for the output
	fs      *pflag.FlagSet
	items   []item // to make
	shared  resources
	report  *batchReport

	mu   sync.Mutex // while a job is prepared: they read the same file of weights
	next int        // of items
}

// runBatch does what the command line of a batch says.
func runBatch(cmd *cobra.Command, k batchKind, o batchOptions, j jobOptions, args []string) error {
	b := &batch{kind: k, options: o, job: j, fs: cmd.Flags()}
	all, err := b.pictures(args)
	if err != nil {
		return err
	}
	for i, it := range all {
		if o.Shard.has(i) {
			b.items = append(b.items, it)
		}
	}
	first := &job{jobOptions: j, fs: b.fs}
	if err := first.openModel(); err != nil {
		return err
	}
	defer first.params.Close()
	b.job, b.shared = first.jobOptions, first.resources
	b.shared.tensors = &sharedParams{params: first.params, read: map[string][]float32{}}
	b.shared.hashes = new(fileHashes)
	if j.DryRun == dryRecipe {
		return b.describeAll(cmd)
	}
	b.report = newBatchReport(cmd, k.pipeline.name, b.items, j)
	return b.run(cmd.Context())
}

// describeAll prints what another computer needs to make each of the pictures. The first that cannot be made
// ends it.
func (b *batch) describeAll(cmd *cobra.Command) error {
	own := b.shared
	defer own.closeEngine()
	for i := range b.items {
		it := &b.items[i]
		j := &job{jobOptions: b.job, resources: own, fs: b.fs, stdout: cmd.OutOrStdout(), stderr: io.Discard}
		j.Output = it.output
		err := b.describe(cmd.Context(), j, it)
		own.engine, own.tiles = j.engine, j.resources.tiles
		if err != nil {
			return err
		}
	}
	return nil
}

// describe prints what another computer needs to make one picture.
func (b *batch) describe(ctx context.Context, j *job, it *item) error {
	defer j.score.close()
	t, err := j.describe(b.kind.pipeline, it.inputs, given(b.fs, b.kind.pipeline.table()))
	if err != nil {
		return err
	}
	if t.film != nil {
		return &usageError{"--frames cannot be combined with batch", "make one film at a time"}
	}
	return j.rehearse(ctx, t)
}

// pictures checks the options that are a batch's own and returns all pictures, those of other shards too.
func (b *batch) pictures(args []string) ([]item, error) {
	o := &b.options
	if err := batchTable.Check(o).Err(); err != nil {
		return nil, err
	}
	if err := engineTable.Check(&b.job.engineOptions).Err(); err != nil {
		return nil, err
	}
	if err := b.fits(args); err != nil {
		return nil, err
	}
	inputs := make([][]string, len(b.kind.fields))
	for i, paths := range [][]string{args, o.Styles}[:len(inputs)] {
		var err error
		if inputs[i], err = expand(paths); err != nil {
			return nil, err
		}
	}
	return items(b.job.Output, b.kind.fields, inputs)
}

// fits returns a *usageError if something is missing, or if options do not go together.
func (b *batch) fits(args []string) error {
	o, j := &b.options, &b.job
	switch {
	case len(args) == 0:
		return &usageError{"a batch needs pictures", "name files or folders"}
	case len(b.kind.fields) > 1 && len(o.Styles) == 0:
		return &usageError{"a batch of styles needs --styles", "name a folder of paintings, or one of them"}
	case !b.fs.Changed("output"):
		return &usageError{"a batch needs --output", exampleOutput(b.kind.fields)}
	case o.SkipExisting && j.StripRecipe:
		return &usageError{"--skip-existing cannot be combined with --strip-recipe: it compares recipes",
			"leave out one of the two"}
	case j.Tune > 0:
		return &usageError{"--tune cannot be combined with batch", "tune one picture, and give its options to the batch"}
	case b.job.DryRun != "" && b.job.DryRun != dryRecipe:
		return &usageError{"--dry-run " + b.job.DryRun + " cannot be combined with batch", "rehearse one picture"}
	case b.job.DryRun == dryRecipe && !b.job.JSON:
		return &usageError{"--dry-run recipe of a batch needs --json", "each picture is a line"}
	case b.job.Preview != "":
		return &usageError{"--preview cannot be combined with batch", "each picture appears when it is done"}
	case o.Jobs > 1 && j.Memory > 0:
		return &usageError{"--memory cannot be combined with --jobs: it is what one picture takes",
			"leave out one of the two"}
	case o.Jobs > 1 && j.onGPU():
		return &usageError{"--jobs has no effect with --device " + j.Device + ", which makes one picture at a time",
			"leave it out; --shard shares pictures between GPUs"}
	}
	return nil
}

// run makes all pictures. The error is a signal's, a mistake that all of them have, or an *answerError if some
// failed.
func (b *batch) run(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	if err := b.report.begin(); err != nil {
		return err
	}
	workers := min(b.options.Jobs, max(len(b.items), 1)) // which share the threads
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			own := b.shared
			defer own.closeEngine()
			for it := b.take(); it != nil && ctx.Err() == nil; it = b.take() {
				if err := b.make(ctx, &own, it, workers); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	cause := context.Cause(ctx)
	if is[*usageStop](cause) {
		return errors.Unwrap(cause)
	}
	if err := b.report.end(); err != nil {
		return err
	}
	if cause == nil && b.report.sum.Failed > 0 {
		return &answerError{exitPartly}
	}
	return cause
}

// take returns the next picture to make, nil if there is none.
func (b *batch) take() *item {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == len(b.items) {
		return nil
	}
	b.next++
	return &b.items[b.next-1]
}

// usageStop ends a batch because of a mistake on the command line, which every picture would fail with.
type usageStop struct{ error }

func (e *usageStop) Unwrap() error { return e.error }

// make makes one picture and reports how that ended. The error is what ends the batch.
func (b *batch) make(ctx context.Context, own *resources, it *item, workers int) error {
	events := b.report.picture(it)
	j := &job{jobOptions: b.job, resources: *own, fs: b.fs, stdout: events, stderr: io.Discard}
	j.Output, j.JSON, j.PrintEvery = it.output, true, 1
	if j.Threads == 0 {
		j.Threads = runtime.GOMAXPROCS(0)
	}
	j.Threads = max(j.Threads/workers, 1)
	defer j.checkpoints.close()
	defer j.score.close()
	there, err := b.prepare(j, it)
	own.engine, own.tiles = j.engine, j.resources.tiles // which the first job has opened
	switch {
	case err != nil && exitCode(err) == exitUsage:
		return &usageStop{err}
	case there:
		return events.skip()
	case err == nil:
		j.begin(0)
		err = j.run(ctx)
	}
	if is[*render.DeviceError](err) { // the next picture opens another
		own.closeEngine()
	}
	if err != nil && ctx.Err() != nil {
		return events.leave()
	}
	return events.end(err)
}

// prepare prepares a job, unless its picture is there already.
func (b *batch) prepare(j *job, it *item) (there bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, err := j.describe(b.kind.pipeline, it.inputs, given(b.fs, b.kind.pipeline.table()))
	if err != nil {
		return false, err
	}
	if t.film != nil {
		return false, &usageError{"--frames cannot be combined with batch", "make one film at a time"}
	}
	if b.options.SkipExisting && j.output.has(it.output) {
		return true, nil
	}
	if err := os.MkdirAll(filepath.Dir(it.output), 0o777); err != nil {
		return false, &atomicfile.Error{Path: it.output, Err: err}
	}
	return false, b.plan(j, t)
}

// plan plans a job. With --skip-existing it goes on from the checkpoint of its output, if that is of the same
// run and whole; else it starts anew.
func (b *batch) plan(j *job, t *task) error {
	if !b.options.SkipExisting || j.Resume {
		return j.plan(t)
	}
	j.Resume = true
	err := j.plan(t)
	if is[*render.CheckpointError](err) || is[*render.CheckpointDamagedError](err) ||
		is[*render.CheckpointVersionError](err) || is[*render.NoCheckpointError](err) {
		j.checkpoints.close()
		j.checkpoints, j.Resume = checkpoints{}, false
		err = j.plan(t)
	}
	return err
}

// has says whether a picture is there with the recipe that the output would get.
func (o *output) has(path string) bool {
	text, err := imageio.ReadRecipe(path)
	if err != nil {
		return false
	}
	there, err := render.ParseRecipe(text)
	if err != nil {
		return false
	}
	return there.Hash() == o.complete().Hash()
}

// closeEngine closes the engine if it was opened.
func (r *resources) closeEngine() {
	if r.engine != nil {
		r.engine.Close()
		r.engine = nil
	}
}

// sharedParams reads each parameter once for all jobs, which only read them.
type sharedParams struct {
	params nn.Params
	mu     sync.Mutex
	read   map[string][]float32
}

// Tensor implements [nn.Params], but for the slice, which is not new.
func (s *sharedParams) Tensor(name string, shape ...int) ([]float32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := fmt.Sprint(name, shape)
	if data, is := s.read[key]; is {
		return data, nil
	}
	data, err := s.params.Tensor(name, shape...)
	if err == nil {
		s.read[key] = data
	}
	return data, err
}
