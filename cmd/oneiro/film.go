package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
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
	film, err := f.start(f.footage(), render.Pass{})
	if err != nil {
		return err
	}
	*f.cuts, f.frames, err = render.FindCuts(f.engine, film)
	return err
}

// goThrough makes the frames of a pass that are not there.
func (f *filming) goThrough(ctx context.Context) (err error) {
	files := f.to
	frames, pass := f.footage(), render.Pass{}
	if f.pass > 1 {
		before := f.files(f.pass - 1)
		n := f.frames
		pass.Before = func(i int) (*render.FilmState, error) { return before.State(n - 1 - i) }
		if pass.First, err = frames.Frame(0); err != nil {
			return err
		}
	}
	files = f.files(f.pass)
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

// next prepares the job of the next frame.
func (f *filming) next() error {
	spec, err := f.film.Spec(f.engine)
	if err != nil {
		return err
	}
	job, err := render.New(spec, f.net, f.tensors)
	if err != nil {
		return f.output.named(err)
	}
	f.render, f.plans = job, job.Plans(f.engine)
	f.output.recipe.Engine.Tile = int(job.Tile())
	return mismatch(job.Read(f.engine), f.params, f.net)
}

// announce says what will be done.
func (f *filming) announce() {
	f.notes = f.render.(*render.Job).Notes()
	f.begin()
	if f.frames > 0 {
		fmt.Fprintf(f.stderr, "%d frames, each a run of its own; this is the first\n\n", f.frames)
	}
}

// frame makes frame i and writes it.
func (f *filming) frame(ctx context.Context, to filmFiles, i int) error {
	began := time.Now()
	im, result, err := f.expose(ctx)
	if err != nil {
		return err
	}
	if err := to.makeFolder(); err != nil {
		return err
	}
	if im.State != nil { // which without the frame does no harm
		if err := to.writeState(i, im.State); err != nil {
			return err
		}
	}
	event := frameEvent{Event: "frame", File: to.state(i), Frame: to.order.number(i), Frames: max(f.frames, 0)}
	if f.pass == f.passes {
		if event.File, err = to.picture(i), f.write(to, i, im.Picture); err != nil {
			return err
		}
		if k := i - f.film.Memory(); k >= 0 {
			os.Remove(to.state(k))
		}
	}
	if err := f.showFrame(im.Picture, event.Frame); err != nil {
		return err
	}
	event.Pass, event.Begins, event.Loss, event.Steps = f.pass, im.Begins, number(result.Loss), result.Steps
	event.Seconds = seconds(time.Since(began))
	if !math.IsNaN(im.WarpError) {
		event.WarpError = new(number(im.WarpError))
	}
	return f.report(event)
}

// expose runs the job of the next frame.
func (f *filming) expose(ctx context.Context) (render.FilmFrame, *render.Result, error) {
	result, err := f.render.Run(ctx, f.engine, render.Events{})
	if err != nil {
		return render.FilmFrame{}, nil, mismatch(err, f.params, f.net)
	}
	f.steps += result.Steps
	f.made++
	return f.film.Frame(result.Picture), result, nil
}

// write writes frame i.
func (f *filming) write(to filmFiles, i int, im *render.Picture) error {
	meta, err := f.meta(to.order.number(i), im)
	if err != nil {
		return err
	}
	return imageio.Write(to.picture(i), im, meta)
}

// meta returns what a frame says of itself, or without one the film.
func (f *filming) meta(number int, im *render.Picture) (imageio.Meta, error) {
	if f.StripRecipe {
		return imageio.Meta{}, nil
	}
	recipe := *f.output.complete()
	if im != nil {
		recipe.Frame, recipe.Pixels = number, render.PixelHash(im)
	}
	text, err := json.Marshal(recipe)
	return imageio.Meta{Recipe: string(text)}, err
}

// frameEvent is a line of --json: a frame was written.
type frameEvent struct {
	Event  string `json:"event"` // "frame"
	File   string `json:"file,omitempty"`
	Frame  int    `json:"frame"`
	Frames int    `json:"frames,omitempty"` // if that is known
	Pass   int    `json:"pass"`
	Begins bool   `json:"begins"` // a shot

	Steps     int     `json:"steps"`
	Loss      number  `json:"loss,omitempty"`
	WarpError *number `json:"warp_error,omitempty"` // mean square, in colours of 0..1
	Seconds   number  `json:"seconds"`
}

// report says that a frame was written.
func (f *filming) report(e frameEvent) error {
	if every := f.PrintEvery; every > 0 && (f.made == 1 || f.made%every == 0) {
		line := fmt.Sprintf("frame %d", e.Frame)
		if f.frames > 0 {
			line += fmt.Sprintf("/%d", f.frames)
		}
		if f.passes > 1 {
			line += fmt.Sprintf(", pass %d", e.Pass)
		}
		if e.WarpError != nil {
			line += fmt.Sprintf("  warp error %.5f", float64(*e.WarpError))
		}
		if left := f.left(e); left > 0 {
			line += fmt.Sprintf("  %s to go", roughly(left))
		}
		fmt.Fprintln(f.stderr, line)
	}
	if f.JSON {
		return writeLine(f.stdout, e)
	}
	return nil
}

// left returns how long the rest takes, or 0 if nobody knows.
func (f *filming) left(e frameEvent) time.Duration {
	frames := f.frames
	if frames < 0 {
		frames = f.about
	}
	if frames <= 0 || f.Shard.of > 0 {
		return 0
	}
	rest := frames - e.Frame
	if e.Pass%2 == 0 {
		rest = e.Frame - 1
	}
	rest += (f.passes - e.Pass) * frames
	return time.Duration(float64(time.Since(f.started)) / float64(f.made) * float64(max(rest, 0)))
}

// cut says how a film that ends before its time goes on, and returns why it does.
func (f *filming) cut(ctx context.Context, err error) error {
	if f.made > 0 && !is[*optim.NonFiniteError](err) {
		fmt.Fprintf(f.stderr, "frames are made up to %d; the same command with --resume goes on\n", f.film.Done())
	}
	if errors.Is(err, context.Canceled) {
		return context.Cause(ctx)
	}
	return err
}

// clipOf returns what a clip of the film is to hold.
func (f *filming) clipOf(frames int) (film.Film, error) {
	meta, err := f.meta(0, nil)
	clip := film.Film{Info: f.info, Frames: frames, Meta: meta}
	if f.source != nil && f.info.Sound {
		clip.Sound, clip.SoundFrom = f.source.path, f.source.file.Start()
	}
	return clip, err
}

// pour makes the film frame by frame for the standard output.
func (f *filming) pour(ctx context.Context) (err error) {
	f.pass = 1
	if f.film, err = f.start(f.footage(), render.Pass{}); err != nil {
		return f.output.named(err)
	}
	clip, err := f.clipOf(-1)
	if err != nil {
		return err
	}
	err = film.Encode(raw(f.stdout), clip, film.WriteOptions{}, func(i int) (*imageio.Image, error) {
		if i == f.frames {
			return nil, io.EOF
		}
		if err := f.next(); err != nil {
			return nil, err
		}
		if i == 0 {
			f.announce()
		}
		began := time.Now()
		im, result, err := f.expose(ctx)
		if err != nil {
			return nil, err
		}
		e := frameEvent{Frame: i + 1, Pass: 1, Steps: result.Steps, Seconds: seconds(time.Since(began))}
		if !math.IsNaN(im.WarpError) {
			e.WarpError = new(number(im.WarpError))
		}
		return im.Picture, f.report(e)
	})
	if errors.Is(err, context.Canceled) {
		return context.Cause(ctx)
	}
	if err == nil {
		fmt.Fprintf(f.stderr, "%d frames in %s, peak memory %s\n", f.made, roughly(time.Since(f.started)), mib(f.peak()))
	}
	return err
}

// part reports the end of a part of a film.
func (f *filming) part() error {
	text, _ := f.Shard.MarshalText()
	fmt.Fprintf(f.stderr, "part %s: %d frames in %s\n", text, f.made, roughly(time.Since(f.started)))
	fmt.Fprintln(f.stderr, "When all parts are made, the command without --shard, but with --resume, puts them together.")
	return f.end()
}

// finish makes the clip of the frames, if that is wanted, and reports the end.
func (f *filming) finish() error {
	to := f.files(f.passes)
	forwards := to
	forwards.order = order{}
	if to.clip != "" {
		clip, err := f.clipOf(f.frames)
		if err != nil {
			return err
		}
		if f.output.free && exists(to.clip) { // it was taken meanwhile
			to.clip = freeName(to.clip)
		}
		if err := film.Write(to.clip, clip, film.WriteOptions{Quality: f.JPEGQuality}, forwards.Frame); err != nil {
			return err
		}
	}
	for k := 1; k < f.passes; k++ {
		of := f.to.pass(k)
		of.remove(f.frames)
		os.Remove(filepath.Dir(of.pattern))
	}
	forwards.remove(f.frames)
	f.to.clip = to.clip
	fmt.Fprintf(f.stderr, "%s: %d frames in %s, peak memory %s\n", shown(to.name()), f.frames,
		roughly(time.Since(f.started)), mib(f.peak()))
	return f.end()
}

// end is the last line of --json.
func (f *filming) end() error {
	if !f.JSON {
		return nil
	}
	size := f.film.Size()
	return writeLine(f.stdout, endEvent{
		Event: "done", Output: f.to.name(), Width: size.W, Height: size.H, Steps: f.steps,
		Seconds: seconds(time.Since(f.started)), PeakBytes: f.peak(),
	})
}
