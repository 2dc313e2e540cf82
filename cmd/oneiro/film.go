package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/film"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// readKeys puts what is in the file of --keys in the place of its name.
func readKeys(values option.Values) error {
	path := values["keys"]
	if path == "" || path[0] == '[' { // as a recipe has it
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return &usageError{"--keys cannot be read: " + err.Error(), "check the path"}
	}
	var keys render.Keys
	if err := keys.UnmarshalText(text); err != nil {
		return &usageError{"--keys " + quote(path) + " cannot be used: " + err.Error(),
			`it is like [{"frame": 60, "objective": "l2=LAYER", "zoom": 1.03}], with frames from 2 on in order`}
	}
	text, _ = keys.MarshalText()
	values["keys"] = string(text)
	return nil
}

// filming is a film in the making.
type filming struct {
	*job
	film    *render.Film
	frames  int
	to      filmFiles
	started time.Time
	before  int // frames that were there when it began
	steps   int // taken since
}

// makeFilm makes the film of a task, frame by frame.
func (j *job) makeFilm(ctx context.Context, t *task) error {
	f := &filming{job: j, film: t.film, frames: t.frames}
	if err := f.check(); err != nil {
		return err
	}
	var err error
	if f.to, err = filmTo(j.output.path); err != nil {
		return err
	}
	j.tensors = &sharedParams{params: j.params, read: map[string][]float32{}}
	if err := f.goOn(); err != nil {
		return err
	}
	f.started, f.before = time.Now(), f.film.Done()
	if f.film.Done() == 0 {
		if err := f.next(); err != nil { // which says what is wrong before anything is written
			return err
		}
	}
	if f.film.Done() < f.frames {
		f.announce()
	}
	for f.film.Done() < f.frames {
		if f.film.Done() > 0 || j.render == nil {
			if err := f.next(); err != nil {
				return err
			}
		}
		if err := f.frame(ctx); err != nil {
			return f.cut(ctx, err)
		}
		if f.film.Done() == j.stopAfter {
			return errStopped
		}
	}
	return f.finish(t.fps)
}

// check returns a *usageError if options do not go together.
func (f *filming) check() error {
	for name, given := range map[string]bool{
		"save-every": f.SaveEvery > 0, "score": f.Score, "depth": f.depth() == 16,
		"profile": f.Profile == profileKeep, "strip-recipe": f.StripRecipe && f.Resume,
	} {
		if given {
			return &usageError{"--" + name + " cannot be combined with --frames", "leave out one of the two"}
		}
	}
	return nil
}

// goOn finds the frames that are there, if the film is to go on from them.
func (f *filming) goOn() error {
	if !f.Resume {
		if exists(f.to.path(1)) {
			return &usageError{"there is a film in the making: " + quote(f.to.path(1)),
				"--resume goes on with it; or remove its frames, or choose another --output"}
		}
		return nil
	}
	done := 0
	for ; done < f.frames && exists(f.to.path(done+1)); done++ {
		want := *f.output.complete()
		want.Frame = done + 1
		if there, err := recipeIn(f.to.path(done + 1)); err != nil || there.Hash() != want.Hash() {
			return &usageError{quote(f.to.path(done+1)) + " is a frame of another film",
				"use the same options and files again, or choose another --output"}
		}
	}
	if done == 0 {
		return nil
	}
	first, err := imageio.Read(f.to.path(1))
	if err != nil {
		return err
	}
	last, err := imageio.Read(f.to.path(done))
	if err != nil {
		return err
	}
	f.film.Restart(done, first, last)
	return nil
}

// next prepares the job of the next frame.
func (f *filming) next() error {
	job, err := render.New(f.film.Spec(), f.net, f.tensors)
	if err != nil {
		return f.output.named(err)
	}
	f.render, f.plans = job, job.Plans(f.engine)
	f.output.recipe.Engine.Tile = int(job.Tile())
	return mismatch(job.Read(f.engine), f.params, f.net)
}

// announce says what will be done.
func (f *filming) announce() {
	if f.render == nil { // it goes on
		fmt.Fprintf(f.stderr, "going on after frame %d of %d\n", f.film.Done(), f.frames)
		return
	}
	f.notes = f.render.(*render.Job).Notes()
	f.begin()
	fmt.Fprintf(f.stderr, "%d frames, of which this is the first\n\n", f.frames)
}

// frame makes the next frame and writes it.
func (f *filming) frame(ctx context.Context) error {
	result, err := f.render.Run(ctx, f.engine, render.Events{})
	if err != nil {
		return mismatch(err, f.params, f.net)
	}
	im := f.film.Frame(result.Picture)
	f.steps += result.Steps
	k := f.film.Done()
	recipe := *f.output.complete()
	recipe.Frame, recipe.Pixels = k, render.PixelHash(im)
	text, err := json.Marshal(recipe)
	if err != nil {
		return err
	}
	if f.StripRecipe {
		text = nil
	}
	path := f.to.path(k)
	if err := f.to.makeFolder(); err != nil {
		return err
	}
	if err := imageio.Write(path, im, imageio.Meta{Recipe: string(text)}); err != nil {
		return err
	}
	if err := f.showFrame(im, k); err != nil {
		return err
	}
	return f.report(path, k)
}

// frameEvent is a line of --json: a frame was written.
type frameEvent struct {
	Event  string `json:"event"` // "frame"
	File   string `json:"file"`
	Frame  int    `json:"frame"`
	Frames int    `json:"frames"`
}

// report says that a frame was written.
func (f *filming) report(path string, k int) error {
	took := time.Since(f.started)
	left := time.Duration(float64(took) / float64(k-f.before) * float64(f.frames-k))
	if every := f.PrintEvery; every > 0 && (k == 1 || k%every == 0) && k < f.frames {
		fmt.Fprintf(f.stderr, "frame %d/%d  %s to go\n", k, f.frames, roughly(left))
	}
	if f.JSON {
		return writeLine(f.stdout, frameEvent{"frame", path, k, f.frames})
	}
	return nil
}

// cut says how a film that ends before its time goes on, and returns why it does.
func (f *filming) cut(ctx context.Context, err error) error {
	done := f.film.Done()
	if done > 0 && !is[*optim.NonFiniteError](err) {
		fmt.Fprintf(f.stderr, "%d of %d frames are made; the same command with --resume goes on\n", done, f.frames)
	}
	if errors.Is(err, context.Canceled) {
		return context.Cause(ctx)
	}
	return err
}

// finish makes the animated picture of the frames, if that is wanted, and reports the end.
func (f *filming) finish(fps float64) error {
	if f.to.animation != "" {
		recipe := *f.output.complete()
		text, err := json.Marshal(recipe)
		if err != nil {
			return err
		}
		made := film.Film{Info: film.Info{Rate: film.RationalOf(fps)}, Frames: f.frames}
		if !f.StripRecipe {
			made.Meta.Recipe = string(text)
		}
		if f.output.free && exists(f.to.animation) { // it was taken meanwhile
			f.to.animation = freeName(f.to.animation)
		}
		err = film.Write(f.to.animation, made, film.WriteOptions{}, func(i int) (*imageio.Image, error) {
			return imageio.Read(f.to.path(i + 1))
		})
		if err != nil {
			return err
		}
		f.to.remove(f.frames)
	}
	took := time.Since(f.started)
	fmt.Fprintf(f.stderr, "%s: %d frames in %s, peak memory %s\n", shown(f.to.name()), f.frames, roughly(took),
		mib(f.peak()))
	if f.JSON {
		size := f.film.Size()
		return writeLine(f.stdout, endEvent{Event: "done", Output: f.to.name(), Width: size.W, Height: size.H,
			Steps:   f.steps,
			Seconds: seconds(took), PeakBytes: f.peak()})
	}
	return nil
}
