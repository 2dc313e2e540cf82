package sample

import (
	"math"

	"oneiro/internal/imageio"
	"oneiro/internal/noise"
)

// colour is linear light: red, green, blue.
type colour [3]float64

func (c colour) mix(d colour, t float64) colour {
	return colour{noise.Lerp(c[0], d[0], t), noise.Lerp(c[1], d[1], t), noise.Lerp(c[2], d[2], t)}
}

func (c colour) add(d colour, t float64) colour {
	return colour{c[0] + t*d[0], c[1] + t*d[1], c[2] + t*d[2]}
}

func (c colour) times(d colour) colour { return colour{c[0] * d[0], c[1] * d[1], c[2] * d[2]} }

func (c colour) scale(t float64) colour { return colour{t * c[0], t * c[1], t * c[2]} }

// rgb returns the colour of an sRGB triple such as 0xffcc00.
func rgb(hex uint32) colour {
	var c colour
	for i := range c {
		v := float64(hex>>(16-8*i)&0xff) / 255
		if v <= 0.04045 {
			c[i] = v / 12.92
		} else {
			c[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return c
}

// picture is an image of linear light, row by row.
type picture struct {
	w, h int
	pix  []colour
}

func newPicture(w, h int) *picture { return &picture{w, h, make([]colour, w*h)} }

// sample interpolates between pixels; x and y are centres of pixels, clamped to the picture.
func (p *picture) sample(x, y float64) colour {
	x, y = min(max(x, 0), float64(p.w-1)), min(max(y, 0), float64(p.h-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, p.w-1), min(y0+1, p.h-1)
	tx, ty := x-float64(x0), y-float64(y0)
	top := p.pix[y0*p.w+x0].mix(p.pix[y0*p.w+x1], tx)
	return top.mix(p.pix[y1*p.w+x0].mix(p.pix[y1*p.w+x1], tx), ty)
}

// image encodes the light as sRGB after tone, which maps each channel to 0..1. Values are rounded to 8
// bits, which hides the last bits of the arithmetic, since they differ between processors, and lets a
// file keep the picture exactly.
func (p *picture) image(tone func(float64) float64) *imageio.Image {
	im := imageio.New(p.w, p.h)
	table := encoded()
	for i, c := range p.pix {
		for k, v := range c {
			v = min(max(tone(v), 0), 1)
			im.Pix[3*i+k] = table[int(v*float64(len(table)-1)+0.5)]
		}
	}
	return im
}

// encoded returns the sRGB encoding of 0 to 1, in steps finer than those of 8 bits at the dark end.
func encoded() *[1 << 14]float32 {
	var table [1 << 14]float32
	for i := range table {
		v := float64(i) / float64(len(table)-1)
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		table[i] = float32(math.Floor(v*255+0.5)) / 255
	}
	return &table
}

// filmic maps light to 0..1 with the shoulder of film (Narkowicz's fit of the ACES curve).
func filmic(x float64) float64 {
	return x * (2.51*x + 0.03) / (x*(2.43*x+0.59) + 0.14)
}
