package render

import (
	"math"
	"slices"

	"oneiro/autodiff"
	"oneiro/colour"
	"oneiro/internal/imageio"
)

// coloured returns the options with pictures whose colours are as the network is to see them, and with the
// picture that the chroma of the result is from, if there is one.
func (o StyleOptions) coloured() StyleOptions {
	if o.Content == nil || o.ColorsStrength == 0 && o.Colors != ColorsLuminance {
		return o
	}
	content := o.Content
	if o.keepsColours() {
		if o.photo = content; o.PalettePicture != nil {
			o.photo = matched(content, o.paletteAt, 1)
		}
	}
	styles := slices.Clone(o.Styles)
	switch o.way() {
	case ColorsMatch:
		for i, s := range o.Styles {
			target := o.paletteAt
			if o.PalettePicture == nil {
				target = o.contentAt(content, i)
			}
			styles[i] = matched(s, target, o.ColorsStrength)
		}
	case ColorsLuminance:
		o.Content = grey(content)
		for i, s := range o.Styles {
			styles[i] = matched(grey(s), o.contentAt(o.Content, i), 1)
		}
		if o.InitImage != nil {
			o.InitImage = grey(o.InitImage)
		}
	}
	o.Styles = styles
	return o
}

// colourTarget returns a picture whose colours are aimed at, at the size that goes with a view of another one.
type colourTarget func(v imageio.View) (*Picture, imageio.View)

// contentAt returns the content at the size of the canvas at which style picture i is seen at a view.
func (o *StyleOptions) contentAt(content *Picture, i int) colourTarget {
	round, scale := o.rounding(), o.styleScale(i)
	return func(v imageio.View) (*Picture, imageio.View) {
		longer := int(math.Round(float64(max(v.W, v.H)) / scale))
		size := round.scaled(sizeOf(content), min(max(longer, 1), MaxSize))
		return content, imageio.View{W: size.W, H: size.H}
	}
}

// paletteSide is the longer side at which the colours of a palette are looked at, if it is not smaller.
const paletteSide = 512

// paletteAt returns the palette.
func (o *StyleOptions) paletteAt(imageio.View) (*Picture, imageio.View) {
	p := o.PalettePicture
	return p, imageio.Longest(min(max(p.W, p.H), paletteSide))(p.W, p.H)
}

// matched returns a picture with colours that have mean and covariance of a target's.
func matched(im *Picture, target colourTarget, strength float64) *Picture {
	return im.Changed(imageio.Change{
		Do: func(im *Picture, v imageio.View, maxBytes int64) error {
			t, view := target(v)
			aim, err := t.Read(view, maxBytes)
			if err != nil {
				return err
			}
			Recolour(im, statistics(aim), strength)
			return nil
		},
		Bytes: func(v imageio.View) int64 {
			t, view := target(v)
			return t.ReadBytes(view)
		},
	})
}

// Recolour gives the colours of a picture mean and covariance of others in its place, or goes part of the way
// there.
func Recolour(im *Picture, to colour.Statistics, strength float64) {
	m := colour.Match(im.Pix, im.Alpha, im.W, to).Partly(strength)
	m.Row(im.Pix)
}

// statistics returns mean and covariance of the colours of a picture, as far as they are opaque.
func statistics(im *Picture) colour.Statistics { return colour.Of(im.Pix, im.Alpha, im.W) }

// grey returns a picture in greys that are as light as its colours.
func grey(im *Picture) *Picture {
	return im.Changed(imageio.Change{
		Do: func(im *Picture, _ imageio.View, _ int64) error {
			for i := 0; i < len(im.Pix); i += 3 {
				v := colour.Lightness(im.Pix[i], im.Pix[i+1], im.Pix[i+2])
				im.Pix[i], im.Pix[i+1], im.Pix[i+2] = v, v, v
			}
			return nil
		},
		Bytes: func(imageio.View) int64 { return 0 },
	})
}

// keepChroma gives a picture, which is on white, the chroma of the photograph.
func (o *StyleOptions) keepChroma(im *Picture) {
	if o.photo == nil {
		return
	}
	if o.Colors == ColorsLuminance {
		toGrey(im)
	}
	photo := shown(o.photo, sizeOf(im))
	rows := func(y int, row []float32) { onWhiteRow(photo, y, row) }
	if o.OriginalColors {
		row := make([]float32, 3*im.W)
		for y := range im.H {
			rows(y, row)
			colour.Luma8(im.Pix[3*im.W*y:][:3*im.W], row)
		}
		return
	}
	c := colour.Chroma{Photo: rows, W: im.W, H: im.H, Strength: o.ColorsStrength}
	c.Apply(im.Pix)
}

// onWhiteRow writes a row of a picture, as it looks on white, to row.
func onWhiteRow(im *Picture, y int, row []float32) {
	copy(row, im.Pix[3*im.W*y:])
	if im.Alpha == nil {
		return
	}
	for x, a := range im.Alpha[im.W*y:][:im.W] {
		for k := 3 * x; k < 3*x+3; k++ {
			row[k] = a*row[k] + (1 - a)
		}
	}
}

// lightness shows the network the mean of the canvas's channels, as a grey picture: it sees no colours, and
// gives no reason for any. A canvas that begins grey stays grey.
type lightness struct{}

func (lightness) Show(canvas *autodiff.Node) View {
	matrix := make([]float32, 9)
	for i := range matrix {
		matrix[i] = 1.0 / 3
	}
	return stillView{autodiff.Affine(canvas, 3, matrix, nil)}
}

func (lightness) Bytes(Size) int64 { return 0 }

// toGrey makes a picture grey, as lightness shows it.
func toGrey(im *Picture) {
	for i := 0; i < len(im.Pix); i += 3 {
		v := (im.Pix[i] + im.Pix[i+1] + im.Pix[i+2]) / 3
		im.Pix[i], im.Pix[i+1], im.Pix[i+2] = v, v, v
	}
}

// colourBytes returns how much memory the colours of a picture take when it is made.
func (o *StyleOptions) colourBytes(full Size) int64 {
	if o.photo == nil || o.OriginalColors {
		return 0
	}
	return colour.ChromaBytes(full.W)
}
