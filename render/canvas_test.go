package render

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/nn"
	"oneiro/zoo"
)

// onEvery calls do with a style transfer on each canvas, of few pixels.
func onEvery(t *testing.T, do func(t *testing.T, o styleTrial)) {
	for _, name := range append([]CanvasName{CanvasLiteral}, canvasNames()...) {
		o := tinyStyle()
		o.Canvas, o.Size, o.Scales, o.Iterations, o.WarmUp, o.StyleWeight = name, 40, 1, 30, 15, 100
		switch {
		case !name.kind().Weights:
			o.WarmUp = defaultCanvas.WarmUp
		case name == CanvasLiteral:
			o.Size, o.WarmUp, o.Iterations = 24, 50, 60
		}
		if name == CanvasPyramid {
			o.LevelRates = []float64{1, 2}
		}
		t.Run(string(name), func(t *testing.T) { do(t, o) })
	}
}

// TestCanvasGradients checks that the gradient of each canvas is the slope of its picture, in random
// directions.
func TestCanvasGradients(t *testing.T) {
	engine, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	onEvery(t, func(t *testing.T, o styleTrial) {
		job, err := New(Style(o.StyleOptions), nn.Builtin(), zoo.BuiltinParams())
		if err != nil {
			t.Fatal(err)
		}
		job.Plans(engine)
		if err := job.Read(engine); err != nil {
			t.Fatal(err)
		}
		r := newRun(context.Background(), job, engine, Events{})
		s := job.stage(0)
		p := job.take(0)
		x := job.spec.Schedule.Start(s, nil, Size{}, r.random)
		if len(x) != job.spec.Canvas.Len(s) {
			t.Errorf("%d numbers, not %d", len(x), job.spec.Canvas.Len(s))
		}
		r.begin(s, x, 0)
		if err := r.openMaps(p); err != nil {
			t.Fatal(err)
		}
		defer r.closeMaps()
		random := rand.New(rand.NewPCG(1, 2))
		target := make([]float32, s.Size.values())
		gaussian(random, target, 1)
		value := func(x []float32) (sum float64) { // Σ target·picture
			for i, v := range r.pixels(x) {
				sum += float64(target[i]) * float64(v)
			}
			return sum
		}
		dx := make([]float32, len(x))
		if len(r.maps) == 0 {
			copy(dx, target)
		} else {
			c := newChain(r.maps, func(x, dPixels []float32) (float64, error) {
				copy(dPixels, target)
				return 0, nil
			})
			if _, err := c.step(x, dx); err != nil {
				t.Fatal(err)
			}
		}
		length := func(v []float32) float64 {
			var sum float64
			for _, d := range v {
				sum += float64(d) * float64(d)
			}
			return math.Sqrt(sum)
		}
		for range 3 {
			direction := make([]float32, len(x)) // half of it along the gradient
			gaussian(random, direction, 1)
			along, across := 1/length(dx), 1/length(direction)
			for i, d := range dx {
				direction[i] = float32(across*float64(direction[i]) + along*float64(d))
			}
			var want float64
			for i, d := range direction {
				want += float64(d) * float64(dx[i])
			}
			const step = 2e-4
			moved := func(by float32) []float32 {
				y := slices.Clone(x)
				for i, d := range direction {
					y[i] += by * d
				}
				return y
			}
			got := (value(moved(step)) - value(moved(-step))) / (2 * step)
			if !(math.Abs(got-want) <= 5e-3*math.Abs(want)) {
				t.Errorf("the slope is %g, by the gradient %g", got, want)
			}
		}
	})
}

// TestCanvases checks that the loss falls to a tenth on every canvas, that a canvas of weights learns the
// photograph first, and that the bits do not depend on threads.
func TestCanvases(t *testing.T) {
	onEvery(t, func(t *testing.T, o styleTrial) {
		learns := o.Canvas.kind().Weights
		var first, learnt float64
		o.On = func(e Event) {
			switch {
			case e.Kind == EventLearnt:
				learnt = e.PSNR
			case e.Kind == EventStep && first == 0 && learns == (learnt > 0):
				first = e.Loss
			}
		}
		want := mustStyle(t, o)
		if !(want.Loss <= first/10) {
			t.Errorf("the loss has only fallen from %g to %g", first, want.Loss)
		}
		if learns && !(learnt >= 18) {
			t.Errorf("it has learnt the photograph to %g dB only", learnt)
		}
		o.On, o.Iterations = nil, 3
		if learns {
			o.WarmUp = 3
		}
		want = mustStyle(t, o)
		e, err := NewEngine(EngineOptions{Threads: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		o.Engine = e
		if got := mustStyle(t, o); !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
			t.Error("3 threads give other bits")
		}
	})
}

// TestDreamCanvases checks that what a dream amplifies rises on every canvas.
func TestDreamCanvases(t *testing.T) {
	for _, k := range Canvases {
		o := tinyDream()
		o.Canvas, o.Size, o.Octaves, o.Iterations, o.Jitter = k.Name, 48, 1, 8, 4
		if k.Weights {
			o.WarmUp = 10
		}
		var losses []float64
		o.On = func(e Event) {
			if e.Kind == EventLearnt {
				losses = nil
			} else if e.Kind == EventStep {
				losses = append(losses, e.Loss)
			}
		}
		r, err := o.run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if first := losses[0]; len(losses) != 8 || !(r.Loss < first-0.1*math.Abs(first)) {
			t.Errorf("%s: from %g to %g in %d steps", k.Name, first, r.Loss, len(losses))
		}
	}
	o := tinyDream()
	o.Canvas, o.Mask, o.Where = CanvasFourier, PictureGiven, discMask(96, 72)
	if err := o.check(nn.Builtin()); err == nil {
		t.Error("a mask on a canvas of frequencies: no error")
	}
}

// TestSavedCanvas checks that a run that starts from a saved canvas starts where the other one ended, and
// that the picture of one of coordinates and colours is the same, larger.
func TestSavedCanvas(t *testing.T) {
	o := tinyStyle()
	o.Canvas, o.Size, o.Scales, o.Iterations, o.WarmUp = CanvasCPPN, 40, 1, 2, 40
	first := mustStyle(t, o)
	o.Init, o.InitCanvas = InitWeights, first.Canvas
	var start float64
	o.On = func(e Event) {
		if e.Kind == EventStep && start == 0 {
			start = e.Loss
		}
	}
	if again := mustStyle(t, o); start != first.Loss || again.Loss >= start {
		t.Errorf("it ended at %g, and from there on it goes from %g to %g", first.Loss, start, again.Loss)
	}
	engine, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	for _, factor := range []int{1, 3} {
		size := Size{factor * 40, factor * 30}
		im, err := RenderCanvas(context.Background(), engine, first.Canvas, size)
		if err != nil {
			t.Fatal(err)
		}
		var worst float64
		for y := range 30 {
			for x := range 40 {
				for k := range 3 { // at the middle of each pixel
					got := im.Pix[3*((y*factor+factor/2)*size.W+x*factor+factor/2)+k]
					worst = max(worst, math.Abs(float64(got-first.Picture.Pix[3*(y*40+x)+k])))
				}
			}
		}
		if !(worst <= 1e-3) {
			t.Errorf("%d times as large a value differs by %g", factor, worst)
		}
	}
	wrong := tinyStyle().StyleOptions
	wrong.Canvas, wrong.Init, wrong.InitCanvas = CanvasHead, InitWeights, first.Canvas
	if err := wrong.check(nn.Builtin()); err == nil {
		t.Error("a head that starts from coordinates: no error")
	}
	short := *first.Canvas
	short.Tensors = short.Tensors[1:]
	if _, err := RenderCanvas(context.Background(), engine, &short, Size{8, 8}); err == nil {
		t.Error("a canvas without a tensor: no error")
	}
}

// TestEncodings checks that pictures come back from the canvases that hold them in other numbers.
func TestEncodings(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, size := range []Size{{48, 36}, {37, 51}, {5, 4}} {
		picture := make([]float32, size.values())
		for i := range picture {
			picture[i] = 0.05 + 0.9*random.Float32()
		}
		for name, c := range map[string]encoding{
			"pyramid": pyramid{}, "pyramid with rates": pyramid{[]float64{0.5, 3}}, "fourier": fourier{},
		} {
			x := c.of(size, picture)
			if len(x) != c.Len(Stage{Size: size}) {
				t.Errorf("%s of %v: %d numbers", name, size, len(x))
			}
			for i, v := range c.picture(size, x) {
				if !(math.Abs(float64(v-picture[i])) <= 2e-5) {
					t.Fatalf("%s of %v: %g came back as %g", name, size, picture[i], v)
				}
			}
		}
	}
}

// TestHeadGrid checks that the patches of a head cover every pixel alike, and that a grid of their stride is
// nothing that they can make.
func TestHeadGrid(t *testing.T) {
	for _, stride := range []int{1, 2, 3, 4, 8} {
		for pixels := stride; pixels < 5*stride+3; pixels++ {
			g := newGrid(pixels/stride, stride, pixels)
			if n := g.before + g.positions + g.after; (pixels+g.top+g.bottom-g.patch)/stride+1 != n || g.bottom < 0 {
				t.Fatalf("%d pixels, stride %d: %+v", pixels, stride, g)
			}
			window, sums := g.window(), make([]float64, pixels)
			for k := range g.before + g.positions + g.after {
				for i, v := range window {
					if at := k*stride - g.top + i; at >= 0 && at < pixels {
						sums[at] += v
					}
				}
			}
			for at, sum := range sums {
				if !(math.Abs(sum-1) <= 1e-9) {
					t.Fatalf("%d pixels, stride %d: pixel %d counts %g", pixels, stride, at, sum)
				}
			}
		}
	}
	down, across := newGrid(5, 4, 20), newGrid(7, 2, 14)
	m := evened(down, across)
	patch := make([]float32, 3*down.patch*across.patch)
	gaussian(rand.New(rand.NewPCG(1, 1)), patch, 1)
	sums := make([]float64, 3*down.stride*across.stride) // of what is emitted by all positions alike
	for to := range patch {
		var v float64
		for from, p := range patch {
			v += float64(m.Data[to*len(patch)+from]) * float64(p)
		}
		y, x := to/3/across.patch, to/3%across.patch
		sums[3*(y%down.stride*across.stride+x%across.stride)+to%3] += v
	}
	for i, sum := range sums {
		if !(math.Abs(sum-sums[i%3]) <= 1e-5) {
			t.Errorf("a patch at all positions adds up to %g and %g", sums[i%3], sum)
		}
	}
}

// TestMarks checks that marks are the principal components of a picture: of one that is made of two patches,
// those two.
func TestMarks(t *testing.T) {
	const w, h = 4, 3
	size := Size{40, 30}
	pix := make([]float32, size.values())
	for i := range pix { // stripes: values at columns of even and odd number
		pix[i] = 0.3 + 0.4*float32(i/3%2)
	}
	m := newMarks(pix, size, w, h, 5)
	var lengths []float64
	for _, b := range m.basis {
		var sum float64
		for _, v := range b {
			sum += float64(v) * float64(v)
		}
		lengths = append(lengths, sum)
	}
	amplitude := logit(0.7) // of the stripes around their mean, which is 0
	if want := w * h * 3 * amplitude * amplitude; !(math.Abs(lengths[0]-want) <= 1e-4*want) || lengths[1] > 1e-4 {
		t.Errorf("squares of lengths %v, not %g and 0", lengths, want)
	}
	for i, v := range m.basis[0] {
		if !(math.Abs(math.Abs(float64(v))-amplitude) <= 1e-4) {
			t.Errorf("value %d of the first mark is %g, not ±%g", i, v, amplitude)
		}
	}
}

// TestCanvasMistakes checks what is refused.
func TestCanvasMistakes(t *testing.T) {
	for name, change := range map[string]func(*StyleOptions){
		"a canvas that there is not":       func(o *StyleOptions) { o.Canvas = "vellum" },
		"a layer that there is not":        func(o *StyleOptions) { o.Canvas = "head:relu9_1" },
		"a word after pixels":              func(o *StyleOptions) { o.Canvas = "pyramid:3" },
		"rates without levels":             func(o *StyleOptions) { o.LevelRates = []float64{1} },
		"a literal head that is too large": func(o *StyleOptions) { o.Canvas, o.Size = CanvasLiteral, 200 },
		"sizes of a literal head":          func(o *StyleOptions) { o.Canvas, o.Size, o.Scales = CanvasLiteral, 40, 2 },
		"weights to start pixels from": func(o *StyleOptions) {
			o.Init, o.InitCanvas = InitWeights, &SavedCanvas{}
		},
		"warm-up of pixels": func(o *StyleOptions) { o.WarmUp = 5 },
		"another start":     func(o *StyleOptions) { o.Canvas, o.Init = CanvasHead, InitGray },
		"nnst": func(o *StyleOptions) {
			*o = on(DefaultNNST(nn.Builtin()), *o)
			o.Canvas = CanvasFourier
		},
		"neural-style-pt": func(o *StyleOptions) {
			*o = on(NeuralStylePT(nn.Builtin()), *o)
			o.Canvas = CanvasFourier
		},
	} {
		o := tinyStyle().StyleOptions
		change(&o)
		if err := o.check(nn.Builtin()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// on returns options with the pictures of others.
func on(o, pictures StyleOptions) StyleOptions {
	o.Content, o.Styles = pictures.Content, pictures.Styles
	return o
}
