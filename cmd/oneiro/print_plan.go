package main

import (
	"fmt"
	"io"
	"slices"
	"sort"
	"time"

	"oneiro/autodiff"
	"oneiro/render"
)

// shownBuffers is how many of the largest buffers are printed.
const shownBuffers = 10

// printAnswer prints what people ask: how much memory a run needs, whether that is more than there is, how much
// work it is, and how long it takes, if the times of its sizes are known.
func printAnswer(w io.Writer, j *job, times []time.Duration) error {
	last := &j.plans[len(j.plans)-1]
	steps, work := j.work()
	t := newTable(w)
	most := last // of the last size: a pass of its own may take less
	for i := range j.plans {
		if p := &j.plans[i]; p.W == last.W && p.H == last.H && p.Peak() > most.Peak() {
			most = p
		}
	}
	row(t, "expected peak memory", mib(most.Peak()))
	if err := most.Fits(j.engine); err != nil {
		row(t, "", "which does not fit: "+err.Error())
	}
	if last.Disk > 0 {
		row(t, "on disk", mib(last.Disk)+", in the folder of --scratch")
	}
	if last.Tiles.Count() > 0 {
		row(t, "tiles", tilesText(&last.Tiles))
	}
	row(t, "work of a step", giga(last.FLOPs())+" floating-point operations")
	row(t, "work of a run", fmt.Sprintf("%s, in %d steps, %s", tera(work), steps, sizes(j.plans)))
	if times != nil {
		var all time.Duration
		for _, t := range times {
			all += t
		}
		row(t, "time of a run", "about "+longTime(all)+" on this machine")
	}
	return t.Flush()
}

// longTime returns a time that is roughly known as people say it: in the two largest of days, hours, minutes
// and seconds.
func longTime(d time.Duration) string {
	units := []struct {
		name string
		time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}
	for i, u := range units[:3] {
		smaller := units[i+1]
		if whole := d.Round(smaller.Duration); whole >= u.Duration {
			text := fmt.Sprintf("%d %s", whole/u.Duration, u.name)
			if rest := whole % u.Duration / smaller.Duration; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, smaller.name)
			}
			return text
		}
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// tilesText describes tiles.
func tilesText(t *render.TilePlan) string {
	return fmt.Sprintf("%d x %d, of %dx%d pixels with their halos, which makes %.2f times the pixels",
		t.Across, t.Down, t.Window.W, t.Window.H, t.Overhead)
}

// sizes says which sizes the plans have, from the first to the last.
func sizes(plans []render.SizePlan) string {
	size := func(p render.SizePlan) string { return fmt.Sprintf("%dx%d", p.W, p.H) }
	first, last := size(plans[0]), size(plans[len(plans)-1])
	if first == last {
		return "at " + last
	}
	return "from " + first + " to " + last
}

// printPlans prints what takes the memory at the last and largest size, a line for each of the others, and
// the largest buffers.
func printPlans(w io.Writer, plans []render.SizePlan) error {
	p := &plans[len(plans)-1]
	t := newTable(w)
	row(t, "memory", mib(p.Peak()))
	for _, part := range memory(p) {
		row(t, "  "+part.name, mib(part.bytes))
	}
	row(t, "steps of the plan", len(p.Plan.Steps))
	if err := t.Flush(); err != nil {
		return err
	}

	if first := &plans[0]; first.W != p.W || first.H != p.H {
		fmt.Fprintln(w, "\nbefore that")
		t = newTable(w)
		row(t, "size", "work of a step", "arena", "expected peak")
		for i := len(plans) - 2; i >= 0; i-- {
			p := &plans[i]
			row(t, fmt.Sprintf("%dx%d", p.W, p.H), giga(p.FLOPs()), mib(p.Footprint.Arena), mib(p.Peak()))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}

	fmt.Fprintln(w, "\nlargest buffers of the arena, and the operations between which they are in use")
	t = newTable(w)
	row(t, "buffer", "size", "first", "last")
	for _, b := range largest(p.Plan)[:min(shownBuffers, len(p.Plan.Buffers))] {
		row(t, bufferName(b), mib(b.Bytes), max(b.First, 0), b.Last)
	}
	return t.Flush()
}

// part is a part of the memory of a plan, with its name in text and its key in JSON.
type part struct {
	name, key string
	bytes     int64
}

// memory returns the parts of the memory that a plan takes; their sum is its peak.
func memory(p *render.SizePlan) []part {
	f := p.Footprint
	parts := []part{
		{"arena", "arena", f.Arena}, {"constants", "constants", f.Constants},
		{"packed filters", "packed filters", f.Packed}, {"scratch", "scratch", f.Scratch},
		{"optimiser", "optimizer", p.Optimizer}, {"canvas", "canvas", p.Canvas},
		{"pictures", "pictures", p.Pictures},
	}
	if p.Tiles.Count() > 0 {
		name := "windows and targets of tiles"
		if p.Disk > 0 {
			name = "windows of tiles"
		}
		parts = append(parts, part{name, "tiles", p.Tiles.Bytes})
	}
	rest := p.Steps()
	for _, part := range parts {
		rest -= part.bytes
	}
	parts = append(parts, part{"program", "program", rest})
	switch more := p.Peak() - p.Steps(); {
	case more > 0 && p.Peak() == p.Ends:
		parts = append(parts, part{"more around the steps, for canvas and picture", "ends", more})
	case more > 0 && p.Peak() == p.Reading:
		parts = append(parts, part{"more before the steps, for reading", "reading", more})
	case more > 0:
		parts = append(parts, part{"more before the steps, for targets", "targets", more})
	}
	return parts
}

// largest returns the buffers of a plan, the largest first.
func largest(p *autodiff.Plan) []autodiff.Buffer {
	buffers := slices.Clone(p.Buffers)
	sort.SliceStable(buffers, func(i, j int) bool { return buffers[i].Bytes > buffers[j].Bytes })
	return buffers
}

// bufferName names what first lives in a buffer, and how many values come after it.
func bufferName(b autodiff.Buffer) string {
	n := b.Nodes[0]
	name := n.Name
	if name == "" {
		name = n.Op.Name
	}
	name += " " + n.Shape.String()
	if more := len(b.Nodes) - 1; more > 0 {
		name += fmt.Sprintf(" and %d more", more)
	}
	return name
}

// sizeJSON is the plan of a size in JSON. Memory is in bytes, the buffers are all of those in the
// arena, the largest first.
type sizeJSON struct {
	Width      int              `json:"width"`
	Height     int              `json:"height"`
	Operations int              `json:"operations"`
	FLOPs      float64          `json:"flops"`
	Memory     map[string]int64 `json:"memory"`
	Peak       int64            `json:"peak_bytes"`
	Disk       int64            `json:"disk_bytes,omitempty"` // in the folder of --scratch
	Tiles      *tilesJSON       `json:"tiles,omitempty"`      // if the picture is computed on tiles
	Seconds    number           `json:"seconds,omitempty"`    // of all steps, if that is known
	Buffers    []bufferJSON     `json:"buffers"`
}

// tilesJSON are the tiles that gradients are computed on.
type tilesJSON struct {
	Across   int     `json:"across"`
	Down     int     `json:"down"`
	Width    int     `json:"width"` // of a tile with its halo
	Height   int     `json:"height"`
	Overhead float64 `json:"overhead"` // pixels that are computed for each of the picture's
}

type bufferJSON struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	First int    `json:"first"`
	Last  int    `json:"last"`
}

func planJSON(plans []render.SizePlan, times []time.Duration) []sizeJSON {
	all := make([]sizeJSON, len(plans))
	for i := range plans {
		p := &plans[i]
		s := sizeJSON{
			Width: p.W, Height: p.H, Operations: len(p.Plan.Steps), FLOPs: p.FLOPs(),
			Memory: map[string]int64{}, Peak: p.Peak(), Disk: p.Disk,
		}
		for _, part := range memory(p) {
			s.Memory[part.key] = part.bytes
		}
		if t := p.Tiles; t.Count() > 0 {
			s.Tiles = &tilesJSON{t.Across, t.Down, t.Window.W, t.Window.H, t.Overhead}
		}
		if times != nil {
			s.Seconds = seconds(times[i])
		}
		for _, b := range largest(p.Plan) {
			s.Buffers = append(s.Buffers, bufferJSON{bufferName(b), b.Bytes, b.First, b.Last})
		}
		all[i] = s
	}
	return all
}
