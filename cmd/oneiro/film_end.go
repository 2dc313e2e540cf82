package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"oneiro/autodiff/optim"
	"oneiro/film"
	"oneiro/internal/imageio"
	"oneiro/render"
)

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
		e := f.event(i+1, im, result)
		e.Seconds = seconds(time.Since(began))
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
