package render

import (
	"errors"
	"slices"
	"strings"

	"oneiro/internal/region"
)

// RegionName is what a person calls a region: a word for a colour. As text it is sky=blue or tree=#207040.
type RegionName struct{ Name, Colour string }

// Type names the type of the text.
func (RegionName) Type() string { return "region name" }

// MarshalText writes what UnmarshalText reads.
func (n RegionName) MarshalText() ([]byte, error) { return []byte(n.Name + "=" + n.Colour), nil }

// UnmarshalText reads a name and a colour. A name has none of the signs that other options end it with.
func (n *RegionName) UnmarshalText(text []byte) error {
	name, colour, _ := strings.Cut(string(text), "=")
	n.Name, n.Colour = strings.TrimSpace(name), strings.TrimSpace(colour)
	if n.Name == "" || n.Colour == "" || strings.ContainsAny(n.Name, ":#,") || strings.Contains(n.Colour, "=") {
		return errors.New("not a name of a region")
	}
	return nil
}

// name gives the regions their names.
func (o *LabelOptions) name() {
	if o.Labels == nil || len(o.RegionNames) == 0 {
		return
	}
	own := *o.Labels // which is the caller's
	own.Regions = slices.Clone(own.Regions)
	for _, n := range o.RegionNames {
		if k := o.Labels.Find(n.Colour); k >= 0 {
			own.Regions[k].Called = n.Name
		}
	}
	o.Labels = &own
}

// checkNames adds what is wrong with the names of regions.
func (o *LabelOptions) checkNames(m *mistakes) {
	if o.Labels == nil {
		if len(o.RegionNames) > 0 {
			m.add("region-names", "give the picture that has them: --regions FILE", "needs regions")
		}
		return
	}
	colours := region.Map{Regions: slices.Clone(o.Labels.Regions)}
	for i := range colours.Regions {
		colours.Regions[i].Called = ""
	}
	var seen []int
	for i, n := range o.RegionNames {
		k := colours.Find(n.Colour)
		same := func(other RegionName) bool { return strings.EqualFold(other.Name, n.Name) }
		switch {
		case k < 0:
			m.add("region-names", "choose from "+colours.List(),
				"calls %q %s, which is not a colour of the picture of regions", n.Colour, n.Name)
		case slices.ContainsFunc(o.RegionNames[:i], same):
			m.add("region-names", "choose another", "has %q twice", n.Name)
		case slices.Contains(seen, k):
			m.add("region-names", "leave out one of the names", "has two names for %v", colours.Regions[k])
		}
		seen = append(seen, k)
	}
}
