package main

import (
	"image"
	"io"

	"oneiro/film"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// source is the clip that a film is made of: a file, or the one that is built in.
type source struct {
	render.Frames
	path string
	file *film.Clip // nil for the clip that is built in
	info film.Info
	none bool // only an estimate is wanted, and no clip is named

	parts  *divided     // what moves beside it; nil for nothing
	beside []*film.Clip // of those
}

// openClip opens the clip of a film, or the one that is built in, notes it in the recipe and returns its first
// frame. When only planning, a square stands in for that.
func (j *job) openClip(role render.Role, args []string, size int, o *render.ClipOptions,
) (*source, *render.Picture, error) {
	if len(args) == 0 && j.planning {
		im, err := j.picture(role, "", size, sample.Landscape)
		return &source{none: true}, im, err
	}
	c := &source{path: first(args)}
	in := render.Input{Role: role, Name: base(c.path)}
	if c.path == "" {
		clip, err := newSampleClip(size, o.Range)
		if err != nil {
			return nil, nil, err
		}
		c.Frames, c.info = clip, film.Info{Rate: film.RationalOf(sampleRate), Frames: clip.end - clip.from}
	} else {
		file, err := film.Open(c.path, film.ReadOptions{
			Range: o.Range, FPS: o.FPS, MaxBytes: j.within(j.reading()).MaxBytes,
		})
		if err != nil {
			return nil, nil, err
		}
		for _, text := range file.Notes() {
			j.warn(shown(c.path) + ": " + text)
		}
		c.Frames, c.file, c.info = file, file, file.Info()
		j.output.inputs = append(j.output.inputs, c.path)
		in.Bytes = fileBytes(c.path)
	}
	im, err := c.Frame(0)
	if err == nil && exists(c.path) {
		in.SHA256, err = j.hashes.of(c.path)
	}
	if err != nil {
		c.close()
		return nil, nil, err
	}
	in.Width, in.Height = im.W, im.H
	j.output.pictures = append(j.output.pictures, inputPicture{in, c.path, im})
	return c, im, nil
}

// close closes the clip.
func (c *source) close() {
	if c == nil {
		return
	}
	if c.file != nil {
		c.file.Close()
	}
	for _, clip := range c.beside {
		clip.Close()
	}
}

// The clip that is built in.
const (
	sampleFrames = 24
	sampleRate   = 12 // frames per second
	sampleWidth  = 320
)

// sampleClip is the built-in landscape, along which a camera moves.
type sampleClip struct {
	picture   *render.Picture
	w, h      int
	from, end int // of the frames that are taken
}

// newSampleClip returns the clip with frames of a width, or 0 for what is usual. The error is a
// *film.RangeError.
func newSampleClip(width int, r render.FrameRange) (*sampleClip, error) {
	from, end := max(r[0]-1, 0), sampleFrames
	if from >= end {
		return nil, &film.RangeError{Path: "the built-in clip", First: r[0], Last: r[1], Frames: end}
	}
	if r[1] > 0 {
		end = min(end, r[1])
	}
	if width < 1 || width > largestSample {
		width = sampleWidth
	}
	height := max(width*9/16, 1)
	return &sampleClip{sample.Landscape(width+width/4, height, sampleSeed), width, height, from, end}, nil
}

// Frame implements [render.Frames].
func (c *sampleClip) Frame(i int) (*render.Picture, error) {
	if i += c.from; i >= c.end {
		return nil, io.EOF
	}
	left := (c.picture.W - c.w) * i / (sampleFrames - 1)
	return imageio.Cropped(c.picture, image.Rect(left, 0, left+c.w, c.h)), nil
}
