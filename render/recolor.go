package render

import (
	"fmt"
	"slices"

	"oneiro/colour"
	"oneiro/internal/imageio"
	"oneiro/internal/option"
)

// Recoloring is what was done to the colours of a picture after it was made. A recipe has one for each time;
// its inputs with RoleRecolor are the pictures that they take, in order.
type Recoloring struct {
	// Colors is ColorsPhoto or ColorsMatch.
	Colors         Colors  `json:"colors"`
	ColorsStrength float64 `json:"strength"`
	// Photo and Palette say which pictures it takes, in this order: the photograph, and one whose colours take
	// the place of the photograph's.
	Photo   bool `json:"photo,omitempty"`
	Palette bool `json:"palette,omitempty"`
	// Depth is the number of bits of the samples that the picture had before.
	Depth int `json:"depth"`
	// Lossy means that the picture came from a JPEG, which is not what the recipe makes.
	Lossy bool `json:"lossy,omitempty"`
}

func (r Recoloring) String() string {
	text := fmt.Sprintf("colors %s, strength %v, of %d bits", r.Colors, r.ColorsStrength, r.Depth)
	if r.Palette {
		text += ", with a palette"
	}
	if r.Lossy {
		text += ", from a JPEG"
	}
	return text
}

// RecolorTable has the options of Recoloring.
var RecolorTable = option.Table{
	{Name: "colors", Field: "Colors", Unit: "way",
		Help: "what to do: give the picture the photograph's chroma and keep its lightness, or match mean and covariance " +
			"of all its colours with the photograph's",
		Choices: []string{string(ColorsPhoto), string(ColorsMatch)}, Changes: option.Result, Basic: true},
	{Name: "colors-strength", Field: "ColorsStrength", Unit: "share", Help: "how much of that is done",
		Range: option.Between(0, 1), Changes: option.Result, Basic: true},
}.In("Colours")

// DefaultRecoloring returns the photograph's colours, all of them.
func DefaultRecoloring() Recoloring { return Recoloring{Colors: ColorsPhoto, ColorsStrength: 1} }

// Check returns an *OptionError if the options cannot be, given which pictures there are.
func (r *Recoloring) Check() error {
	m := mistakes{RecolorTable.Check(r)}
	if !r.Photo && (r.Colors == ColorsPhoto || !r.Palette) {
		m.add("photo", "give a photograph, or --colors match with --palette", "is missing")
	}
	return m.err()
}

// Recolor returns a picture with other colours: of a style's result it makes what its --colors would have made,
// but for the rounding of samples. photo and palette are read as they are needed; either may be nil. run is as
// colour.Chroma's. The errors are those of reading pictures.
func Recolor(im, photo, palette *Picture, r Recoloring, run func(n int, do func(piece int))) (*Picture, error) {
	o := StyleOptions{ColourOptions: ColourOptions{ColorsStrength: r.ColorsStrength, PalettePicture: palette}}
	out := im.OnWhite()
	if out == im {
		own := *im
		own.Pix = slices.Clone(im.Pix)
		out = &own
	}
	if r.Colors == ColorsMatch {
		if palette == nil {
			o.PalettePicture = photo
		}
		aim, view := o.paletteAt(imageio.View{})
		read, err := aim.Read(view, 0)
		if err != nil {
			return nil, err
		}
		m := colour.Match(out.Pix, im.Alpha, out.W, statistics(read)).Partly(r.ColorsStrength)
		m.Row(out.Pix)
	} else {
		if palette != nil {
			photo = matched(photo, o.paletteAt, 1)
		}
		read, err := photo.Read(imageio.View{W: im.W, H: im.H}, 0)
		if err != nil {
			return nil, err
		}
		c := colour.Chroma{
			Photo: func(y int, row []float32) { onWhiteRow(read, y, row) }, W: im.W, H: im.H, Strength: r.ColorsStrength, Run: run,
		}
		c.Apply(out.Pix)
	}
	if im.Alpha != nil {
		out.OffWhite(im.Alpha)
	}
	return out, nil
}

// Quantised returns a picture with the samples that a file has, of so many bits and in a colour profile, nil
// for sRGB.
func Quantised(im *Picture, depth int, profile *imageio.Profile) *Picture {
	out := *im
	out.Pix, out.Depth = make([]float32, len(im.Pix)), depth
	most := float32(255)
	if depth == 16 {
		most = 65535
	}
	for y := range im.H {
		row := out.Pix[3*im.W*y:][:3*im.W]
		for i, v := range im.Pix[3*im.W*y:][:3*im.W] {
			if !(v > 0) { // NaN too
				v = 0
			}
			row[i] = min(v, 1)
		}
		if profile != nil {
			profile.FromSRGB(row)
		}
		for i, v := range row {
			row[i] = float32(int32(v*most+0.5)) / most
		}
		if profile != nil {
			profile.ToSRGB(row)
		}
	}
	return &out
}
