package flow

import (
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/parallel"
)

// The flow of a scene has to be near the truth where both pictures show the same.
func TestEstimate(t *testing.T) {
	pool := parallel.New(0)
	defer pool.Close()
	for _, s := range scenes {
		p := s.draw(320, 240, testTextures())
		// Shifts are of up to 20 pixels; what turns or grows by 3 % moves by up to 6.
		limits := map[string]float64{"ultrafast": 1, "fast": 0.6, "medium": 0.3}
		for _, preset := range Presets {
			there, back := p.estimate(preset, pool)
			for way, d := range map[string]float64{
				"there": endpoint(there, p.forward, p.hidden), "back": endpoint(back, p.backward, p.uncovers),
			} {
				if !(d < limits[preset.Name]) {
					t.Errorf("%s, %s, %s: the flow is %.3f pixels from the truth", s.name, preset.Name, way, d)
				}
			}
		}
	}
}

// Pixels that the other picture does not show have to be found: F1, the harmonic mean of precision and recall,
// above 0.8.
func TestOcclusionOfScenes(t *testing.T) {
	pool := parallel.New(0)
	defer pool.Close()
	test := func(w, h int, textures []texture) {
		for _, s := range scenes {
			if s.name != "occluder" && s.name != "lit occluder" && s.name != "both move" {
				continue
			}
			p := s.draw(w, h, textures)
			preset, _ := PresetOf(DefaultPreset)
			there, back := p.estimate(preset, pool)
			ratio := make([]float32, w*h)
			Occlusion(ratio, there, back, pool)
			if f := f1(ratio, p.hidden); !(f > 0.8) {
				t.Errorf("%s, %dx%d: F1 of what is hidden is %.3f", s.name, w, h, f)
			}
			Occlusion(ratio, back, there, pool)
			if f := f1(ratio, p.uncovers); !(f > 0.8) {
				t.Errorf("%s, %dx%d: F1 of what comes to light is %.3f", s.name, w, h, f)
			}
		}
	}
	test(320, 240, testTextures())
	if !testing.Short() {
		test(960, 540, filmTextures())
	}
}

func f1(ratio []float32, hidden []bool) float64 {
	both, either := 0, 0
	for i := range hidden {
		if hidden[i] {
			either++
		}
		if ratio[i] >= 1 {
			either++
		}
		if hidden[i] && ratio[i] >= 1 {
			both++
		}
	}
	return 2 * float64(both) / float64(either)
}

// A flow and all that is made of it have the same bits on any number of threads.
func TestThreads(t *testing.T) {
	const w, h = 301, 211
	s := scenes[slices.IndexFunc(scenes, func(s scene) bool { return s.name == "both move" })]
	p := s.draw(w, h, testTextures())
	for _, preset := range Presets {
		var want []float32
		for _, threads := range []int{1, 2, 3} {
			pool := parallel.New(threads)
			there, back := p.estimate(preset, pool)
			reliability, warped := make([]float32, w*h), make([]float32, w*h)
			Reliability(reliability, there, back, pool)
			Warp(warped, p.b, 1, there, pool)
			pool.Close()
			got := slices.Concat(there.U, there.V, back.U, back.V, reliability, warped)
			if want == nil {
				want = got
			}
			for i := range got {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%s: element %d is %g on one thread and %g on %d", preset.Name, i, want[i], got[i], threads)
				}
			}
		}
	}
}

// Pictures of any size have a flow of numbers, whatever is in them, and those of one colour do not move.
func TestSizes(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	sizes := [][2]int{{1, 1}, {1, 2}, {3, 1}, {1, 70}, {90, 1}, {2, 2}, {5, 7}, {8, 8}, {9, 17}, {31, 33}, {67, 13}, {130, 129}}
	for _, size := range sizes {
		w, h := size[0], size[1]
		fill := func(value func(i int) float32) []float32 {
			luma := make([]float32, w*h)
			for i := range luma {
				luma[i] = value(i)
			}
			return luma
		}
		noise := func(seed int) []float32 {
			return fill(func(i int) float32 { return float32((i+seed)*7919%251) / 250 })
		}
		flat := func(v float32) []float32 { return fill(func(int) float32 { return v }) }
		strange := fill(func(i int) float32 {
			return []float32{float32(math.NaN()), float32(math.Inf(1)), -1e30, 0.5, float32(math.Inf(-1))}[i%5]
		})
		for _, preset := range Presets {
			for name, luma := range map[string][2][]float32{
				"flat": {flat(0.3), flat(0.3)}, "black": {flat(0), flat(0)}, "brighter": {flat(0.2), flat(0.9)},
				"noise": {noise(0), noise(5)}, "same": {noise(3), noise(3)},
				"to flat": {noise(1), flat(1)}, "from flat": {flat(1), noise(1)}, "strange": {strange, noise(2)},
			} {
				p := &pair{w: w, h: h, a: luma[0], b: luma[1]}
				there, back := p.estimate(preset, pool)
				reliability := make([]float32, w*h)
				Reliability(reliability, there, back, pool)
				still := name == "flat" || name == "black" || name == "brighter" || name == "same"
				for i := range there.U {
					u, v := float64(there.U[i]), float64(there.V[i])
					if !there.Known(i) || math.Hypot(u, v) > float64(4*max(w, h, patch)) {
						t.Fatalf("%dx%d, %s, %s: pixel %d moves by %g, %g", w, h, preset.Name, name, i, u, v)
					}
					if still && !(math.Hypot(u, v) < 1e-3) {
						t.Fatalf("%dx%d, %s, %s: pixel %d moves by %g, %g, and nothing moves", w, h, preset.Name, name, i, u, v)
					}
					if r := reliability[i]; !(r >= 0 && r <= 1) || still && r != 1 {
						t.Fatalf("%dx%d, %s, %s: the reliability of pixel %d is %g", w, h, preset.Name, name, i, r)
					}
				}
			}
		}
	}
}

// An estimator can be used again, also the other way round, and remembers nothing.
func TestEstimatorAgain(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	p := scenes[1].draw(150, 90, testTextures())
	q := scenes[9].draw(150, 90, testTextures())
	preset, _ := PresetOf(DefaultPreset)
	want, _ := q.estimate(preset, pool)
	e := New(p.w, p.h, preset, pool)
	a, b, got := e.NewFrame(), e.NewFrame(), NewField(p.w, p.h)
	e.Set(a, p.b)
	e.Set(b, p.a)
	e.Estimate(got, a, b)
	e.Set(a, q.a)
	e.Set(b, q.b)
	e.Estimate(got, a, b)
	if !slices.Equal(got.U, want.U) || !slices.Equal(got.V, want.V) {
		t.Error("the flow depends on what the estimator did before")
	}
	if n := testing.AllocsPerRun(3, func() { e.Set(b, q.b); e.Estimate(got, a, b) }); n > 1000 {
		t.Errorf("%g allocations for %d pixels", n, p.w*p.h)
	}
}

// Sizes that do not match are a caller's bug.
func TestMismatch(t *testing.T) {
	pool := parallel.New(1)
	defer pool.Close()
	e := New(20, 10, Presets[0], pool)
	f := e.NewFrame()
	e.Set(f, make([]float32, 200))
	for name, call := range map[string]func(){
		"New":         func() { New(0, 5, Presets[0], pool) },
		"Set":         func() { e.Set(f, make([]float32, 199)) },
		"Estimate":    func() { e.Estimate(NewField(10, 20), f, f) },
		"Occlusion":   func() { Occlusion(make([]float32, 200), NewField(20, 10), NewField(10, 20), pool) },
		"Warp":        func() { Warp(make([]float32, 200), make([]float32, 600), 1, NewField(20, 10), pool) },
		"WarpError":   func() { WarpError(make([]float32, 600), make([]float32, 600), NewField(20, 10), make([]float32, 199)) },
		"ChangeOf":    func() { ChangeOf(make([]float32, 200), make([]float32, 100), 20, 10, make([]float32, 200)) },
		"Reliability": func() { Reliability(make([]float32, 200), NewField(10, 20), NewField(20, 10), pool) },
	} {
		func() {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "flow: ") {
					t.Errorf("%s does not refuse: %q", name, text)
				}
			}()
			call()
		}()
	}
}

func TestLevels(t *testing.T) {
	preset, _ := PresetOf("medium")
	for _, c := range [][4]int{ // width, height, finest and coarsest level
		{960, 540, 1, 5}, {540, 960, 1, 5}, {320, 240, 1, 3}, {64, 64, 1, 1}, {63, 15, 0, 0}, {16, 100, 1, 1}, {1, 1, 0, 0},
		{4000, 8, 0, 0},
	} {
		if f, l := preset.levels(c[0], c[1]); f != c[2] || l != c[3] {
			t.Errorf("%dx%d: levels %d to %d, want %d to %d", c[0], c[1], f, l, c[2], c[3])
		}
	}
}
