//go:build cuda

package cuda

import (
	"cmp"
	"context"
	"fmt"

	"oneiro/autodiff"
)

// program is a loaded plan.
type program struct {
	dev    *device
	plan   *autodiff.Plan
	memory address // of everything but constants, one allocation
	begins map[region]address
	held   []*autodiff.Tensor // constants
	list   *list
	ends   []int
	failed error // of Write or Read, which can say nothing; Run returns it
}

// allocate takes the memory that a builder asked for and makes its launches ready. It runs on the
// device's thread.
func (p *program) allocate(b *builder) (err error) {
	d := p.dev.driver
	arena, scratch, tables := aligned(p.plan.ArenaBytes), aligned(b.scratch), aligned(b.tableBytes())
	if p.memory, err = d.alloc(max(arena+scratch+tables+b.packedBytes, 1)); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.free()
		}
	}()
	p.begins = map[region]address{
		inArena: p.memory, inScratch: p.memory + address(arena), inTables: p.memory + address(arena+scratch),
		inPacked: p.memory + address(arena+scratch+tables),
	}
	if len(b.tables) > 0 {
		if err := write(d, p.begins[inTables], b.tables); err != nil {
			return err
		}
	}
	for _, c := range p.plan.Consts {
		if err := p.dev.hold(c.Tensor()); err != nil {
			return err
		}
		p.held = append(p.held, c.Tensor())
	}
	if err := p.pack(b.once); err != nil {
		return err
	}
	p.list, err = p.prepare(b.launches)
	return err
}

func (p *program) prepare(launches []launch) (*list, error) {
	return p.dev.driver.prepare(p.dev.module, launches, func(l *launch) []byte { return arguments(l, p.resolve) })
}

// pack runs the launches that are for once.
func (p *program) pack(launches []launch) error {
	if len(launches) == 0 {
		return nil
	}
	list, err := p.prepare(launches)
	if err != nil {
		return err
	}
	defer list.free()
	if err := p.dev.driver.run(list, 0, len(launches)); err != nil {
		return err
	}
	return p.dev.driver.synchronize()
}

// resolve returns the address of a place.
func (p *program) resolve(at place) address {
	switch at.in {
	case nowhere:
		return 0
	case inConstant:
		return p.dev.consts[at.tensor].at + address(at.offset)
	}
	return p.begins[at.in] + address(at.offset)
}

// at returns where a value that outlives a run lies.
func (p *program) at(n *autodiff.Node) address { return p.resolve(placeOf(p.plan, n)) }

// Write implements autodiff.Program. If the driver fails, the next Run says so.
func (p *program) Write(n *autodiff.Node, data []float32) {
	if len(data) != n.Shape.Len() {
		panic(fmt.Sprintf("cuda: %d numbers for %v", len(data), n))
	}
	p.note(p.dev.do(func() error { return p.dev.put(p.at(n), data) }))
}

// Read implements autodiff.Program. If the driver fails, dst is as it was and the next Run says so.
func (p *program) Read(n *autodiff.Node, dst []float32) {
	if len(dst) != n.Shape.Len() {
		panic(fmt.Sprintf("cuda: room for %d numbers of %v", len(dst), n))
	}
	p.note(p.dev.do(func() error { return p.dev.get(dst, p.at(n)) }))
}

func (p *program) note(err error) {
	if p.failed == nil {
		p.failed = err
	}
}

// Run implements autodiff.Program.
func (p *program) Run(ctx context.Context) error {
	if p.failed != nil {
		return p.failed
	}
	return p.dev.do(func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		lo := 0
		for i, hi := range p.ends {
			if hi-lo < cancelEvery && i < len(p.ends)-1 {
				continue
			}
			if err := p.dev.driver.run(p.list, lo, hi); err != nil {
				return err
			}
			lo = hi
			if err := ctx.Err(); err != nil {
				p.dev.driver.synchronize()
				return err
			}
		}
		return p.dev.driver.synchronize()
	})
}

// cancelEvery is how many launches are handed over before the context is looked at.
const cancelEvery = 32

// Close implements autodiff.Program. It also returns what the last Write or Read could not say.
func (p *program) Close() error {
	p.note(p.dev.do(func() error {
		p.list.free()
		return p.free()
	}))
	return p.failed
}

// free gives the program's memory back, and constants that no other program has.
func (p *program) free() error {
	err := p.dev.driver.free(p.memory)
	for _, t := range p.held {
		err = cmp.Or(err, p.dev.release(t))
	}
	return err
}
