package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"oneiro/internal/imageio"
	"oneiro/render"
)

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
	f.begin(max(f.total(), 0))
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
	event := f.event(to.order.number(i), im, result)
	event.File = to.state(i)
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
	event.Seconds = seconds(time.Since(began))
	return f.report(event)
}

// event returns what there is to say of a frame, but for its file and its seconds.
func (f *filming) event(frame int, im render.FilmFrame, r *render.Result) frameEvent {
	e := frameEvent{
		Event: "frame", Frame: frame, Frames: max(f.frames, 0), Pass: f.pass, Begins: im.Begins, Steps: r.Steps,
		Loss: number(r.Loss),
	}
	if !math.IsNaN(im.WarpError) {
		e.WarpError = new(number(im.WarpError))
	}
	return e
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

	// Of all passes: how many frames are there now, and how many there will be, about; 0 if nobody knows.
	Made  int    `json:"made,omitempty"`
	Total int    `json:"total,omitempty"`
	Left  number `json:"left_seconds,omitempty"`
	Peak  int64  `json:"peak_bytes"`
}

// report says that a frame was written.
func (f *filming) report(e frameEvent) error {
	left := f.left(&e)
	e.Left, e.Peak = seconds(left), f.peak()
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
		if left > 0 {
			line += fmt.Sprintf("  %s to go", roughly(left))
		}
		fmt.Fprintln(f.stderr, line)
	}
	if f.JSON {
		return writeLine(f.stdout, e)
	}
	return nil
}

// left returns how long the rest takes, or 0 if nobody knows. It counts the frames of the event.
func (f *filming) left(e *frameEvent) time.Duration {
	total := f.total()
	if total <= 0 || f.Shard.of > 0 {
		return 0
	}
	frames := total / f.passes
	rest := frames - e.Frame
	if e.Pass%2 == 0 {
		rest = e.Frame - 1
	}
	rest = max(rest, 0) + (f.passes-e.Pass)*frames
	e.Made, e.Total = total-rest, total
	return time.Duration(float64(time.Since(f.started)) / float64(f.made) * float64(rest))
}

// total returns how many frames all passes have, about; 0 or less if nobody knows.
func (f *filming) total() int {
	if f.frames >= 0 {
		return f.frames * f.passes
	}
	return f.about * f.passes
}
