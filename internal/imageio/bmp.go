package imageio

import (
	"bytes"
	"errors"
	"image/color"

	"golang.org/x/image/bmp"
)

// openBMP reads the header.
func openBMP(data []byte, _ *ReadOptions) (*decoder, error) {
	c, err := bmp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	n := int64(c.Width) * int64(c.Height)
	d := &decoder{w: c.Width, h: c.Height, depth: 8, bytes: n, warnings: new(warnings)}
	if _, palette := c.ColorModel.(color.Palette); !palette {
		d.bytes, d.alpha = 4*n, c.ColorModel == color.NRGBAModel
	}
	d.start = func() (rowFunc, func() error, error) {
		m, err := bmp.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, nil, err
		}
		if size := m.Bounds().Size(); size.X != d.w || size.Y != d.h {
			return nil, nil, errors.New("its headers contradict each other")
		}
		return imageRows(m, false), nil, nil
	}
	return d, nil
}
