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
	r := newRNG(1, 1)
	for _, ttf := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomono.TTF} {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			panic(err) // the fonts are part of the program
		}
		// small letters with space between lines, and large ones without
		for _, size := range []float64{22, 32} {
			face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
			if err != nil {
				panic(err)
			}
			out = append(out, page(face, size, r))
		}
	}
	return out
})

// page prints words; a line that passes the right edge continues at the left.
func page(face font.Face, size float64, r *rng) *image.Gray {
	im := image.NewGray(image.Rect(0, 0, pageWidth, pageLines*lineHeight))
	line := image.NewGray(image.Rect(0, 0, pageWidth+lineHeight, lineHeight))
	for j := range pageLines {
		clear(line.Pix)
		d := font.Drawer{Dst: line, Src: image.White, Face: face, Dot: fixed.P(0, lineHeight/2+int(0.3*size))}
		capital := r.chance(0.25)
		for d.Dot.X.Ceil() < pageWidth {
			d.DrawString(word(r, capital) + " ")
		}
		draw.Draw(im, image.Rect(0, j*lineHeight, pageWidth, (j+1)*lineHeight), line, image.Point{}, draw.Src)
	}
	return im
}

// word returns letters with about their frequency in English, or a number.
func word(r *rng, capital bool) string {
	from := "etaoinshrdlucmfwypvbgkjqxzetaoinshrdluetaoin"
	if r.chance(0.1) {
		from = "0123456789"
	}
	w := make([]byte, r.whole(2, 8))
	for i := range w {
		w[i] = from[r.whole(0, len(from)-1)]
		if w[i] >= 'a' && (capital || i == 0 && r.chance(0.2)) {
			w[i] -= 'a' - 'A'
		}
	}
	return string(w)
}

// letters are lines of print.
func letters(r *rng) shader {
	page := pages()[r.whole(0, len(pages())-1)]
	left, top := r.between(0, pageWidth), r.between(0, lineHeight*pageLines)
	bold := uint8(r.whole(60, 140))
	ink, paper, rough := r.between(0, 0.2), r.between(0.75, 1), r.between(0, 0.15)
	if r.chance(0.3) {
		ink, paper = paper, ink
	}
	grain := r.noise()
	return func(x, y float64) point {
		u, v := frac((lineHeight*x+left)/pageWidth), frac((lineHeight*y+top)/(lineHeight*pageLines))
		g := rough * grain.Fractal(2*x, 2*y, 2)
		if page.GrayAt(int(math.Floor(u*pageWidth)), int(v*lineHeight*pageLines)).Y > bold {
			return point{solid: true, ink: 1, tone: ink + g}
		}
		return point{solid: true, tone: paper + g}
	}
}
