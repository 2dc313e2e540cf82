package main

import (
	"errors"
	"io/fs"
	"os"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// sampleSize is the longer side of a built-in picture where no size is given, sampleSeed what it is drawn
// from.
const (
	sampleSize = 512
	sampleSeed = 1
)

// sampler draws a built-in picture.
type sampler func(w, h int, seed uint64) *imageio.Image

// picture reads the picture at path, or draws a built-in one of the size if there is no path, and notes it in
// the recipe. When only planning, a square stands in for a built-in one.
func (j *job) picture(role render.Role, path string, size int, draw sampler) (*render.Picture, error) {
	var im *imageio.Image
	in := render.Input{Role: role, Name: base(path)}
	if path == "" {
		im = j.sample(size, draw)
	} else {
		var err error
		if im, err = imageio.Read(path); err != nil {
			return nil, err
		}
		if in.SHA256, err = render.FileHash(path); err != nil {
			return nil, err
		}
		j.output.inputs = append(j.output.inputs, path)
	}
	in.Width, in.Height = im.W, im.H
	j.output.pictures = append(j.output.pictures, in)
	return im, nil
}

// sample draws a built-in picture.
func (j *job) sample(size int, draw sampler) *render.Picture {
	if size < 1 || size > render.MaxSize { // an error to come, or 0
		size = sampleSize
	}
	if j.planning {
		return imageio.New(size, size)
	}
	w, h := imageio.FitSize(4, 3, size)
	return draw(w, h, sampleSeed)
}

// startPicture reads the picture to start from if --init names one.
func (j *job) startPicture(o *render.StyleOptions) (err error) {
	switch o.Init {
	case render.InitContent, render.InitRandom, render.InitGray:
		return nil
	}
	path := string(o.Init)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &usageError{"--init must be content, random, gray or a picture, and there is no file " + quote(path),
			"check the path"}
	}
	o.Init = render.InitPicture
	o.InitImage, err = j.picture(render.RoleInit, path, 0, nil)
	return err
}
