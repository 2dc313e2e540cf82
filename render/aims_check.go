package render

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/nearest"
	"oneiro/internal/quote"
	"oneiro/internal/region"
	"oneiro/nn"
)

// checkAims adds what is wrong with the objectives.
func (o *DreamOptions) checkAims(m *mistakes, net *nn.Network) {
	if o.Regions != "" && o.Labels == nil {
		m.add("regions", "give a picture", "has no picture")
	}
	if len(o.Objectives) == 0 {
		if o.Labels != nil {
			m.add("regions", "say what a region is for: --objective l2:region="+o.Labels.Regions[0].ID(), "needs objectives")
		}
		return
	}
	if o.Class >= 0 {
		m.add("objective", "say --objective class="+strconv.Itoa(o.Class), "cannot be combined with class")
	}
	if len(o.Channels) > 0 {
		m.add("objective", "say --objective channel=...", "cannot be combined with channels")
	}
	dreams := false
	for i := range o.Objectives {
		a := &o.Objectives[i]
		o.checkAim(m, net, a)
		kind := kindOf(a.Kind)
		dreams = dreams || kind == nil || !kind.minimised
	}
	if !dreams {
		m.add("objective", "add one, such as --objective l2", "has nothing to make more of")
	}
}

// checkAim adds what is wrong with an objective.
func (o *DreamOptions) checkAim(m *mistakes, net *nn.Network, a *Aim) {
	kind := kindOf(a.Kind)
	if kind == nil || kind.hidden {
		m.add("objective", nearest.Hint(nearest.Names(a.Kind, aimNames(), 3), "choose from "+strings.Join(aimNames(), ", ")),
			"names %q, which is not an objective", a.Kind)
		return
	}
	wrong := func(fix, problem string, args ...any) {
		m.add("objective", fix, a.Kind+" "+problem, args...)
	}
	zero := Aim{Kind: a.Kind, Power: kind.power, At: a.At}
	if !slices.Contains(kind.settings, "at") {
		zero.At = Place{}
	}
	for _, s := range aimSettings {
		if s.text(a) != s.text(&zero) && !slices.Contains(kind.settings, s.name) && !slices.Contains(commonSettings, s.name) {
			wrong("it has "+strings.Join(append(slices.Clone(kind.settings), commonSettings...), ", "), "has no %s", s.name)
		}
	}
	switch kind.value {
	case aimOfChannels, aimOfChannel:
		if len(a.Channels) == 0 || kind.value == aimOfChannel && len(a.Channels) > 1 {
			wrong("for example "+a.Kind+"=7:layer=LAYER", "has %s", quote.Count(len(a.Channels), "channel"))
		}
	case aimOfClass:
		if a.Layer != "" {
			wrong("leave it out", "has no layer but the classifier")
		}
		m.class("objective", net, a.class())
	case aimOfPicture:
		if a.Guide == nil {
			wrong("give one: "+a.Kind+"=FILE", "has no picture")
		}
		if slices.Contains(kind.settings, "from") && a.Base == nil {
			wrong("give the other one: "+a.Kind+"=FILE:from=FILE", "has no second picture")
		}
	}
	if math.IsNaN(a.Weight) || math.Abs(a.Weight) > maxWeight {
		wrong("choose another", "has the weight %v", a.Weight)
	}
	layers := o.aiming(net).read(a, net)
	if len(layers) == 0 && a.Kind != "content" {
		wrong("name a layer: layer=NAME", "has no layer")
	}
	m.layers("objective", net, layers)
	switch {
	case a.Region == "":
	case kind.whole:
		wrong("leave out one of the two", "is for the whole picture, and cannot be restricted to a region")
	case a.Kind == "neuron":
		wrong("leave out one of the two", "has a place, and cannot be restricted to a region")
	case o.Labels == nil:
		wrong("give the picture that divides it: --regions FILE", "has a region, %q, and there are none", a.Region)
	case o.Labels.Find(a.Region) < 0:
		wrong("choose from "+o.Labels.List(), "names %q, which is not a colour of the picture of regions", a.Region)
	}
}

// dreaming returns the regions of objectives, if all that make more of something have one. What no objective is
// for stays as it is: layers see farther than the region, and across the edges of a picture that is rolled.
func (o *AimOptions) dreaming() *region.Mask {
	if o.Labels == nil {
		return nil
	}
	var regions []int
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if kind := kindOf(a.Kind); kind == nil || kind.minimised {
			continue
		}
		if a.Region == "" {
			return nil
		}
		if k := o.Labels.Find(a.Region); k >= 0 && !slices.Contains(regions, k) {
			regions = append(regions, k)
		}
	}
	if len(regions) == 0 || len(regions) == len(o.Labels.Regions) {
		return nil
	}
	return o.Labels.Mask(regions...)
}

// aimNames lists the objectives.
func aimNames() (names []string) {
	for _, k := range aimKinds {
		if !k.hidden {
			names = append(names, k.name)
		}
	}
	return names
}

// fitAims checks that objectives suit the sizes of a dream and the network, given the layers at the full size.
func (o *DreamOptions) fitAims(net *nn.Network, infos []nn.LayerInfo) error {
	var m mistakes
	count := len(octaves(o.full(), o.Octaves, o.Smallest, o.OctaveScale, fits(net)))
	covered := make([]bool, count)
	pictures := 0
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if last := a.Octaves.Last; last > count {
			m.add("objective", "choose 1 to "+strconv.Itoa(count)+", of which 1 is the smallest",
				"has octave %d for %s: there are %d", last, a.Kind, count)
		}
		for k := range covered {
			covered[k] = covered[k] || a.dreamsAt(k) && !kindOf(a.Kind).minimised
		}
		for _, l := range o.aiming(net).read(a, net) {
			m.channels("objective", infos, l, a.Channels...)
		}
		for _, im := range []*Picture{a.Guide, a.Base} {
			if im == nil {
				continue
			}
			for _, s := range []seen{
				{RoleGuide, pictures, im, sizeOf(im), ""}, {RoleGuide, pictures, im, o.shown(im), "guide-size"},
			} {
				if err := s.check(net); err != nil {
					return err
				}
			}
			pictures++
		}
	}
	if k := slices.Index(covered, false); k >= 0 && len(o.Objectives) > 0 && m.err() == nil {
		m.add("objective", "leave out octaves, or add an objective for that one",
			"has nothing to make more of in octave %d of %d", k+1, count)
	}
	return m.err()
}

// aimNotes says what should be known of the regions of objectives before a run.
func (o *DreamOptions) aimNotes(net *nn.Network) []string {
	if o.Labels == nil {
		return nil
	}
	var all []string
	if !sameShape(Size{o.Labels.W, o.Labels.H}, sizeOf(o.Image)) {
		all = append(all, fmt.Sprintf("the regions of the picture have the shape of %dx%d pixels, and it has %dx%d: "+
			"they are squeezed into that shape", o.Labels.W, o.Labels.H, o.Image.W, o.Image.H))
	}
	infos := layerInfos(net, o.full())
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if a.Region == "" {
			continue
		}
		for _, l := range o.aiming(net).read(a, net) {
			k := o.Labels.Find(a.Region)
			var sum float32
			for _, v := range o.Labels.At(k, infos[l].W, infos[l].H) {
				sum += v
			}
			if sum < 0.5 { // of a position
				all = append(all, fmt.Sprintf("the region %v is too small for what the network sees at %s: %s does nothing there",
					o.Labels.Regions[k], l, a.Kind))
			}
		}
	}
	return all
}
