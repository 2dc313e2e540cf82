package render

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/option"
)

// MarginOptions say what is left out at the edges of style pictures: scans of paintings often show
// canvas, paper or the scanner there, and a network takes that for style.
type MarginOptions struct {
	StyleCrop Crop

	cropped bool // Styles are without their margins already
}

// marginTable has the options of MarginOptions.
var marginTable = option.Table{
	{Name: "style-crop", Field: "StyleCrop", Unit: "part",
		Help: "leave out margins of the style pictures, such as canvas, paper or a scanner's black: those that are found" +
			" (auto), none, or that much of each side",
		Choices: []string{"auto", "off"}, Or: "a percentage such as 3%", Changes: option.Result | option.Memory},
}.In("Content and style")

// Crop says what is left out at each side of a picture: a part of its width or height, or, if Auto is
// set, what looks like a margin. The zero Crop leaves nothing out.
type Crop struct {
	Auto bool
	Part float64
}

// maxCrop is the largest part that is left out at a side by request, and maxMargin with Crop.Auto.
const (
	maxCrop   = 0.25
	maxMargin = 0.1
)

// MarshalText writes what UnmarshalText reads.
func (c Crop) MarshalText() ([]byte, error) {
	switch {
	case c.Auto:
		return []byte("auto"), nil
	case c.Part == 0:
		return []byte("off"), nil
	}
	return []byte(strconv.FormatFloat(math.Round(1e8*c.Part)/1e6, 'g', -1, 64) + "%"), nil
}

// UnmarshalText reads auto, off, or a percentage.
func (c *Crop) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "off":
		*c = Crop{}
	case "auto":
		*c = Crop{Auto: true}
	default:
		number, percent := strings.CutSuffix(s, "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !percent || !(v >= 0) || !(v <= 100*maxCrop) {
			return fmt.Errorf("must be auto, off, or a percentage up to %d%%, such as 3%%", int(100*maxCrop))
		}
		*c = Crop{Part: v / 100}
	}
	return nil
}

// Type names the type of the text.
func (Crop) Type() string { return "part such as 3%" }

// Margins are the pixels that are left out at the sides of a picture.
type Margins struct{ Top, Right, Bottom, Left int }

// String lists the sides at which something is left out.
func (m Margins) String() string {
	var sides []string
	for _, s := range []struct {
		name string
		n    int
	}{{"top", m.Top}, {"right", m.Right}, {"bottom", m.Bottom}, {"left", m.Left}} {
		if s.n > 0 {
			sides = append(sides, fmt.Sprintf("%s %d px", s.name, s.n))
		}
	}
	return strings.Join(sides, ", ")
}

// CropStyles replaces Styles, and then the styles of regions, by pictures without their margins, as StyleCrop
// says, and returns what is left out of each. Those that are divided into regions stay as they are. Style and
// Texture do so, too, if it has not been done. With Crop.Auto deferred pictures are read, no larger than
// marginSide, and with maxBytes of memory if that is not 0. The errors are those of reading.
func (o *StyleOptions) CropStyles(maxBytes int64) ([]Margins, error) {
	styles, regions := slices.Clone(o.Styles), slices.Clone(o.Region)
	var pictures []**Picture
	for i := range styles {
		pictures = append(pictures, &styles[i])
	}
	for i := range regions {
		if regions[i].Style != nil {
			pictures = append(pictures, &regions[i].Style)
		}
	}
	all := make([]Margins, len(pictures))
	if o.cropped || o.StyleCrop == (Crop{}) {
		return all, nil
	}
	for i, p := range pictures {
		if i < len(o.StyleLabels) && o.StyleLabels[i] != nil {
			continue
		}
		im := *p
		if o.StyleCrop.Auto {
			var err error
			if all[i], err = findMargins(im, maxBytes); err != nil {
				return nil, err
			}
		} else {
			x, y := int(o.StyleCrop.Part*float64(im.W)), int(o.StyleCrop.Part*float64(im.H))
			all[i] = Margins{y, x, y, x}
		}
		m := all[i]
		*p = imageio.Cropped(im, image.Rect(m.Left, m.Top, im.W-m.Right, im.H-m.Bottom))
	}
	o.Styles, o.Region, o.cropped = styles, regions, true
	return all, nil
}
