package render

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/autodiff"
	"oneiro/loss"
	"oneiro/nn"
)

// stateOf is what a run with a problem needs: the loss, terms and gradient at a canvas.
type stateOf struct {
	loss  float64
	terms []TermValue
	grad  []float32
	parts loss.Report // at the end of a run; nil for large pictures
	count int         // of tiles
}

// evaluateOn computes the first stage of a job on tiles of a size, or whole, at a canvas. move chooses how the
// network is shown it.
func evaluateOn(t *testing.T, tile TileSize, spec Spec, net *nn.Network, params nn.Params, move uint64) stateOf {
	t.Helper()
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Tile = tile
	job, err := New(spec, net, params)
	if err != nil {
		t.Fatal(err)
	}
	if err := job.Read(e); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	plan := job.Plans(e)[0]
	p := job.take(0)
	defer p.terms.drop()
	if m := p.terms.matcher; m != nil {
		m.begin(e, nil, nil)
	}
	if err := p.terms.fill(ctx, e.Device); err != nil {
		t.Fatal(err)
	}
	if err := p.load(ctx, e.Device, p.view.Maps()); err != nil {
		t.Fatal(err)
	}
	defer p.close()
	random := rand.New(rand.NewPCG(3, 4))
	x := spec.Schedule.Start(p.stage, nil, Size{}, random)
	for i := range x {
		x[i] += float32(0.05 * random.NormFloat64())
	}
	if err := p.terms.next(0, p, func() []float32 { return x }, random); err != nil {
		t.Fatal(err)
	}
	p.move(rand.New(rand.NewPCG(move, 0)))
	s := stateOf{grad: make([]float32, len(x)), count: plan.Tiles.Count()}
	if s.loss, err = p.step(x, s.grad); err != nil {
		t.Fatal(err)
	}
	s.terms = p.values()
	if len(x) > 3*60_000 { // which would take long
		return s
	}
	pixels := x
	for _, m := range p.view.Maps() {
		pixels = m.Forward(pixels)
	}
	if s.parts, err = p.report(ctx, pixels); err != nil {
		t.Fatal(err)
	}
	return s
}

// sameState compares what was computed on tiles with what was computed whole. Sums are rounded differently, and
// so is what comes of a style's sums, which are close to their targets. Beside that there are values near the
// edges of tiles: in Winograd's method they are rounded together with those beyond.
func sameState(t *testing.T, got, want stateOf) {
	t.Helper()
	sameWithin(t, got, want, 1)
}

// sameWithin is sameState with a factor for how far values may be off.
func sameWithin(t *testing.T, got, want stateOf, loose float64) {
	t.Helper()
	if !(math.Abs(got.loss-want.loss) <= loose*1e-6*math.Abs(want.loss)) {
		t.Errorf("the loss is %v, want %v", got.loss, want.loss)
	}
	for i, v := range got.terms {
		if w := want.terms[i].Value; !(math.Abs(v.Value-w) <= loose*2e-6*math.Abs(w)) {
			t.Errorf("%s is %v, want %v", v.Name, v.Value, w)
		}
	}
	for i, part := range got.parts {
		w := want.parts[i]
		if part.Name != w.Name || part.Weighted != got.terms[i].Value || !(math.Abs(part.Share-w.Share) <= 1e-5) {
			t.Errorf("the report has %+v, want %+v", part, w)
		}
	}
	if len(got.parts) != len(want.parts) || len(got.parts) > 0 && !(got.parts[0].Share > 0) {
		t.Errorf("the report is %+v", got.parts)
	}
	var far, norm float64
	for i, v := range want.grad {
		d := float64(v - got.grad[i])
		far, norm = far+d*d, norm+float64(v)*float64(v)
	}
	t.Logf("%d tiles: loss off by %.2g, gradient by %.2g", got.count, got.loss/want.loss-1, math.Sqrt(far/norm))
	if !(math.Sqrt(far) <= loose*3e-6*math.Sqrt(norm)) || norm == 0 {
		t.Errorf("the gradient is off by %.3g of its length", math.Sqrt(far/norm))
	}
}

// TestTilesOfStyle compares a style transfer with all its terms on tiles with the same at once.
func TestTilesOfStyle(t *testing.T) {
	o := tinyStyle()
	o.Content, o.Styles = landscape(250, 171, 1), []*Picture{painting(200, 180, 1)}
	o.Size, o.Scales, o.StructureWeight, o.SSIMWeight = 250, 1, 1, 1
	o.StyleLayers, o.ContentLayers = o.StyleLayers[:3], o.StyleLayers[2:3]
	compareTiles(t, Style(o.StyleOptions), o.trial, 32, 80, 128)

	o.Content = landscape(1000, 211, 1)
	o.Size, o.StyleLayers, o.ContentLayers = 1000, o.Network.Style, o.Network.Content
	compareTiles(t, Style(o.StyleOptions), o.trial, 160)
}

// TestTilesOfPadding does so with a network that sees around a picture what is inside.
func TestTilesOfPadding(t *testing.T) {
	for _, mode := range []autodiff.PadMode{autodiff.PadReflect, autodiff.PadReplicate} {
		o := tinyStyle()
		o.Content, o.Styles = landscape(250, 171, 1), []*Picture{painting(200, 180, 1)}
		o.Size, o.Scales = 250, 1
		o.StyleLayers, o.ContentLayers = o.StyleLayers[:3], o.StyleLayers[2:3]
		o.Network = o.Network.WithPadding(mode)
		compareTiles(t, Style(o.StyleOptions), o.trial, 80)
	}
}

// TestTilesOfDreams does so with dreams, rolled by a jitter.
func TestTilesOfDreams(t *testing.T) {
	o := tinyDream()
	o.Image, o.Octaves, o.TVWeight, o.Layers = landscape(330, 271, 1), 1, 0.1, []string{"relu3_1"}
	compareTiles(t, Dream(o.DreamOptions), o.trial, 32, 80)
}

// TestTilesOfTextures does so with a texture that continues at its opposite edges.
func TestTilesOfTextures(t *testing.T) {
	o := tinyStyle()
	texture, err := TextureFrom(o.Network, nil)
	if err != nil {
		t.Fatal(err)
	}
	texture.Extent, texture.Tileable, texture.Styles = Size{288, 192}, true, o.Styles
	texture.StyleLayers, texture.Scales = o.StyleLayers[:2], 1
	compareTiles(t, Texture(texture), o.trial, 48)
}

// TestTilesFit checks that a picture that does not fit into memory is computed on tiles that do, and that this
// is the picture that comes out otherwise.
func TestTilesFit(t *testing.T) {
	o := tinyStyle()
	o.Content, o.Size, o.Iterations, o.Optimizer = landscape(640, 400, 1), 640, 2, Adam
	o.StyleLayers, o.ContentLayers = o.StyleLayers[:2], o.StyleLayers[1:2]
	run := func(scales int, tile TileSize, memory int64) (*Result, *SizePlan, TileSize) {
		o.Scales = scales
		e, err := NewEngine(EngineOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		e.Tile, e.Memory = tile, memory
		job, err := New(Style(o.StyleOptions), o.Network, o.Params)
		if err != nil {
			t.Fatal(err)
		}
		plan := &job.Plans(e)[scales-1]
		result, err := job.Run(t.Context(), e, Events{})
		if err != nil {
			t.Fatal(err)
		}
		return result, plan, job.Tile()
	}
	want, whole, tile := run(1, TileOff, 0)
	if tile != 0 {
		t.Errorf("tiles of %d pixels without tiles", tile)
	}
	memory := whole.Peak() * 4 / 5
	got, plan, tile := run(1, TileAuto, memory)
	if plan.Tiles.Count() < 2 || plan.Peak() > memory || tile < 1 {
		t.Fatalf("%d tiles of %d pixels in %d bytes, where there are %d", plan.Tiles.Count(), tile, plan.Peak(), memory)
	}
	if !(math.Abs(got.Loss-want.Loss) <= 1e-5*want.Loss) {
		t.Errorf("the loss is %v, want %v", got.Loss, want.Loss)
	}
	var far float64
	for i, v := range want.Picture.Pix {
		far += float64(v-got.Picture.Pix[i]) * float64(v-got.Picture.Pix[i])
	}
	if mean := math.Sqrt(far / float64(len(want.Picture.Pix))); !(mean <= 1e-4) {
		t.Errorf("pictures are %v apart", mean)
	}
	// The one number says how everything is rounded, whatever the memory.
	got, _, tile = run(2, TileAuto, memory)
	again, _, _ := run(2, tile, 0)
	if again.Loss != got.Loss || !slices.Equal(again.Picture.Pix, got.Picture.Pix) {
		t.Errorf("with --tile %d the loss is %v, with what was chosen %v", tile, again.Loss, got.Loss)
	}
}

// TestNoTiles checks that an objective that needs the whole picture is refused on tiles, and says so.
func TestNoTiles(t *testing.T) {
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Tile = 64
	o := tinyDream()
	spec := Dream(o.DreamOptions)
	spec.Objective = Join(spec.Objective, Extra{Build: func(Stage) loss.Objective {
		return loss.Objective{{Name: "contrast", Weight: 1, Build: func(in loss.Inputs) *autodiff.Node {
			return autodiff.Sum(autodiff.Square(autodiff.Sub(in.Image, autodiff.GlobalAvgPool(in.Image))))
		}}}
	}})
	job, err := New(spec, o.Network, o.Params)
	if err != nil {
		t.Fatal(err)
	}
	plan := job.Plans(e)[0]
	if _, ok := errors.AsType[*TileError](plan.Fits(e)); !ok {
		t.Errorf("%v, want a *TileError", plan.Fits(e))
	}
}

// compareTiles compares tiles of some sizes with the whole.
func compareTiles(t *testing.T, spec Spec, with trial, sizes ...TileSize) {
	t.Helper()
	want := evaluateOn(t, TileOff, spec, with.Network, with.Params, 7)
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			got := evaluateOn(t, size, spec, with.Network, with.Params, 7)
			if got.count < 2 {
				t.Errorf("%d tiles", got.count)
			}
			sameState(t, got, want)
		})
	}
}

// randomParams are parameters with which activations keep their size from layer to layer.
type randomParams struct{}

func (randomParams) Tensor(name string, shape ...int) ([]float32, error) {
	n, fan := 1, 1
	for i, side := range shape {
		n *= side
		if i < len(shape)-1 {
			fan *= side
		}
	}
	seed := uint64(len(name))
	for _, c := range name {
		seed = 31*seed + uint64(c)
	}
	random := rand.New(rand.NewPCG(seed, 1))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(random.NormFloat64() * math.Sqrt(2/float64(fan)))
	}
	return v, nil
}

// TestTilesOfNetworks compares style transfers and dreams with networks of every kind of layer.
func TestTilesOfNetworks(t *testing.T) {
	for _, c := range []struct {
		net    *nn.Network
		layers []string
	}{
		{nn.VGG19(), []string{"relu1_2", "relu2_1", "relu2_2"}},
		{nn.GoogLeNet(), []string{"conv1/7x7_s2", "conv2/3x3", "inception_3a/output"}},
		{nn.Inception5h(), []string{"conv2d0", "conv2d2", "mixed3a"}},
		{nn.InceptionV3(), []string{"conv_relu", "conv_2_relu", "mixed"}},
		{nn.SqueezeNet11(), []string{"relu_conv1", "fire2/concat", "fire4/concat"}},
	} {
		t.Run(c.net.Name, func(t *testing.T) {
			with := trial{Network: c.net, Params: randomParams{}}
			style := DefaultStyle(c.net)
			style.Content, style.Styles = landscape(340, 217, 1), []*Picture{painting(120, 90, 1)}
			style.Size, style.Scales = 340, 1
			style.StyleLayers, style.ContentLayers = c.layers, c.layers[len(c.layers)-1:]
			compareTiles(t, Style(style), with, 96)

			dream := DefaultDream(c.net)
			dream.Image, dream.Octaves, dream.Layers = style.Content, 1, c.layers[len(c.layers)-1:]
			compareTiles(t, Dream(dream), with, 96)
		})
	}
}
