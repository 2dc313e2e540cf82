package render

import (
	"cmp"
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
	tones := cmp.Or(o.tones, content)
	if o.keepsColours() {
		if o.photo = content; o.PalettePicture != nil {
			o.photo = matched(content, o.paletteAt, 1)
		}
	}
	styles, regions := slices.Clone(o.Styles), slices.Clone(o.Region)
	each := func(recoloured func(s *Picture, scale float64) *Picture) {
		for i, s := range styles {
			styles[i] = recoloured(s, o.styleScale(i))
		}
		for i := range regions {
			if r := &regions[i]; r.Style != nil {
				r.Style = recoloured(r.Style, cmp.Or(r.Scale, 1))
			}
		}
	}
	switch o.way() {
	case ColorsMatch:
		each(func(s *Picture, scale float64) *Picture {
			target := o.paletteAt
			if o.PalettePicture == nil {
				target = o.contentAt(tones, scale)
			}
			return matched(s, target, o.ColorsStrength)
		})
	case ColorsLuminance:
		o.Content = grey(content)
		tones = grey(tones)
		each(func(s *Picture, scale float64) *Picture { return matched(grey(s), o.contentAt(tones, scale), 1) })
		if o.InitImage != nil {
			o.InitImage = grey(o.InitImage)
		}
	}
	o.Styles, o.Region = styles, regions
	return o
}

// colourTarget returns a picture whose colours are aimed at, at the size that goes with a view of another one.
type colourTarget func(v imageio.View) (*Picture, imageio.View)

// contentAt returns the content at the size of the canvas at which a style picture of a scale is seen at a
// view.
func (o *StyleOptions) contentAt(content *Picture, scale float64) colourTarget {
	round := o.rounding()
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
	if o.photo != nil && o.frame == nil { // frames are held to each other without
		o.keepChromaOf(shown(o.photo, sizeOf(im)), im)
	}
}

// keepChromaOf gives a picture the chroma of a photograph of its size.
func (o *StyleOptions) keepChromaOf(photo, im *Picture) {
	if o.Colors == ColorsLuminance {
		toGrey(im)
	}
	rows := func(y int, row []float32) { onWhiteRow(photo, y, row) }
	if o.OriginalColors {
		row := make([]float32, 3*im.W)
		for y := range im.H {
			rows(y, row)
			colour.Luma8(im.Pix[3*im.W*y:][:3*im.W], row)
		}
	} else {
		c := colour.Chroma{Photo: rows, W: im.W, H: im.H, Strength: o.ColorsStrength}
		c.Apply(im.Pix)
	}
	o.putBack(im, rows)
}

// putBack mixes the photograph into a picture where it is to be kept: the filter of its chroma has changed it
// there, too.
func (o *StyleOptions) putBack(im *Picture, photo func(y int, row []float32)) {
	kept := o.kept()
	if len(kept) == 0 {
		return
	}
	share, row := o.keptShare(kept, sizeOf(im)), make([]float32, 3*im.W)
	for y := range im.H {
		photo(y, row)
		to := im.Pix[3*im.W*y:][:3*im.W]
		mix(to, row, to, share[y*im.W:][:im.W])
	}
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
	switch {
	case o.photo == nil:
		return 0
	case len(o.kept()) > 0:
		return colour.ChromaBytes(full.W) + shareBytes(full)
	case o.OriginalColors:
		return 0
	}
	return colour.ChromaBytes(full.W)
}
