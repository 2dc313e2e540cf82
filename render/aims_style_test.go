package render

import (
	"math"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/loss"
)

// aimingStyle returns a style transfer with objectives.
func aimingStyle(t *testing.T, text string) styleTrial {
	t.Helper()
	o := tinyStyle()
	o.Objectives = aimingDream(t, text).Objectives
	return o
}

// TestAimsBesideStyle paints with each objective, and with next to none of it: the picture has to show more of
// it, or less with a negative weight, and the style has to be in the picture all the same.
func TestAimsBesideStyle(t *testing.T) {
	term := func(r *Result, of string) float64 {
		i := slices.IndexFunc(r.Report, func(t loss.TermReport) bool { return strings.HasPrefix(t.Name, of) })
		if i < 0 {
			t.Fatalf("no term %s in %v", of, r.Report)
		}
		return r.Report[i].Value
	}
	var plain *Result
	for _, text := range []string{
		"l2=relu3_1", "mean=relu5_1", "channel=3:layer=relu3_1", "neuron=5:layer=relu3_1:weight=0.1", "class=5", "guide=a.png", "guide=a.png:match=cosine", "direction=a.png:from=b.png", "caricature",
	} {
		run := func(weight float64) *Result {
			o := aimingStyle(t, text)
			o.Objectives[0].Weight, o.Iterations, o.Scales, o.Size = weight*o.Objectives[0].weight(), 12, 1, 48
			return mustStyle(t, o)
		}
		none, more, less := run(1e-9), run(1), run(-1)
		name := none.Report[len(none.Report)-1].Name
		if !(term(more, name) > term(none, name)) || !(term(less, name) < term(none, name)) {
			t.Errorf("%s: %v with it, %v with a negative weight, %v without", text, term(more, name), term(less, name),
				term(none, name))
		}
		if plain == nil {
			o := tinyStyle()
			o.Iterations, o.Scales, o.Size = 1, 1, 48 // which is the photograph
			plain = mustStyle(t, o)
		}
		if styled, photo := term(more, "style/relu3_1"), term(plain, "style/relu3_1"); !(styled < photo) {
			t.Errorf("%s: the style is %v away, the photograph %v", text, styled, photo)
		}
	}
}

// TestUnitsOfClasses checks that a class is in units of the photograph's logits: with a classifier whose logits
// are ten times as large the gradient is the same.
func TestUnitsOfClasses(t *testing.T) {
	o := aimingStyle(t, "class=5")
	o.ContentWeight, o.StyleWeight, o.TVWeight, o.Scales = 0, 0, 0, 1
	want := evaluateOn(t, TileOff, Style(o.StyleOptions), o.Network, o.Params, 0)
	got := evaluateOn(t, TileOff, Style(o.StyleOptions), o.Network, tenfold{o.Params, o.Network.Head}, 0)
	var square, apart float64
	for i, v := range want.grad {
		square += float64(v) * float64(v)
		apart += math.Pow(float64(v-got.grad[i]), 2)
	}
	if !(square > 0) || !(apart <= 1e-8*square) {
		t.Errorf("gradients of the squared length %v are %v apart", square, apart)
	}
}

// tenfold are parameters of which those of a layer are ten times as large.
type tenfold struct {
	params interface {
		Tensor(name string, shape ...int) ([]float32, error)
	}
	layer string
}

func (p tenfold) Tensor(name string, shape ...int) ([]float32, error) {
	v, err := p.params.Tensor(name, shape...)
	if err != nil || !strings.HasPrefix(name, p.layer) {
		return v, err
	}
	v = slices.Clone(v)
	for i := range v {
		v[i] *= 10
	}
	return v, nil
}

// TestAimsOfStyleInRegions checks where the gradient of an objective of a region is not 0 beside styles of
// regions, whose weights of the same layer are others, and that a region which is all of the picture is none.
func TestAimsOfStyleInRegions(t *testing.T) {
	o := aimingStyle(t, "l2=relu2_1:region=blue")
	o.Content, o.Size, o.Scales = landscape(160, 48, 1), 160, 1
	o.ContentWeight, o.StyleWeight, o.TVWeight = 0, 0, 0
	o.Regions, o.Labels = PictureGiven, halves(t, 160, 48)
	s := evaluateOn(t, TileOff, Style(o.StyleOptions), o.Network, o.Params, 0)
	field := layerInfos(o.Network, Size{160, 48})["relu2_1"].ReceptiveField[1]
	var inside, outside float64
	for i, v := range s.grad {
		switch x := i / 3 % 160; {
		case x > 90:
			inside += math.Abs(float64(v))
		case x < 80-field:
			outside += math.Abs(float64(v))
		}
	}
	if outside != 0 || !(inside > 0) {
		t.Errorf("the gradient is %v outside, and %v inside", outside, inside)
	}

	o = aimingStyle(t, "l2,caricature=relu2_1,content")
	o.Regions, o.Labels = PictureGiven, labelled(t, 40, 30, func(int, int) [3]float32 { return red })
	want := mustStyle(t, o)
	for i := range o.Objectives {
		o.Objectives[i].Region = "red"
	}
	if got := mustStyle(t, o); !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
		t.Errorf("one region changes the picture: loss %v, without %v", got.Loss, want.Loss)
	}
}

// TestTilesOfStyleAims compares a style transfer with objectives on tiles with the same at once.
func TestTilesOfStyleAims(t *testing.T) {
	o := aimingStyle(t, "mean=relu2_1,guide=a.png:layer=relu3_1:weight=0.1,caricature=relu3_1,content:weight=3,"+
		"neuron=5:layer=relu3_1:at=30,70:weight=0.01,l2=relu3_1:region=red")
	o.Content, o.Size, o.Scales = landscape(330, 271, 1), 0, 1
	o.StyleLayers, o.ContentLayers = []string{"relu1_1", "relu3_1"}, []string{"relu2_1"}
	o.Regions, o.Labels = PictureGiven, halves(t, 96, 72)
	compareTiles(t, Style(o.StyleOptions), o.trial, 32, 80)
}

// TestStyleAim compares the term of a painting in a dream with that of a style transfer, which has the same
// statistics in the same layers, and checks that a dream of it comes nearer to the painting, more so with more
// weight beside something else.
func TestStyleAim(t *testing.T) {
	d := aimingDream(t, "style=a.png")
	d.Image, d.Octaves, d.Jitter = landscape(64, 48, 1), 1, 0
	o := tinyStyle()
	o.Content, o.Styles, o.Size, o.Scales = d.Image, []*imageio.Image{d.Objectives[0].Guide}, 64, 1
	o.StyleLoss, o.ContentWeight, o.TVWeight = []WeightedLoss{{MomentsLoss, 1}}, 0, 0
	o.StyleWeight = kindOf("style").unit / unit[MomentsLoss]
	want := evaluateOn(t, TileOff, Style(o.StyleOptions), o.Network, o.Params, 0)
	got := evaluateOn(t, TileOff, Dream(d.DreamOptions), d.Network, d.Params, 0)
	if len(got.terms) != len(want.terms) {
		t.Fatalf("terms %v, want %v", got.terms, want.terms)
	}
	for i, v := range got.terms {
		if w := want.terms[i].Value; v.Name != want.terms[i].Name || !(math.Abs(v.Value-w) <= 1e-4*w) {
			t.Errorf("%s is %v, want %v", v.Name, v.Value, w)
		}
	}

	apart := func(text string) float64 {
		d := aimingDream(t, text)
		d.Iterations = 12
		r, err := d.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var sum float64
		for _, term := range r.Report {
			if strings.HasPrefix(term.Name, "moments/") {
				sum += term.Value
			}
		}
		return sum
	}
	none, some, more := apart("l2,style=a.png:weight=1e-6"), apart("l2,style=a.png"), apart("l2,style=a.png:weight=20")
	if !(more < 0.8*some) || !(some < 0.8*none) {
		t.Errorf("the painting is %v away, with a larger weight %v, with next to none %v", some, more, none)
	}
}

// TestStyleAimMistakes checks what of objectives is refused beside a style.
func TestStyleAimMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"l2=relu9_1":      `names "relu9_1", which is not a layer`,
		"l2:region=green": `l2 has a region, "green", and there are none`,
		"mean:octaves=3":  "has octave 3 for mean: there are 2",
		"guide":           "guide has no picture",
		"class=500":       "cannot be 500: there is no such class",
		"l3":              `names "l3", which is not an objective`,
	} {
		o := aimingStyle(t, text)
		if _, err := New(Style(o.StyleOptions), o.Network, o.Params); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	o := aimingStyle(t, "l2")
	o.Form = NeuralStyle
	if _, err := New(Style(o.StyleOptions), o.Network, o.Params); err == nil ||
		!strings.Contains(err.Error(), "objective cannot be combined with compat") {
		t.Errorf("%v", err)
	}
}

// TestDeepAims checks that a plan has the layers that only an objective reads.
func TestDeepAims(t *testing.T) {
	bytes := func(text string) int64 {
		o := aimingStyle(t, text)
		o.StyleLayers, o.ContentLayers, o.Scales = []string{"relu1_1"}, []string{"relu2_1"}, 1
		job, err := New(Style(o.StyleOptions), o.Network, o.Params)
		if err != nil {
			t.Fatal(err)
		}
		plan := job.Plans(testEngine(t))[0]
		return plan.Footprint.Constants + plan.Footprint.Packed
	}
	shallow, deep, class := bytes("mean=relu2_1"), bytes("mean=relu5_1"), bytes("class=5")
	if !(shallow < deep && deep < class) {
		t.Errorf("parameters of %d bytes, with a deep layer %d, with a class %d", shallow, deep, class)
	}
}
