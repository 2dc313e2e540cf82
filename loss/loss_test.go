package loss

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
	"oneiro/nn"
)

// colours returns h x w pixels of noise in 0..1.
func colours(seed uint64, h, w, c int) *autodiff.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	s := autodiff.Shape{N: 1, H: h, W: w, C: c}
	t := &autodiff.Tensor{Name: "picture", Shape: s, Data: make([]float32, s.Len())}
	for i := range t.Data {
		t.Data[i] = r.Float32()
	}
	return t
}

// value evaluates a term in float64, on a picture that is also the features of layer "l".
func value(term Term, x *autodiff.Tensor) float64 {
	g := autodiff.NewGraph()
	canvas := g.Const(x)
	in := Inputs{Canvas: canvas, Image: canvas, Scale: 1, Layers: nn.Features{"l": canvas}}
	return conformance.Eval([]*autodiff.Node{term.Build(in)}, nil)[0][0]
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*math.Max(math.Abs(want), 1e-3)) {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// gramOf is the definition of Gram.
func gramOf(x *autodiff.Tensor) *autodiff.Tensor {
	c := x.Shape.C
	out := &autodiff.Tensor{Name: "gram", Shape: autodiff.Matrix(c, c), Data: make([]float32, c*c)}
	for i := range c {
		for j := range c {
			var sum float64
			for p := range x.Shape.Rows() {
				sum += float64(x.Data[p*c+i]) * float64(x.Data[p*c+j])
			}
			out.Data[i*c+j] = float32(sum / float64(x.Shape.Len()))
		}
	}
	return out
}

func squares(a, b []float32) (distance, size float64) {
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		distance += d * d
		size += float64(b[i]) * float64(b[i])
	}
	return distance, size
}

func TestContent(t *testing.T) {
	x, y := colours(1, 5, 7, 4), colours(2, 5, 7, 4)
	d, s := squares(x.Data, y.Data)
	near(t, "content", value(Content("l", 1, y), x), d/s)
	near(t, "content, mean", value(ContentMean("l", 1, y), x), d/float64(len(x.Data)))
	near(t, "content of itself", value(Content("l", 1, x), x), 0)
}

func TestTemporal(t *testing.T) {
	x, y, root := colours(1, 5, 7, 3), colours(2, 5, 7, 3), colours(3, 5, 7, 3)
	target := &autodiff.Tensor{Name: "target", Shape: y.Shape, Data: slices.Clone(y.Data)}
	var want float64
	for i, r := range root.Data {
		target.Data[i] *= r
		d := float64(r) * (float64(x.Data[i]) - float64(y.Data[i]))
		want += d * d / float64(len(x.Data))
	}
	near(t, "temporal", value(Temporal(1, target, root), x), want)
}

func TestStyle(t *testing.T) {
	x, y := colours(1, 5, 7, 4), colours(2, 6, 3, 4) // sizes need not agree
	gx, gy := gramOf(x), gramOf(y)
	d, s := squares(gx.Data, gy.Data)
	near(t, "style", value(Style("l", 1, gy), x), d/s)
	near(t, "style, mean", value(StyleMean("l", 1, gy), x), d/16)

	both := Blend([]*autodiff.Tensor{gx, gy}, []float64{3, 1})
	for i, v := range both.Data {
		near(t, "blend", float64(v), 0.75*float64(gx.Data[i])+0.25*float64(gy.Data[i]))
	}
}

// TestWeights checks that statistics count positions as their weights say.
func TestWeights(t *testing.T) {
	x := colours(1, 5, 7, 4)
	weights := &autodiff.Tensor{Name: "weights", Shape: autodiff.Shape{N: 1, H: 5, W: 7, C: 1}}
	weighted := &autodiff.Tensor{Name: "weighted", Shape: x.Shape, Data: slices.Clone(x.Data)}
	for p := range 35 {
		w := float32(p%3) * 35 / 34 // whose sum is 35
		weights.Data = append(weights.Data, w)
		for c := range 4 {
			weighted.Data[4*p+c] *= float32(math.Sqrt(float64(w)))
		}
	}
	g := autodiff.NewGraph()
	in := Inputs{
		Layers:  nn.Features{"l": g.Const(x)},
		Weights: map[string]*autodiff.Node{"l": g.Const(weights)},
	}
	got := conformance.Eval([]*autodiff.Node{Gram(in, "l")}, nil)[0]
	for i, want := range gramOf(weighted).Data {
		near(t, "weighted Gram matrix", got[i], float64(want))
	}
}

func TestTotalVariation(t *testing.T) {
	s := autodiff.Shape{N: 1, H: 2, W: 2, C: 1}
	x := &autodiff.Tensor{Name: "x", Shape: s, Data: []float32{0, 1, 0.5, 0.25}}
	near(t, "tv", value(TotalVariation(1), x), (1+0.0625)/2+(0.25+0.5625)/2)
	near(t, "tv, sum", value(TotalVariationSum(1), x), 255*(1+0.25+0.5+0.75))
}

// detailOf is the definition of Detail.
func detailOf(x *autodiff.Tensor, pool int) *autodiff.Tensor {
	h, w, c := x.Shape.H/pool, x.Shape.W/pool, x.Shape.C
	mean := func(i, j, ch int) float64 {
		i, j = min(max(i, 0), h-1), min(max(j, 0), w-1)
		var sum float64
		for y := range pool {
			for v := range pool {
				sum += float64(x.Data[((i*pool+y)*x.Shape.W+j*pool+v)*c+ch])
			}
		}
		return sum / float64(pool*pool)
	}
	out := &autodiff.Tensor{Name: "detail", Shape: autodiff.Shape{N: 1, H: h, W: w, C: c}}
	for i := range h {
		for j := range w {
			for ch := range c {
				v := 4*mean(i, j, ch) - mean(i-1, j, ch) - mean(i+1, j, ch) - mean(i, j-1, ch) - mean(i, j+1, ch)
				out.Data = append(out.Data, float32(v))
			}
		}
	}
	return out
}

func TestLaplacian(t *testing.T) {
	x, y := colours(1, 12, 9, 3), colours(2, 12, 9, 3)
	for _, pool := range []int{1, 2, 3} {
		dx, dy := detailOf(x, pool), detailOf(y, pool)
		d, s := squares(dx.Data, dy.Data)
		near(t, "laplacian", value(Laplacian(pool, 1, dy), x), d/s)
	}
	flat := colours(1, 12, 9, 3)
	for i := range flat.Data {
		flat.Data[i] = 0.5
	}
	if v := value(Laplacian(1, 1, detailOf(y, 1)), flat); !(math.Abs(v-1) <= 1e-6) {
		t.Errorf("a flat picture loses %v of the detail, want all", v)
	}
}

// ssimOf is SSIM by its definition, with the window's weights normalised in two dimensions.
func ssimOf(x, y *autodiff.Tensor) float64 {
	k := min(11, x.Shape.H, x.Shape.W)
	var weights []float64
	var total float64
	for i := range k * k {
		a, b := float64(i/k)-float64(k-1)/2, float64(i%k)-float64(k-1)/2
		weights = append(weights, math.Exp(-(a*a+b*b)/(2*1.5*1.5)))
		total += weights[i]
	}
	var sum, count float64
	for i := range x.Shape.H - k + 1 {
		for j := range x.Shape.W - k + 1 {
			for ch := range 3 {
				var mx, my, xx, yy, xy float64
				for q, w := range weights {
					at := ((i+q/k)*x.Shape.W+j+q%k)*3 + ch
					a, b := float64(x.Data[at]), float64(y.Data[at])
					w /= total
					mx += w * a
					my += w * b
					xx += w * a * a
					yy += w * b * b
					xy += w * a * b
				}
				sum += (2*mx*my + 1e-4) * (2*(xy-mx*my) + 9e-4) /
					((mx*mx + my*my + 1e-4) * (xx - mx*mx + yy - my*my + 9e-4))
				count++
			}
		}
	}
	return 1 - sum/count
}

func TestSSIM(t *testing.T) {
	x, y := colours(1, 14, 13, 3), colours(2, 14, 13, 3)
	near(t, "ssim", value(SSIM(1, y), x), ssimOf(x, y))
	near(t, "ssim of itself", value(SSIM(1, x), x), 0)
	x, y = colours(1, 4, 6, 3), colours(2, 4, 6, 3) // smaller than the window
	near(t, "ssim of little", value(SSIM(1, y), x), ssimOf(x, y))
}

func TestDream(t *testing.T) {
	x := colours(1, 3, 4, 5)
	var squares, chosen, one float64
	for i, v := range x.Data {
		squares += float64(v) * float64(v)
		if i%5 == 1 || i%5 == 4 {
			chosen += float64(v)
		}
		if i%5 == 2 {
			one += float64(v)
		}
	}
	near(t, "l2", value(L2("l", 1), x), squares/2/60)
	near(t, "channels", value(Channels("l", 1, 1, 4), x), chosen/24)
	near(t, "class", value(Class("l", 1, 2), x), one/12)
	var entropy float64
	for row := range slices.Chunk(x.Data, 5) {
		var total float64
		for _, v := range row {
			total += math.Exp(float64(v))
		}
		entropy += (math.Log(total) - float64(row[2])) / 12
	}
	near(t, "entropy", value(Entropy("l", 1, 2), x), entropy)
}

// TestObjective checks that the total is the weighted sum.
func TestObjective(t *testing.T) {
	x := colours(1, 4, 4, 3)
	o := Objective{L2("l", -2), Channels("l", 3, 1), TotalVariation(0.5)}
	g := autodiff.NewGraph()
	canvas := g.Const(x)
	b := o.Build(Inputs{Canvas: canvas, Image: canvas, Scale: 1, Layers: nn.Features{"l": canvas}})
	weights := map[*autodiff.Node][]float64{}
	var want float64
	for i, term := range o {
		weights[b.Weights[i]] = []float64{term.Weight}
		want += term.Weight * value(term, x)
	}
	near(t, "total", conformance.Eval([]*autodiff.Node{b.Total}, weights)[0][0], want)
}

func TestReport(t *testing.T) {
	got := Report{
		{Name: "content/relu4_2", Value: 1, Weighted: 1, Share: 0.5},
		{Name: "style/relu1_1", Value: 2, Weighted: 200, Share: 0.25},
		{Name: "style/relu2_1", Value: 3, Weighted: 300, Share: 0.125},
		{Name: "tv", Weighted: 0.5, Share: 0.125},
	}.String()
	want := strings.TrimLeft(`
term                       loss  gradient
content/relu4_2               1   50.0 %
style                       500   37.5 %
├─ relu1_1                  200   25.0 %
└─ relu2_1                  300   12.5 %
tv                          0.5   12.5 %
total                     501.5  100.0 %
`, "\n")
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for i, line := range strings.Split(strings.TrimSpace(got), "\n")[1:] {
		if !strings.HasSuffix(line, " %") || len([]rune(line)) != len([]rune(strings.Split(got, "\n")[1])) {
			t.Errorf("line %d is out of line: %q", i+1, line)
		}
	}
}

func TestPeak(t *testing.T) {
	x := colours(1, 5, 7, 4)
	x.Data[(3*7+6)*4+2], x.Data[(1*7+2)*4+1] = 3, 5
	near(t, "the peak of channel 2", value(Peak("l", 1, 2), x), 3)
	near(t, "the peak of channel 1", value(Peak("l", 1, 1), x), 5)
}

// TestCells checks that statistics are summed by cells of the picture, whatever the stride of a layer.
func TestCells(t *testing.T) {
	net := nn.Builtin()
	model, err := nn.Abstract(net)
	if err != nil {
		t.Fatal(err)
	}
	canvas := autodiff.NewGraph().Input("canvas", autodiff.Shape{N: 1, H: 300, W: 520, C: 3})
	in := Of(canvas, nn.UnitRange, model)
	for layer, want := range map[string]int{nn.Source: 256, "relu1_1": 256, "relu2_1": 128, "relu4_1": 32, "relu5_1": 16} {
		if got := Gram(in, layer).Attr.(autodiff.GramAttr).Cell; got != want {
			t.Errorf("%s is summed by cells of %d positions, want %d", layer, got, want)
		}
	}
}

// TestHypercolumns compares layers at one scale with what lies at the same places of them: layers here are the
// coordinates of their own centres, in pixels, which interpolation keeps.
func TestHypercolumns(t *testing.T) {
	g := autodiff.NewGraph()
	in := Inputs{Layers: nn.Features{}, Strides: map[string][2]int{}}
	h, w := 43, 37
	var layers []string
	for _, stride := range []int{1, 2, 4, 8} {
		s := autodiff.Shape{N: 1, H: h / stride, W: w / stride, C: 2}
		c := &autodiff.Tensor{Shape: s, Data: make([]float32, s.Len())}
		for i := range s.H * s.W {
			c.Data[2*i] = (float32(i/s.W) + 0.5) * float32(stride)
			c.Data[2*i+1] = (float32(i%s.W) + 0.5) * float32(stride)
		}
		name := string(rune('0' + stride))
		layers = append(layers, name)
		in.Layers[name], in.Strides[name] = g.Const(c), [2]int{stride, stride}
	}
	nodes, err := Hypercolumns(in, layers)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range conformance.Eval(nodes, nil) {
		for i := range 10 * 9 {
			y, x := 4*float64(i/9)+2, 4*float64(i%9)+2
			if k == 3 { // whose outermost centres lie further in
				y, x = min(max(y, 4), 36), min(max(x, 4), 28)
			}
			if got := [2]float64(v[2*i:]); !(math.Hypot(got[0]-y, got[1]-x) <= 1e-5) {
				t.Fatalf("layer %s at position %d is that of %v, not of %v", layers[k], i, got, [2]float64{y, x})
			}
		}
	}
	in.Strides["2"] = [2]int{3, 3}
	if _, err := Hypercolumns(in, layers); err == nil || !strings.Contains(err.Error(), "power of two") {
		t.Errorf("a stride of 3 gives %v", err)
	}
	in.Strides["2"] = [2]int{1, 1}
	if _, err := Hypercolumns(in, layers); err == nil || !strings.Contains(err.Error(), "lie between") {
		t.Errorf("a layer of another size gives %v", err)
	}
}

// TestNeighbours compares the terms with their definition.
func TestNeighbours(t *testing.T) {
	x, target := colours(1, 5, 6, 3), colours(2, 5, 6, 3)
	cosine := func(a, b []float64) float64 {
		var ab, aa, bb float64
		for i := range a {
			ab, aa, bb = ab+a[i]*b[i], aa+a[i]*a[i], bb+b[i]*b[i]
		}
		return ab / math.Sqrt(aa*bb)
	}
	var mean [3]float64
	for i, v := range x.Data {
		mean[i%3] += float64(v) / 30
	}
	var want, centred float64
	unit := &autodiff.Tensor{Name: "unit", Shape: target.Shape, Data: make([]float32, len(target.Data))}
	for p := range 30 {
		a, b, c := make([]float64, 3), make([]float64, 3), make([]float64, 3)
		var length float64
		for i := range 3 {
			a[i], b[i] = float64(x.Data[3*p+i]), float64(target.Data[3*p+i])
			c[i] = a[i] - mean[i]
			length += b[i] * b[i]
		}
		for i := range 3 {
			unit.Data[3*p+i] = float32(b[i] / math.Sqrt(length))
		}
		want, centred = want+(1-cosine(a, b))/30, centred+(1-cosine(c, b))/30
	}
	g := autodiff.NewGraph()
	canvas := g.Const(x)
	in := Inputs{Layers: nn.Features{"l": canvas}, Strides: map[string][2]int{"l": {4, 4}}}
	third := &autodiff.Tensor{Name: "third", Shape: unit.Shape}
	for _, v := range unit.Data {
		third.Data = append(third.Data, v/3)
	}
	near(t, "hypercolumns", conformance.Eval([]*autodiff.Node{
		Neighbours([]string{"l"}, 1, []*autodiff.Tensor{third}).Build(in)}, nil)[0][0], want)
	sample := Sample{Stride: 1}
	layer := LayerNeighbours("l", 1, &sample).Build(in)
	values := map[*autodiff.Node][]float64{sample.Targets: make([]float64, len(unit.Data)), sample.Centre: mean[:]}
	for i, v := range unit.Data {
		values[sample.Targets][i] = float64(v)
	}
	near(t, "a layer", conformance.Eval([]*autodiff.Node{layer}, values)[0][0], centred)

	sparse := Sample{Stride: 2}
	LayerNeighbours("l", 1, &sparse).Build(in)
	from := map[*autodiff.Node][]float64{sparse.From: {1, 0}}
	got := conformance.Eval([]*autodiff.Node{sparse.Features}, from)[0]
	if len(got) != 2*3*3 || got[0] != float64(x.Data[6*3]) || got[3] != float64(x.Data[(6+2)*3]) {
		t.Errorf("a sample from row 1 on, every 2 positions, is %v", got)
	}
}
