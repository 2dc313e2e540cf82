package render

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/internal/option"
	"oneiro/nn"
)

// FilmOptions describe a film of dreams: each frame is the one before, moved as a camera does, and dreamed
// on.
type FilmOptions struct {
	// Frames is the number of frames, 0 for a picture.
	Frames int
	// Zoom is how many times as large each frame shows what the one before does, Turn by how many degrees
	// it is turned, clockwise, and Pan by how much the camera moves.
	Zoom, Turn float64
	Pan        Shift
	// FrameIterations are the steps of each frame but the first at each of FrameOctaves sizes.
	FrameIterations, FrameOctaves int
	// Loop is how many frames at the end lead back to the first, 0 for none; at most half of them do.
	Loop int
	// Keys change what is dreamed of and how the camera moves.
	Keys Keys
	// FPS is the number of frames in a second of a film in one file.
	FPS float64
}

// defaultFilm are the options of films.
var defaultFilm = FilmOptions{Zoom: 1.02, FrameIterations: 4, FrameOctaves: 2, Loop: 24, FPS: 15}

// filmTable has the options of FilmOptions.
var filmTable = option.Table{
	{Name: "frames", Field: "Frames", Unit: "number",
		Help: "make a film of so many frames, each moved a little and dreamed on: an animated PNG, a GIF, .mp4, .avi or" +
			" .y4m, or numbered pictures if --output is a folder or has %04d in it",
		Zero: "makes a picture", Range: option.Between(0, 100_000), Changes: option.Result},
	{Name: "zoom", Field: "Zoom", Unit: "factor", Help: "how much larger each frame shows the one before: 1.01 " +
		"to 1.03 is smooth",
		Range: option.Between(0.25, 4), Changes: option.Result},
	{Name: "turn", Field: "Turn", Unit: "degrees", Help: "how far each frame is turned, clockwise",
		Range: option.Between(-45, 45), Changes: option.Result},
	{Name: "pan", Field: "Pan", Unit: "x,y",
		Help:    "how far the camera moves per frame to the right and down, in per cent of the longer side",
		Changes: option.Result},
	{Name: "frame-iterations", Field: "FrameIterations", Unit: "steps",
		Help:  "steps at each size of each frame but the first, which is a dream of its own: more change faster",
		Range: option.Between(1, MaxIterations), Changes: option.Result},
	{Name: "frame-octaves", Field: "FrameOctaves", Unit: "number", Help: "sizes of each frame but the first",
		Range: option.Between(1, 1000), Changes: option.Result},
	{Name: "loop", Field: "Loop", Unit: "frames", Help: "frames at the end that lead back to the first, up to " +
		"half of all",
		Zero: "lets the film end anywhere", Range: option.Between(0, 100_000), Changes: option.Result},
	{Name: "keys", Field: "Keys", Unit: "file",
		Help:  "JSON file that changes objectives and camera on the way; docs/dreams.md shows one",
		Names: option.Content, Endings: []string{"json"}, Changes: option.Result},
	{Name: "fps", Field: "FPS", Unit: "frames", Help: "frames per second of a film in one file",
		Range: option.Between(0.1, 100)},
}.In("Film")

// Shift is a movement, in per cent of a picture's longer side.
type Shift struct{ X, Y float64 }

// MarshalText writes what UnmarshalText reads.
func (s Shift) MarshalText() ([]byte, error) {
	if s == (Shift{}) {
		return nil, nil
	}
	return []byte(number(s.X) + "," + number(s.Y)), nil
}

// UnmarshalText reads 0.5,-1.
func (s *Shift) UnmarshalText(text []byte) error {
	*s = Shift{}
	if len(text) == 0 {
		return nil
	}
	x, y, _ := strings.Cut(string(text), ",")
	var errs [2]error
	s.X, errs[0] = strconv.ParseFloat(strings.TrimSpace(x), 64)
	s.Y, errs[1] = strconv.ParseFloat(strings.TrimSpace(y), 64)
	if !(math.Abs(s.X) <= 50 && math.Abs(s.Y) <= 50) {
		return errors.New("must be up to 50")
	}
	return cmp.Or(errs[0], errs[1])
}

// Type names the type of the text.
func (Shift) Type() string { return "two numbers such as 0.5,-0.2" }

// Key says what a film does from a frame on.
type Key struct {
	// Frame is counted from 1. The frames before it fade over to it: Fade of them, 0 for 30.
	Frame int `json:"frame"`
	Fade  int `json:"fade,omitempty"`
	// Objective are what to make more of, as --objective has them; empty leaves that alone.
	Objective Aims `json:"objective,omitempty"`
	// Zoom, Turn and Pan are those of FilmOptions; nil leaves them alone.
	Zoom *float64 `json:"zoom,omitempty"`
	Turn *float64 `json:"turn,omitempty"`
	Pan  *Shift   `json:"pan,omitempty"`
}

// defaultFade is how many frames fade over to a key.
const defaultFade = 30

// Keys are the keys of a film, in the order of their frames. As text they are JSON.
type Keys []Key

// MarshalText writes what UnmarshalText reads.
func (k Keys) MarshalText() ([]byte, error) {
	if len(k) == 0 {
		return nil, nil
	}
	return json.Marshal([]Key(k))
}

// UnmarshalText reads [{"frame": 60, "objective": "l2=LAYER", "zoom": 1.03}, ...].
func (k *Keys) UnmarshalText(text []byte) error {
	*k = nil
	if len(text) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode((*[]Key)(k)); err != nil {
		return err
	}
	for i, key := range *k {
		if key.Frame < 2 || i > 0 && key.Frame <= (*k)[i-1].Frame || key.Fade < 0 {
			return fmt.Errorf("key %d has frame %d", i+1, key.Frame)
		}
	}
	return nil
}

// Type names the type of the text.
func (Keys) Type() string { return "list of keys in JSON" }

// loops returns how many frames lead back to the first.
func (o *FilmOptions) loops() int { return min(o.Loop, o.Frames/2) }

// checkFilm checks what no range can say.
func (o *DreamOptions) checkFilm(m *mistakes, net *nn.Network) {
	if o.Frames == 0 && !o.clip {
		if len(o.Keys) > 0 {
			m.add("keys", "say how many with --frames", "is for films")
		}
		return
	}
	if o.Frames == 1 {
		m.add("frames", "give 2 or more", "is of one frame")
	}
	for _, key := range o.Keys {
		if key.Frame > o.Frames && !o.clip {
			m.add("keys", "leave it out", "has frame %d of %d", key.Frame, o.Frames)
		}
		if key.Zoom != nil && !(*key.Zoom >= 0.25 && *key.Zoom <= 4) || key.Turn != nil &&
			!(math.Abs(*key.Turn) <= 45) {
			m.add("keys", "choose a zoom of 0.25 to 4 and a turn of -45 to 45", "moves too far at frame %d", key.Frame)
		}
		for _, a := range key.Objective {
			if kind := kindOf(a.Kind); kind != nil && kind.value == aimOfPicture {
				m.add("keys", "give it as --objective, for all frames", "%s at frame %d needs a picture", a.Kind,
					key.Frame)
			}
		}
		if len(key.Objective) > 0 {
			then := *o
			then.Objectives, then.Class, then.Channels = key.Objective, -1, nil
			then.checkAims(m, net)
		}
	}
}

// scene is what a film does at a frame.
type scene struct {
	aims Aims // empty for what the dream itself aims at
	zoom float64
	turn float64
	pan  Shift
}

// scene returns what the film does at a frame, counted from 1. own is what it aims at without keys.
func (o *FilmOptions) scene(frame int, own Aims) scene {
	now := scene{aims: own, zoom: o.Zoom, turn: o.Turn, pan: o.Pan}
	for _, key := range o.Keys {
		next := now
		if len(key.Objective) > 0 {
			next.aims = key.Objective
		}
		if key.Zoom != nil {
			next.zoom = *key.Zoom
		}
		if key.Turn != nil {
			next.turn = *key.Turn
		}
		if key.Pan != nil {
			next.pan = *key.Pan
		}
		fade := float64(cmp.Or(key.Fade, defaultFade))
		if part := smooth(1 - float64(key.Frame-frame)/fade); part < 1 {
			return now.faded(next, part)
		}
		now = next
	}
	return now
}

// smooth goes from 0 to 1 while t does, without a jump in its slope.
func smooth(t float64) float64 {
	t = min(max(t, 0), 1)
	return t * t * (3 - 2*t)
}

// faded returns what lies between two scenes.
func (s scene) faded(to scene, part float64) scene {
	if part == 0 {
		return s
	}
	between := func(a, b float64) float64 { return a + part*(b-a) }
	out := scene{
		zoom: math.Exp(between(math.Log(s.zoom), math.Log(to.zoom))), turn: between(s.turn, to.turn),
		pan: Shift{between(s.pan.X, to.pan.X), between(s.pan.Y, to.pan.Y)}, aims: s.aims,
	}
	if !slices.EqualFunc(s.aims, to.aims, sameAim) {
		out.aims = nil
		for _, of := range []struct {
			aims Aims
			part float64
		}{{s.aims, 1 - part}, {to.aims, part}} {
			for _, a := range of.aims {
				a.Weight = a.weight() * of.part
				out.aims = append(out.aims, a)
			}
		}
	}
	return out
}

// sameAim tells whether two objectives are the same.
func sameAim(a, b Aim) bool {
	x, _ := a.MarshalText()
	y, _ := b.MarshalText()
	return string(x) == string(y)
}
