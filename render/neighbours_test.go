package render

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	near "oneiro/internal/neighbours"
	"oneiro/internal/option"
	"oneiro/nn"
	"oneiro/zoo"
)

// tinyNeighbours is tinyStyle by neighbours.
func tinyNeighbours() styleTrial {
	o := styleTrial{DefaultNNST(nn.Builtin()), tinyStyle().trial}
	o.Content, o.Styles = landscape(96, 72, 1), []*Picture{painting(80, 64, 1)}
	o.Size, o.Scales, o.Iterations = 64, 2, 6
	return o
}

// foundBy returns a stage of a run whose neighbours were found, and the engine. start is what the stage begins
// from.
func foundBy(t *testing.T, o styleTrial, stage int, start []float32) (*problem, *matching, *Engine) {
	t.Helper()
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	e := testEngine(t)
	if err := job.Read(e); err != nil {
		t.Fatal(err)
	}
	p := job.take(stage)
	m := p.terms.matcher.(*matching)
	m.begin(e, start, nil)
	if err := p.terms.fill(context.Background(), e.Device); err != nil {
		t.Fatal(err)
	}
	return p, m, e
}

// TestNeighbours compares the neighbours of real features with those that are found by definition, in float64,
// and the loss with its definition.
func TestNeighbours(t *testing.T) {
	o := tinyNeighbours()
	o.Styles = append(o.Styles, painting(50, 70, 5))
	p, m, e := foundBy(t, o, 0, nil)
	ctx := context.Background()
	run := func(f *forward) near.Matrix {
		f.into = nil
		values, err := f.run(ctx, e.Device, nil)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	hyper := func(x near.Matrix) [][]float64 { // vectors with each layer divided by its channels
		rows := make([][]float64, len(x[0])/m.widths[0])
		for r := range rows {
			for k, c := range m.widths {
				for _, v := range x[k][r*c:][:c] {
					rows[r] = append(rows[r], float64(v)/float64(c))
				}
			}
		}
		return rows
	}
	centred := func(rows [][]float64) [][]float64 {
		out := make([][]float64, len(rows))
		for r := range rows {
			out[r] = slices.Clone(rows[r])
		}
		for c := range rows[0] {
			var mean float64
			for _, row := range rows {
				mean += row[c] / float64(len(rows))
			}
			for _, row := range out {
				row[c] -= mean
			}
		}
		return out
	}
	cosine := func(a, b []float64) float64 {
		var ab, aa, bb float64
		for i := range a {
			ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
		}
		return ab / math.Sqrt(aa*bb)
	}
	queries := hyper(run(m.query))
	var bank [][]float64
	for _, b := range m.banks() {
		b.forward.pixels = b.pixels
		bank = append(bank, hyper(run(b.forward))...)
	}
	if len(m.banks()) != 8 || len(queries) != 8*6 {
		t.Errorf("%d turned styles, %d hypercolumns", len(m.banks()), len(queries))
	}
	q, b := centred(queries), centred(bank)
	var loss float64
	for i := range queries {
		best, at := math.Inf(-1), 0
		for j := range b {
			if v := cosine(q[i], b[j]); v > best {
				best, at = v, j
			}
		}
		if got := int(m.nearest[i]); got != at {
			t.Errorf("the neighbour of %d is %d, not %d", i, got, at)
		}
		loss += (1 - cosine(queries[i], bank[at])) / float64(len(queries))
	}
	if err := p.load(ctx, e.Device, nil); err != nil {
		t.Fatal(err)
	}
	defer p.close()
	// The search picture of the first stage is the content, which the stage starts from.
	_, err := p.total(ctx, m.search())
	if got := p.values()[0]; !(math.Abs(got.Value-loss) <= 1e-5*loss) || got.Name != "neighbours" || err != nil {
		t.Errorf("the loss is %v, want %g (%v)", got, loss, err)
	}
}

// TestSearchPicture checks what neighbours are looked for with: a mean of the content and the result, which has
// the finest detail of the content.
func TestSearchPicture(t *testing.T) {
	o := tinyNeighbours()
	o.ContentShare = 0.25
	size := Size{64, 48}
	start := make([]float32, 3*size.W*size.H)
	for i := range start {
		start[i] = 0.5
	}
	_, m, _ := foundBy(t, o, 1, start)
	m.start = start
	content := resampled(o.Content, size, nn.UnitRange)
	fine := fineBand(content, size)
	for i, v := range m.search() {
		if want := 0.25*content[i] + 0.75*(0.5+fine[i]); !(math.Abs(float64(v-want)) <= 1e-6) {
			t.Fatalf("value %d is %g, want %g", i, v, want)
		}
	}
}

// TestClearStyles checks that nobody's neighbour is where a style picture is clear, however it is turned.
func TestClearStyles(t *testing.T) {
	o := tinyNeighbours()
	style := painting(80, 64, 1)
	style.Alpha = make([]float32, 80*64)
	for i := range style.Alpha {
		if i%80 >= 40 {
			style.Alpha[i] = 1
		}
	}
	o.Styles, o.Size = []*Picture{style}, 100
	_, m, _ := foundBy(t, o, 0, nil)
	checked := 0
	side := func(quarter, y, x, h, w int) int { // how far to the right a place was before the turn, of 100
		return []int{100 * x / w, 100 * y / h, 100 * (w - 1 - x) / w, 100 * (h - 1 - y) / h}[quarter]
	}
	for _, j := range m.nearest {
		for quarter, b := range m.banks() {
			if s := b.outputs[0].Shape; int(j) >= b.rows {
				j -= float32(b.rows)
			} else if checked++; side(quarter, int(j)/s.W, int(j)%s.W, s.H, s.W) < 45 {
				t.Fatalf("turned by %d quarters, place %v of %v is a neighbour", quarter, j, s)
			} else {
				break
			}
		}
	}
	if checked != m.positions() {
		t.Errorf("%d neighbours, want %d", checked, m.positions())
	}
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	detail := newDetail(&o.StyleOptions, job.stage(len(job.sizes)-1))
	for quarter, b := range banksOf(detail.pools) {
		for i, l := range detail.layers {
			s := b.outputs[i].Shape
			for p, use := range detail.uses(b, i) {
				at := side(quarter, p/s.W, p%s.W, s.H, s.W)
				if use && at < 40 || !use && at > 60 {
					t.Fatalf("turned by %d quarters, place %d of %s counts: %v", quarter, p, l.name, use)
				}
			}
		}
	}
	clear(style.Alpha)
	if _, err := o.run(context.Background()); err == nil || !strings.Contains(err.Error(), "all transparent") {
		t.Errorf("a clear style gives %v", err)
	}
}

func TestTurn(t *testing.T) {
	of := func(numbers ...float32) (picture []float32) { // a pixel for each
		for _, n := range numbers {
			picture = append(picture, n, n, n)
		}
		return picture
	}
	for quarters, want := range [][]float32{
		of(1, 2, 3, 4, 5, 6), of(4, 1, 5, 2, 6, 3), of(6, 5, 4, 3, 2, 1), of(3, 6, 2, 5, 1, 4),
	} {
		if got := turn(of(1, 2, 3, 4, 5, 6), Size{3, 2}, 3, quarters); !slices.Equal(got, want) {
			t.Errorf("turned by %d quarters: %v, want %v", quarters, got, want)
		}
	}
}

// TestNeighboursRun checks that the loss falls in every stage, that the bits do not depend on threads and
// memory, and that the plan names what is refused.
func TestNeighboursRun(t *testing.T) {
	o := tinyNeighbours()
	o.Content = landscape(100, 80, 1)
	o.Size, o.Scales, o.Iterations = 100, 0, 4 // sampled in the detail pass
	losses := map[int][]float64{}
	o.On = func(e Event) {
		if e.Kind == EventStep {
			losses[e.Size] = append(losses[e.Size], e.Loss)
		}
	}
	r := mustStyle(t, o)
	if len(losses) != 2 || r.Steps != 8 || r.Picture.W != 100 || len(r.Pictures) != 1 {
		t.Errorf("%d stages, %d steps, %d pictures", len(losses), r.Steps, len(r.Pictures))
	}
	for stage, l := range losses {
		if !(l[3] < l[0]) {
			t.Errorf("stage %d: losses %v", stage, l)
		}
	}
	o.On = nil
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range job.Plans(testEngine(t)) { // whose searches are more work than the graphs
		var work, graphs float64
		for k, f := range job.problems[i].terms.forwards() {
			work, graphs = work+p.targets[k].flops, graphs+f.plan.FLOPs()
		}
		if !(work > 2*graphs) {
			t.Errorf("stage %d: %g operations for targets, the graphs have %g", i, work, graphs)
		}
	}
	for _, threads := range []int{1, 3} {
		e, err := NewEngine(EngineOptions{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		o.Engine = e
		e.Memory = 1
		_, err = o.run(context.Background())
		refused, ok := errors.AsType[*MemoryError](err)
		if !ok {
			t.Fatalf("a byte of memory gives %v", err)
		}
		e.Memory = refused.Need
		if !slices.Equal(mustStyle(t, o).Picture.Pix, r.Picture.Pix) {
			t.Errorf("%d threads and %d bytes give another picture", threads, e.Memory)
		}
		e.Close()
	}
}

// TestTilesOfNeighbours compares both passes on tiles with the same at once.
func TestTilesOfNeighbours(t *testing.T) {
	o := tinyNeighbours()
	o.Content, o.Styles = landscape(500, 67, 1), []*Picture{painting(90, 80, 1)}
	o.Size, o.Scales, o.StyleScale, o.DetailPass = 500, 1, []float64{0.15}, false
	o.StyleLayers = []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}
	spec := Style(o.StyleOptions)
	spec.Canvas, spec.Schedule = pixels{}, spec.Schedule.(onPyramid).Schedule
	compareTiles(t, spec, o.trial, 96)

	o.DetailPass = true
	spec = Style(o.StyleOptions)
	spec.Canvas, spec.Schedule = pixels{}, onlyLast{spec.Schedule.(onPyramid).Schedule.(*neighbourSchedule)}
	compareTiles(t, spec, o.trial, 96)
}

// onlyLast leaves out all stages but the detail pass.
type onlyLast struct{ *neighbourSchedule }

func (s onlyLast) Sizes(fits func(Size) bool) []Size {
	sizes := s.neighbourSchedule.Sizes(fits)
	s.stages = 1
	return sizes[len(sizes)-1:]
}

func TestNeighbourOptions(t *testing.T) {
	net := nn.Builtin()
	o, err := StyleFrom(net, option.Values{"method": "nnst", "style-rotations": "1", "content-share": "0.5"}, numbered)
	if err != nil || o.StyleRotations != Unturned || len(o.StyleRotations.quarters()) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	want := strings.Fields("relu1_1 relu1_2 relu2_1 relu2_2 relu3_1 relu3_2 relu3_3 relu4_1 relu4_2 relu4_3")
	if !slices.Equal(o.StyleLayers, want) {
		t.Errorf("the layers are %v", o.StyleLayers)
	}
	recipe := StyleRecipe(net, o)
	if len(recipe.Options) != 3 {
		t.Errorf("the recipe has %v", recipe.Options)
	}
	if back, err := recipe.Style(net, numbered); err != nil || back.Method != NNST || back.ContentShare != 0.5 ||
		back.Optimizer != Adam || back.StyleRotations != Unturned {
		t.Errorf("the recipe gives %+v, %v", back, err)
	}
	for values, wrong := range map[string]string{
		"method=nnst ssim-weight=3":          "ssim-weight",
		"method=nnst optimizer=lbfgs":        "optimizer",
		"method=nnst tv-weight=1":            "tv-weight",
		"method=nnst style-turn=30":          "style-turn",
		"method=nnst style-blend=1,2":        "style-blend",
		"content-share=0.5":                  "content-share",
		"detail-pass=false":                  "detail-pass",
		"method=nnst style-layers=":          "style-layers",
		"method=nnst style-layers=relu9_1":   "style-layers",
		"method=nnst content-share=2":        "content-share",
		"method=nnst compat=neural-style-pt": "compat",
	} {
		v := option.Values{}
		for _, f := range strings.Fields(values) {
			name, value, _ := strings.Cut(f, "=")
			v[name] = value
		}
		o, err := StyleFrom(net, v, numbered)
		if err == nil {
			o.Content, o.Styles = landscape(96, 72, 1), []*Picture{painting(80, 64, 1)}
			_, err = New(Style(o), net, zoo.BuiltinParams())
		}
		if e, ok := errors.AsType[*OptionError](err); !ok || e.Mistakes[0].Option != wrong {
			t.Errorf("%s gives %v", values, err)
		}
	}
}
