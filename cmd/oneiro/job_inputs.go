package main

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/render"
)

// sampleSize is the longer side of a built-in picture where no size is given, sampleSeed what it is drawn
// from.
const (
	sampleSize = 512
	sampleSeed = 1
)

// inputOptions say how pictures are read.
type inputOptions struct {
	AllowTruncated bool
	Profile        string // one of the words below, or empty for the first
}

// What is done about colour profiles.
const (
	profileConvert = "convert"
	profileKeep    = "keep"
	profileIgnore  = "ignore"
)

// inputTable has the options of inputOptions.
var inputTable = option.Table{
	{Name: "allow-truncated", Field: "AllowTruncated",
		Help: "read what there is of a PNG or JPEG whose data is cut short; the rest is transparent"},
	{Name: "profile", Field: "Profile", Unit: "what",
		Help:    "colour profiles: convert what is read to sRGB, also keep the photograph's for the result, or ignore them",
		Choices: []string{profileConvert, profileKeep, profileIgnore}},
}.In("Input")

// reading returns the options of reading pictures.
func (o *inputOptions) reading() imageio.ReadOptions {
	return imageio.ReadOptions{AllowTruncated: o.AllowTruncated, IgnoreProfile: o.Profile == profileIgnore}
}

// sampler draws a built-in picture.
type sampler func(w, h int, seed uint64) *imageio.Image

// picture opens the picture at path, or a built-in one of the size if there is no path, and notes it in
// the recipe. The run reads or draws it at the sizes that it needs. When only planning, a square stands
// in for a built-in one.
func (j *job) picture(role render.Role, path string, size int, draw sampler) (*render.Picture, error) {
	var im *imageio.Image
	in := render.Input{Role: role, Name: base(path)}
	if path == "" {
		im = j.sample(size, draw)
	} else {
		var err error
		if im, err = imageio.Open(path, j.within(j.reading())); err != nil {
			return nil, err
		}
		if in.SHA256, err = j.hashes.of(path); err != nil {
			return nil, err
		}
		in.Bytes = fileBytes(path)
		j.output.inputs = append(j.output.inputs, path)
	}
	in.Width, in.Height = im.W, im.H
	j.output.pictures = append(j.output.pictures, inputPicture{in, path, im})
	return im, nil
}

// fileBytes returns the size of a file, 0 for anything else.
func fileBytes(path string) int64 {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return info.Size()
	}
	return 0
}

// sample returns a built-in picture, which is drawn when it is needed.
func (j *job) sample(size int, draw sampler) *render.Picture {
	if size < 1 || size > render.MaxSize { // an error to come, or 0
		size = sampleSize
	}
	size = min(size, largestSample)
	w, h := imageio.FitSize(4, 3, size)
	if j.planning {
		w, h = size, size
	}
	return imageio.Deferred(w, h, drawing{w, h, draw})
}

// largestSample is the longer side up to which built-in pictures are drawn, which takes several copies in
// memory: for larger runs they are enlarged, row by row.
const largestSample = 2048

// drawing is a built-in picture of w x h pixels as an imageio.Source.
type drawing struct {
	w, h int
	draw sampler
}

// Read implements [imageio.Source].
func (d drawing) Read(v imageio.View, _ int64) (*imageio.Image, error) {
	return d.draw(d.w, d.h, sampleSeed).Shown(v), nil
}

// Bytes implements [imageio.Source].
func (d drawing) Bytes(v imageio.View) int64 {
	bytes := 12 * int64(d.w) * int64(d.h)
	if v.W != d.w || v.H != d.h {
		bytes += 12 * int64(v.W) * int64(v.H)
	}
	return bytes
}

// Alpha implements [imageio.Source].
func (drawing) Alpha() bool { return false }

// cropStyles leaves out the margins of the style pictures, and notes what.
func (j *job) cropStyles(o *render.StyleOptions) error {
	if j.planning && o.StyleCrop.Auto { // what stands in has no margins
		o.StyleCrop = render.Crop{}
	}
	margins, err := o.CropStyles(j.within(j.reading()).MaxBytes)
	if err != nil {
		return err
	}
	for _, role := range []render.Role{render.RoleStyle, render.RoleRegion} {
		for _, in := range j.output.pictures {
			if in.Role != role {
				continue
			}
			if text := margins[0].String(); text != "" {
				j.margins = append(j.margins, "margins of "+shown(in.Name)+": "+text)
			}
			margins = margins[1:]
		}
	}
	return nil
}

// startPicture reads the picture to start from if --init names one.
func (j *job) startPicture(o *render.StyleOptions) (err error) {
	switch o.Init {
	case render.InitContent, render.InitRandom, render.InitGray:
		return nil
	}
	path := string(o.Init)
	if is, err := j.startCanvas(&o.Init, &o.CanvasOptions); is || err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &usageError{"--init must be content, random, gray, a picture or a canvas, and there is no file " +
			quote(path),
			"check the path"}
	}
	o.Init = render.InitPicture
	o.InitImage, err = j.picture(render.RoleInit, path, 0, nil)
	return err
}

// startCanvas reads the canvas to start from, and reports whether --init names one.
func (j *job) startCanvas(init *render.Init, o *render.CanvasOptions) (is bool, err error) {
	path := string(*init)
	if !strings.HasSuffix(strings.ToLower(path), canvasEnding) {
		return false, nil
	}
	*init = render.InitWeights
	o.InitCanvas, err = j.canvas(path)
	return true, err
}

// palette opens the picture that --palette names.
func (j *job) palette(o *render.ColourOptions) (err error) {
	if o.Palette == "" {
		return nil
	}
	path := o.Palette
	o.Palette = render.PaletteFile
	o.PalettePicture, err = j.picture(render.RolePalette, path, 0, nil)
	return err
}
