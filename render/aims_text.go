package render

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

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
	{"scale", func(a *Aim, s string) error { return parseAbove(&a.Scale, s, 16) }, func(a *Aim) string {
		if a.Scale == 0 || a.Scale == 1 {
			return ""
		}
		return number(a.Scale)
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

// parseAbove reads a number above 0 and up to hi.
func parseAbove(v *float64, text string, hi float64) error {
	err := parseUpTo(v, text, 0, hi)
	if err == nil && *v == 0 {
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

// UnmarshalText reads a list. As in other lists there may be quotes around an element.
func (a *Aims) UnmarshalText(text []byte) error {
	*a = nil
	for rest := string(text); rest != ""; {
		var first string
		first, rest = firstAim(rest)
		var one Aim
		if err := one.UnmarshalText([]byte(strings.TrimSpace(first))); err != nil {
			return err
		}
		*a = append(*a, one)
		rest = strings.TrimPrefix(rest, ",")
	}
	return nil
}

// firstAim cuts the first objective off a list.
func firstAim(text string) (first, rest string) {
	if quoted, is := strings.CutPrefix(text, `"`); is {
		if first, rest, is = strings.Cut(quoted, `"`); is {
			return first, rest
		}
	}
	for i := range text {
		if text[i] == ',' && aimAt(text[i+1:]) {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// aimAt reports whether a text begins with an objective.
func aimAt(text string) bool {
	text = strings.TrimLeft(text, ` "`)
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
