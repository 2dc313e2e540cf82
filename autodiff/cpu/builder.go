package cpu

import (
	"fmt"

	"oneiro/autodiff"
	"oneiro/internal/parallel"
)

// lowering turns a step into stages.
type lowering func(b *builder, s *autodiff.Step)

// lowerings has one entry for each row of autodiff's table.
var lowerings = map[string]lowering{}

// builder makes a program. Stages look up their memory when they run, so that a dry builder can find out
// what a program would need without allocating it.
type builder struct {
	*program
	dry        bool
	space      space
	cache      int64 // bytes of filters that may be kept transformed
	worker     int   // floats of scratch that a worker needs
	recomputed int   // floats of features that a worker recomputes
	common     int   // floats of shared workspace
	spare      int   // floats of values inside a fused step
	inStep     int   // of these, those of the step that is being built
	sums       int   // float64 partial sums
	packed     int64
	charged    map[packKey]bool
	kept       int             // floats of transformed filters
	keeps      map[packKey]int // where they begin
	fills      []stage         // make them
}

// space is how much workspace a program may use.
type space int

const (
	tight space = iota // small blocks cost speed: a third of it for VGG-19 at 512 pixels
	short              // and here a twentieth
	roomy
)

// newBuilder builds p's program within a limit in bytes, or without one if it is 0: it gives up the cache
// of transformed filters first, then workspace. If that is not enough the program is larger than the limit.
func newBuilder(d *Device, p *autodiff.Plan, limit int64, dry bool) *builder {
	if limit == 0 {
		return build(d, p, dry, roomy, d.filterCache)
	}
	for space := roomy; space > tight; space-- {
		if plain := build(d, p, true, space, 0).footprint().Total(); plain <= limit {
			return build(d, p, dry, space, limit-plain)
		}
	}
	return build(d, p, dry, tight, 0)
}

func build(d *Device, p *autodiff.Plan, dry bool, space space, cache int64) *builder {
	b := &builder{
		program: &program{dev: d, plan: p}, dry: dry, space: space, cache: cache,
		charged: map[packKey]bool{}, keeps: map[packKey]int{},
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		lower := lowerings[s.Op.Name]
		if lower == nil {
			panic(fmt.Sprintf("cpu: no kernel for %s", s.Op.Name))
		}
		b.inStep = 0
		lower(b, s)
		if !fusing[s.Op.Name] {
			b.epilogue(s, s.Post).stage(b)
		}
		if n := len(b.stages); n > 0 {
			b.stages[n-1].ends = true
		}
	}
	return b
}

func (b *builder) footprint() autodiff.Footprint {
	threads := int64(b.dev.pool.Threads())
	kept := 4 * int64(b.kept)
	scratch := 4 * (threads*int64(b.worker+b.recomputed) + int64(b.common+b.spare))
	return autodiff.Footprint{
		Arena:     b.plan.ArenaBytes,
		Constants: b.plan.ConstBytes(),
		Packed:    b.packed + kept,
		Scratch:   scratch + 8*int64(b.sums),
		Mapped:    b.plan.ArenaBytes + kept + scratch,
	}
}

// allocate maps the program's memory and fills what stays in it.
func (b *builder) allocate() error {
	p := b.program
	arena, threads := int(p.plan.ArenaBytes/4), p.dev.pool.Threads()
	const line = arenaAlign / 4
	round := func(n int) int { return (n + line - 1) / line * line }
	memory, floats, err := mapFloats(round(arena) + round(b.common) + round(b.spare) + round(b.kept) +
		threads*(round(b.worker)+round(b.recomputed)))
	if err != nil {
		return err
	}
	p.memory = memory
	take := func(n int) []float32 {
		part := floats[:n:n]
		floats = floats[round(n):]
		return part
	}
	p.arena, p.shared, p.spare, p.kept = take(arena), take(b.common), take(b.spare), take(b.kept)
	p.scratch = make([][]float32, threads)
	p.features = make([][]float32, threads)
	for i := range threads {
		p.scratch[i], p.features[i] = take(b.worker), take(b.recomputed)
	}
	p.partial = make([]float64, b.sums)
	for _, s := range b.fills {
		p.dev.pool.Run(s.pieces, s.run)
	}
	return nil
}

// arenaAlign is the alignment of pieces of memory in bytes: a cache line, and the widest vector.
const arenaAlign = 64

// stage adds work in pieces.
func (b *builder) stage(pieces int, run func(piece, worker int)) {
	b.add(stage{pieces: pieces, run: run})
}

// add adds a stage, which only a program that is to run needs: of a huge picture there are millions.
func (b *builder) add(s stage) {
	if !b.dry {
		b.stages = append(b.stages, s)
	}
}

// Each of these asks for workspace, which a stage finds in the program's scratch, shared or partial.

func (b *builder) needScratch(floats int)           { b.worker = max(b.worker, floats) }
func (b *builder) needFeatures(floats, scratch int) { b.recomputed = max(b.recomputed, floats+scratch) }
func (b *builder) needShared(floats int)            { b.common = max(b.common, floats) }
func (b *builder) needPartial(sums int)             { b.sums = max(b.sums, sums) }

// needSpare asks for room for a value inside a step, beside its shared workspace, and returns where it
// is. Until the next step it belongs to the caller.
func (b *builder) needSpare(floats int) func() []float32 {
	p, at := b.program, b.inStep
	b.inStep += floats
	b.spare = max(b.spare, b.inStep)
	return func() []float32 { return p.spare[at:][:floats] }
}

// view returns a function that looks a value up when a stage runs.
func (b *builder) view(n *autodiff.Node) func() []float32 {
	p := b.program
	return func() []float32 { return p.data(n) }
}

// fusing are the operations whose lowerings perform post-operations themselves, and those of Pre.
var fusing = map[string]bool{"conv2d": true, "conv2dInputGrad": true, "gramGrad": true, "maxPool": true}

// grain is how many floats a piece of a simple loop works on: enough to hide the hand-over, few
// enough to share small pictures out evenly.
const grain = 1 << 14

// each adds a stage that visits the ranges lo..hi-1 of n items, each item being size floats of work.
func (b *builder) each(n, size int, run func(lo, hi, worker int)) {
	pieces := (n*size + grain - 1) / grain
	pieces = min(max(pieces, 1), n)
	b.stage(pieces, func(piece, worker int) {
		lo, hi := parallel.Split(n, pieces, piece)
		run(lo, hi, worker)
	})
}

// reduce adds stages that sum f over the ranges of n items and hand the total to done.
func (b *builder) reduce(n, size int, f func(lo, hi int) float64, done func(total float64)) {
	pieces := (n*size + grain - 1) / grain
	pieces = min(max(pieces, 1), n)
	b.needPartial(pieces)
	p := b.program
	b.stage(pieces, func(piece, _ int) {
		lo, hi := parallel.Split(n, pieces, piece)
		p.partial[piece] = f(lo, hi)
	})
	b.stage(1, func(_, _ int) {
		var total float64
		for _, v := range p.partial[:pieces] {
			total += v
		}
		done(total)
	})
}
