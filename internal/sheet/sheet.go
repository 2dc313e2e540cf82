// Package sheet lays small pictures out on a large one, each with a label: a contact sheet.
package sheet

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"oneiro/internal/imageio"
)

// Tile is a picture with a label under it, in as many lines as it needs.
type Tile struct {
	Label   string
	Picture *imageio.Image // nil leaves its place empty
}

const (
	gap    = 6  // pixels around each tile
	strip  = 16 // height of a label of one line
	letter = 7  // width of a letter
	line   = 13 // height of each further line
)

var face = basicfont.Face7x13 // ASCII only; other letters become boxes

// Columns returns in how many columns n tiles look best: about as many as there are rows, or up to twice as
// many if that leaves fewer places empty.
func Columns(n int) int {
	square := max(int(math.Ceil(math.Sqrt(float64(n)))), 1)
	best := square
	for c := square + 1; c <= 2*square-1; c++ {
		if empty(n, c) < empty(n, best) {
			best = c
		}
	}
	return best
}

// empty returns how many places are empty.
func empty(n, columns int) int { return (columns - n%columns) % columns }

// Draw lays tiles out on white, in rows of so many columns. All columns are as wide as the widest picture,
// and each row is as high as its highest.
func Draw(tiles []Tile, columns int) *imageio.Image {
	columns = max(min(columns, len(tiles)), 1)
	w := 1
	for _, t := range tiles {
		if t.Picture != nil {
			w = max(w, t.Picture.W)
		}
	}
	tops := []int{gap} // of each row, and the end of the last
	for row := range slices.Chunk(tiles, columns) {
		h := strip
		for _, t := range row {
			if t.Picture != nil {
				h = max(h, t.Picture.H+labelHeight(t.Label, w))
			}
		}
		tops = append(tops, tops[len(tops)-1]+h+gap)
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

// labelHeight returns the height of a label.
func labelHeight(text string, w int) int { return strip + (len(wrap(text, w/letter))-1)*line }

// wrap breaks a text into lines of at most width letters, between words where that is possible. A text
// without words is one empty line.
func wrap(text string, width int) []string {
	width = max(width, 1)
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		if *last != "" && utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width {
			*last += " " + word
			continue
		}
		letters := []rune(word)
		for len(letters) > 0 {
			n := min(len(letters), width)
			if lines[len(lines)-1] != "" {
				lines = append(lines, "")
			}
			lines[len(lines)-1], letters = string(letters[:n]), letters[n:]
		}
	}
	return lines
}

// label writes text in black on white.
func label(text string, w int) *imageio.Image {
	h := labelHeight(text, w)
	gray := image.NewGray(image.Rect(0, 0, w, h))
	for i := range gray.Pix {
		gray.Pix[i] = 255
	}
	d := font.Drawer{Dst: gray, Src: image.NewUniform(color.Black), Face: face}
	for i, part := range wrap(text, w/letter) {
		d.Dot = fixed.P(0, strip-face.Descent-1+i*line)
		d.DrawString(part)
	}
	out := imageio.New(w, h)
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

// Place is where the pictures of tiles of one size lie on a sheet: the first at Left and Top, each W x H
// pixels, the next Right and Down of it.
type Place struct {
	Left  int `json:"left"`
	Top   int `json:"top"`
	W     int `json:"width"`
	H     int `json:"height"`
	Right int `json:"right"`
	Down  int `json:"down"`
}

// Even returns where the tiles lie on a sheet of w x h pixels that Draw has made of pictures of one size with
// labels of one line.
func Even(w, h, columns, rows int) Place {
	right, down := (w-gap)/max(columns, 1), (h-gap)/max(rows, 1)
	return Place{gap, gap, right - gap, down - gap - strip, right, down}
}
