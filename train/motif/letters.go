package motif

import (
	"image"
	"image/draw"
	"math"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A page of print is pageLines lines of lineHeight pixels, pageWidth pixels wide.
const pageLines, lineHeight, pageWidth = 24, 32, 1024

// pages holds a page of random words in each of several fonts.
var pages = sync.OnceValue(func() (out []*image.Gray) {
	r := NewRand(1, 1)
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF} {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			panic(err) // the fonts are part of the program
		}
		for _, size := range []float64{22, 32} { // small letters with room between lines, and large ones without
			face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
			if err != nil {
				panic(err)
			}
			out = append(out, page(face, size, r))
		}
	}
	return out
})

// page prints words; lines go on over the right edge at the left.
func page(face font.Face, size float64, r *Rand) *image.Gray {
	im := image.NewGray(image.Rect(0, 0, pageWidth, pageLines*lineHeight))
	line := image.NewGray(image.Rect(0, 0, pageWidth+lineHeight, lineHeight))
	for j := range pageLines {
		clear(line.Pix)
		d := font.Drawer{Dst: line, Src: image.White, Face: face, Dot: fixed.P(0, lineHeight/2+int(0.3*size))}
		capital := r.Chance(0.25)
		for d.Dot.X.Ceil() < pageWidth {
			d.DrawString(word(r, capital) + " ")
		}
		draw.Draw(im, image.Rect(0, j*lineHeight, pageWidth, (j+1)*lineHeight), line, image.Point{}, draw.Src)
	}
	return im
}

// word returns letters about as often as English has them, or a number.
func word(r *Rand, capital bool) string {
	from := "etaoinshrdlucmfwypvbgkjqxzetaoinshrdluetaoin"
	if r.Chance(0.1) {
		from = "0123456789"
	}
	w := make([]byte, r.Int(2, 8))
	for i := range w {
		w[i] = from[r.Int(0, len(from)-1)]
		if w[i] >= 'a' && (capital || i == 0 && r.Chance(0.2)) {
			w[i] -= 'a' - 'A'
		}
	}
	return string(w)
}

// letters are lines of print.
func letters(r *Rand) Shader {
	page := pages()[r.Int(0, len(pages())-1)]
	left, top := r.Between(0, pageWidth), r.Between(0, lineHeight*pageLines)
	bold := uint8(r.Int(60, 140))
	ink, paper, rough := r.Between(0, 0.2), r.Between(0.75, 1), r.Between(0, 0.15)
	if r.Chance(0.3) {
		ink, paper = paper, ink
	}
	grain := r.Noise()
	return func(x, y float64) Point {
		u, v := frac((lineHeight*x+left)/pageWidth), frac((lineHeight*y+top)/(lineHeight*pageLines))
		g := rough * grain.Fractal(2*x, 2*y, 2)
		if page.GrayAt(int(math.Floor(u*pageWidth)), int(v*lineHeight*pageLines)).Y > bold {
			return Point{Solid: true, Ink: 1, Tone: ink + g}
		}
		return Point{Solid: true, Tone: paper + g}
	}
}
