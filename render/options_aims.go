package render

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/nearest"
	"oneiro/internal/option"
	"oneiro/internal/quote"
	"oneiro/internal/region"
	"oneiro/nn"
)

// AimOptions say what a dream makes more of, in place of layers, channels or a class.
type AimOptions struct {
	LabelOptions
	// Objectives are what is maximised: the sum of them with their weights. With none it is what Layers,
	// Channels and Class say.
	Objectives Aims
	// GuideSize is the longer side at which the network is shown other pictures, if they are not smaller.
	GuideSize int

	within *region.Mask // of a spec: the regions that dream, if others do not
}

// LabelOptions divide a picture into regions.
type LabelOptions struct {
	// Regions says that there are regions: PictureGiven. On a command line it is the path.
	Regions string
	// Labels has the regions.
	Labels *region.Map
}

// Aim is an objective: one thing of which the picture is to show more, how much that counts, and where. As text
// it is KIND=VALUE:setting=value:setting=value.
type Aim struct {
	// Kind is the name of the objective: see aimKinds.
	Kind string
	// Layer is the layer that is read; empty for all of DreamOptions.Layers, and for pixels where the kind has
	// them.
	Layer    string
	Channels ChannelList
	// Class is the number of a class. On a command line it may be its name.
	Class string
	// Picture and From say that there are other pictures: PictureGiven. On a command line they are the paths.
	Picture, From string
	// At is the place of a neuron.
	At Place
	// Match is how vectors of a guide are compared: matchDot, which empty text stands for, or matchCosine.
	Match string
	// Power is that of the cosine with which products are multiplied.
	Power float64
	// Region is a region of the picture; empty for all of it.
	Region string
	// Octaves are the sizes at which the objective counts; the zero value for all.
	Octaves OctaveRange
	// Weight is how much the objective counts; 0 stands for 1. What has a negative weight becomes less.
	Weight float64

	// Guide and Base are the pictures.
	Guide, Base *Picture
}

const (
	matchDot    = "dot"
	matchCosine = "cosine"
)

// OctaveRange is the sizes First to Last of a dream, counted from 1, the smallest.
type OctaveRange struct{ LayerRange }

// Place is a place in a picture, in per cent of its width from the left and of its height from the top.
type Place struct{ X, Y float64 }

// middle is the place in the middle.
var middle = Place{50, 50}

func (p Place) String() string { return number(p.X) + "," + number(p.Y) }

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func (p *Place) parse(text string) (err error) {
	x, y, _ := strings.Cut(text, ",")
	var errs [2]error
	p.X, errs[0] = strconv.ParseFloat(x, 64)
	p.Y, errs[1] = strconv.ParseFloat(y, 64)
	if err = cmp.Or(errs[0], errs[1]); err == nil && !(p.X >= 0 && p.X <= 100 && p.Y >= 0 && p.Y <= 100) {
		err = errors.New("not a place")
	}
	return err
}

// aimSetting is what may follow the value of an objective.
type aimSetting struct {
	name string
	// parse sets it, and text returns what parse reads, empty for the default.
	parse func(a *Aim, text string) error
	text  func(a *Aim) string
}

// aimSettings lists them in the order in which they are written.
var aimSettings = []aimSetting{
	{"from", func(a *Aim, s string) error { a.From = s; return nil }, func(a *Aim) string { return a.From }},
	{"layer", func(a *Aim, s string) error { a.Layer = s; return nil }, func(a *Aim) string { return a.Layer }},
	{"at", func(a *Aim, s string) error { return a.At.parse(s) }, func(a *Aim) string {
		if a.At == middle || a.At == (Place{}) && a.Kind != "neuron" {
			return ""
		}
		return a.At.String()
	}},
	{"match", func(a *Aim, s string) error {
		a.Match = s
		if s != matchDot && s != matchCosine {
			return errors.New("neither dot nor cosine")
		}
		return nil
	}, func(a *Aim) string {
		if a.Match == matchDot {
			return ""
		}
		return a.Match
	}},
	{"power", func(a *Aim, s string) error { return parseUpTo(&a.Power, s, 0, 10) }, func(a *Aim) string {
		if kind := kindOf(a.Kind); kind == nil || a.Power == kind.power {
			return ""
		}
		return number(a.Power)
	}},
	{"region", func(a *Aim, s string) error { a.Region = s; return nil }, func(a *Aim) string { return a.Region }},
	{"octaves", func(a *Aim, s string) error { return a.Octaves.UnmarshalText([]byte(s)) }, func(a *Aim) string {
		if a.Octaves == (OctaveRange{}) {
			return ""
		}
		text, _ := a.Octaves.MarshalText()
		return string(text)
	}},
	{"weight", func(a *Aim, s string) error {
		err := parseUpTo(&a.Weight, s, -maxWeight, maxWeight)
		if err == nil && a.Weight == 0 {
			err = errors.New("no weight")
		}
		return err
	}, func(a *Aim) string {
		if a.Weight == 0 || a.Weight == 1 {
			return ""
		}
		return number(a.Weight)
	}},
}

// commonSettings are those of all objectives.
var commonSettings = []string{"layer", "region", "octaves", "weight"}

// parseUpTo reads a number of lo to hi.
func parseUpTo(v *float64, text string, lo, hi float64) (err error) {
	*v, err = strconv.ParseFloat(text, 64)
	if err == nil && !(*v >= lo && *v <= hi) {
		err = errors.New("out of range")
	}
	return err
}

// settingAt returns the setting that a text begins with, behind a colon, or nil.
func settingAt(text string) *aimSetting {
	for i := range aimSettings {
		if strings.HasPrefix(text, ":"+aimSettings[i].name+"=") {
			return &aimSettings[i]
		}
	}
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (a Aim) MarshalText() ([]byte, error) {
	text := a.Kind
	value := ""
	if kind := kindOf(a.Kind); kind != nil {
		switch kind.value {
		case aimOfLayer:
			value = a.Layer
			a.Layer = ""
		case aimOfChannels, aimOfChannel:
			channels, _ := a.Channels.MarshalText()
			value = string(channels)
		case aimOfClass:
			value = a.Class
		case aimOfPicture:
			value = a.Picture
		}
	}
	if value != "" {
		text += "=" + value
	}
	for _, s := range aimSettings {
		if v := s.text(&a); v != "" {
			text += ":" + s.name + "=" + v
		}
	}
	return []byte(text), nil
}

// UnmarshalText reads l2, mean=LAYER, channel=3,7:layer=LAYER, guide=PICTURE:weight=2:region=blue and the like.
// A colon that no setting follows is part of a path. What is no kind of objective is found when options are
// checked.
func (a *Aim) UnmarshalText(text []byte) error {
	*a = Aim{}
	head, rest := string(text), ""
	for i := range head {
		if settingAt(head[i:]) != nil {
			head, rest = head[:i], head[i:]
			break
		}
	}
	name, value, valued := strings.Cut(head, "=")
	a.Kind = strings.TrimSpace(name)
	kind := kindOf(a.Kind)
	if a.Kind == "" || valued && value == "" {
		return errors.New("not an objective")
	}
	if kind == nil || kind.hidden {
		return nil
	}
	a.Power = kind.power
	if slices.Contains(kind.settings, "at") {
		a.At = middle
	}
	for rest != "" {
		s := settingAt(rest)
		rest = rest[len(s.name)+2:]
		end := len(rest)
		for i := range rest {
			if settingAt(rest[i:]) != nil {
				end = i
				break
			}
		}
		if rest[:end] == "" {
			return fmt.Errorf("%s is empty", s.name)
		}
		if err := s.parse(a, rest[:end]); err != nil {
			return err
		}
		rest = rest[end:]
	}
	switch {
	case value == "":
	case kind.value == aimOfLayer:
		a.Layer = value
	case kind.value == aimOfClass:
		a.Class = value
	case kind.value == aimOfPicture:
		a.Picture = value
	default:
		return a.Channels.UnmarshalText([]byte(value))
	}
	return nil
}

// Type names the type of the text.
func (Aim) Type() string { return "objective" }

// Aims is a list of objectives. As text they have commas between: a comma that no objective follows belongs to
// the one before it.
type Aims []Aim

// MarshalText writes what UnmarshalText reads.
func (a Aims) MarshalText() ([]byte, error) {
	parts := make([]string, len(a))
	for i := range a {
		text, _ := a[i].MarshalText()
		parts[i] = string(text)
	}
	return []byte(strings.Join(parts, ",")), nil
}

// UnmarshalText reads a list.
func (a *Aims) UnmarshalText(text []byte) error {
	*a = nil
	for rest := string(text); rest != ""; {
		end := len(rest)
		for i := range rest {
			if rest[i] == ',' && aimAt(rest[i+1:]) {
				end = i
				break
			}
		}
		var one Aim
		if err := one.UnmarshalText([]byte(strings.TrimSpace(rest[:end]))); err != nil {
			return err
		}
		*a = append(*a, one)
		rest = strings.TrimPrefix(rest[end:], ",")
	}
	return nil
}

// aimAt reports whether a text begins with an objective.
func aimAt(text string) bool {
	text = strings.TrimLeft(text, " ")
	for _, k := range aimKinds {
		rest, is := strings.CutPrefix(text, k.name)
		if is && !k.hidden && (rest == "" || rest[0] == '=' || rest[0] == ',' || settingAt(rest) != nil) {
			return true
		}
	}
	return false
}

// Type names the type of the text.
func (Aims) Type() string { return "objective list" }

// AimTable has the options of AimOptions.
var AimTable = option.Table{
	{Name: "objective", Field: "Objectives", Unit: "objective",
		Help:    "what to make more of; may be given again: docs/dreams.md shows each",
		Choices: aimNames(), Or: "any with settings, such as guide=flowers.jpg:weight=2:region=blue",
		Default: "the layers, channels or class", Changes: option.Result | option.Memory, Basic: true},
	{Name: "guide-size", Field: "GuideSize", Unit: "pixels",
		Help:    "longer side at which the network is shown the pictures of objectives: the size of things that it knows",
		Default: "what the network was trained on", Range: option.Between(1, MaxSize),
		Changes: option.Result | option.Memory},
	with(*RegionTable.Lookup("regions"), func(o *option.Option) {
		o.Help = "picture that divides the dream for --objective: each of its few colours is a region; " +
			"oneiro regions proposes one"
	}),
}.In("What to amplify")

// aiming returns what is maximised.
func (o *DreamOptions) aiming(net *nn.Network) *aiming {
	g := &aiming{aims: o.Objectives, layers: o.Layers, photo: o.Image, relative: len(o.Objectives) > 0,
		labels: o.LabelOptions, guideSize: o.GuideSize}
	switch {
	case len(o.Objectives) > 0:
	case o.Class >= 0:
		g.aims = []Aim{{Kind: "class", Class: strconv.Itoa(o.Class)}}
	case len(o.Channels) > 0:
		g.aims = []Aim{{Kind: "channel", Channels: o.Channels}}
	default:
		g.aims = []Aim{{Kind: "l2"}}
	}
	return g
}

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
		for k, im := range []*Picture{a.Guide, a.Base} {
			if im == nil {
				continue
			}
			for _, size := range []Size{sizeOf(im), o.shown(im)} {
				if err := (seen{RoleGuide, k, im, size, ""}).check(net); err != nil {
					return err
				}
			}
		}
	}
	if k := slices.Index(covered, false); k >= 0 && len(o.Objectives) > 0 && m.err() == nil {
		m.add("objective", "leave out octaves, or add an objective for that one",
			"has nothing to make more of in octave %d of %d", k+1, count)
	}
	return m.err()
}

// shown returns the size at which the network is shown another picture.
func (o *AimOptions) shown(im *Picture) Size { return guideShown(im, o.GuideSize) }

func guideShown(im *Picture, side int) Size {
	return rounding(imageio.FitSize).scaled(sizeOf(im), min(side, sizeOf(im).longer()))
}

// aimReadings lists the other pictures of the objectives.
func (o *AimOptions) aimReadings(until int) (all []Reading) {
	for i := range o.Objectives {
		a := &o.Objectives[i]
		for _, im := range []*Picture{a.Guide, a.Base} {
			if im != nil {
				all = append(all, Reading{Picture: im, Size: o.shown(im), Until: until})
			}
		}
	}
	return all
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
