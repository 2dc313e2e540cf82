package render

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff/cpu"
	"oneiro/internal/imageio"
	"oneiro/nn"
)

// slow is an imageio.Source that notes what is read.
type slow struct {
	whole *Picture
	bytes int64
	views []imageio.View
}

func (s *slow) Read(v imageio.View, maxBytes int64) (*Picture, error) {
	s.views = append(s.views, v)
	if s.whole == nil {
		return nil, errors.New("this picture is not to be read")
	}
	return s.whole.Shown(v), nil
}

func (s *slow) Bytes(imageio.View) int64 { return s.bytes }
func (s *slow) Alpha() bool              { return s.whole != nil && s.whole.Alpha != nil }

// later returns a picture that is read from another one when a run asks for it.
func later(im *Picture) (*Picture, *slow) {
	s := &slow{whole: im}
	return imageio.Deferred(im.W, im.H, s), s
}

// unread returns a picture of a size that must not be read.
func unread(w, h int) *Picture { return imageio.Deferred(w, h, &slow{}) }

// lockedParams are parameters of a network, which must not be read.
type lockedParams struct{ read bool }

func (p *lockedParams) Tensor(string, ...int) ([]float32, error) {
	p.read = true
	return nil, errors.New("parameters are not to be read")
}

// TestDeferred checks what is read of pictures: each size once, as long as it is needed, or all of a picture
// that has no more pixels than its sizes together.
func TestDeferred(t *testing.T) {
	large, small, here := unread(1000, 500), unread(60, 40), imageio.New(8, 8)
	got := deferred([]Reading{
		{Picture: large, Size: Size{100, 50}}, {Picture: small, Size: Size{60, 40}}, {Picture: here, Size: Size{4, 4}},
		{Picture: large, Size: Size{200, 100}, Until: 1}, {Picture: small, Size: Size{30, 20}, Until: 1},
		{Picture: large, Size: Size{200, 100}, Until: 2, Opacity: true}, {Picture: here, Size: Size{8, 8}, Until: 2},
	})
	want := []Reading{
		{Picture: large, Size: Size{100, 50}}, {Picture: large, Size: Size{200, 100}, Until: 2, Opacity: true},
		{Picture: small, Size: Size{60, 40}, Until: 1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestDeferredPictures runs jobs on pictures in memory and on ones that are read on the way: the results must
// have the same bits, and nothing may be read twice, nor kept.
func TestDeferredPictures(t *testing.T) {
	content, init := landscape(300, 200, 1), hidden(200, 280, 1)
	styles := []*Picture{painting(90, 70, 1), hidden(400, 300, 2)}
	for name, c := range map[string]struct {
		spec  func(put func(*Picture) *Picture) Spec
		reads int
	}{
		"style": {func(put func(*Picture) *Picture) Spec {
			o := tinyStyle()
			o.Content, o.Init, o.InitImage = put(content), InitPicture, put(init)
			o.Styles, o.StyleScale = []*Picture{put(styles[0]), put(styles[1])}, []float64{1.5}
			o.SSIMWeight, o.Iterations = 1, 2
			return Style(o.StyleOptions)
		}, 2 + 1 + 1 + 2}, // the small painting is read whole
		"clear content": {func(put func(*Picture) *Picture) Spec {
			o := tinyStyle()
			o.Content, o.Iterations = put(styles[1]), 2
			return Style(o.StyleOptions)
		}, 2},
		"dream": {func(put func(*Picture) *Picture) Spec {
			o := tinyDream()
			o.Image, o.Size, o.Octaves, o.Iterations = put(styles[1]), 64, 3, 2
			return Dream(o.DreamOptions)
		}, 3},
		"texture": {func(put func(*Picture) *Picture) Spec {
			o := tinyTexture(t)
			o.Styles, o.Iterations = []*Picture{put(styles[1])}, 2
			return Texture(o)
		}, 1},
	} {
		var pictures []*slow
		run := func(put func(*Picture) *Picture) *Picture {
			t.Helper()
			d := cpu.New(cpu.Options{Threads: 2})
			e := engineOn(d, d.Kernels(), 2)
			defer e.Close()
			job, err := New(c.spec(put), nn.Builtin(), tinyStyle().Params)
			if err != nil {
				t.Fatal(err)
			}
			job.Plans(e)
			for _, p := range pictures {
				if len(p.views) > 0 {
					t.Errorf("%s: planning reads pictures", name)
				}
			}
			// also while the run goes on
			events := Events{PictureEvery: 1, Look: func() bool { return true }, On: func(e Event) {
				switch e.Kind {
				case EventPicture:
					e.Picture()
				case EventLook:
					e.Preview(30)
				}
			}}
			r, err := job.Run(t.Context(), e, events)
			if err != nil {
				t.Fatal(err)
			}
			return r.Picture
		}
		want := run(func(im *Picture) *Picture { return im })
		var given []*Picture
		got := run(func(im *Picture) *Picture {
			im, source := later(im)
			given, pictures = append(given, im), append(pictures, source)
			return im
		})
		if !slices.Equal(got.Pix, want.Pix) || !slices.Equal(got.Alpha, want.Alpha) {
			t.Errorf("%s: another result", name)
		}
		reads := 0
		for i, p := range pictures {
			reads += len(p.views)
			for _, v := range p.views {
				if !gone(given[i], v) {
					t.Errorf("%s: the colours of %v of a picture are kept", name, v)
				}
			}
		}
		if reads != c.reads {
			t.Errorf("%s: %d times a picture is read, want %d", name, reads, c.reads)
		}
	}
}

// gone returns whether a view of a picture has no colours.
func gone(im *Picture, v imageio.View) (gone bool) {
	defer func() { gone = gone || recover() != nil }()
	return len(im.Shown(v).Pix) == 0
}

// TestPlanningReadsNothing plans runs that are far too large for any machine, at once, and refuses them before
// anything is read.
func TestPlanningReadsNothing(t *testing.T) {
	d := cpu.New(cpu.Options{Threads: 1})
	e := engineOn(d, d.Kernels(), 1)
	defer e.Close()
	net := nn.Builtin()
	style := tinyStyle().StyleOptions
	style.Content, style.Styles = unread(30000, 20000), []*Picture{unread(20000, 30000)}
	style.Size, style.StyleScale, style.Scales = 20_000, []float64{4}, 1
	texture := tinyTexture(t)
	texture.Extent, texture.Styles, texture.Scales = Size{20_000, 20_000}, style.Styles, 1
	dream := tinyDream().DreamOptions
	dream.Image, dream.Size, dream.Octaves = style.Content, MaxSize, 1
	for name, spec := range map[string]Spec{"style": Style(style), "texture": Texture(texture), "dream": Dream(dream)} {
		var params lockedParams
		job, err := New(spec, net, &params)
		if err != nil {
			t.Fatal(err)
		}
		e.Memory = 1 << 30
		_, err = job.Run(t.Context(), e, Events{})
		if m, ok := errors.AsType[*MemoryError](err); !ok || !m.Budget || params.read {
			t.Errorf("%s: %v; parameters are read: %v", name, err, params.read)
		}
	}
}

// TestReadingIsInThePlan checks that a picture whose decoding takes more than the run itself is in the plan of
// the first stage, and that less than that is refused before it is read.
func TestReadingIsInThePlan(t *testing.T) {
	d := cpu.New(cpu.Options{Threads: 1})
	e := engineOn(d, d.Kernels(), 1)
	defer e.Close()
	o := tinyStyle()
	large, source := later(landscape(300, 200, 1))
	source.bytes = 1 << 30
	o.Content = large
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	plans := job.Plans(e)
	first := job.sizes[0]
	want := int64(1<<30 + runtimeBytes + 12*first.W*first.H + 12*80*64) // with what was read before, and the style
	if plans[0].Peak() != want || plans[1].Peak() >= 1<<30 {
		t.Errorf("the peaks are %d and %d bytes", plans[0].Peak(), plans[1].Peak())
	}
	e.Memory = 512 << 20
	_, err = job.Run(t.Context(), e, Events{})
	m, ok := errors.AsType[*MemoryError](err)
	if !ok || !m.Reading || m.Need != want || len(source.views) > 0 {
		t.Fatalf("%v; %d views are read", err, len(source.views))
	}
	e.Memory = m.Need
	if _, err := job.Run(t.Context(), e, Events{}); err != nil {
		t.Error(err)
	}
}

// TestPlannedPictures adds the pictures of each stage up: those that later stages need, and what is the
// caller's.
func TestPlannedPictures(t *testing.T) {
	d := cpu.New(cpu.Options{Threads: 1})
	e := engineOn(d, d.Kernels(), 1)
	defer e.Close()
	o := tinyStyle() // of 64x48 after 32x24
	o.Content, _ = later(hidden(400, 300, 1))
	own := painting(80, 64, 1)
	strip, _ := later(painting(600, 100, 1))
	o.Styles, o.StyleScale = []*Picture{own, strip}, []float64{4}
	job, err := New(Style(o.StyleOptions), o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	const (
		content32, content64 = 16 * 32 * 24, 16 * 64 * 48
		strip32, strip64     = 12 * 128 * 21, 12 * 256 * 43
		callers              = 12 * 80 * 64
		before64             = 12 * 32 * 24 // the canvas that the second goes on from
	)
	for i, want := range [][2]int64{
		{content32 + content64 + strip32 + strip64 + callers, content64 + strip64 + callers},
		{content64 + strip64 + callers + before64, content64/4 + callers + before64},
	} {
		targets, steps := job.pictures(i)
		if targets != want[0] || steps != want[1] || job.Plans(e)[i].Pictures != steps {
			t.Errorf("stage %d: %d bytes and then %d, want %v; the plan has %d", i, targets, steps, want,
				job.Plans(e)[i].Pictures)
		}
	}
}

// TestClassifyMemory checks that what does not fit is refused before anything is read, that the least that is
// named is enough, and that a picture that is read on the way is classified like one in memory.
func TestClassifyMemory(t *testing.T) {
	d := cpu.New(cpu.Options{Threads: 2})
	e := engineOn(d, d.Kernels(), 2)
	defer e.Close()
	whole := landscape(300, 200, 1)
	im, source := later(whole)
	source.bytes = 40 << 20
	var params lockedParams
	o := ClassifyOptions{Network: nn.VGG19(), Params: &params, Image: im, Engine: e}
	e.Memory = 100 << 20
	_, err := Classify(t.Context(), o)
	m, ok := errors.AsType[*MemoryError](err)
	if !ok || !m.Budget || m.Need < 574<<20 || params.read || len(source.views) > 0 {
		t.Errorf("VGG-19 in 100 MiB: %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "pixels") {
		t.Errorf("%v", err)
	}
	o.Network, o.Params = nn.Builtin(), tinyStyle().Params
	e.Memory = 1
	_, err = Classify(t.Context(), o)
	if m, ok = errors.AsType[*MemoryError](err); !ok || m.Need < source.bytes {
		t.Fatalf("a byte of memory gives %v", err)
	}
	e.Memory = m.Need
	got, err := Classify(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e.Memory, o.Image = 0, whole
	want, err := Classify(t.Context(), o)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, and of a picture in memory %v (%v)", got[:3], want[:3], err)
	}
}
