package render

import (
	"oneiro/internal/option"
)

// ColourOptions say where the colours of a result come from.
type ColourOptions struct {
	// Colors is what is done about colours, ColorsStrength how much of it: 0 for nothing.
	Colors         Colors
	ColorsStrength float64
	// Palette is PaletteFile if PalettePicture is to take the place of the content where colours are matched,
	// and otherwise empty.
	Palette        string
	PalettePicture *Picture
	// OriginalColors is the option of neural-style-pt, for that form only.
	OriginalColors bool

	photo *Picture // that the chroma of the result is from
}

// Colors is a way to choose the colours of a result.
type Colors string

// The ways.
const (
	// ColorsStyle leaves colours as the style transfer makes them.
	ColorsStyle Colors = "style"
	// ColorsMatch gives the style pictures the colours of the content first: mean and covariance.
	ColorsMatch Colors = "match"
	// ColorsLuminance transfers lightness alone, and gives the result the chroma of the content.
	ColorsLuminance Colors = "luminance"
	// ColorsPhoto gives the result the chroma of the content.
	ColorsPhoto Colors = "photo"
)

// AllColors lists the ways.
var AllColors = []Colors{ColorsStyle, ColorsMatch, ColorsLuminance, ColorsPhoto}

// PaletteFile is the value of the option palette in a recipe, whose inputs have the picture.
const PaletteFile = "picture"

// colourTable has the options of ColourOptions.
var colourTable = option.Table{
	{Name: "colors", Field: "Colors", Unit: "way",
		Help: "whose colours the result has: the painting's, the painting's matched to the photograph's, or the " +
			"photograph's own, with luminance painting lightness alone and photo all as usual",
		Choices: names(AllColors), Changes: option.Result | option.Memory},
	{Name: "colors-strength", Field: "ColorsStrength", Unit: "share", Help: "how much of that is done to the colours",
		Range: option.Between(0, 1), Changes: option.Result},
	{Name: "palette", Field: "Palette", Unit: "picture",
		Help:  "take colours from this picture instead of the photograph; alone it is for --colors match",
		Names: option.File, Changes: option.Result | option.Memory},
	{Name: "original-colors", Field: "OriginalColors",
		Help:    "with --compat neural-style-pt: that program's way to keep the photograph's colours (YCbCr)",
		Changes: option.Result | option.Memory},
}.In("Colours")

// defaultColours leaves colours alone.
var defaultColours = ColourOptions{Colors: ColorsStyle, ColorsStrength: 1}

// way returns what is done about colours: a palette alone is matched.
func (o *ColourOptions) way() Colors {
	if o.Colors == ColorsStyle && o.PalettePicture != nil {
		return ColorsMatch
	}
	return o.Colors
}

// checkColours adds what is wrong with the options.
func (m *mistakes) checkColours(o *ColourOptions, form Form) {
	if o.Palette != "" && o.PalettePicture == nil {
		m.add("palette", "give a picture", "has no picture")
	}
	if form == NeuralStyle && o.Colors == ColorsLuminance {
		m.add("colors", "choose photo, or --original-colors", "cannot be luminance with --compat neural-style-pt")
	}
	switch {
	case !o.OriginalColors:
	case form != NeuralStyle:
		m.add("original-colors", "use --colors photo", "is for --compat neural-style-pt")
	case o.way() != ColorsStyle:
		m.add("original-colors", "choose one of the two", "cannot be combined with the colors %s", o.way())
	}
}

// keepsColours tells whether the result gets the chroma of the content.
func (o *ColourOptions) keepsColours() bool {
	return o.Colors == ColorsLuminance || o.Colors == ColorsPhoto || o.OriginalColors
}
