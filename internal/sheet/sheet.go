// Package sheet lays small pictures out on a large one, each with a label: a contact sheet.
package sheet

import (
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"oneiro/internal/imageio"
)

// Tile is a picture with a label under it, cut off at the width of the column.
type Tile struct {
	Label   string
	Picture *imageio.Image // nil leaves its place empty
}

const (
	gap   = 6  // pixels around each tile
	strip = 16 // height of a label
)

var face = basicfont.Face7x13 // ASCII only; other letters become boxes

// Draw lays tiles out on white, in rows of so many columns. All columns are as wide as the widest picture,
// and each row is as high as its highest.
func Draw(tiles []Tile, columns int) *imageio.Image {
	columns = max(min(columns, len(tiles)), 1)
	w := 1
	tops := []int{gap} // of each row, and the end of the last
	for row := range slices.Chunk(tiles, columns) {
		h := 0
		for _, t := range row {
			if t.Picture != nil {
				w, h = max(w, t.Picture.W), max(h, t.Picture.H)
			}
		}
		tops = append(tops, tops[len(tops)-1]+h+strip+gap)
	}
	out := imageio.New(gap+columns*(w+gap), tops[len(tops)-1])
	for i := range out.Pix {
		out.Pix[i] = 1
	}
	for i, t := range tiles {
		if t.Picture != nil {
			x, y := gap+i%columns*(w+gap), tops[i/columns]
			paste(out, t.Picture, x, y)
			paste(out, label(t.Label, w), x, y+t.Picture.H)
		}
	}
	return out
}

// paste copies a picture to a place.
func paste(dst, src *imageio.Image, x, y int) {
	for row := range src.H {
		copy(dst.Pix[((y+row)*dst.W+x)*3:], src.Pix[row*src.W*3:(row+1)*src.W*3])
	}
}

// label writes text in black on white.
func label(text string, w int) *imageio.Image {
	gray := image.NewGray(image.Rect(0, 0, w, strip))
	for i := range gray.Pix {
		gray.Pix[i] = 255
	}
	d := font.Drawer{Dst: gray, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(0, strip-face.Descent-1)}
	d.DrawString(text)
	out := imageio.New(w, strip)
	for i := range out.Pix {
		out.Pix[i] = float32(gray.Pix[i/3]) / 255
	}
	return out
}

// Enlarge returns a picture in which every pixel is a square of factor x factor.
func Enlarge(im *imageio.Image, factor int) *imageio.Image {
	out := imageio.New(im.W*factor, im.H*factor)
	for i := range out.W * out.H {
		from := i/out.W/factor*im.W + i%out.W/factor
		copy(out.Pix[3*i:], im.Pix[3*from:3*from+3])
	}
	return out
}
