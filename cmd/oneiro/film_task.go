package main

import (
	"math"
	"slices"
	"strings"

	"oneiro/film"
	"oneiro/internal/option"
	"oneiro/render"
)

// filmTask is a film that a pipeline makes.
type filmTask struct {
	frames int       // -1 until they are counted
	about  int       // how many there may be; 0 if nobody knows
	info   film.Info // of the clip that is written
	source *source   // that it is made of; nil for none
	passes int
	cuts   *render.Cuts // among the options that start uses; nil for none
	// start returns the film of a pass over frames, which are nil for none.
	start func(frames render.Frames, pass render.Pass) (render.Filmed, error)
}

// filmTable has the options of filmOptions.
var filmTable = option.Table{
	{Name: "shard", Field: "Shard", Unit: "part",
		Help: "make only a part of the shots, such as 2/3: several computers, or runs, make numbered pictures side by side"},
}.In("Film")

// filmJobTable is jobTable with what a film is written to.
var filmJobTable = func() option.Table {
	t := slices.Clone(jobTable)
	output := t.Lookup("output")
	output.Help = "film to write, ." + strings.Join(film.Endings, ", .") + ", or a folder or out_%04d.png for numbered " +
		"pictures, or - for Y4M on the standard output; the default replaces no file"
	output.Endings = film.Endings
	return t
}()

// filmOptions are those of films that the result does not depend on.
type filmOptions struct {
	Shard shard
}

// clipTask returns the task of a film of a clip.
func clipTask(c *source, o *render.ClipOptions, passes int) *filmTask {
	if c.none {
		return new(filmTask)
	}
	t := &filmTask{frames: c.info.Frames, about: c.info.Frames, info: c.info, source: c, passes: passes, cuts: &o.Cuts}
	if t.about < 0 {
		t.about = int(math.Round(c.info.Seconds * c.info.Rate.Float()))
		if last := o.Range[1]; last > 0 {
			t.about = min(t.about, last)
		}
		t.about -= max(o.Range[0]-1, 0)
	}
	return t
}

// footage returns the frames of the film's clip, nil for none.
func (t *filmTask) footage() render.Frames {
	switch {
	case t.source == nil:
		return nil
	case t.source.parts != nil:
		return t.source.parts
	}
	return t.source
}

// shots returns the first frame of each shot, counted from 0, and the end.
func (t *filmTask) shots() []int {
	begins := []int{0}
	for _, n := range t.cuts.At {
		if n-1 < t.frames {
			begins = append(begins, n-1)
		}
	}
	return append(begins, t.frames)
}
