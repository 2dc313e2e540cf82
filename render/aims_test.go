package render

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/zoo"
)

// aimingDream returns a dream of 64 pixels with objectives.
func aimingDream(t *testing.T, text string) dreamTrial {
	t.Helper()
	d := tinyDream()
	d.Image, d.Octaves, d.Iterations = landscape(64, 48, 1), 2, 6
	if err := d.Objectives.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	for i := range d.Objectives {
		a := &d.Objectives[i]
		if a.Picture != "" {
			a.Picture, a.Guide = PictureGiven, painting(80, 60, 3)
		}
		if a.From != "" {
			a.From, a.Base = PictureGiven, landscape(60, 80, 5)
		}
	}
	return d
}

// everyAim has every objective that people can ask for.
const everyAim = "l2,mean=relu2_1,l1:layer=relu2_1,channel=3,7-9:layer=relu2_1,neuron=5:layer=relu3_1:at=30,70,class=5," +
	"guide=a.png,guide=a.png:match=cosine,direction=a.png:from=b.png:power=1,caricature,caricature=relu3_1:power=1," +
	"content:weight=0.5,content=relu2_1:weight=0.25,style=a.png:weight=0.5,style=a.png:layer=relu2_1:scale=1.5"

// TestAimsRise dreams of each objective by itself: it has to rise, or fall if its weight is negative.
func TestAimsRise(t *testing.T) {
	d := aimingDream(t, everyAim)
	all := d.Objectives
	seen := map[string]bool{}
	for _, a := range all {
		seen[a.Kind] = true
		text, _ := a.MarshalText()
		d.Objectives = Aims{a}
		d.Octaves, d.Jitter, d.Iterations = 1, 0, 3
		if a.Kind == "content" {
			d.Objectives = append(Aims{{Kind: "l2"}}, a)
		}
		first, last := losses(t, d)
		if a.Kind == "content" { // an anchor begins with nothing to hold
			continue
		}
		if !(last < first) {
			t.Errorf("%s: the loss goes from %v to %v", text, first, last)
		}
		d.Objectives[0].Weight = -1
		if first, last = losses(t, d); !(last < first) || !(math.Abs(first) > 0) {
			t.Errorf("%s with a negative weight: the loss goes from %v to %v", text, first, last)
		}
	}
	for _, name := range aimNames() {
		if !seen[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}

// losses returns the first and the last loss of a dream.
func losses(t *testing.T, d dreamTrial) (first, last float64) {
	t.Helper()
	first = math.NaN()
	d.On = func(e Event) {
		if e.Kind == EventStep {
			if math.IsNaN(first) {
				first = e.Loss
			}
		}
	}
	r, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return first, r.Loss
}

// TestAnchor checks that a dream stays the nearer to the photograph the more its distance counts, in pixels
// and in features.
func TestAnchor(t *testing.T) {
	for _, what := range []string{"content", "content=relu2_1"} {
		var before float64
		for i, weight := range []string{"0.01", "1", "100"} {
			d := aimingDream(t, "l2,"+what+":weight="+weight)
			d.Octaves, d.Iterations = 1, 12
			r, err := d.run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			apart := r.Report[1].Value
			if i > 0 && !(apart < 0.95*before) {
				t.Errorf("%s with a weight of %s: %v from the photograph, with a smaller one %v", what, weight, apart, before)
			}
			before = apart
		}
	}
}

// TestPlainAimsAreTheDefault compares objectives with the options that say the same: with one layer the step
// is as long whatever the loss is in units of, so that the pictures are alike but for rounding.
func TestPlainAimsAreTheDefault(t *testing.T) {
	for text, change := range map[string]func(o *DreamOptions){
		"l2":        func(*DreamOptions) {},
		"channel=3": func(o *DreamOptions) { o.Channels = ChannelList{3} },
		"class=5":   func(o *DreamOptions) { o.Class = 5 },
	} {
		d := aimingDream(t, text)
		d.Layers = []string{"relu3_1"}
		got, err := d.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.Objectives = nil
		change(&d.DreamOptions)
		want, err := d.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var far float64
		for i, v := range got.Picture.Pix {
			far = math.Max(far, math.Abs(float64(v-want.Picture.Pix[i])))
		}
		if !(far <= 1e-3) {
			t.Errorf("%s: %v from what the option makes", text, far)
		}
	}
}

// TestOneAimRegionIsNone compares a region that is all of the picture with none.
func TestOneAimRegionIsNone(t *testing.T) {
	d := aimingDream(t, "l2,caricature:weight=0.5,content:weight=0.1")
	want, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.Regions, d.Labels = PictureGiven, labelled(t, 40, 30, func(int, int) [3]float32 { return red })
	for i := range d.Objectives {
		d.Objectives[i].Region, d.Objectives[i].Weight = "red", []float64{1, 0.5, 0.1}[i]
	}
	got, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Picture.Pix, want.Picture.Pix) || got.Loss != want.Loss {
		t.Errorf("one region changes the picture: loss %v, without %v", got.Loss, want.Loss)
	}
}

// TestAimsInRegions checks that an objective of a region has no gradient as far from it as its layer sees,
// however the picture is shown, and that it has one inside.
func TestAimsInRegions(t *testing.T) {
	for _, text := range []string{
		"l2=relu2_1", "mean=relu2_1", "l1=relu2_1", "channel=3:layer=relu2_1", "guide=a.png:layer=relu2_1",
		"guide=a.png:match=cosine:layer=relu2_1", "direction=a.png:from=b.png:layer=relu2_1:power=1", "caricature=relu2_1",
		"content=relu2_1", "content", "style=a.png:layer=relu2_1",
	} {
		d := aimingDream(t, text)
		d.Image, d.Octaves, d.Jitter = landscape(160, 48, 1), 1, 30
		d.Regions, d.Labels = PictureGiven, halves(t, 160, 48)
		d.Objectives[0].Region = "blue"
		if d.Objectives[0].Kind == "content" { // which by itself is nothing to dream of
			d.Objectives = append(d.Objectives, Aim{Kind: "l2", Layer: "relu2_1", Region: "blue"})
		}
		for move := range uint64(3) {
			s := evaluateOn(t, TileOff, Dream(d.DreamOptions), d.Network, d.Params, move)
			info := layerInfos(d.Network, Size{160, 48})["relu2_1"]
			border := 80 - info.ReceptiveField[1]
			var inside, outside float64
			for i, v := range s.grad {
				switch x := i / 3 % 160; {
				case x >= 90 && x < 150:
					inside += math.Abs(float64(v))
				case x >= info.ReceptiveField[1] && x < border:
					outside += math.Abs(float64(v))
				}
			}
			if outside != 0 || !(inside > 0) || border-info.ReceptiveField[1] < 10 {
				t.Errorf("%s: the gradient is %v outside, and %v inside", text, outside, inside)
			}
		}
	}
}

// TestRegionsMoveWithTheCanvas checks that the gradient of a region is the same whatever multiple of the
// strides the canvas is rolled by, away from its edges.
func TestRegionsMoveWithTheCanvas(t *testing.T) {
	values := make([]float32, 8*12)
	for i := range values {
		values[i] = rand.New(rand.NewPCG(uint64(i), 1)).Float32()
	}
	a := &area{stage: Stage{Size: Size{48, 32}}, layers: []*areaLayer{{
		info: &nn.LayerInfo{H: 8, W: 12, Stride: [2]int{4, 4}}, values: values, moved: make([]float32, len(values)),
	}}}
	at := func(y, x int) float32 { return values[(y+8)%8*12+(x+12)%12] }
	for _, shift := range [][2]int{{0, 0}, {4, -8}, {-12, 20}, {2, 0}, {0, -3}, {64, 96}} {
		a.write(shift, func(_ *autodiff.Node, got []float32) {
			for y := range 8 {
				for x := range 12 {
					fy, fx := float64(y)-float64(shift[0])/4, float64(x)-float64(shift[1])/4
					y0, x0 := int(math.Floor(fy)), int(math.Floor(fx))
					py, px := float32(fy-float64(y0)), float32(fx-float64(x0))
					y0, x0 = y0%8, x0%12
					want := (1-py)*((1-px)*at(y0, x0)+px*at(y0, x0+1)) + py*((1-px)*at(y0+1, x0)+px*at(y0+1, x0+1))
					if !(math.Abs(float64(got[y*12+x]-want)) <= 1e-6) {
						t.Fatalf("rolled by %v: %v at %d, %d, want %v", shift, got[y*12+x], y, x, want)
					}
				}
			}
		})
	}
}

// TestTilesOfAims compares objectives on tiles with the same at once, rolled by a jitter.
func TestTilesOfAims(t *testing.T) {
	d := aimingDream(t, "mean=relu2_1,guide=a.png:layer=relu3_1,guide=a.png:layer=relu2_1:match=cosine,"+
		"direction=a.png:from=b.png:layer=relu3_1:power=1,caricature=relu3_1,content:weight=3,content=relu2_1,"+
		"neuron=5:layer=relu3_1:at=30,70:weight=0.01,l2=relu3_1:region=red,style=a.png:layer=relu3_1:region=red,"+
		"style=a.png:layer=relu2_1:weight=0.1")
	d.Image, d.Octaves = landscape(330, 271, 1), 1
	d.Regions, d.Labels = PictureGiven, halves(t, 96, 72)
	compareTiles(t, Dream(d.DreamOptions), d.trial, 32, 80)
}

// TestOctavesOfAims checks which terms there are at which sizes.
func TestOctavesOfAims(t *testing.T) {
	d := aimingDream(t, "l2:octaves=1-2,mean=relu2_1:octaves=3,caricature:octaves=2-3:weight=0.1")
	d.Octaves, d.Iterations = 3, 1
	var got []string
	d.On = func(e Event) {
		if e.Kind != EventStep {
			return
		}
		var names []string
		for _, v := range e.Terms {
			kind, _, _ := strings.Cut(v.Name, "/")
			names = append(names, kind)
		}
		got = append(got, strings.Join(names, "+"))
	}
	if _, err := d.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"l2", "l2+caricature", "mean+caricature"}; !slices.Equal(got, want) {
		t.Errorf("terms %v, want %v", got, want)
	}
}

// TestGuideLeads dreams with the features of a picture that is unlike the photograph: those that come out
// have to be nearer to the guide's, on average, than without a guide.
func TestGuideLeads(t *testing.T) {
	score := func(made *Picture) float64 { // how like the guide it is
		d := aimingDream(t, "guide=a.png:layer=relu3_1:match=cosine")
		d.Image, d.Octaves, d.Jitter, d.Iterations, d.LearningRate = made, 1, 0, 1, 1e-9
		first, _ := losses(t, d)
		return -first
	}
	run := func(text string) *Picture {
		d := aimingDream(t, text)
		d.Iterations = 10
		r, err := d.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r.Picture
	}
	plain, product, cosine := score(run("l2=relu3_1")), score(run("guide=a.png:layer=relu3_1")),
		score(run("guide=a.png:layer=relu3_1:match=cosine"))
	t.Logf("likeness %v plain, %v by products, %v by cosines", plain, product, cosine)
	if !(product > plain) || !(cosine > product) {
		t.Errorf("likeness to the guide: %v plain, %v by products, %v by cosines", plain, product, cosine)
	}
}

// TestAimText reads and writes objectives.
func TestAimText(t *testing.T) {
	for text, want := range map[string]string{
		everyAim: "l2,mean=relu2_1,l1=relu2_1,channel=3,7,8,9:layer=relu2_1,neuron=5:layer=relu3_1:at=30,70,class=5," +
			"guide=a.png,guide=a.png:match=cosine,direction=a.png:from=b.png:power=1,caricature,caricature=relu3_1:power=1," +
			"content:weight=0.5,content=relu2_1:weight=0.25,style=a.png:weight=0.5,style=a.png:layer=relu2_1:scale=1.5",
		"guide=a,b.jpg:octaves=2-4:region=blue:weight=2": "guide=a,b.jpg:region=blue:octaves=2-4:weight=2",
		`direction=C:\a.jpg:from=D:\b:c.jpg:weight=-1`:   `direction=C:\a.jpg:from=D:\b:c.jpg:weight=-1`,
		"neuron=5:at=50,50:weight=1, l2:octaves=3":       "neuron=5,l2:octaves=3",
		"guide=a,l2.jpg:match=dot":                       "guide=a,l2.jpg",
		`"channel=3,7:layer=l","l2",mean`:                "channel=3,7:layer=l,l2,mean",
		"":                                               "",
	} {
		var a, b Aims
		if err := a.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, _ := a.MarshalText()
		if string(got) != want {
			t.Errorf("%s is written as %s, want %s", text, got, want)
		}
		if err := b.UnmarshalText(got); err != nil {
			t.Errorf("%s: %v", got, err)
		}
		if again, _ := b.MarshalText(); string(again) != string(got) {
			t.Errorf("%s is written as %s", got, again)
		}
	}
	for _, text := range []string{"=a", "guide=", "l2:weight=0", "l2:weight=x", "l2:weight=", "l2:octaves=3-2", "neuron=1:at=101,2",
		"caricature:power=-1", "guide=a:match=sine", "channel=a", "style=a:scale=0", "style=a:scale=17"} {
		var a Aims
		if err := a.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %+v", text, a)
		}
	}
}

// TestAimMistakes checks that what does not go together is refused, and what the error says.
func TestAimMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"l3":                          `names "l3", which is not an objective`,
		"peak=3":                      `names "peak", which is not an objective`,
		"l2=relu9_1":                  `names "relu9_1", which is not a layer`,
		"l2:match=cosine":             "l2 has no match",
		"mean:power=2":                "mean has no power",
		"channel=99:layer=relu1_1":    "cannot be 99: relu1_1 has no such channel",
		"channel:layer=relu1_1":       "channel has 0 channels",
		"neuron=1,2":                  "neuron has 2 channels",
		"class=500":                   "cannot be 500: there is no such class",
		"class=5:layer=relu1_1":       "class has no layer but the classifier",
		"class=5:region=red":          "class is for the whole picture",
		"neuron=1:region=red":         "neuron has a place",
		"guide":                       "guide has no picture",
		"style":                       "style has no picture",
		"l2:scale=2":                  "l2 has no scale",
		"direction=a.png":             "direction has no second picture",
		"l2:region=green":             `l2 names "green", which is no region`,
		"l2:octaves=3":                "has octave 3 for l2: there are 2",
		"l2:octaves=2":                "has nothing to make more of in octave 1 of 2",
		"l2:octaves=2,content":        "has nothing to make more of in octave 1 of 2",
		"content,content=relu2_1":     "has nothing to make more of",
		"l2,guide=a.png:layer=nobody": `names "nobody", which is not a layer`,
	} {
		d := aimingDream(t, text)
		d.Regions, d.Labels = PictureGiven, halves(t, 64, 48)
		_, err := New(Dream(d.DreamOptions), d.Network, zoo.BuiltinParams())
		if _, ok := errors.AsType[*OptionError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for want, change := range map[string]func(o *DreamOptions){
		"objective cannot be combined with class":      func(o *DreamOptions) { o.Class = 3 },
		"objective cannot be combined with channels":   func(o *DreamOptions) { o.Channels = ChannelList{3} },
		"l2 has a region, \"red\", and there are none": func(o *DreamOptions) { o.Objectives[0].Region = "red" },
		"regions needs objectives": func(o *DreamOptions) {
			o.Regions, o.Labels, o.Objectives = PictureGiven, halves(t, 64, 48), nil
		},
		"regions has no picture": func(o *DreamOptions) { o.Regions = PictureGiven },
	} {
		d := aimingDream(t, "l2")
		change(&d.DreamOptions)
		if _, err := New(Dream(d.DreamOptions), d.Network, d.Params); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	d := aimingDream(t, "l2,guide=a.png")
	d.Objectives[1].Guide = imageio.New(2, 2)
	_, err := New(Dream(d.DreamOptions), d.Network, d.Params)
	if small, ok := errors.AsType[*SmallPictureError](err); !ok || small.Role != RoleGuide {
		t.Errorf("%v, want a *SmallPictureError of the guide", err)
	}
}

// TestSmallAimRegion has a region that a deep layer does not see, which is said.
func TestSmallAimRegion(t *testing.T) {
	d := aimingDream(t, "l2=relu3_1,l2=relu5_1:region=red")
	d.Regions, d.Labels = PictureGiven, labelled(t, 64, 48, func(x, y int) [3]float32 {
		if x < 6 && y < 6 {
			return red
		}
		return blue
	})
	job, err := New(Dream(d.DreamOptions), d.Network, d.Params)
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(job.Notes(), "; "); !strings.Contains(notes, "is too small for what the network sees at relu5_1") {
		t.Errorf("the notes are %s", notes)
	}
	if _, err := d.run(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOthersStay checks that what is in no region of an objective has every bit of the photograph, and that
// the region changes as it would by itself.
func TestOthersStay(t *testing.T) {
	d := aimingDream(t, "l2=relu3_1:region=blue,content:weight=0.1")
	d.Image, d.Octaves = landscape(96, 48, 1), 2
	d.Regions, d.Labels = PictureGiven, halves(t, 96, 48)
	r, err := d.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for i, v := range r.Picture.Pix {
		x, same := i/3%96, v == d.Image.Pix[i]
		switch {
		case x < 47 && !same:
			t.Fatalf("at column %d a value of %v became %v", x, d.Image.Pix[i], v)
		case x > 52 && !same:
			changed++
		}
	}
	if changed < 3*43*48*9/10 {
		t.Errorf("only %d values of the region changed", changed)
	}
}

// TestAimsDocument checks that docs/dreams.md has each objective with what is said of it here.
func TestAimsDocument(t *testing.T) {
	text, err := os.ReadFile("../docs/dreams.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range aimKinds {
		row := "| `" + k.name + "` | " + k.help + " |\n"
		if !k.hidden && !strings.Contains(string(text), row) {
			t.Errorf("docs/dreams.md lacks %s", row)
		}
	}
}
