package loss

import (
	"math"
	"math/rand/v2"
	"testing"

	"oneiro/autodiff"
	"oneiro/autodiff/conformance"
	"oneiro/nn"
)

// numbers returns a tensor of numbers with both signs.
func numbers(seed uint64, s autodiff.Shape) *autodiff.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	t := &autodiff.Tensor{Name: "numbers", Shape: s, Data: make([]float32, s.Len())}
	for i := range t.Data {
		t.Data[i] = float32(r.NormFloat64())
	}
	return t
}

// aimTrial is a term of what dreams make more of, with its definition.
type aimTrial struct {
	term Term
	// score is the value of position p, and sum what is made of the scores and weights otherwise.
	score func(x, photo []float64, p int) float64
	sum   func(x, photo [][]float64, weights []float64) float64
}

const (
	aimRows, aimColumns, aimChannels = 4, 5, 3
	aimPositions                     = aimRows * aimColumns
)

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// rows returns the vectors of a tensor.
func rows(t *autodiff.Tensor) [][]float64 {
	out := make([][]float64, t.Shape.Rows())
	for p := range out {
		for _, v := range t.Data[p*t.Shape.C:][:t.Shape.C] {
			out[p] = append(out[p], float64(v))
		}
	}
	return out
}

// powered is dot times the cosine to a power by its definition.
func powered(product, square, other, power float64) float64 {
	return product * math.Pow(math.Max(product/math.Sqrt(square*other), 0.1), power)
}

func aimTrials() []aimTrial {
	guide := numbers(7, autodiff.Shape{N: 1, H: 3, W: 3, C: aimChannels})
	guides := rows(guide)
	direction := &autodiff.Tensor{Name: "direction", Shape: autodiff.Matrix(aimChannels, 1), Data: []float32{0.6, 0, -0.8}}
	towards := []float64{float64(direction.Data[0]), 0, float64(direction.Data[2])}
	best := func(x []float64) float64 {
		most := math.Inf(-1)
		for _, g := range guides {
			most = math.Max(most, dot(x, g))
		}
		return most
	}
	perChannel := func(f func(v float64) float64) func(x, _ []float64, _ int) float64 {
		return func(x, _ []float64, _ int) (sum float64) {
			for _, v := range x {
				sum += f(v)
			}
			return sum / aimChannels
		}
	}
	trials := []aimTrial{
		{term: L2("l", 1), score: perChannel(func(v float64) float64 { return v * v / 2 })},
		{term: Mean("l", 1), score: perChannel(func(v float64) float64 { return v })},
		{term: L1("l", 1), score: perChannel(math.Abs)},
		{term: Channels("l", 1, 0, 2), score: func(x, _ []float64, _ int) float64 { return (x[0] + x[2]) / 2 }},
		{term: Neuron("l", 1, 1), score: func(x, _ []float64, _ int) float64 { return x[1] }},
		{term: Guide("l", 1, guide), score: func(x, _ []float64, _ int) float64 { return best(x) / aimChannels }},
		{term: GuideCosine("l", 1, guide), score: func(x, _ []float64, _ int) float64 {
			return best(x) / math.Sqrt(dot(x, x))
		}},
		{term: Anchor("l", 1), score: func(x, photo []float64, _ int) (sum float64) {
			for i, v := range x {
				sum += (v - photo[i]) * (v - photo[i])
			}
			return sum / aimChannels
		}},
	}
	for _, power := range []float64{0, 1, 2.5} {
		trials = append(trials,
			aimTrial{term: Direction("l", 1, direction, power), score: func(x, _ []float64, _ int) float64 {
				return powered(dot(x, towards), dot(x, x), 1, power) / math.Sqrt(aimChannels)
			}},
			aimTrial{term: Caricature("l", 1, power), sum: func(x, photo [][]float64, weights []float64) float64 {
				var product, square, other float64
				for p, w := range weights {
					product += w * dot(x[p], photo[p])
					square += w * dot(x[p], x[p])
					other += w * dot(photo[p], photo[p])
				}
				return powered(product, square, other, power) / (aimPositions * aimChannels)
			}})
	}
	return trials
}

// TestAims compares terms with their definitions, with and without weights of positions, and their gradients
// with differences along a random direction.
func TestAims(t *testing.T) {
	shape := autodiff.Shape{N: 1, H: aimRows, W: aimColumns, C: aimChannels}
	x, photo := numbers(1, shape), numbers(2, shape)
	for p := range aimPositions { // alike, so that cosines are not all below the least
		for c := range aimChannels {
			photo.Data[p*aimChannels+c] = 0.5*photo.Data[p*aimChannels+c] + x.Data[p*aimChannels+c]
		}
	}
	for _, weighted := range []bool{false, true} {
		weights := make([]float64, aimPositions)
		for p := range weights {
			if weights[p] = 1; weighted {
				weights[p] = float64(p%4) / 4
			}
		}
		for _, trial := range aimTrials() {
			g := autodiff.NewGraph()
			canvas, by := g.Input("canvas", shape), g.Input("weights", autodiff.Shape{N: 1, H: aimRows, W: aimColumns, C: 1})
			shown := &Inputs{Layers: nn.Features{"l": g.Const(photo)}}
			in := Inputs{Canvas: canvas, Layers: nn.Features{"l": canvas}, Photo: shown}
			if weighted {
				in.Weights = map[string]*autodiff.Node{"l": by}
			}
			value := trial.term.Build(in)
			gradient := autodiff.Gradient(value, canvas)[0]
			at := func(n *autodiff.Node, x []float64) []float64 {
				return conformance.Eval([]*autodiff.Node{n}, map[*autodiff.Node][]float64{canvas: x, by: weights})[0]
			}
			values := make([]float64, len(x.Data))
			for i, v := range x.Data {
				values[i] = float64(v)
			}
			var want float64
			if trial.sum != nil {
				want = trial.sum(rows(x), rows(photo), weights)
			} else {
				for p, w := range weights {
					want += w * trial.score(rows(x)[p], rows(photo)[p], p) / aimPositions
				}
			}
			near(t, trial.term.Name, at(value, values)[0], want)

			const step = 1e-6
			r := rand.New(rand.NewPCG(5, 6))
			var along float64
			ahead, behind := make([]float64, len(values)), make([]float64, len(values))
			for i, d := range at(gradient, values) {
				by := r.NormFloat64()
				along += d * by
				ahead[i], behind[i] = values[i]+step*by, values[i]-step*by
			}
			slope := (at(value, ahead)[0] - at(value, behind)[0]) / (2 * step)
			if !(math.Abs(along-slope) <= 1e-6*math.Abs(slope)) || slope == 0 {
				t.Errorf("%s, weighted %v: the gradient is %v along a direction, the slope %v", trial.term.Name, weighted,
					along, slope)
			}
		}
	}
}

// TestLargest compares the largest channel with that of a loop, for even and odd numbers, and its gradient,
// which goes to one channel alone.
func TestLargest(t *testing.T) {
	for channels := 1; channels <= 9; channels++ {
		x := numbers(uint64(channels), autodiff.Shape{N: 1, H: 2, W: 3, C: channels})
		if channels == 7 { // all are equal
			clear(x.Data)
		}
		g := autodiff.NewGraph()
		in := g.Input("x", x.Shape)
		y := largest(in)
		gradient := autodiff.Gradient(autodiff.Sum(y), in)[0]
		values := make([]float64, len(x.Data))
		for i, v := range x.Data {
			values[i] = float64(v)
		}
		got := conformance.Eval([]*autodiff.Node{y, gradient}, map[*autodiff.Node][]float64{in: values})
		for p, row := range rows(x) {
			best := 0
			for c, v := range row {
				if v > row[best] {
					best = c
				}
			}
			near(t, "largest", got[0][p], row[best])
			for c := range row {
				want := 0.0
				if c == best {
					want = 1
				}
				near(t, "gradient of the largest", got[1][p*channels+c], want)
			}
		}
	}
}

// TestDirectionOf checks that a direction leads from one mean to the other.
func TestDirectionOf(t *testing.T) {
	to := &autodiff.Tensor{Shape: autodiff.Vector(2), Data: []float32{8, 4}}
	from := &autodiff.Tensor{Shape: autodiff.Vector(2), Data: []float32{-2, 10}}
	made := DirectionOf(to, from, 4, 2) // means 2, 1 and -1, 5
	near(t, "direction", float64(made.Value()[0]), 0.6)
	near(t, "direction", float64(made.Value()[1]), -0.8)
}

// TestGuides checks the lengths of what guides are made of, and Per.
func TestGuides(t *testing.T) {
	x := numbers(3, autodiff.Shape{N: 1, H: 2, W: 3, C: 4})
	g := autodiff.NewGraph()
	in := Inputs{Layers: nn.Features{"l": g.Const(x)}}
	got := conformance.Eval([]*autodiff.Node{GuideVectors(in, "l"), GuideDirections(in, "l"), Activity(in, "l")}, nil)
	var square float64
	for _, v := range got[0] {
		square += v * v / float64(len(got[0]))
	}
	near(t, "mean square", square, 1)
	for p := range 6 {
		near(t, "length", dot(got[1][4*p:4*p+4], got[1][4*p:4*p+4]), 1)
	}
	activity := &autodiff.Tensor{Shape: autodiff.Scalar, Data: []float32{float32(got[2][0])}}
	near(t, "l2 per activity", value(Per(activity, 2, L2("l", 1)), x), 0.5)
}
