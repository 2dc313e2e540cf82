package main

import (
	"errors"
	"io/fs"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// sampleSize is the longer side of a built-in picture where no size is given, sampleSeed what it is
// drawn from.
const (
	sampleSize = 512
	sampleSeed = 1
)

// pictureOr reads the picture at path, or draws a built-in one of the size if there is no path.
func pictureOr(path string, size int, draw func(w, h int, seed uint64) *imageio.Image) (*imageio.Image, error) {
	if path != "" {
		return imageio.Read(path)
	}
	if size < 1 || size > render.MaxSize { // which Validate reports, or 0
		size = sampleSize
	}
	return draw(size, max(size*3/4, 1), sampleSeed), nil
}

// stylePictures reads the content picture and the style pictures, built-in ones for what is missing.
func stylePictures(paths []string, size int) (content *imageio.Image, styles []*imageio.Image, err error) {
	contentPath, stylePaths := "", []string{""}
	if len(paths) > 0 {
		contentPath = paths[0]
	}
	if len(paths) > 1 {
		stylePaths = paths[1:]
	}
	if content, err = pictureOr(contentPath, size, sample.Landscape); err != nil {
		return nil, nil, err
	}
	for _, path := range stylePaths {
		s, err := pictureOr(path, size, sample.Painting)
		if err != nil {
			return nil, nil, err
		}
		styles = append(styles, s)
	}
	return content, styles, nil
}

// readInit reads the picture to start from if --init names one, and returns its path.
func readInit(o *render.StyleOptions) (path string, err error) {
	switch o.Init {
	case render.InitContent, render.InitRandom, render.InitGray:
		return "", nil
	}
	path = string(o.Init)
	o.Init = render.InitPicture
	o.InitImage, err = imageio.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = &usageError{"init: " + quote(path) + " is neither content, random nor gray, and there is no such file",
			"choose one of the three, or name a picture"}
	}
	return path, err
}
