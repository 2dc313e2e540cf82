package render

import (
	"context"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// SizePlan is what the steps at one size of a schedule need.
type SizePlan struct {
	W, H      int
	Plan      *autodiff.Plan
	Footprint autodiff.Footprint
	// Optimizer is the memory of the optimiser, Canvas that of the copies of the canvas beside it, and
	// Pictures that of the pictures that were read, all in bytes.
	Optimizer, Canvas, Pictures int64
}

// runtimeBytes is what the process takes before it does anything: code, the Go runtime, buffers.
const runtimeBytes = 24 << 20

// Peak returns the most memory that the process is expected to take at this size.
func (p *SizePlan) Peak() int64 {
	return p.Footprint.Total() + p.Optimizer + p.Canvas + p.Pictures + runtimeBytes
}

// onCard returns how much of a card's memory is taken if the device is one: there is no part of the peak in
// pictures and the process itself, but in some copies of the canvas.
func (p *SizePlan) onCard() int64 {
	return p.Footprint.Total() + p.Optimizer + canvasVectors*4*int64(p.W*p.H*3)
}

// Plan returns what the run would need at each size, from coarse to fine. It reads no weights and
// computes nothing; Params may be nil. The errors are those of Validate.
func (o *StyleOptions) Plan(engine *Engine) ([]SizePlan, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s, err := newStyle(o, blank)
	if err != nil {
		return nil, err
	}
	plans := make([]SizePlan, len(s.sizes))
	for i, size := range s.sizes {
		if plans[i], err = s.planSize(engine, size); err != nil {
			return nil, err
		}
	}
	return plans, nil
}

func (s *style) planSize(engine *Engine, size extent) (SizePlan, error) {
	objective, err := s.objective(context.Background(), nil, size)
	if err != nil {
		return SizePlan{}, err
	}
	return s.fit(newProblem(s.model, objective, size, s.units(), false), engine, size), nil
}

// fit plans p for what the engine may take.
func (s *style) fit(p *problem, engine *Engine, size extent) SizePlan {
	n := size.w * size.h * 3
	bytes := s.method().Bytes(n)
	pictures := append([]*imageio.Image{s.Content}, s.Styles...)
	if s.InitImage != nil {
		pictures = append(pictures, s.InitImage)
	}
	return p.fit(engine, size, bytes, pictures)
}

// checkMemory returns a *MemoryError if the largest size needs more than the engine may take.
func (s *style) checkMemory(engine *Engine) error {
	p, err := s.planSize(engine, s.sizes[len(s.sizes)-1])
	if err != nil {
		return err
	}
	return p.Fits(engine)
}

// Plan returns what the run would need at each octave, as StyleOptions.Plan does.
func (o *DreamOptions) Plan(engine *Engine) ([]SizePlan, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	d, err := newDream(o, blank)
	if err != nil {
		return nil, err
	}
	plans := make([]SizePlan, len(d.sizes))
	for i, size := range d.sizes {
		plans[i] = d.planSize(engine, size)
	}
	return plans, nil
}

func (d *dream) planSize(engine *Engine, size extent) SizePlan {
	return d.fit(d.problem(size), engine, size)
}

// fit plans p for what the engine may take.
func (d *dream) fit(p *problem, engine *Engine, size extent) SizePlan {
	bytes := d.method().Bytes(size.w * size.h * 3)
	return p.fit(engine, size, bytes, []*imageio.Image{d.Image})
}

// Plan returns what the run would need for each target, as StyleOptions.Plan does.
func (o *VisOptions) Plan(engine *Engine) ([]SizePlan, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	v, err := newVis(o, blank)
	if err != nil {
		return nil, err
	}
	return v.plan(engine), nil
}

// plan returns the plan for each target. Those that differ in nothing but a number share it.
func (v *vis) plan(engine *Engine) []SizePlan {
	plans, known := make([]SizePlan, len(v.Targets)), map[Target]SizePlan{}
	for i, t := range v.Targets {
		kind := Target{t.Layer, min(t.Index, 0)}
		if _, ok := known[kind]; !ok {
			known[kind] = v.fit(v.problem(t), engine)
		}
		plans[i] = known[kind]
	}
	return plans
}

// fit plans p for what the engine may take.
func (v *vis) fit(p *problem, engine *Engine) SizePlan {
	n := v.size.w * v.size.h * 3
	const more = 5 + 3 // beside Adam's: what spectrum and vis hold, and for a pixel the 32 bytes of a tap
	return p.fit(engine, v.size, v.method().Bytes(n)+more*4*int64(n), nil)
}

func blank(net *nn.Network, _ nn.Params) (*nn.Model, error) { return nn.Abstract(net) }

func planOf(engine *Engine, plan *autodiff.Plan, size extent, optimizer int64, pictures []*imageio.Image) SizePlan {
	const copies = 5 // the canvas, the step before, the best, and two while sizes change
	p := SizePlan{
		W: size.w, H: size.h, Plan: plan, Footprint: engine.Device.Footprint(plan),
		Optimizer: optimizer, Canvas: copies * 4 * int64(size.w*size.h*3),
	}
	for _, im := range pictures {
		p.Pictures += 4 * int64(len(im.Pix)+len(im.Alpha))
	}
	return p
}

// fit makes the plan of p one with which the process takes no more than the engine allows: if need be
// features are computed again, and the device gets what is left as its limit, to make the most of. If that
// is not enough, p has the smallest plan.
func (p *problem) fit(engine *Engine, size extent, optimizer int64, pictures []*imageio.Image) SizePlan {
	plan := planOf(engine, p.plan, size, optimizer, pictures)
	if engine.Card > 0 {
		limit := max(engine.cardLimit()-(plan.onCard()-plan.Footprint.Total()), 1)
		p.plan.Limit = limit
		if plan = planOf(engine, p.plan, size, optimizer, pictures); plan.onCard() > engine.cardLimit() {
			p.plan = autodiff.CompileLean(p.plan.Outputs...)
			p.plan.Limit = limit
			plan = planOf(engine, p.plan, size, optimizer, pictures)
		}
		return plan
	}
	if engine.Memory == 0 {
		return plan
	}
	if plan.Peak() > engine.Memory {
		p.plan = autodiff.CompileLean(p.plan.Outputs...)
	}
	p.plan.Limit = max(engine.Memory-(plan.Peak()-plan.Footprint.Total()), 1)
	return planOf(engine, p.plan, size, optimizer, pictures)
}

// Fits returns a *MemoryError if the plan takes more than the engine may, or than the machine or the card
// has.
func (p *SizePlan) Fits(engine *Engine) error {
	if engine.Card > 0 {
		if need, have := p.onCard(), engine.cardLimit(); need > have {
			return &MemoryError{Need: need, Have: have, Budget: engine.Memory == have, Card: true, W: p.W, H: p.H}
		}
		return nil
	}
	e := &MemoryError{Need: p.Peak(), W: p.W, H: p.H}
	if e.Have = engine.Memory; e.Have > 0 && e.Need > e.Have {
		e.Budget = true
		return e
	}
	if e.Have = machineMemory(); e.Have > 0 && e.Need > e.Have {
		return e
	}
	return nil
}
