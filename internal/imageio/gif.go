package imageio

import (
	"bytes"
	"image/gif"
)

// openGIF reads the header. Pixels that the first picture leaves out of the whole screen are clear.
func openGIF(data []byte, _ *ReadOptions) (*decoder, error) {
	c, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	n := int64(c.Width) * int64(c.Height)
	d := &decoder{w: c.Width, h: c.Height, depth: 8, alpha: true, bytes: 2*n + 1<<20, warnings: new(warnings)}
	if animatedGIF(data) {
		d.warn("it is animated: the first picture is read")
	}
	d.start = func() (rowFunc, func() error, error) {
		m, err := gif.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, nil, err
		}
		return placed(imageRows(m, false), m.Bounds()), nil, nil
	}
	return d, nil
}

// animatedGIF tells whether there is more than one picture (GIF89a specification, section 20): it goes from
// block to block.
func animatedGIF(data []byte) bool {
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	if len(data) < 13 {
		return false
	}
	pictures := 0
	for at := 13 + table(data[10]); at < len(data); {
		switch data[at] {
		case 0x21: // an extension: its label, then blocks
			at += 2
		case 0x2c:
			if pictures++; pictures > 1 {
				return true
			}
			if at+9 >= len(data) {
				return false
			}
			at += 10 + table(data[at+9]) + 1 // and the code size of LZW
		default:
			return false
		}
		for at < len(data) && data[at] != 0 {
			at += 1 + int(data[at])
		}
		at++
	}
	return false
}
