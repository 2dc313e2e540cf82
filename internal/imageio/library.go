package imageio

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/bmp"
)

// library reads pictures with another package's decoder, which makes a whole image in memory.
type library struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	// bytes returns how much memory the decoder takes.
	bytes func(image.Config) int64
}

// open reads the header.
func (l library) open(data []byte, _ *ReadOptions) (*decoder, error) {
	c, err := l.config(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	d := &decoder{w: c.Width, h: c.Height, depth: depthOf(c.ColorModel), alpha: mayBeClear(c.ColorModel),
		bytes: l.bytes(c), warnings: new(warnings)}
	d.start = func() (rowFunc, func() error, error) {
		m, err := l.decode(bytes.NewReader(data))
		if err != nil {
			return nil, nil, err
		}
		return imageRows(m, c.ColorModel == color.YCbCrModel), nil, d.sameSize(m)
	}
	return d, nil
}

// sameSize checks the size of what a decoder has made of the data against that of the header.
func (d *decoder) sameSize(m image.Image) error {
	if size := m.Bounds().Size(); size.X != d.w || size.Y != d.h {
		return errors.New("its headers contradict each other")
	}
	return nil
}

// mayBeClear tells whether colours of a model have opacity.
func mayBeClear(m color.Model) bool {
	switch m := m.(type) {
	case color.Palette:
		for _, c := range m {
			if _, _, _, a := c.RGBA(); a != 0xffff {
				return true
			}
		}
		return false
	}
	switch m {
	case color.GrayModel, color.Gray16Model, color.YCbCrModel, color.CMYKModel:
		return false
	}
	return true
}

// imageBytes returns how much memory package image takes for a picture.
func imageBytes(c image.Config) int64 {
	n := int64(c.Width) * int64(c.Height)
	switch m := c.ColorModel.(type) {
	case color.Palette:
		return n
	default:
		switch m {
		case color.GrayModel:
			return n
		case color.Gray16Model:
			return 2 * n
		case color.YCbCrModel:
			return 3 * n
		case color.RGBA64Model, color.NRGBA64Model:
			return 8 * n
		}
	}
	return 4 * n
}

var openBMP = library{bmp.DecodeConfig, bmp.Decode, imageBytes}.open
