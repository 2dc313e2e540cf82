//go:build cuda

package cuda

import (
	"cmp"
	"context"
	"slices"

	"oneiro/autodiff"
)

// Profile implements autodiff.Profiler, by an event of the GPU's after each launch.
func (p *program) Profile(ctx context.Context) (times []autodiff.StepTime, err error) {
	if p.failed != nil {
		return nil, p.failed
	}
	err = p.dev.do(func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		seconds, err := p.clock()
		if err == nil {
			times = p.byOperation(seconds)
		}
		return err
	})
	return times, err
}

// clock runs the launches and returns the seconds that each took.
func (p *program) clock() ([]float64, error) {
	d := p.dev.driver
	var events []event
	defer func() {
		for _, e := range events {
			d.destroy(e)
		}
	}()
	for range len(p.list.items) + 1 {
		e, err := d.event()
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	for i, e := range events {
		if i > 0 {
			if err := d.run(p.list, i-1, i); err != nil {
				return nil, err
			}
		}
		if err := d.record(e); err != nil {
			return nil, err
		}
	}
	seconds := make([]float64, len(p.list.items))
	for i := range seconds {
		var err error
		if seconds[i], err = d.elapsed(events[i], events[i+1]); err != nil {
			return nil, err
		}
	}
	return seconds, nil
}

// byOperation adds the seconds of launches up.
func (p *program) byOperation(seconds []float64) []autodiff.StepTime {
	var all []autodiff.StepTime
	at := 0
	for i, end := range p.ends {
		if at == end { // a view
			continue
		}
		s := &p.plan.Steps[i]
		k := slices.IndexFunc(all, func(t autodiff.StepTime) bool { return t.Op == s.Op.Name })
		if k < 0 {
			k, all = len(all), append(all, autodiff.StepTime{Op: s.Op.Name})
		}
		t := &all[k]
		t.Steps++
		t.FLOPs += s.FLOPs
		for ; at < end; at++ {
			t.Seconds += seconds[at]
			addKernel(t, p.list.names[at], seconds[at])
		}
	}
	slices.SortStableFunc(all, func(a, b autodiff.StepTime) int { return cmp.Compare(b.Seconds, a.Seconds) })
	return all
}

func addKernel(t *autodiff.StepTime, kernel string, seconds float64) {
	i := slices.IndexFunc(t.Kernels, func(k autodiff.KernelTime) bool { return k.Kernel == kernel })
	if i < 0 {
		i, t.Kernels = len(t.Kernels), append(t.Kernels, autodiff.KernelTime{Kernel: kernel})
	}
	t.Kernels[i].Launches++
	t.Kernels[i].Seconds += seconds
}
