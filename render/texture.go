package render

import (
	"cmp"
	"slices"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
	"oneiro/nn"
)

// TextureOptions describe a texture: a picture of any size that looks like Styles everywhere, made from noise
// (Gatys, Ecker and Bethge, "Texture Synthesis Using Convolutional Neural Networks", arXiv:1505.07376). What
// StyleOptions has for a content does not matter. StyleScale is the size at which the painting is shown,
// relative to its own or to the texture's if that is smaller.
type TextureOptions struct {
	StyleOptions
	Extent   Size // of the texture
	Tileable bool // it continues at its opposite edges
}

// TextureTable has the options of TextureOptions.
var TextureTable = slices.Concat(option.Table{
	{Name: "size", Field: "Extent", Unit: "WxH", Help: "width and height of the texture, or one number for a square",
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "tileable", Field: "Tileable", Help: "make the texture continue at its opposite edges",
		Changes: option.Result | option.Memory, Basic: true},
	{Name: "palette", Field: "Palette", Unit: "picture",
		Help:  "recolour the painting first: mean and covariance of the colours of this picture",
		Names: option.File, Changes: option.Result | option.Memory},
}.In("Picture"), StyleTable.Without("size", "coarse-iterations", "init", "compat", "method", "content-share",
	"style-rotations", "detail-pass", "content-weight", "structure-weight", "ssim-weight", "content-layers",
	"style-blend", "style-at", "colors", "palette", "original-colors", "feather", "until-loss", "until-change",
	"objective", "bookmark", "guide-size"), stopOptions)

// TextureFrom returns the options of a texture from text, as StyleFrom does.
func TextureFrom(net *nn.Network, values option.Values) (TextureOptions, error) {
	o := TextureOptions{StyleOptions: DefaultStyle(net), Extent: Size{512, 512}}
	o.Size, o.Iterations, o.ContentWeight, o.StructureWeight, o.ContentLayers, o.Init = 0, 100, 0, 0, nil, InitRandom
	o.LossOptions = defaultLosses(GramLoss)
	o.UntilChange = 0
	o.TVWeight = 50 // more than for style: noise has to go
	return o, TextureTable.Set(&o, values).Err()
}

// Texture returns the spec of a texture.
func Texture(o TextureOptions) Spec {
	o.Colors, o.OriginalColors = ColorsStyle, false // but for a palette
	_, err := o.CropStyles(0)
	if e := o.Extent; e.W > 0 && e.H > 0 && e.longer() <= MaxSize && len(o.Styles) > 0 {
		o.Content = imageio.Deferred(e.W, e.H, nil) // which only says how large
		o.StyleScale = o.Shown()
		o.Region = slices.Clone(o.Region)
		for i := range o.Region {
			if r := &o.Region[i]; r.Style != nil {
				r.Scale = cmp.Or(r.Scale, 1) * o.shrunk(r.Style)
			}
		}
	}
	spec := Style(o.StyleOptions)
	spec.Wrap = o.Tileable
	spec.Check = func(net *nn.Network) error {
		if err != nil {
			return err
		}
		var m mistakes
		switch {
		case o.Labels != nil && o.Tileable:
			m.add("tileable", "leave out one of the two", "cannot be combined with regions")
		case len(o.kept()) > 0:
			m.add("region", "give it a style", "cannot keep a photograph: a texture has none")
		}
		if err := m.err(); err != nil {
			return err
		}
		if err := o.check(net); err != nil || !o.Tileable {
			return err
		}
		return o.aligned(net)
	}
	return spec
}

// Shown returns how large each painting is shown, as a factor of the texture.
func (o *TextureOptions) Shown() []float64 {
	scales := make([]float64, max(len(o.Styles), len(o.StyleScale)))
	for i := range scales {
		scales[i] = o.styleScale(i) * o.shrunk(o.Styles[i%len(o.Styles)])
	}
	return scales
}

// shrunk returns how large a painting is at its own size, as a factor of the texture, or 1 if it is larger.
func (o *TextureOptions) shrunk(s *Picture) float64 {
	return min(1, float64(sizeOf(s).longer())/float64(max(o.Extent.longer(), 1)))
}

// aligned returns an *OptionError unless the windows of the network fit side by side: what continues at the
// opposite edge would be shifted otherwise.
func (o *TextureOptions) aligned(net *nn.Network) error {
	if len(o.layers(net)) == 0 {
		return nil
	}
	net, err := net.Cut(o.layers(net)...)
	if err != nil {
		return err
	}
	infos, err := net.Shapes(o.Extent.H, o.Extent.W, 3)
	step := 1
	for _, l := range infos {
		step = max(step, l.Stride[0], l.Stride[1])
	}
	if err != nil || o.Extent.H%step+o.Extent.W%step == 0 {
		return err
	}
	var m mistakes
	fit := Size{(o.Extent.W + step - 1) / step * step, (o.Extent.H + step - 1) / step * step}
	m.add("size", "choose "+fit.String(),
		"cannot be %v: the sides of a tileable texture must be multiples of %d", o.Extent, step)
	return m.err()
}

// TextureRecipe returns the part of a recipe that is a texture's options.
func TextureRecipe(net *nn.Network, o TextureOptions) Recipe {
	base, _ := TextureFrom(net, nil)
	return NewRecipe("texture", TextureTable.Changed(&o, &base), o.Seed)
}
