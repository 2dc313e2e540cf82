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
	} else {
		o.checkNames(m)
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
	o.aiming(net).check(m, net)
	if !slices.ContainsFunc(o.Objectives, Aim.makesMore) {
		m.add("objective", "add one, such as --objective l2", "has nothing to make more of")
	}
}

// makesMore reports whether the objective makes more of something: others keep what there is.
func (a Aim) makesMore() bool {
	kind := kindOf(a.Kind)
	return kind == nil || !kind.holds
}

// check adds what is wrong with objectives.
func (g *aiming) check(m *mistakes, net *nn.Network) {
	for i := range g.aims {
		g.checkOne(m, net, &g.aims[i])
	}
}

// checkOne adds what is wrong with an objective.
func (g *aiming) checkOne(m *mistakes, net *nn.Network, a *Aim) {
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
	layers := g.read(a, net)
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
	case g.labels.Labels == nil:
		wrong("give the picture that divides it: --regions FILE", "has a region, %q, and there are none", a.Region)
	case g.labels.Labels.Find(a.Region) < 0:
		wrong("choose from "+g.labels.Labels.List(), "names %q, which is no region of the picture of regions", a.Region)
	}
}

// dreaming returns the regions of objectives, if all that make more of something have one. What no objective is
// for stays as it is: layers see farther than the region, and across the edges of a picture that is rolled.
func (o *DreamOptions) dreaming() *region.Mask {
	if o.Labels == nil {
		return nil
	}
	var regions []int
	for i := range o.Objectives {
		a := &o.Objectives[i]
		if !a.makesMore() {
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

// fit checks that objectives suit the sizes of a run, and the network, given the layers at the full size.
func (g *aiming) fit(net *nn.Network, infos []nn.LayerInfo, sizes []Size) error {
	var m mistakes
	count := len(sizes)
	pictures := 0
	for i := range g.aims {
		a := &g.aims[i]
		if last := a.Octaves.Last; last > count {
			m.add("objective", "choose 1 to "+strconv.Itoa(count)+", of which 1 is the smallest",
				"has octave %d for %s: there are %d", last, a.Kind, count)
		}
		for _, l := range g.read(a, net) {
			m.channels("objective", infos, l, a.Channels...)
		}
		for _, im := range []*Picture{a.Guide, a.Base} {
			if im == nil {
				continue
			}
			views := []seen{{RoleGuide, pictures, im, sizeOf(im), ""}}
			if kindOf(a.Kind).statistic {
				for _, s := range sizes {
					views = append(views, seen{RoleGuide, pictures, im, a.styleShown(s), "size"})
				}
			} else {
				views = append(views, seen{RoleGuide, pictures, im, guideShown(im, g.guideSize), "guide-size"})
			}
			for _, s := range views {
				if err := s.check(net); err != nil {
					return err
				}
			}
			pictures++
		}
	}
	return m.err()
}

// covers checks that there is something to make more of at each of so many sizes.
func (o *DreamOptions) covers(sizes int) error {
	for k := range sizes {
		at := func(a Aim) bool { return a.makesMore() && a.dreamsAt(k) }
		if len(o.Objectives) > 0 && !slices.ContainsFunc(o.Objectives, at) {
			return mistake("objective", "leave out octaves, or add an objective for that one",
				"has nothing to make more of in octave %d of %d", k+1, sizes)
		}
	}
	return nil
}

// notes says what should be known of the regions of objectives before a run.
func (g *aiming) notes(net *nn.Network, full Size) (all []string) {
	if g.labels.Labels == nil {
		return nil
	}
	infos := layerInfos(net, full)
	for i := range g.aims {
		a := &g.aims[i]
		for _, l := range g.read(a, net) {
			_, at := g.where(&aimed{Aim: a, layer: l})
			if a.Region == "" || at == nil {
				continue
			}
			var sum float32
			for _, v := range at(infos[l]) {
				sum += v
			}
			if sum < 0.5 { // of a position
				all = append(all, fmt.Sprintf("the region %v is too small for what the network sees at %s: %s does nothing there",
					g.labels.Labels.Regions[g.labels.Labels.Find(a.Region)], l, a.Kind))
			}
		}
	}
	return all
}
