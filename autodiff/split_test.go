package autodiff_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	. "oneiro/autodiff"
	"oneiro/autodiff/conformance"
)

// scene makes graphs of a picture for tests of tiles.
type scene struct {
	*Graph
	random *rand.Rand
	values map[*Node][]float64 // of inputs
}

func (s *scene) numbers(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(s.random.NormFloat64())
	}
	return v
}

func (s *scene) tensor(shape Shape) *Node {
	return s.Const(&Tensor{Name: "tensor", Shape: shape, Data: s.numbers(shape.Len())})
}

func (s *scene) input(shape Shape) *Node {
	n := s.Input("input", shape)
	s.values[n] = wide(s.numbers(shape.Len()))
	return n
}

func (s *scene) conv(x *Node, k, c int, o Conv) *Node {
	return Conv2D(x, s.tensor(Shape{k, k, x.Shape.C, c}), s.tensor(Vector(c)), o)
}

func (s *scene) same(x *Node, c int) *Node { return ReLU(s.conv(x, 3, c, Conv{Pad: Same(3, 3)})) }

func wide(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}

func maxPool2(x *Node) *Node { return MaxPool(x, Pool{KH: 2, KW: 2, StrideH: 2, StrideW: 2}) }

// style adds the style term of a layer.
func (s *scene) style(x *Node) *Node {
	return RelativeSquaredError(Gram(x, GramAttr{Scale: 1 / float64(x.Shape.Len()), Cell: 8}), s.tensor(Shape{1, 1, x.Shape.C, x.Shape.C}))
}

var scenes = []struct {
	name     string
	periodic bool
	off      float64 // how far results may be off: parameters of operations are float32
	build    func(s *scene, x *Node) *Node
}{
	{"a sum of squares", false, 1e-13, func(_ *scene, x *Node) *Node { return SquaredError(x, nil, 0.5) }},
	{"a chain", false, 1e-13, func(s *scene, x *Node) *Node {
		x = s.same(x, 4)
		sum := s.style(x)
		x = s.same(s.same(maxPool2(x), 5), 4)
		sum = Add(sum, RelativeSquaredError(x, s.tensor(x.Shape)))
		x = s.same(maxPool2(x), 3)
		return Add(sum, Mul(s.style(x), s.input(Scalar)))
	}},
	{"strides, hanging windows, normalisation", false, 1e-13, func(s *scene, x *Node) *Node {
		x = Affine(x, 3, s.numbers(9), s.numbers(3))
		x = ReLU(s.conv(x, 7, 4, Conv{StrideH: 2, StrideW: 2, Pad: Pad{3, 3, 3, 3}}))
		x = LRN(MaxPool(x, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Ceil: true}), LRNAttr{3, 1, 0.75, 1})
		a := s.conv(x, 1, 2, Conv{})
		b := s.conv(x, 5, 3, Conv{Pad: Same(5, 5)})
		c := AvgPool(x, Pool{KH: 3, KW: 3, StrideH: 1, StrideW: 1, Pad: Pad{1, 1, 1, 1}, CountPad: true})
		x = Concat(a, b, c)
		return Add(SquaredError(x, nil, 0.5/float64(x.Shape.Len())), Mean(Mul(x, s.tensor(Vector(x.Shape.C)))))
	}},
	{"no padding, uneven padding", false, 1e-13, func(s *scene, x *Node) *Node {
		x = ReLU(s.conv(x, 3, 4, Conv{StrideH: 2, StrideW: 2, Pad: Pad{0, 1, 1, 0}}))
		x = ReLU(s.conv(x, 3, 4, Conv{}))
		x = AvgPool(x, Pool{KH: 3, KW: 3, StrideH: 2, StrideW: 2, Pad: Pad{1, 0, 0, 1}, Ceil: true})
		return Add(s.style(x), Sum(Square(Slice(x, 1, 3))))
	}},
	{"reflected and repeated edges", false, 1e-13, func(s *scene, x *Node) *Node {
		a := s.conv(PadWith(x, Pad{2, 2, 2, 2}, PadReflect), 5, 3, Conv{})
		small := AvgPool(x, Pool{KH: 4, KW: 4, StrideH: 4, StrideW: 4})
		b := Filter(PadWith(small, Same(3, 3), PadReplicate), 3, 3, []float32{0, -1, 0, -1, 4, -1, 0, -1, 0}, 1)
		return Add(s.style(a), RelativeSquaredError(b, s.tensor(b.Shape)))
	}},
	{"convolutions of reflected and repeated edges", false, 1e-13, func(s *scene, x *Node) *Node {
		a := ReLU(s.conv(x, 3, 4, Conv{Pad: Same(3, 3), Mode: PadReflect}))
		a = s.conv(maxPool2(a), 5, 3, Conv{Pad: Pad{1, 2, 3, 2}, Mode: PadReplicate})
		b := s.conv(x, 7, 3, Conv{StrideH: 2, StrideW: 2, Pad: Pad{3, 3, 3, 3}, Mode: PadReflect})
		return Add(s.style(a), RelativeSquaredError(b, s.tensor(b.Shape)))
	}},
	{"structural similarity", false, 1e-13, func(s *scene, x *Node) *Node {
		window := []float32{0.1, 0.2, 0.4, 0.2, 0.1}
		blur := func(x *Node) *Node { return Filter(Filter(x, 5, 1, window, 1), 1, 5, window, 1) }
		y := s.tensor(x.Shape)
		mx, my := blur(x), blur(y)
		vx, vy := Sub(blur(Square(x)), Square(mx)), Sub(blur(Square(y)), Square(my))
		cov := Sub(blur(Mul(x, y)), Mul(mx, my))
		return ScaleOffset(Mean(Div(cov, ScaleOffset(Add(vx, vy), 1, 1))), -1, 1)
	}},
	{"total variations", false, 1e-13, func(s *scene, x *Node) *Node {
		x = Scale(x, 0.5)
		return Add(TotalVariation(x, TVAttr{true, 0.5, 0.25}), TotalVariation(x, TVAttr{false, 0.5, 0.25}))
	}},
	{"rolled", false, 1e-13, func(s *scene, x *Node) *Node {
		shift := s.Input("shift", Vector(2))
		s.values[shift] = []float64{-3, 7}
		x = s.same(Roll(x, shift), 4)
		return Add(SquaredError(s.same(maxPool2(x), 4), nil, 0.1), s.style(x))
	}},
	{"another picture that is rolled, too", false, 1e-13, func(s *scene, x *Node) *Node {
		shift := s.Input("shift", Vector(2))
		s.values[shift] = []float64{-3, 7}
		filter, bias := s.tensor(Shape{3, 3, 3, 4}), s.tensor(Vector(4))
		layer := func(x *Node) *Node { return ReLU(Conv2D(maxPool2(x), filter, bias, Conv{Pad: Same(3, 3)})) }
		shown, other := Roll(x, shift), Roll(s.tensor(x.Shape), shift)
		a, b := layer(shown), layer(other)
		sums := SumRows(Concat(Dots(a, b), Slice(Dots(b, b), 1, 2)))
		return Add(SquaredError(a, b, 0.1), Add(SquaredError(shown, other, 0.1), SquaredError(sums, nil, 1e-3)))
	}},
	{"a mean over all, and more after it", false, 1e-7, func(s *scene, x *Node) *Node {
		x = GlobalAvgPool(maxPool2(s.same(x, 4)))
		return Mean(Slice(Dense(x, s.tensor(Matrix(4, 6)), s.tensor(Vector(6))), 2, 4))
	}},
	{"a matrix at every position, softmax, weights", false, 1e-13, func(s *scene, x *Node) *Node {
		x = Softmax(Dense(maxPool2(s.same(x, 4)), s.tensor(Matrix(4, 6)), s.tensor(Vector(6))))
		opacity := s.input(Shape{1, x.Shape.H, x.Shape.W, 1})
		return s.style(Mul(x, Affine(opacity, 6, []float32{1, 1, 1, 1, 1, 1}, nil)))
	}},
	{"weighted means and moments", false, 1e-13, func(s *scene, x *Node) *Node {
		x = maxPool2(s.same(x, 4))
		mean, second := MeanAndGram(x, s.input(Shape{1, x.Shape.H, x.Shape.W, 1}), GramAttr{Scale: 0.01, Cell: 5})
		return Add(SquaredError(mean, nil, 1), SquaredError(second, s.tensor(second.Shape), 1))
	}},
	{"layers at one scale, cosines", false, 1e-12, func(s *scene, x *Node) *Node {
		fine := s.same(x, 2)
		b := maxPool2(fine)
		deep := Upsample(s.same(maxPool2(b), 3), b, 2)
		fine = Filter(fine, 2, 2, []float32{0.25, 0.25, 0.25, 0.25}, 2)
		dots := Add(Dots(b, s.tensor(b.Shape)), Dots(deep, s.tensor(deep.Shape)))
		dots = Add(dots, Dots(fine, s.tensor(fine.Shape)))
		return ScaleOffset(Mean(Cosines(dots, 1e-8)), -1, 1)
	}},
	{"a sample of positions, less a mean that is known", false, 1e-12, func(s *scene, x *Node) *Node {
		sample := func(x *Node, stride int, down, right float64) *Node {
			from, centre := s.Input("from", Vector(2)), s.input(Vector(x.Shape.C))
			s.values[from] = []float64{down, right}
			x = Sub(Subsample(x, from, stride), centre)
			t := s.input(Shape{1, x.Shape.H, x.Shape.W, x.Shape.C})
			return ScaleOffset(Mean(Cosines(Dots(x, t), 1e-8)), -1, 1)
		}
		fine := s.same(x, 2)
		return Add(sample(fine, 4, 1, 3), sample(s.same(maxPool2(fine), 3), 2, 1, 0))
	}},
	{"periodic", true, 1e-13, func(s *scene, x *Node) *Node {
		wrap := func(x *Node) *Node { return PadWith(x, Same(3, 3), PadWrap) }
		right := PadWith(x, Pad{Right: 1}, PadWrap)
		sum := TotalVariation(right, TVAttr{Squared: true, ScaleX: 0.1})
		x = ReLU(s.conv(wrap(x), 3, 4, Conv{}))
		sum = Add(sum, s.style(x))
		x = maxPool2(PadWith(x, Pad{}, PadWrap))
		return Add(sum, s.style(ReLU(s.conv(wrap(x), 3, 4, Conv{}))))
	}},
}

// TestSplit compares losses and gradients of pictures computed on tiles with those computed at once, in
// float64.
func TestSplit(t *testing.T) {
	for _, c := range scenes {
		trials := [][3]int{{72, 48, 8}, {57, 75, 20}} // height, width, tile
		if c.periodic {
			trials[1] = [3]int{40, 64, 20}
		}
		for _, trial := range trials {
			t.Run(fmt.Sprintf("%s/%v", c.name, trial), func(t *testing.T) {
				s := &scene{NewGraph(), rand.New(rand.NewPCG(1, 2)), map[*Node][]float64{}}
				x := s.input(Shape{1, trial[0], trial[1], 3})
				loss := c.build(s, x)
				split, err := NewSplit(x, c.periodic, loss)
				if err != nil {
					t.Fatal(err)
				}
				want := conformance.Eval([]*Node{loss, Gradient(loss, x)[0]}, s.values)
				got, grad, tiles := onTiles(split, s.values, x, trial[2])
				if tiles < 2 {
					t.Errorf("only %d tiles", tiles)
				}
				if !(math.Abs(got-want[0][0]) <= c.off*math.Abs(want[0][0])) {
					t.Errorf("loss %v, want %v", got, want[0][0])
				}
				var far, norm float64
				for i, v := range want[1] {
					far, norm = far+(v-grad[i])*(v-grad[i]), norm+v*v
				}
				if !(far <= c.off*c.off*norm) || norm == 0 {
					t.Errorf("the gradient is off by %v of its length", math.Sqrt(far/norm))
				}
			})
		}
	}
}

// onTiles computes a loss and its gradient on tiles, and returns how many tiles there were.
func onTiles(s *Split, values map[*Node][]float64, picture *Node, size int) (float64, []float64, int) {
	h, w := s.Root.Shape.H, s.Root.Shape.W
	pixels := values[picture]
	var shift [2]int
	if s.Shift != nil {
		shift = [2]int{int(values[s.Shift][0]), int(values[s.Shift][1])}
	}
	unit := s.Unit()
	along := func(axis int, pass Pass) Tiling {
		return s.Tiling(axis, max(size/unit[axis]*unit[axis], unit[axis]), unit[axis], pass)
	}
	mod := func(i, n int) int { return (i%n + n) % n }
	cut := func(v []float64, h, w, c, y0, x0, rows, columns int) []float64 {
		var out []float64
		for y := range rows {
			for x := range columns {
				at := (mod(y0+y, h)*w + mod(x0+x, w)) * c
				out = append(out, v[at:at+c]...)
			}
		}
		return out
	}
	window := func(root *Node, maps []Map, params []Param, ty, tx Tile) map[*Node][]float64 {
		in := map[*Node][]float64{
			root: cut(pixels, h, w, 3, ty.Window-shift[0], tx.Window-shift[1], root.Shape.H, root.Shape.W),
		}
		for _, p := range params {
			in[p.Input] = values[p.Of]
		}
		for _, m := range maps {
			v := values[m.Of]
			if m.Of.Tensor() != nil {
				v = wide(m.Of.Tensor().Data)
			}
			o := m.Of.Shape
			y, x := ty.Window/m.Step[0], tx.Window/m.Step[1]
			if m.Rolled {
				y, x = y-shift[0], x-shift[1]
			}
			in[m.Input] = cut(v, o.H, o.W, o.C, y, x, m.Input.Shape.H, m.Input.Shape.W)
		}
		return in
	}

	down, across := along(0, ForwardPass), along(1, ForwardPass)
	f := s.Forward(down.Size, across.Size)
	sums := make([][]float64, len(s.Sums))
	for i, n := range s.Sums {
		sums[i] = make([]float64, n.Shape.Len())
	}
	for _, ty := range down.Tiles {
		for _, tx := range across.Tiles {
			in := window(f.Root, f.Maps, f.Params, ty, tx)
			for _, m := range f.Masks {
				in[m.Input] = make([]float64, m.Input.Shape.Len())
				y0, y1 := ty.Of(m.Step[0], m.Extent[0])
				x0, x1 := tx.Of(m.Step[1], m.Extent[1])
				for y := y0; y < y1; y++ {
					for x := x0; x < x1; x++ {
						in[m.Input][(y-ty.Window/m.Step[0])*m.Input.Shape.W+x-tx.Window/m.Step[1]] = 1
					}
				}
			}
			for i, part := range conformance.Eval(f.Sums, in) {
				for k, v := range part {
					sums[i][k] += v
				}
			}
		}
	}

	g := s.Global()
	in := map[*Node][]float64{}
	for i, n := range g.Sums {
		in[n] = sums[i]
	}
	for n, v := range values {
		if o := g.Of(n); o != nil {
			in[o] = v
		}
	}
	after := conformance.Eval(append([]*Node{g.Outputs[0]}, g.Seeds...), in)

	down, across = along(0, BackwardPass), along(1, BackwardPass)
	b := s.Backward(down.Size, across.Size)
	grad := make([]float64, len(pixels))
	for _, ty := range down.Tiles {
		for _, tx := range across.Tiles {
			in := window(b.Root, b.Maps, b.Params, ty, tx)
			for i, n := range b.Seeds {
				in[n] = after[1+i]
			}
			dx := conformance.Eval([]*Node{b.Gradient}, in)[0]
			for y := ty.Lo; y < ty.Hi; y++ {
				for x := tx.Lo; x < tx.Hi; x++ {
					to := (mod(y-shift[0], h)*w + mod(x-shift[1], w)) * 3
					from := ((y-ty.Window)*across.Size + x - tx.Window) * 3
					copy(grad[to:to+3], dx[from:from+3])
				}
			}
		}
	}
	return after[0][0], grad, len(down.Tiles) * len(across.Tiles)
}

// TestSplitErrors checks that what needs the whole picture is refused.
func TestSplitErrors(t *testing.T) {
	for name, build := range map[string]func(x *Node) *Node{
		"a mean taken away": func(x *Node) *Node { return Sum(Square(Sub(x, GlobalAvgPool(x)))) },
		"normalised":        func(x *Node) *Node { y, _ := BatchNorm(x, 1); return Sum(y) },
		"features in a row": func(x *Node) *Node { return Sum(Square(Reshape(x, Vector(8*8*3)))) },
		"a roll beside the picture": func(x *Node) *Node {
			return Sum(Mul(x, Roll(x, x.Graph().Input("shift", Vector(2)))))
		},
	} {
		x := NewGraph().Input("x", Shape{1, 8, 8, 3})
		_, err := NewSplit(x, false, build(x))
		if _, ok := errors.AsType[*SplitError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryOperationIsLocalOrNot lists the operations that tiles cannot be computed with, and the backward
// operations, which nobody splits.
func TestEveryOperationIsLocalOrNot(t *testing.T) {
	neither := map[string]bool{
		"batchNorm": true, "crossEntropy": true, "fill": true, "givenGradient": true, "maxPoolGather": true, "moments": true,
		"reshape": true, "roll": true, "transport": true,
	}
	for _, op := range Ops() {
		backward := strings.HasSuffix(op.Name, "Grad") || op.IsSource()
		if (op.Local == nil && op.Partial == nil && !backward) != (neither[op.Name] && !backward) {
			t.Errorf("%s: say whether positions of its result read a few of its operands, or none", op.Name)
		}
	}
}
