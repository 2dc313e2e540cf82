package render

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/option"
	"oneiro/internal/quote"
	"oneiro/internal/region"
	"oneiro/nn"
)

// RegionOptions divide the content into regions, each with styles of its own.
type RegionOptions struct {
	LabelOptions
	// StyleRegions says which of the style pictures have regions: PictureGiven, or WholePicture for a style
	// picture that counts everywhere. On a command line they are the paths.
	StyleRegions []string
	// Region says what is different for some regions.
	Region []Region
	// Feather is the width of the edge across which kept regions and others are mixed, in per cent of the
	// longer side.
	Feather float64

	// StyleLabels has the regions of the style pictures: nil elements, or none at all, for those that count
	// everywhere. Regions of like colours belong together.
	StyleLabels []*region.Map

	parts  []*paintedRegion // of a spec: what is painted
	within []*part          // of a part: what of the style pictures counts; nil for all of them
}

const (
	// PictureGiven stands in a recipe for the path of a picture that is among its inputs.
	PictureGiven = "picture"
	// WholePicture stands for a style picture without regions.
	WholePicture = "whole"
)

// keepRegion stands for the photograph as it is.
const keepRegion = "keep"

// Region says what is different for a region of the content.
type Region struct {
	// Name is the colour: a name such as blue, or #rrggbb.
	Name string
	// Keep leaves the photograph there as it is.
	Keep bool
	// Picture says that the region has a style picture of its own: PictureGiven. On a command line it is the
	// path. Of several regions with one name each adds a style picture.
	Picture string
	// Scale is the size of its style pictures relative to others, and Weight that of the style there relative
	// to other regions; 0 stands for 1.
	Scale, Weight float64

	// Style is the picture.
	Style *Picture
}

// Type names the type of the text.
func (Region) Type() string { return "region" }

// MarshalText writes what UnmarshalText reads.
func (r Region) MarshalText() ([]byte, error) {
	what := r.Picture
	if r.Keep {
		what = keepRegion
	}
	text := r.Name
	if what != "" {
		text += "=" + what
	}
	for _, s := range r.settings() {
		if *s.value != 0 {
			text += ":" + s.name + "=" + strconv.FormatFloat(*s.value, 'g', -1, 64)
		}
	}
	return []byte(text), nil
}

// setting is a number that may follow the name or picture of a region.
type setting struct {
	name  string
	value *float64
	most  float64
}

func (r *Region) settings() []setting {
	return []setting{{"scale", &r.Scale, 16}, {"weight", &r.Weight, maxWeight}}
}

// UnmarshalText reads blue=painting.jpg:scale=1.5:weight=2, blue:weight=2 or blue=keep.
func (r *Region) UnmarshalText(text []byte) error {
	*r = Region{}
	rest, set := string(text), 0
	for {
		i := strings.LastIndexByte(rest, ':')
		if i < 0 {
			break
		}
		name, number, _ := strings.Cut(rest[i+1:], "=")
		all := r.settings()
		k := slices.IndexFunc(all, func(s setting) bool { return s.name == name })
		if k < 0 { // part of a path
			break
		}
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !(v > 0 && v <= all[k].most) || *all[k].value != 0 {
			return fmt.Errorf("%s is not a number above 0 and up to %g, given once", name, all[k].most)
		}
		*all[k].value, rest, set = v, rest[:i], set+1
	}
	name, what, _ := strings.Cut(rest, "=")
	r.Name = strings.TrimSpace(name)
	if what == keepRegion {
		r.Keep = true
	} else {
		r.Picture = what
	}
	if r.Name == "" || what == "" && set == 0 || r.Keep && set > 0 {
		return errors.New("not a region")
	}
	return nil
}

// RegionTable has the options of RegionOptions.
var RegionTable = option.Table{
	{Name: "regions", Field: "Regions", Unit: "picture",
		Help:    "picture that divides the content: each of its few colours is a region; oneiro regions proposes one",
		Default: "one region", Names: option.File, Changes: option.Result | option.Memory},
	{Name: "region-names", Field: "RegionNames", Unit: "names",
		Help:    "names for regions, to be used in place of their colours, such as sky=blue,tree=#207040",
		Default: "their colours", Changes: option.Result},
	{Name: "style-regions", Field: "StyleRegions", Unit: "pictures",
		Help:    "the same for each style picture: like colours belong together; whole for one without regions",
		Default: "all whole", Names: option.File, Changes: option.Result | option.Memory},
	{Name: "region", Field: "Region", Unit: "region",
		Help: "a region's own style, as blue=painting.jpg:scale=1.5:weight=2, or blue=keep for the photograph itself; " +
			"may be given again",
		Default: "all alike", Changes: option.Result | option.Memory},
	{Name: "feather", Field: "Feather", Unit: "percent",
		Help:  "width of the soft edge of kept regions, in per cent of the longer side",
		Range: option.Between(0, 50), Changes: option.Result},
}.In("Regions")

// defaultFeather is about 10 pixels of 512.
const defaultFeather = 2

// checkRegions adds what is wrong with the regions.
func (o *StyleOptions) checkRegions(m *mistakes) {
	switch {
	case o.Regions == "" && o.Labels == nil:
		o.checkNames(m)
		for _, name := range []string{"style-regions", "region"} {
			if RegionTable.Lookup(name).Of(o).String() != "" {
				m.add(name, "give the picture that divides the content: --regions FILE", "needs regions")
			}
		}
		return
	case o.Labels == nil:
		m.add("regions", "give a picture", "has no picture")
		return
	}
	o.checkNames(m)
	if n := len(o.StyleLabels); n > 0 && n != len(o.Styles) {
		m.add("style-regions", "give "+quote.Count(len(o.Styles), "picture")+"; whole stands for one without regions",
			"has %s for %s", quote.Count(n, "picture"), quote.Count(len(o.Styles), "style picture"))
		return
	}
	if len(o.StyleAt) > 0 {
		m.add("style-at", "leave out one of the two", "cannot be combined with regions")
	}
	if o.turned() && len(o.StyleLabels) > 0 {
		m.add("style-turn", "leave out one of the two", "cannot be combined with style-regions")
	}
	asked := make([][]*Region, len(o.Labels.Regions))
	for i := range o.Region {
		r := &o.Region[i]
		k := o.Labels.Find(r.Name)
		if k < 0 {
			m.add("region", "choose from "+o.Labels.List(), "names %q, which is no region of the picture of regions",
				r.Name)
			continue
		}
		if r.Picture != "" && r.Style == nil {
			m.add("region", "give a picture", "has no picture for %q", r.Name)
		}
		asked[k] = append(asked[k], r)
	}
	left := false
	for k, rs := range asked {
		o.checkRegion(m, k, rs)
		left = left || !slices.ContainsFunc(rs, func(r *Region) bool { return r.Keep })
	}
	if o.keepsColours() && o.PalettePicture != nil && len(o.kept()) > 0 {
		m.add("palette", "choose one of the two", "cannot be combined with a region that is kept")
	}
	if !left && o.frame == nil { // of a film, in which regions come and go
		m.add("region", "leave one of them to be painted", "keeps all regions")
	}
}

// checkRegion adds what is wrong with what was asked for a region.
func (o *StyleOptions) checkRegion(m *mistakes, k int, asked []*Region) {
	of := o.Labels.Regions[k]
	own, keep, weights := 0, false, 0
	for _, r := range asked {
		keep = keep || r.Keep
		if r.Picture != "" {
			own++
		}
		if r.Weight != 0 {
			weights++
		}
	}
	switch {
	case keep && len(asked) > 1, len(asked) > 1 && own < len(asked), weights > 1:
		m.add("region", "give it once, or once for each of its pictures with one weight", "says different things of %s",
			of.ID())
	case keep || own > 0 || len(o.StyleLabels) == 0:
	case !o.inStyles(of.Colour):
		var there []string
		for i, l := range o.StyleLabels {
			if o.blended(i) {
				there = append(there, l.List())
			}
		}
		m.add("style-regions", "add it there, or say --region "+of.ID()+"=PICTURE or --region "+of.ID()+"=keep",
			"has no %v, which is a region of the content; it has %s", of, strings.Join(there, "; "))
	}
}

// inStyles reports whether a style picture has a region of a colour, or counts everywhere.
func (o *StyleOptions) inStyles(colour [3]uint8) bool {
	for i, l := range o.StyleLabels {
		if o.blended(i) && (l == nil || l.Like(colour) >= 0) {
			return true
		}
	}
	return false
}

// blended reports whether style picture i has a weight.
func (o *StyleOptions) blended(i int) bool { return i >= len(o.Blend) || o.Blend[i] > 0 }

// asked returns what was asked for a region of the content, in order.
func (o *StyleOptions) asked(k int) (all []*Region) {
	for i := range o.Region {
		if o.Labels.Find(o.Region[i].Name) == k {
			all = append(all, &o.Region[i])
		}
	}
	return all
}

// kept returns the regions of the content that stay as they are.
func (o *StyleOptions) kept() (all []int) {
	if o.Labels == nil {
		return nil
	}
	for k := range o.Labels.Regions {
		if slices.ContainsFunc(o.asked(k), func(r *Region) bool { return r.Keep }) {
			all = append(all, k)
		}
	}
	return all
}

// regionNotes says what should be known of the regions before a run.
func (o *StyleOptions) regionNotes(net *nn.Network, stages []Size) []string {
	if o.Labels == nil {
		return nil
	}
	all := o.squeezed(o.Content)
	for i, l := range o.StyleLabels {
		all = append(all, squeezed(fmt.Sprintf("style picture %d", i+1), l, o.Styles[i])...)
	}
	if o.StyleWeight == 0 {
		return all
	}
	model, _ := net.Cut(o.StyleLayers...) // which it has
	for _, p := range o.parts {
		last := stages[len(stages)-1]
		if kept := p.layers(model, last); len(kept) < len(o.StyleLayers) {
			var lost []string
			for _, l := range o.StyleLayers {
				if !slices.Contains(kept, l) {
					lost = append(lost, l)
				}
			}
			all = append(all, fmt.Sprintf("the region %v is too small for what the network sees at %s, and has no style there",
				o.Labels.Regions[p.of.index], strings.Join(lost, ", ")))
		}
	}
	return all
}

// squeezed says that regions of a picture have another shape, if they do.
func squeezed(what string, l *region.Map, of *Picture) []string {
	if l == nil || sameShape(Size{l.W, l.H}, sizeOf(of)) {
		return nil
	}
	return []string{fmt.Sprintf("the regions of %s have the shape of %dx%d pixels, and it has %dx%d: they are squeezed "+
		"into that shape", what, l.W, l.H, of.W, of.H)}
}

func (o *LabelOptions) squeezed(of *Picture) []string { return squeezed("the picture", o.Labels, of) }

// labelBytes returns the memory of the picture of regions, and of what is made of it at a size.
func (o *LabelOptions) labelBytes(size Size) int64 {
	if o.Labels == nil {
		return 0
	}
	return o.Labels.Bytes() + 4*int64(o.Labels.W)*int64(o.Labels.H) + 2*4*int64(size.W)*int64(size.H)
}

// sameShape reports whether two sizes have one aspect ratio, but for rounding.
func sameShape(a, b Size) bool {
	x, y := float64(a.W)*float64(b.H), float64(a.H)*float64(b.W)
	return math.Abs(x-y) <= 0.01*max(x, y)+float64(max(b.W, b.H))
}

// seenInRegions lists what the network sees of style pictures for regions of a canvas.
func (o *StyleOptions) seenInRegions(canvas Size) (all []seen) {
	var own []*Picture
	for _, r := range o.Region {
		if r.Style != nil {
			all = append(all, seen{RoleRegion, len(own), r.Style, sizeOf(r.Style), ""})
			own = append(own, r.Style)
		}
	}
	for _, p := range o.parts {
		for i, s := range p.options.Styles {
			role, k := RoleRegion, slices.Index(own, s)
			if k < 0 {
				role, k = RoleStyle, slices.Index(o.Styles, s)
			}
			all = append(all, seen{role, k, s, p.options.styleSize(i, canvas), "style-scale"})
		}
	}
	return all
}
