package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"oneiro/render"
)

// filming is a film in the making.
type filming struct {
	*job
	*filmTask
	to      filmFiles
	film    render.Filmed // of the pass
	pass    int           // counted from 1
	fresh   bool          // the film has nothing of the frames before yet
	started time.Time
	made    int // frames since
	steps   int // taken since
}

// makeFilm makes the film of a task, frame by frame.
func (j *job) makeFilm(ctx context.Context, t *task) error {
	f := &filming{job: j, filmTask: t.film}
	defer f.source.close()
	if err := f.check(); err != nil {
		return err
	}
	j.checkpoints = checkpoints{} // it goes on by its frames
	j.tensors = &sharedParams{params: j.params, read: map[string][]float32{}}
	f.started = time.Now()
	if j.Output == stream {
		return f.pour(ctx)
	}
	var err error
	if f.to, err = filmTo(j.output.path); err != nil {
		return err
	}
	if err := f.begun(); err != nil {
		return err
	}
	if err := f.count(); err != nil {
		return err
	}
	for f.pass = 1; f.pass <= f.passes; f.pass++ {
		if err := f.goThrough(ctx); err != nil {
			return f.cut(ctx, err)
		}
	}
	if f.Shard.of > 0 {
		return f.part()
	}
	return f.finish()
}

// check returns a *usageError if options do not go together.
func (f *filming) check() error {
	piped := f.Output == stream
	for name, given := range map[string]bool{
		"save-every": f.SaveEvery > 0, "score": f.Score, "depth": f.depth() == 16,
		"profile": f.Profile == profileKeep, "strip-recipe": f.StripRecipe && f.Resume,
		"passes": piped && f.passes > 1, "shard": f.Shard.of > 0 && (piped || f.source == nil || f.passes > 1),
	} {
		if !given {
			continue
		}
		with := "a film"
		switch {
		case name == "passes" || name == "shard" && piped:
			with = "a film on the standard output"
		case name == "shard" && f.passes > 1:
			with = "--passes"
		case name == "shard":
			with = "a film of no clip"
		}
		return &usageError{"--" + name + " cannot be combined with " + with, "leave out one of the two"}
	}
	return nil
}

// begun returns a *usageError if there is a film in the making that is not to go on.
func (f *filming) begun() error {
	first := f.to
	if f.passes > 1 {
		first = f.to.pass(1)
	}
	if !f.Resume && f.Shard.of == 0 && (exists(first.picture(0)) || exists(first.state(0))) {
		return &usageError{"there is a film in the making: " + quote(first.picture(0)),
			"--resume goes on with it; or remove its frames, or choose another --output"}
	}
	return nil
}

// count finds shots, and how many frames there are, if that has to be known before the first frame.
func (f *filming) count() (err error) {
	if f.source == nil || f.passes == 1 && f.Shard.of == 0 {
		return nil
	}
	return f.findCuts()
}

// findCuts reads the clip to its end, and finds shots.
func (f *filming) findCuts() error {
	film, err := f.start(f.footage(), render.Pass{})
	if err != nil {
		return err
	}
	*f.cuts, f.frames, err = render.FindCuts(f.engine, film)
	return err
}

// countShots returns with which frames, counted from 1, the shots of the clip begin.
func (f *filming) countShots() (begins []int, err error) {
	if err := f.findCuts(); err != nil {
		return nil, err
	}
	shots := f.shots()
	for _, first := range shots[:len(shots)-1] {
		begins = append(begins, first+1)
	}
	return begins, nil
}

// goThrough makes the frames of a pass that are not there.
func (f *filming) goThrough(ctx context.Context) (err error) {
	frames, pass := f.footage(), render.Pass{}
	if f.pass > 1 {
		before := f.files(f.pass - 1)
		n := f.frames
		pass.Before = func(i int) (*render.FilmState, error) { return before.State(n - 1 - i) }
		if pass.First, err = frames.Frame(0); err != nil {
			return err
		}
	}
	files := f.files(f.pass)
	if files.order.backwards {
		frames = render.Reversed(frames, f.frames)
	}
	if f.film, err = f.start(frames, pass); err != nil {
		return f.output.named(err)
	}
	f.to.size, files.size, f.fresh = f.film.Size(), f.film.Size(), true
	if f.Shard.of == 0 {
		return f.shoot(ctx, files, 0, f.frames)
	}
	shots := f.shots()
	for i := range shots[1:] {
		if f.Shard.has(i) {
			if err := f.shoot(ctx, files, shots[i], shots[i+1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// files returns the files of a pass.
func (f *filming) files(pass int) filmFiles {
	files := f.to
	if pass < f.passes {
		files = f.to.pass(pass)
	}
	files.order = order{pass%2 == 0, f.frames}
	return files
}

// shoot makes the frames from one on that are not there, up to an end, -1 for that of the clip.
func (f *filming) shoot(ctx context.Context, to filmFiles, from, end int) error {
	there := from // as many frames are there
	for i := from; i != end; i++ {
		is, err := f.there(to, i)
		if err != nil {
			return err
		}
		if is {
			f.fresh, there = true, i+1
			continue
		}
		if f.fresh && i > 0 {
			if err := f.film.Restart(i, to); err != nil {
				return err
			}
			if i == there && i > from {
				fmt.Fprintf(f.stderr, "going on after frame %d\n", to.order.number(i-1))
			}
		}
		f.fresh = false
		err = f.next()
		if err == io.EOF && end < 0 {
			f.frames = i
			return nil
		}
		if err != nil {
			return err
		}
		if f.made == 0 {
			f.announce()
		}
		if err := f.frame(ctx, to, i); err != nil {
			return err
		}
		if f.pass == f.passes && to.order.number(i) == f.stopAfter {
			return errStopped
		}
	}
	return nil
}

// there tells whether frame i is there. The error is a *usageError if it is one of another film.
func (f *filming) there(to filmFiles, i int) (bool, error) {
	path := to.picture(i)
	if f.pass < f.passes {
		return exists(to.state(i)), nil
	}
	if !exists(path) {
		return false, nil
	}
	if f.StripRecipe && f.Shard.of > 0 {
		return true, nil
	}
	want := *f.output.complete()
	want.Frame = to.order.number(i)
	if there, err := recipeIn(path); err != nil || there.Hash() != want.Hash() {
		return false, &usageError{quote(path) + " is a frame of another film",
			"use the same options and files again, or choose another --output"}
	}
	return true, nil
}
