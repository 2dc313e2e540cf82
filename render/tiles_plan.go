package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"oneiro/autodiff"
	"oneiro/internal/memory"
)

// TileSize says whether pictures are computed on tiles: TileAuto, TileOff, or how many pixels wide and high
// they are at most, without the halos that they are computed with.
type TileSize int

const (
	TileAuto TileSize = 0  // where a picture does not fit into memory, on tiles as large as do
	TileOff  TileSize = -1 // never
)

// MarshalText returns auto, off or a number.
func (t TileSize) MarshalText() ([]byte, error) {
	switch t {
	case TileAuto:
		return []byte("auto"), nil
	case TileOff:
		return []byte("off"), nil
	}
	return []byte(strconv.Itoa(int(t))), nil
}

// UnmarshalText reads what MarshalText writes.
func (t *TileSize) UnmarshalText(text []byte) error {
	switch s := string(text); s {
	case "", "auto":
		*t = TileAuto
	case "off":
		*t = TileOff
	default:
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > MaxSize {
			return fmt.Errorf("%q is neither auto nor off nor a number of pixels of up to %d", s, MaxSize)
		}
		*t = TileSize(n)
	}
	return nil
}

// Type names what UnmarshalText reads.
func (TileSize) Type() string { return "auto, off or pixels" }

// TilePlan is how a picture is computed on tiles.
type TilePlan struct {
	// Down and Across are how many tiles there are in the pass that computes gradients, and Window is the size
	// of a tile with its halo.
	Down, Across int
	Window       Size
	// Size is what Engine.Tile chooses these tiles with. Other tiles round differently.
	Size TileSize
	// FLOPs are the floating-point operations of an evaluation, and Overhead is how many times the picture's
	// pixels are computed in that pass because of halos.
	FLOPs, Overhead float64
	// Bytes is the memory beside the device's: windows, sums, and what windows of targets are cut from.
	Bytes int64

	problem error // why there are no tiles, if that was tried
}

// Count returns how many tiles there are, 0 for a picture that is computed at once.
func (t *TilePlan) Count() int { return t.Down * t.Across }

// errHalo says why there is one tile only.
var errHalo = errors.New("tiles would need halos as large as the picture")

// tileStep is what sizes of tiles are multiples of where they are chosen by memory.
const tileStep = 256

// fitTiles makes a problem one that is computed on the largest tiles that fit, or else on the smallest. plan is
// that of the whole, and becomes that of the tiles. Features are computed again if larger tiles, of which that
// allows, save more work than that is.
func (j *Job) fitTiles(p *problem, plan *SizePlan) {
	if p.stage.Size.longer() <= tileStep {
		return
	}
	whole, atOnce := *plan, p.evaluator
	try := func(steps int, again recomputing) bool {
		*plan, p.evaluator = whole, atOnce
		for _, f := range p.forwards() {
			f.tiles = nil
		}
		j.planTiles(p, plan, steps*tileStep, again)
		return plan.Tiles.Count() > 0 && plan.Fits(j.engine) == nil
	}
	largest := func(again recomputing) (steps int, flops float64) {
		low, high := 0, (p.stage.Size.longer()-1)/tileStep
		for low < high {
			if middle := (low + high + 1) / 2; try(middle, again) {
				low, flops = middle, plan.Tiles.FLOPs
			} else {
				high = middle - 1
			}
		}
		return low, flops
	}
	if !try(1, true) { // then nothing does
		return
	}
	kept, work := largest(false)
	again, more := largest(true)
	if kept > 0 && work <= more {
		try(kept, false)
	} else {
		try(max(again, 1), true)
	}
}

// recomputing says that features are computed again for gradients, to save memory.
type recomputing bool

// planTiles makes a problem one that is computed on tiles of about size pixels, as far as that is possible, and
// plan, which is that of the whole, its plan.
func (j *Job) planTiles(p *problem, plan *SizePlan, size int, again recomputing) {
	e := j.engine
	t, err := newTiles(p, e.Device, size)
	if err != nil {
		plan.Tiles.problem = err
		return
	}
	if t.backward.tiles() == 1 {
		if size < p.stage.Size.longer() {
			plan.Tiles.problem = errHalo
		}
		return
	}
	t.compile(e.Device, size, again)
	*plan = j.sizePlan(p)
	if t.filed = j.onDisk; t.filed {
		j.spill(p, t, plan)
	}
	plan.Tiles = t.plans(p.stage.Size, size)
	t.setLimits(e, plan)
	p.evaluator = t

	graphs := p.forwards()
	for _, f := range graphs {
		f.tile(e.Device, size)
	}
	beside := j.besideTargets(p)
	if t.filed {
		plan.Ends = j.ends(p, plan)
		beside = j.ownBeside(p) + inFlight(p.stage.Size)
	}
	plan.targets = j.planTargets(graphs, t.constants(), t.isKept, beside)
}

// plans describes the tiles of a picture, chosen by size.
func (t *tiles) plans(picture Size, size int) TilePlan {
	b := &t.backward
	return TilePlan{
		Down: len(b.down.Tiles), Across: len(b.across.Tiles), Window: Size{b.across.Size, b.down.Size},
		Size:     TileSize(size),
		FLOPs:    t.forward.flops() + t.plan.FLOPs() + b.flops(),
		Overhead: float64(b.pixels()) / float64(picture.W*picture.H),
		Bytes:    t.bytes(),
	}
}

// setLimits sets the limits of the passes, and the plan's footprint to that of the larger.
func (t *tiles) setLimits(e *Engine, plan *SizePlan) {
	plan.Plan, plan.Footprint = t.backward.plan, autodiff.Footprint{}
	global := e.Device.Footprint(t.plan, 0)
	left := int64(0)
	if allowed := e.allowed(); allowed > 0 {
		left = max(allowed-plan.steps(e)-global.Total(), 1)
	}
	for _, s := range []*sweep{&t.forward, &t.backward} {
		s.limit = 0
		f := e.Device.Footprint(s.plan, 0)
		if left > 0 && f.Total() > left {
			s.limit = left
			f = e.Device.Footprint(s.plan, left)
		}
		if f.Total() > plan.Footprint.Total() {
			plan.Plan, plan.Footprint = s.plan, f
		}
	}
	plan.Footprint.Arena += global.Arena
	plan.Footprint.Constants += global.Constants
	plan.Footprint.Packed += global.Packed
	plan.Footprint.Scratch += global.Scratch
	plan.Footprint.Mapped += global.Mapped
}

// constants returns those that the programs read, as a whole or windows of them.
func (t *tiles) constants() []*autodiff.Node {
	all := slices.Concat(t.plan.Consts, t.forward.plan.Consts, t.backward.plan.Consts)
	for _, m := range t.split.Maps {
		if m.Tensor() != nil && !t.filed {
			all = append(all, m)
		}
	}
	return all
}

// isKept returns whether a constant is in memory.
func (t *tiles) isKept(c *autodiff.Tensor) bool {
	return !slices.ContainsFunc(t.split.Maps, func(m *autodiff.Node) bool { return t.isFiled(m) && m.Tensor() == c })
}

// steps returns how much of the memory that e.allowed speaks of the steps take.
func (p *SizePlan) steps(e *Engine) int64 {
	if e.GPUMemory > 0 {
		return p.stepsOnGPU()
	}
	return p.Steps()
}

// allowed returns how much memory a run may take, 0 if nobody knows.
func (e *Engine) allowed() int64 {
	switch {
	case e.GPUMemory > 0:
		return e.gpuLimit()
	case e.Memory > 0:
		return e.Memory
	}
	return memory.Machine()
}
