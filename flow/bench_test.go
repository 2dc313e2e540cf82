package flow

import (
	"testing"

	"oneiro/internal/parallel"
)

// BenchmarkEstimate finds the flow from one picture of a film to the next, pyramid included.
func BenchmarkEstimate(b *testing.B) {
	const w, h = 960, 540
	pool := parallel.New(0)
	defer pool.Close()
	for _, preset := range Presets {
		b.Run(preset.Name, func(b *testing.B) {
			for _, s := range scenes {
				if s.name != "both move" {
					continue
				}
				p := s.draw(w, h, filmTextures())
				e := New(w, h, preset, pool)
				f, from, to := NewField(w, h), e.NewFrame(), e.NewFrame()
				e.Set(from, p.a)
				for b.Loop() {
					e.Set(to, p.b)
					e.Estimate(f, from, to)
				}
			}
		})
	}
}
