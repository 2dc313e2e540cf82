package render

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/cpu"
	"oneiro/internal/imageio"
)

// loader is a device that notes what it loads.
type loader struct {
	*cpu.Device
	plans []*autodiff.Plan
	bytes []int64 // of their programs
}

func (l *loader) Load(p *autodiff.Plan, limit int64) (autodiff.Program, error) {
	l.plans = append(l.plans, p)
	l.bytes = append(l.bytes, l.Footprint(p, limit).Total())
	return l.Device.Load(p, limit)
}

// wideStyle returns a style transfer whose paintings are shown with many times the pixels of its canvas.
func wideStyle() styleTrial {
	s := tinyStyle()
	s.Content = landscape(256, 32, 1)
	s.Styles = []*imageio.Image{painting(64, 64, 1), painting(64, 64, 2)}
	s.Size, s.Scales, s.Iterations, s.Optimizer = 256, 1, 1, Descent
	return s
}

// TestTargetsAreInThePlan checks that the peak of a stage covers the programs that compute its targets, that
// these keep to the memory that is allowed, and that less than the least that would do is refused.
func TestTargetsAreInThePlan(t *testing.T) {
	d := &loader{Device: cpu.New(cpu.Options{Threads: 2})}
	e := engineOn(d, d.Kernels(), 2)
	defer e.Close()
	s := wideStyle()
	s.Engine = e
	job, err := New(Style(s.StyleOptions), s.Network, s.Params)
	if err != nil {
		t.Fatal(err)
	}
	p := job.Plans(e)[0]
	want := mustStyle(t, s).Picture.Pix
	beside := p.Canvas + p.Pictures + runtimeBytes
	programs := len(d.bytes) - 1 // of targets; the last is that of the loop
	most := slices.Max(d.bytes[:programs])
	if most <= d.bytes[programs] {
		t.Fatalf("targets take %d bytes, the loop %d", most, d.bytes[programs])
	}
	if p.Peak() < most+beside || p.Peak() <= p.Steps() {
		t.Errorf("the peak is %d bytes, that of the steps %d, and targets take %d", p.Peak(), p.Steps(), most)
	}

	e.Memory = 1
	_, err = s.run(t.Context())
	refused, ok := errors.AsType[*MemoryError](err)
	if !ok {
		t.Fatalf("a byte of memory gives %v", err)
	}
	if refused.Need >= p.Peak() {
		t.Errorf("the least is %d bytes, and %d are taken without a limit", refused.Need, p.Peak())
	}
	e.Memory, d.bytes = refused.Need, nil
	if !slices.Equal(mustStyle(t, s).Picture.Pix, want) {
		t.Error("the least memory gives another picture")
	}
	if least := slices.Max(d.bytes[:programs]); least >= most {
		t.Errorf("with the least memory targets take %d bytes, and %d without a limit", least, most)
	}
	if all := slices.Max(d.bytes) + beside; all > e.Memory {
		t.Errorf("with %d bytes of memory %d are taken", e.Memory, all)
	}
	e.Memory--
	if _, err := s.run(t.Context()); err == nil {
		t.Error("less than the least is taken")
	}
}

// TestTargetsAreCompiledOnce checks that a run loads the plans that were made for it.
func TestTargetsAreCompiledOnce(t *testing.T) {
	d := &loader{Device: cpu.New(cpu.Options{Threads: 2})}
	e := engineOn(d, d.Kernels(), 2)
	defer e.Close()
	s := wideStyle()
	job, err := New(Style(s.StyleOptions), s.Network, s.Params)
	if err != nil {
		t.Fatal(err)
	}
	job.Plans(e)
	var want []*autodiff.Plan
	for _, target := range job.problems[0].terms.targets {
		if f, ok := target.(*forward); ok {
			want = append(want, f.plan)
		}
	}
	want = append(want, job.problems[0].evaluator.(*whole).plan)
	if _, err := job.Run(t.Context(), e, Events{}); err != nil {
		t.Fatal(err)
	}
	if len(want) != 4 || !slices.Equal(d.plans, want) {
		t.Errorf("%d plans were made and %d loaded, or others", len(want), len(d.plans))
	}
	for _, c := range job.plans[0].Plan.Consts {
		if tensor := c.Tensor(); strings.HasPrefix(tensor.Name, "target ") && tensor.Data != nil {
			t.Errorf("%s is kept after the run", tensor.Name)
		}
	}
}

// TestTargetsOnACard checks that targets keep to the memory that is allowed on a GPU, and that less than the
// least that would do is refused.
func TestTargetsOnACard(t *testing.T) {
	e, c := cardEngine(t, 0)
	s := wideStyle()
	s.Engine = e
	want := mustStyle(t, s).Picture.Pix
	d := &loader{Device: c.Device.(*cpu.Device)}
	c.Device = d
	e.Memory = 1
	_, err := s.run(t.Context())
	refused, ok := errors.AsType[*MemoryError](err)
	if !ok || !refused.GPU || len(d.bytes) > 0 {
		t.Fatalf("a byte of memory gives %v, and %d programs are loaded", err, len(d.bytes))
	}
	e.Memory = refused.Need
	if !slices.Equal(mustStyle(t, s).Picture.Pix, want) {
		t.Error("the least memory gives another picture")
	}
	if most := slices.Max(d.bytes); most > e.Memory {
		t.Errorf("with %d bytes of memory %d are taken", e.Memory, most)
	}
	e.Memory--
	if _, err := s.run(t.Context()); err == nil {
		t.Error("less than the least is taken")
	}
}
