// Package transform describes the transforms of Winograd convolution F(m x m, 3 x 3) as package simd
// defines them (simd/generic_winograd.go): what the generators of all instruction sets share.
package transform

import (
	"fmt"
	"math"
	"slices"
)

// Transform is Winograd convolution by the points 0, ±p for each p of Points, and infinity. Rows 2i+1
// and 2i+2 of Bᵀ and G, and those columns of Aᵀ, are of the points ±Points[i].
type Transform struct {
	Name   string // in names of functions
	Points []float64
}

// F43 and F63 are those of package simd.
var (
	F43 = Transform{"43", []float64{5.0 / 8, 3.0 / 2}}
	F63 = Transform{"63", []float64{1.0 / 2, 1, 2}}
	All = []Transform{F43, F63}
)

// Tile is the side of a tile of outputs, Side that of a tile of inputs.
func (t Transform) Tile() int { return 2 * len(t.Points) }
func (t Transform) Side() int { return t.Tile() + 2 }

// Ends is the index of the pair of rows of the points 0 and infinity, after the pairs of opposite
// points. Pair returns the two rows of a pair.
func (t Transform) Ends() int { return len(t.Points) }

func (t Transform) Pair(i int) [2]int {
	if i == t.Ends() {
		return [2]int{0, t.Side() - 1}
	}
	return [2]int{2*i + 1, 2*i + 2}
}

// Pairs are the pairs of rows in the order in which they are computed.
func (t Transform) Pairs() [][2]int {
	var pairs [][2]int
	for i := range t.Ends() + 1 {
		pairs = append(pairs, t.Pair(i))
	}
	return pairs
}

// OutPairs are the rows of Aᵀ·m by two, even with even and odd with odd as far as there are enough:
// even rows are made of sums of the products at opposite points, odd ones of differences.
func (t Transform) OutPairs() [][2]int {
	var pairs [][2]int
	y := 0
	for ; y+3 < t.Tile(); y += 4 {
		pairs = append(pairs, [2]int{y, y + 2}, [2]int{y + 1, y + 3})
	}
	if y < t.Tile() {
		pairs = append(pairs, [2]int{y, y + 1})
	}
	return pairs
}

// Factors returns the coefficients of the polynomial in z that is the product of z - p² for all
// points but the pair i, from that of 1 up, without the highest, which is 1.
func (t Transform) Factors(i int) []float64 {
	c := []float64{1}
	for j, p := range t.Points {
		if j == i {
			continue
		}
		next := make([]float64, len(c)+1)
		for e, x := range c {
			next[e+1] += x
			next[e] -= p * p * x
		}
		c = next
	}
	return c[:len(c)-1]
}

// Power returns Points[i] to the power e.
func (t Transform) Power(i, e int) float64 { return math.Pow(t.Points[i], float64(e)) }

// Norm is what the even parts of the rows i of G are multiplied by, OddNorm the odd ones; SquareNorm is
// their last element, and Inverse the first element of G.
func (t Transform) Norm(i int) float64 {
	square := t.Power(i, 2)
	norm := 2 * square
	for j := range t.Points {
		if j != i {
			norm *= square - t.Power(j, 2)
		}
	}
	return 1 / norm
}

func (t Transform) OddNorm(i int) float64    { return t.Norm(i) * t.Points[i] }
func (t Transform) SquareNorm(i int) float64 { return t.Norm(i) * t.Power(i, 2) }
func (t Transform) Inverse() float64         { return 1 / t.Factors(t.Ends())[0] }

// InNumbers, OutNumbers, FilterNumbers and FilterGradNumbers are the constants of a kernel; GradIn,
// which multiplies by A, has those of Out. Coefficients of sums count by magnitude, but for FilterGrad,
// and 1 is none.
func (t Transform) InNumbers() []float64 {
	numbers := t.Points
	for i := range t.Ends() + 1 {
		for _, x := range t.Factors(i) {
			numbers = append(numbers, math.Abs(x))
		}
	}
	return distinct(numbers)
}

func (t Transform) OutNumbers() []float64 {
	numbers := t.Points
	for e := 2; e < t.Tile(); e += 2 {
		for i := range t.Points {
			numbers = append(numbers, t.Power(i, e))
		}
	}
	return distinct(numbers)
}

func (t Transform) FilterNumbers() []float64 {
	numbers := []float64{t.Inverse()}
	for i := range t.Points {
		numbers = append(numbers, t.Power(i, 2), t.Norm(i), t.OddNorm(i))
	}
	return distinct(numbers)
}

func (t Transform) FilterGradNumbers() []float64 {
	numbers := []float64{t.Inverse()}
	for i := range t.Points {
		numbers = append(numbers, t.Norm(i), t.OddNorm(i), t.SquareNorm(i))
	}
	return distinct(numbers)
}

func distinct(numbers []float64) []float64 {
	var d []float64
	for _, x := range numbers {
		if x != 1 && !slices.Contains(d, x) {
			d = append(d, x)
		}
	}
	return d
}

// Signatures of the kernels, and the Go code that they replace.
const (
	InSignature         = "(dst, src *float32, point, row, channels, tiles int)"
	OutSignature        = "(dst, src, bias *float32, row, pixel, point, channels, tiles int, floor float32)"
	FilterSignature     = "(dst, weights *float32, point, to, stride, row, n, rows int)"
	GradInSignature     = "(dst, src *float32, point, row, pixel, channels, tiles int)"
	FilterGradSignature = "(dst, src *float32, stride, point, n, accumulate int)"

	FilterCode = `for r := range rows {
	for f := range n {
		// g[y][x] is weights[(3*y+x)*stride + r*row + 4*f]
		for p, x := range G·g·Gᵀ {
			dst[p*point + r*to + 4*f] = x
		}
	}
}`
)

func (t Transform) InCode() string {
	return fmt.Sprintf(`for t := range tiles {
	for ch := range channels {
		// d is the tile at src + %d*t*channels + 4*ch, its rows row bytes apart, its pixels 4*channels
		for p, x := range Bᵀ·d·B {
			dst[p*point + 4*(t*channels+ch)] = x
		}
	}
}`, 4*t.Tile())
}

func (t Transform) OutCode() string {
	return fmt.Sprintf(`for t := range tiles {
	for ch := range channels {
		// m[i][j] is src[(%d*i+j)*point + 4*(t*channels+ch)], bias[ch] is 0 if bias is nil
		for y, row := range Aᵀ·m·A {
			for x, z := range row {
				dst[y*row + (%d*t+x)*pixel + 4*ch] = max(z + bias[ch], floor) // NaN if z is
			}
		}
	}
}`, t.Side(), t.Tile())
}

func (t Transform) GradInCode() string {
	return fmt.Sprintf(`for t := range tiles {
	for ch := range channels {
		// dy[y][x] is src[y*row + (%d*t+x)*pixel + 4*ch]
		for p, x := range A·dy·Aᵀ {
			dst[p*point + 4*(t*channels+ch)] = x
		}
	}
}`, t.Tile())
}

func (t Transform) FilterGradCode() string {
	return fmt.Sprintf(`for f := range n {
	// m[i][j] is src[(%d*i+j)*point + 4*f]
	for k, x := range Gᵀ·m·G {
		if accumulate != 0 {
			x += dst[k*stride + 4*f]
		}
		dst[k*stride + 4*f] = x
	}
}`, t.Side())
}
