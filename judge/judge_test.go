package judge_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	_ "oneiro/autodiff/cpu" // the device
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/judge"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/zoo"
)

// bench is a judge with a pair of pictures.
type bench struct {
	t              *testing.T
	engine         *render.Engine
	judge          *judge.Judge
	content, style *imageio.Image
	reference      *judge.Reference
}

func newBench(t *testing.T) *bench {
	t.Helper()
	engine, err := render.NewEngine(render.EngineOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	j, err := judge.New(nn.Builtin(), zoo.BuiltinParams(), engine.Device)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, engine: engine, judge: j, content: sample.Landscape(128, 96, 1), style: sample.Painting(128, 96, 1)}
	b.reference, err = j.Reference(context.Background(), 128, 96, judge.Pictures{
		Content: b.content, Styles: []judge.Style{{Picture: b.style, Weight: 1, Scale: 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) score(im *imageio.Image) judge.Score {
	b.t.Helper()
	s, err := b.reference.Score(context.Background(), im)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

// paint returns a result at a style weight.
func (b *bench) paint(weight float64) *imageio.Image {
	b.t.Helper()
	o := render.DefaultStyle(nn.Builtin())
	o.Size, o.Iterations, o.Scales, o.StyleWeight = 128, 15, 1, weight
	o.Content, o.Styles = b.content, []*render.Picture{b.style}
	job, err := render.New(render.Style(o), nn.Builtin(), zoo.BuiltinParams())
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := job.Run(context.Background(), b.engine, render.Events{})
	if err != nil {
		b.t.Fatal(err)
	}
	return res.Picture
}

// changed returns a copy of a picture, of which every value is what to returns.
func changed(im *imageio.Image, to func(x, y, k int, v float32) float32) *imageio.Image {
	out := imageio.New(im.W, im.H)
	for i, v := range im.Pix {
		out.Pix[i] = min(max(to(i/3%im.W, i/3/im.W, i%3, v), 0), 1)
	}
	return out
}

// TestJudgeRanks makes a result worse in one way after the other: the number that is for it has to see it.
func TestJudgeRanks(t *testing.T) {
	b := newBench(t)
	plain, result := b.paint(0), b.paint(100)
	good, none := b.score(result), b.score(plain)
	worse := func(what, number string, bad judge.Score, by float64) {
		t.Helper()
		for _, n := range judge.Numbers {
			if n.Name != number {
				continue
			}
			is, was := *n.Of(&bad), *n.Of(&good)
			if n.Better == judge.Higher {
				is, was = -is, -was
			}
			if !(is >= was+by) {
				t.Errorf("%s: %s is %v, and was %v", what, number, *n.Of(&bad), *n.Of(&good))
			}
		}
	}
	worse("without the style", "style", none, 0.03)
	worse("without the style", "palette", none, 0.002)
	if !(none.Content < good.Content && none.Edges > good.Edges) {
		t.Errorf("more of the content is left with the style: %+v, %+v", good, none)
	}
	random := rand.New(rand.NewPCG(1, 0))
	noisy := b.score(changed(result, func(_, _, _ int, v float32) float32 {
		return v + 0.05*float32(random.NormFloat64())
	}))
	worse("with noise", "dots", noisy, 1)
	for _, stride := range []int{2, 4, 8} {
		grid := b.score(changed(result, func(x, y, _ int, v float32) float32 {
			if x%stride == 0 && y%stride == 0 {
				v += 0.15
			}
			return v
		}))
		worse("with a grid", "grain", grid, 3)
	}
	checker := b.score(changed(result, func(x, y, _ int, v float32) float32 { return v + 0.04*float32(1-2*((x+y)%2)) }))
	worse("as a checkerboard", "grain", checker, 5)
	for _, width := range []int{2, 5} {
		framed := b.score(changed(result, func(x, y, _ int, v float32) float32 {
			if min(x, y, result.W-1-x, result.H-1-y) < width {
				v = 0.5*v + 0.25
			}
			return v
		}))
		worse("with a frame", "border", framed, 1)
	}
	bar := b.score(changed(result, func(x, _, k int, v float32) float32 {
		if x >= result.W-4 {
			return []float32{0.7, 0.1, 0.1}[k]
		}
		return v
	}))
	worse("with a red bar", "border", bar, 2)
	const side = 16
	order := random.Perm(128 / side * 96 / side)
	shuffled := b.score(changed(result, func(x, y, k int, _ float32) float32 {
		from := order[y/side*(128/side)+x/side]
		return result.Pix[3*((from/(128/side)*side+y%side)*128+from%(128/side)*side+x%side)+k]
	}))
	worse("shuffled", "content", shuffled, 0.3)
	worse("shuffled", "edges", shuffled, 0.2)
	for i := range result.Pix {
		if result.Pix[i] < 0 || result.Pix[i] > 1 {
			t.Fatal("a value lies outside 0..1")
		}
	}
}

// TestJudgeKnowsItself judges the pictures that a result is made of.
func TestJudgeKnowsItself(t *testing.T) {
	b := newBench(t)
	content, style := b.score(b.content), b.score(b.style)
	if !(content.Content <= 1e-6 && content.Edges >= 1-1e-9 && content.Content >= -1e-9) {
		t.Errorf("the content is %+v", content)
	}
	if !(style.Style <= 2e-3 && style.Palette <= 1e-9) {
		t.Errorf("the style is %+v", style)
	}
	if d := content.Distance(b.reference.Untouched()); !(math.Abs(d-1) <= 1e-6) {
		t.Errorf("the content has the distance %v", d)
	}
}

// TestJudgeWithout leaves content or style out: numbers that need them are missing.
func TestJudgeWithout(t *testing.T) {
	b := newBench(t)
	for _, c := range []struct {
		made judge.Pictures
		want int
	}{
		{judge.Pictures{Content: b.content}, 5},
		{judge.Pictures{Styles: []judge.Style{{Picture: b.style, Weight: 1, Scale: 2}}}, 5},
		{judge.Pictures{}, 3},
	} {
		r, err := b.judge.Reference(context.Background(), 128, 96, c.made)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Score(context.Background(), b.content)
		if err != nil || len(s.Values()) != c.want {
			t.Errorf("%d numbers, want %d: %v, %v", len(s.Values()), c.want, s.Values(), err)
		}
	}
}
