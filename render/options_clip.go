package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"oneiro/flow"
	"oneiro/internal/option"
)

// ClipOptions are those of films of a clip.
type ClipOptions struct {
	// Range are the frames of the clip that are taken.
	Range FrameRange
	// FPS is the number of frames in a second of numbered pictures, which do not say; 0 is for 25.
	FPS float64
	// Cuts are where shots begin: nothing of what is before is carried on.
	Cuts Cuts
	// Flow is the name of the flow's preset.
	Flow string
}

// defaultClip are the options of films of a clip.
var defaultClip = ClipOptions{Cuts: Cuts{Auto: true}, Flow: flow.DefaultPreset}

// clipTable has the options of ClipOptions.
var clipTable = option.Table{
	{Name: "range", Field: "Range", Unit: "frames", Help: "the frames of the clip to take, such as 1-240 or 100-",
		Default: "all", Changes: option.Result},
	{Name: "fps", Field: "FPS", Unit: "frames", Help: "frames per second of numbered pictures",
		Zero: "is 25, or what the clip says", Range: option.Between(0, 1000)},
	{Name: "cuts", Field: "Cuts", Unit: "frames",
		Help:    "frames that begin a shot, such as 49,120, or none: they begin anew; auto finds them",
		Changes: option.Result},
	{Name: "flow", Field: "Flow", Unit: "preset", Help: "how thoroughly to look for what moves where",
		Choices: flowPresets(), Changes: option.Result | option.Memory},
}.In("Film")

func flowPresets() (names []string) {
	for _, p := range flow.Presets {
		names = append(names, p.Name)
	}
	return names
}

// Cuts are the frames that begin a shot, counted from 1, in order; the first of all is not among them.
type Cuts struct {
	Auto bool // they are found
	At   []int
}

// MarshalText writes what UnmarshalText reads.
func (c Cuts) MarshalText() ([]byte, error) {
	switch {
	case c.Auto:
		return []byte("auto"), nil
	case len(c.At) == 0:
		return []byte("none"), nil
	}
	var words []string
	for _, n := range c.At {
		words = append(words, strconv.Itoa(n))
	}
	return []byte(strings.Join(words, ",")), nil
}

// UnmarshalText reads auto, none or 49,120.
func (c *Cuts) UnmarshalText(text []byte) error {
	*c = Cuts{Auto: string(text) == "auto"}
	if c.Auto || string(text) == "none" {
		return nil
	}
	for word := range strings.SplitSeq(string(text), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 2 {
			return errors.New("shots begin at frames from 2 on")
		}
		c.At = append(c.At, n)
	}
	slices.Sort(c.At)
	c.At = slices.Compact(c.At)
	return nil
}

// Type names the type of the text.
func (Cuts) Type() string { return "list of frames such as 49,120, auto or none" }

// FrameRange is the first and the last of some frames, counted from 1. A last one of 0 is the end, and no first
// one the beginning.
type FrameRange [2]int

// MarshalText writes what UnmarshalText reads.
func (r FrameRange) MarshalText() ([]byte, error) {
	switch {
	case r == FrameRange{}:
		return nil, nil
	case r[1] == 0:
		return fmt.Appendf(nil, "%d-", r[0]), nil
	}
	return fmt.Appendf(nil, "%d-%d", r[0], r[1]), nil
}

// UnmarshalText reads 1-240, 100-, -100 or 7.
func (r *FrameRange) UnmarshalText(text []byte) error {
	*r = FrameRange{}
	if len(text) == 0 {
		return nil
	}
	first, last, several := strings.Cut(string(text), "-")
	if !several {
		last = first
	}
	for i, part := range []string{first, last} {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return errors.New("frames are counted from 1")
		}
		r[i] = n
	}
	if r[0] = max(r[0], 1); r[1] != 0 && r[1] < r[0] {
		return errors.New("the last frame comes before the first")
	}
	return nil
}

// Type names the type of the text.
func (FrameRange) Type() string { return "range such as 1-240" }
