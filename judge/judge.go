package judge

import (
	"context"
	"math"

	"oneiro/autodiff"
	"oneiro/internal/imageio"
	"oneiro/loss"
	"oneiro/nn"
)

// MaxSide is the longer side, in pixels, of the largest picture that a judge shows to its network.
const MaxSide = 512

// Judge looks at pictures with a network. It is used by one goroutine at a time.
type Judge struct {
	device         autodiff.Device
	model          *nn.Model
	style, content []string // layers
}

// New returns a judge that looks with a network, at its own layers for style and content. The errors are
// those of nn.Bind.
func New(net *nn.Network, params nn.Params, device autodiff.Device) (*Judge, error) {
	return NewAt(net, params, device, net.Style, net.Content)
}

// NewAt is New with layers for style, whose distributions of features are compared, and for content, whose
// self-similarity is.
func NewAt(net *nn.Network, params nn.Params, device autodiff.Device, style, content []string) (*Judge, error) {
	cut, err := net.Cut(append(append([]string{}, style...), content...)...)
	if err != nil {
		return nil, err
	}
	model, err := nn.Bind(cut, params)
	if err != nil {
		return nil, err
	}
	return &Judge{device, model, style, content}, nil
}

// StyleLayers returns the layers whose distributions of features are compared.
func (j *Judge) StyleLayers() []string { return j.style }

// Style is a style picture, and how much it counts.
type Style struct {
	Picture *imageio.Image
	Weight  float64
	// Scale is its longer side as a factor of the result's, as it was shown to the network of the run.
	Scale float64
}

// Pictures are what a result was made of.
type Pictures struct {
	Content *imageio.Image // nil if there is none
	Styles  []Style        // there may be none
}

// Reference is what the judge sees in the pictures that results of one size are made of.
type Reference struct {
	judge    *Judge
	w, h     int // of results
	showW    int // at which the network is shown them
	showH    int
	pictures Pictures

	styles    []*moments // for each style layer
	palette   *palette
	content   []similarity // for each content layer
	edges     []float64
	untouched []*moments // of the content, at the style layers
}

// Reference looks at the pictures that results of w x h pixels are made of. Nothing is shown to the
// network with a longer side of more than MaxSide. Deferred pictures are read. The errors are those of
// reading, an *nn.TooSmallError, and those of the device.
func (j *Judge) Reference(ctx context.Context, w, h int, p Pictures) (*Reference, error) {
	r := &Reference{judge: j, w: w, h: h, pictures: p}
	largest := 1.0
	for _, s := range p.Styles {
		largest = math.Max(largest, s.Scale)
	}
	r.showW, r.showH = atMost(w, h, int(MaxSide/largest))
	if err := r.readStyles(ctx); err != nil {
		return nil, err
	}
	if p.Content == nil {
		return r, nil
	}
	im, err := at(p.Content, imageio.View{W: r.showW, H: r.showH})
	if err != nil {
		return nil, err
	}
	seen, err := j.look(ctx, im)
	if err != nil {
		return nil, err
	}
	for _, f := range seen.features {
		r.content = append(r.content, f.similarity())
	}
	r.untouched = seen.moments
	r.edges, err = edgesOf(p.Content, w, h)
	return r, err
}

// Untouched returns the style distance of the content itself: what a run begins with. It is NaN without a
// content or a style.
func (r *Reference) Untouched() float64 {
	if r.styles == nil || r.untouched == nil {
		return math.NaN()
	}
	distance, _ := styleDistance(r.untouched, r.styles)
	return distance
}

// readStyles looks at the styles.
func (r *Reference) readStyles(ctx context.Context) error {
	if len(r.pictures.Styles) == 0 {
		return nil
	}
	r.palette = newPalette()
	var total float64
	for _, s := range r.pictures.Styles {
		total += s.Weight
	}
	for _, s := range r.pictures.Styles {
		longer := max(int(math.Round(float64(max(r.showW, r.showH))*s.Scale)), 1)
		w, h := imageio.FitSize(s.Picture.W, s.Picture.H, longer)
		im, err := at(s.Picture, imageio.View{W: w, H: h})
		if err != nil {
			return err
		}
		seen, err := r.judge.look(ctx, im)
		if err != nil {
			return err
		}
		if r.styles == nil {
			r.styles = make([]*moments, len(seen.moments))
		}
		for i, m := range seen.moments {
			r.styles[i] = r.styles[i].plus(m, s.Weight/total)
		}
		r.palette.add(im, s.Weight/total)
	}
	for _, m := range r.styles {
		m.root()
	}
	return nil
}

// Score measures a result of the reference's size. Grain and dots are those of its middle, closeSide
// pixels wide and high, and the border is seen no larger than that. A deferred picture is read.
func (r *Reference) Score(ctx context.Context, result *imageio.Image) (Score, error) {
	none := math.NaN()
	s := Score{none, none, none, none, none, none, none, nil}
	im, err := at(result, imageio.View{W: r.showW, H: r.showH})
	if err != nil {
		return s, err
	}
	if r.styles != nil || r.content != nil {
		seen, err := r.judge.look(ctx, im)
		if err != nil {
			return s, err
		}
		if r.styles != nil {
			s.Style, s.StyleLayers = styleDistance(seen.moments, r.styles)
			own := newPalette()
			own.add(im, 1)
			s.Palette = own.distance(r.palette)
		}
		if r.content != nil {
			s.Content = contentDistance(seen.features, r.content)
		}
	}
	if r.edges != nil {
		own, err := edgesOf(result, r.w, r.h)
		if err != nil {
			return s, err
		}
		s.Edges = correlation(own, r.edges)
	}
	w, h := atMost(r.w, r.h, closeSide)
	if im, err = at(result, imageio.View{W: w, H: h}); err != nil {
		return s, err
	}
	s.Border = borderOf(im)
	middle := middleOf(r.w, r.h)
	if im, err = at(result, middle); err != nil {
		return s, err
	}
	flat := im
	if r.pictures.Content != nil {
		if flat, err = at(r.pictures.Content, middle); err != nil {
			return s, err
		}
	}
	s.Grain, s.Dots = grainOf(im), dotsOf(im, flat)
	return s, nil
}

// at returns a view of a picture on white, which is read if it has to be.
func at(im *imageio.Image, v imageio.View) (*imageio.Image, error) {
	if im.IsDeferred() {
		if err := im.Load(v, 0); err != nil {
			return nil, err
		}
		defer im.Drop(v, false)
	}
	return im.Shown(v).OnWhite(), nil
}

// atMost returns a size whose longer side is no longer than that.
func atMost(w, h, longer int) (int, int) {
	if max(w, h) <= longer {
		return w, h
	}
	return imageio.FitSize(w, h, longer)
}

// seen is what the network sees in a picture.
type seen struct {
	moments  []*moments  // of the style layers
	features []*features // of the content layers
}

// nodes returns means and second moments of the style layers, and the features of the content layers.
func (j *Judge) nodes(in loss.Inputs) (nodes []*autodiff.Node) {
	for _, l := range j.style {
		x := in.Layers[l]
		// The cells keep rounding small.
		a := autodiff.GramAttr{Scale: 1 / float64(x.Shape.H*x.Shape.W), Cell: 32}
		mean, second := autodiff.MeanAndGram(x, nil, a)
		nodes = append(nodes, mean, second)
	}
	for _, l := range j.content {
		nodes = append(nodes, in.Layers[l])
	}
	return nodes
}

// look shows a picture to the network.
func (j *Judge) look(ctx context.Context, im *imageio.Image) (*seen, error) {
	if _, err := j.model.Shapes(im.H, im.W, 3); err != nil {
		return nil, err
	}
	g := autodiff.NewGraph()
	picture := g.Input("picture", autodiff.Shape{N: 1, H: im.H, W: im.W, C: 3})
	nodes := j.nodes(loss.Of(picture, nn.UnitRange, j.model))
	program, err := j.device.Load(autodiff.Compile(j.device, nodes...), 0)
	if err != nil {
		return nil, err
	}
	program.Write(picture, im.Pix)
	if err := program.Run(ctx); err != nil {
		program.Close()
		return nil, err
	}
	values := make([][]float32, len(nodes))
	for i, n := range nodes {
		values[i] = make([]float32, n.Shape.Len())
		program.Read(n, values[i])
	}
	s := new(seen)
	for i := range j.style {
		s.moments = append(s.moments, newMoments(values[2*i], values[2*i+1]))
	}
	for i := range j.content {
		at := 2*len(j.style) + i
		shape := nodes[at].Shape
		s.features = append(s.features, &features{shape.H, shape.W, shape.C, values[at]})
	}
	return s, program.Close()
}

// Bytes returns how much memory looking takes at most: at a result of w x h pixels, and at styles that
// are shown at most as many times as large.
func (j *Judge) Bytes(w, h int, scale float64) int64 {
	longer := math.Min(float64(max(w, h))*math.Max(scale, 1), MaxSide)
	side := max(int(longer), 1)
	g := autodiff.NewGraph()
	picture := g.Input("picture", autodiff.Shape{N: 1, H: side, W: side, C: 3})
	if _, err := j.model.Shapes(side, side, 3); err != nil {
		return 0 // which look reports
	}
	nodes := j.nodes(loss.Of(picture, nn.UnitRange, j.model))
	bytes := j.device.Footprint(autodiff.Compile(j.device, nodes...), 0).Total()
	for _, n := range nodes {
		bytes += n.Shape.Bytes()
	}
	// Beside that are a few pictures, in OkLab too, and the matrices of self-similarity.
	const place, matrices = 8 * grid * grid, 5
	n := int64(min(w, closeSide)) * int64(min(h, closeSide))
	return bytes + max(n*8*12, matrices*place*grid*grid)
}
