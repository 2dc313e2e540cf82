package simd

import (
	"fmt"
	"math"
	"math/big"
	"testing"
)

// winogradTest is what the tests know of one of the sizes.
type winogradTest struct {
	name       string
	of         func(k *Kernels) Winograd
	tile, side int
	points     []*big.Rat // of the interpolation; one more is infinity
	rms        float64    // error allowed of a convolution of 512 channels, relative to its rms
}

var (
	testF43 = winogradTest{
		name: "F43", of: func(k *Kernels) Winograd { return k.F43 }, tile: 4, side: 6, rms: 2.5e-6,
		points: rationals("0", "5/8", "-5/8", "3/2", "-3/2"),
	}
	testF63 = winogradTest{
		name: "F63", of: func(k *Kernels) Winograd { return k.F63 }, tile: 6, side: 8, rms: 1e-5,
		points: rationals("0", "1/2", "-1/2", "1", "-1", "2", "-2"),
	}
	winogradTests = []winogradTest{testF43, testF63}
)

func rationals(numbers ...string) []*big.Rat {
	all := make([]*big.Rat, len(numbers))
	for i, n := range numbers {
		all[i], _ = new(big.Rat).SetString(n)
	}
	return all
}

// matrices returns the matrices of the transforms.
func (w winogradTest) matrices() (at, g, bt rational) { return toomCook(w.points, w.tile, 3) }

type rational [][]*big.Rat

// toomCook returns the matrices of F(m, r) at the points and infinity, by the theorem rather than by
// the numbers: Aᵀ and G evaluate polynomials, Bᵀ holds the coefficients of Lagrange's basis.
func toomCook(points []*big.Rat, m, r int) (at, g, bt rational) {
	n := m + r - 1
	power := func(x *big.Rat, e int) *big.Rat {
		p := big.NewRat(1, 1)
		for range e {
			p.Mul(p, x)
		}
		return p
	}
	for i := range n {
		product := []*big.Rat{big.NewRat(1, 1)} // of x - p for all points but the i-th
		norm := big.NewRat(1, 1)                // its value at the i-th
		for j, p := range points {
			if j == i {
				continue
			}
			next := make([]*big.Rat, len(product)+1)
			for e := range next {
				next[e] = new(big.Rat)
				if e > 0 {
					next[e].Set(product[e-1])
				}
				if e < len(product) {
					next[e].Sub(next[e], new(big.Rat).Mul(p, product[e]))
				}
			}
			product = next
			if i < len(points) {
				norm.Mul(norm, new(big.Rat).Sub(points[i], p))
			}
		}
		for len(product) < n {
			product = append(product, new(big.Rat))
		}
		bt = append(bt, product)
		row := make([]*big.Rat, r)
		for e := range row {
			switch {
			case i < len(points):
				row[e] = new(big.Rat).Quo(power(points[i], e), norm)
			case e == r-1:
				row[e] = big.NewRat(1, 1)
			default:
				row[e] = new(big.Rat)
			}
		}
		g = append(g, row)
	}
	for y := range m {
		row := make([]*big.Rat, n)
		for i := range row {
			switch {
			case i < len(points):
				row[i] = power(points[i], y)
			case y == m-1:
				row[i] = big.NewRat(1, 1)
			default:
				row[i] = new(big.Rat)
			}
		}
		at = append(at, row)
	}
	return at, g, bt
}

// floats returns the matrix in float64.
func (m rational) floats() [][]float64 {
	f := make([][]float64, len(m))
	for i, row := range m {
		for _, x := range row {
			v, _ := x.Float64()
			f[i] = append(f[i], v)
		}
	}
	return f
}

// The theorem gives a convolution: Aᵀ·[(G·g) ∘ (Bᵀ·d)] is Σ g[k]·d[y+k], exactly.
func TestWinogradMatricesConvolve(t *testing.T) {
	for _, w := range winogradTests {
		at, g, bt := w.matrices()
		for y := range w.tile {
			for k := range 3 {
				for x := range w.side {
					sum := new(big.Rat)
					for i := range w.side {
						p := new(big.Rat).Mul(at[y][i], g[i][k])
						sum.Add(sum, p.Mul(p, bt[i][x]))
					}
					want := big.NewRat(0, 1)
					if x == y+k {
						want = big.NewRat(1, 1)
					}
					if sum.Cmp(want) != 0 {
						t.Errorf("%s: output %d has %v of input %d times weight %d, want %v", w.name, y, sum, x, k, want)
					}
				}
			}
		}
	}
}

// The definition has the matrices of the theorem: exactly, but for the rounding of G.
func TestGenericWinogradIsToomCook(t *testing.T) {
	for _, w := range winogradTests {
		at, g, bt := w.matrices()
		generic := genericWinograd{winogradTile(w.tile)}
		for _, c := range []struct {
			name      string
			matrix    rational
			transform func(r []float32, to int, d []float32, from int)
			tol       float64
		}{
			{"Bᵀ", bt, generic.input, 0},
			{"Aᵀ", at, generic.output, 0},
			{"G", g, generic.weights, ulp},
		} {
			testMatrix(t, w.name+": "+c.name, c.matrix.floats(), c.transform, c.tol)
		}
	}
}

// testMatrix checks that a one-dimensional transform multiplies by a matrix.
func testMatrix(t *testing.T, name string, matrix [][]float64,
	transform func(r []float32, to int, d []float32, from int), tol float64) {
	for j := range matrix[0] {
		unit, column := make([]float32, len(matrix[0])), make([]float32, len(matrix))
		unit[j] = 1
		transform(column, 1, unit, 1)
		for i, row := range matrix {
			if !near(column[i], row[j], tol*math.Abs(row[j])) {
				t.Errorf("%s[%d][%d] = %v, want %v", name, i, j, column[i], row[j])
			}
		}
	}
}

// transform returns m·d·mᵀ, and the same of the absolute values: what rounding errors are relative to.
func transform(m [][]float64, d func(y, x int) float64) (value, size [][]float64) {
	n := len(m[0])
	value, size = make([][]float64, len(m)), make([][]float64, len(m))
	for i := range m {
		value[i], size[i] = make([]float64, len(m)), make([]float64, len(m))
		column, columnSize := make([]float64, n), make([]float64, n)
		for x := range n {
			for y := range n {
				if m[i][y] != 0 { // 0 times infinity is not part of the sum
					column[x] += m[i][y] * d(y, x)
					columnSize[x] += math.Abs(m[i][y] * d(y, x))
				}
			}
		}
		for j := range m {
			for x := range n {
				if m[j][x] != 0 {
					value[i][j] += m[j][x] * column[x]
					size[i][j] += math.Abs(m[j][x]) * columnSize[x]
				}
			}
		}
	}
	return value, size
}

// winogradRounding is how many roundings a result of two transforms may have gone through, and that
// into intermediate results of up to a few times the sum of absolute values.
const winogradRounding = 16 * ulp

// tileCase is a row of tiles: guards lie between its rows, its pixels and its points.
type tileCase struct {
	c, tiles          int
	pointGap, rowGap  int
	pixelGap          int // in the output only
	bias, relu, whole bool
	offset            int
}

// wideTiles are the numbers of channels from which on other kernels transform the inputs.
var wideTiles = []int{256, 456}

// tileCases calls f with channels around the widths of vectors, and gaps and offsets of all kinds.
func tileCases(f func(tileCase)) {
	count := 0
	for c := range 71 {
		for _, tiles := range []int{0, 1, 2, 5} {
			count++
			f(tileCase{c: c, tiles: tiles, offset: count % 17,
				bias: count%2 == 0, relu: count%3 == 0, whole: count%5 == 0})
			f(tileCase{c: c, tiles: tiles, pointGap: 5, rowGap: 7, pixelGap: 3, offset: count * 3 % 17,
				bias: count%3 == 0, relu: count%2 == 0})
		}
	}
	for _, wide := range wideTiles {
		for c := wide; c < wide+17; c++ {
			f(tileCase{c: c, tiles: 1 + c%2, pointGap: 5, rowGap: 7, pixelGap: 3, offset: c % 17, whole: c%5 == 0})
		}
	}
	f(tileCase{c: 129, tiles: 70, bias: true, relu: true}) // more than one call to assembly takes
	f(tileCase{c: 9000, tiles: 2})
}

func (w winogradTest) in(t *testing.T, k *Kernels) {
	_, _, bt := w.matrices()
	matrix := bt.floats()
	r := newRand()
	tileCases(func(c tileCase) {
		n := c.tiles * c.c
		width := (w.tile*c.tiles + 2) * c.c
		point, row := n+c.pointGap, width+c.rowGap
		src := guard(size(w.side, width, row, 1), c.offset)
		dst := guard(size(w.side*w.side, n, point, 1), c.offset*5%17)
		src.owned = func(i int) bool { return i%row < width }
		dst.owned = func(i int) bool { return i%point < n }
		fill := normals(r, false)
		if c.whole {
			fill = integers(r, 2)
		}
		src.fill(fill)
		w.of(k).In(dst.v, src.v, Tiles{Tiles: c.tiles, Channels: c.c, Row: row, Pixel: c.c, Point: point})
		src.check(t, fmt.Sprintf("%+v", c))
		dst.check(t, fmt.Sprintf("%+v", c))
		for i := range n {
			x0 := w.tile*(i/c.c)*c.c + i%c.c
			want, size := transform(matrix, func(y, x int) float64 { return float64(src.v[y*row+x0+x*c.c]) })
			for p := range w.side * w.side {
				tol := winogradRounding * size[p/w.side][p%w.side]
				if c.whole {
					tol = 0 // (5/8)⁴ takes 12 fractional bits
				}
				if got := dst.v[p*point+i]; !near(got, want[p/w.side][p%w.side], tol) {
					t.Fatalf("%+v: point %d of %d = %v, want %v", c, p, i, got, want[p/w.side][p%w.side])
				}
			}
		}
	})
	testSpread(t, matrix, w.side, func(dst, src []float32, c int) {
		w.of(k).In(dst, src, Tiles{
			Tiles: 1, Channels: c, Row: w.side * c, Pixel: c, Point: c,
		})
	})
}

// testSpread checks that a NaN or an infinity among n x n elements of 19 channels reaches exactly the
// results of m·d·mᵀ that depend on it, in its own channel; shared sums may spread an infinity as NaN.
func testSpread(t *testing.T, m [][]float64, n int, run func(dst, src []float32, c int)) {
	const c = 19
	outs := len(m)
	for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for at := range n * n {
			for _, ch := range []int{0, 7, 18} {
				src, dst := make([]float32, n*n*c), make([]float32, outs*outs*c)
				src[at*c+ch] = special
				run(dst, src, c)
				for i, got := range dst {
					p := i / c
					counts := m[p/outs][at/n] != 0 && m[p%outs][at%n] != 0
					finite := !math.IsNaN(float64(got)) && !math.IsInf(float64(got), 0)
					if i%c == ch && counts && finite || i%c != ch && got != 0 {
						t.Fatalf("%v in element %d, channel %d: result %d, channel %d = %v", special, at, ch, p, i%c, got)
					}
				}
			}
		}
	}
}

func (w winogradTest) out(t *testing.T, k *Kernels) {
	at, _, _ := w.matrices()
	matrix := at.floats()
	r := newRand()
	tileCases(func(c tileCase) {
		n := c.tiles * c.c
		pixel := c.c + c.pixelGap
		point, row := n+c.pointGap, w.tile*c.tiles*pixel+c.rowGap
		outs := 0
		if n > 0 {
			outs = (w.tile-1)*row + (w.tile*c.tiles-1)*pixel + c.c
		}
		src, dst := guard(size(w.side*w.side, n, point, 1), c.offset), guard(outs, c.offset*5%17)
		src.owned = func(i int) bool { return i%point < n }
		dst.owned = func(i int) bool { return i%row < w.tile*c.tiles*pixel && i%row%pixel < c.c }
		bias := guard(c.c, c.offset*3%17)
		fill := normals(r, false)
		if c.whole {
			fill = integers(r, 1)
		}
		src.fill(fill)
		bias.fill(fill)
		b := bias.v
		if !c.bias {
			b = nil
		}
		w.of(k).Out(dst.v, src.v, Tiles{
			Tiles: c.tiles, Channels: c.c, Row: row, Pixel: pixel, Point: point,
		}, b, c.relu)
		for _, g := range []*guarded{src, dst, bias} {
			g.check(t, fmt.Sprintf("%+v", c))
		}
		for i := range n {
			want, size := transform(matrix, func(y, x int) float64 { return float64(src.v[(w.side*y+x)*point+i]) })
			for p := range w.tile * w.tile {
				y, x := p/w.tile, p%w.tile
				exact, tol := want[y][x], winogradRounding*size[y][x]
				if c.bias {
					exact += float64(b[i%c.c])
					tol += winogradRounding * math.Abs(float64(b[i%c.c]))
				}
				if c.whole {
					tol = 0 // A³ takes 18 fractional bits
				}
				if c.relu {
					exact = max(exact, 0)
				}
				if got := dst.v[y*row+(w.tile*(i/c.c)+x)*pixel+i%c.c]; !near(got, exact, tol) {
					t.Fatalf("%+v: output %d,%d of %d = %v, want %v", c, y, x, i, got, exact)
				}
			}
		}
	})
	w.outNaN(t, k)
}

// ReLU keeps NaN. A NaN or an infinity, in a product or the bias, reaches every output of its channel that
// depends on it, and no other channel.
func (w winogradTest) outNaN(t *testing.T, k *Kernels) {
	at, _, _ := w.matrices()
	matrix := at.floats()
	const c = 19
	for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		for _, relu := range []bool{false, true} {
			for p := range w.side*w.side + 1 {
				for _, ch := range []int{0, 7, 18} {
					src, dst, bias := make([]float32, w.side*w.side*c), make([]float32, w.tile*w.tile*c), make([]float32, c)
					if p < w.side*w.side {
						src[p*c+ch] = special
					} else {
						bias[ch] = special
					}
					w.of(k).Out(dst, src, Tiles{
						Tiles: 1, Channels: c, Row: w.tile * c, Pixel: c, Point: c,
					}, bias, relu)
					for i, got := range dst {
						y, x := i/c/w.tile, i/c%w.tile
						counts := p == w.side*w.side || matrix[y][p/w.side] != 0 && matrix[x][p%w.side] != 0
						finite := !math.IsNaN(float64(got)) && !math.IsInf(float64(got), 0)
						// ReLU makes 0 of -Inf.
						if i%c == ch && counts && finite && !(relu && !math.IsNaN(float64(special)) && got == 0) ||
							i%c != ch && got != 0 {
							t.Fatalf("%v in point %d, channel %d, ReLU %v: output %d,%d, channel %d = %v",
								special, p, ch, relu, y, x, i%c, got)
						}
					}
				}
			}
		}
	}
}

func (w winogradTest) filter(t *testing.T, k *Kernels) {
	_, weights, _ := w.matrices()
	matrix := weights.floats()
	r := newRand()
	run := func(n, rows, pointGap, gap, offset int) {
		what := fmt.Sprintf("%d rows of %d filters, gaps %d and %d", rows, n, pointGap, gap)
		to, row := n+pointGap, n+gap
		point, stride := rows*to+pointGap, rows*row+gap
		g := guard(size(9, max(0, (rows-1)*row+n), stride, 1), offset)
		dst := guard(size(w.side*w.side, max(0, (rows-1)*to+n), point, 1), offset*5%17)
		g.owned = func(i int) bool { return i%stride < rows*row && i%stride%row < n }
		dst.owned = func(i int) bool { return i%point < rows*to && i%point%to < n }
		g.fill(normals(r, false))
		w.of(k).Filter(dst.v, g.v, Filters{
			Filters: n, Rows: rows, Weight: stride, WeightRow: row, Point: point, PointRow: to,
		})
		g.check(t, what)
		dst.check(t, what)
		for f := range n * rows {
			i, f := f/n, f%n
			want, size := transform(matrix, func(y, x int) float64 { return float64(g.v[(3*y+x)*stride+i*row+f]) })
			for p := range w.side * w.side {
				want, tol := want[p/w.side][p%w.side], winogradRounding*size[p/w.side][p%w.side]
				if got := dst.v[p*point+i*to+f]; !near(got, want, tol) {
					t.Fatalf("%s: point %d of %d,%d = %v, want %v", what, p, i, f, got, want)
				}
			}
		}
	}
	for n := range 140 {
		run(n, 1, 0, 0, n%17)
		run(n, 1+n%4, 5, 3, n*3%17)
	}
	run(9000, 1, 16, 0, 0)
	run(32, 300, 16, 0, 0)

	for _, special := range []float32{float32(math.NaN()), float32(math.Inf(1))} {
		for at := range 9 {
			g, dst := make([]float32, 9*19), make([]float32, w.side*w.side*19)
			g[at*19+7] = special
			w.of(k).Filter(dst, g, Filters{
				Filters: 19, Rows: 1, Weight: 19, WeightRow: 19, Point: 19, PointRow: 19,
			})
			for i, got := range dst {
				p := i / 19
				counts := i%19 == 7 && matrix[p/w.side][at/3] != 0 && matrix[p%w.side][at%3] != 0
				finite := !math.IsNaN(float64(got)) && !math.IsInf(float64(got), 0)
				if counts && finite || i%19 != 7 && got != 0 {
					t.Fatalf("%v in weight %d: point %d of filter %d = %v", special, at, p, i%19, got)
				}
			}
		}
	}
}

// The whole convolution of 512 channels, with the data of a network at its start (He et al.,
// arXiv:1502.01852), stays close to a direct one in float64.
func TestWinogradConvolutionError(t *testing.T) {
	for _, w := range winogradTests {
		t.Run(w.name, w.convolutionError)
	}
}

func (w winogradTest) convolutionError(t *testing.T) {
	const channels, outs, tiles = 512, 32, 5
	tile, points := w.tile, w.side*w.side
	width := tile*tiles + 2
	r := newRand()
	in, g := make([]float32, w.side*width*channels), make([]float32, 9*channels*outs)
	for i := range in {
		in[i] = float32(max(0, r.NormFloat64()))
	}
	for i := range g { // [weight][channel][output]
		g[i] = float32(r.NormFloat64() * math.Sqrt(2.0/(9*channels)))
	}
	want := make([]float64, tile*tile*tiles*outs)
	for y := range tile {
		for x := range tile * tiles {
			out := want[(y*tile*tiles+x)*outs:][:outs]
			for k := range 9 {
				for ch := range channels {
					v := float64(in[((y+k/3)*width+x+k%3)*channels+ch])
					for o, w := range g[(k*channels+ch)*outs:][:outs] {
						out[o] += v * float64(w)
					}
				}
			}
		}
	}
	for _, k := range Available() {
		filters, packed := make([]float32, points*channels*outs), make([]float32, k.PackedSize(channels, outs))
		w.of(k).Filter(filters, g, Filters{
			Filters: outs, Rows: channels, Weight: channels * outs, WeightRow: outs,
			Point: channels * outs, PointRow: outs,
		})
		v, products := make([]float32, points*tiles*channels), make([]float32, points*tiles*outs)
		w.of(k).In(v, in, Tiles{
			Tiles: tiles, Channels: channels, Row: width * channels, Pixel: channels, Point: tiles * channels,
		})
		for p := range points {
			k.PackB(packed, filters[p*channels*outs:], channels, outs, outs, 1)
			k.Gemm(Gemm{
				M: tiles, N: outs, K: channels, A: v[p*tiles*channels:], ARowStride: channels, AColStride: 1,
				B: packed, C: products[p*tiles*outs:], LDC: outs,
			})
		}
		got := make([]float32, len(want))
		w.of(k).Out(got, products, Tiles{
			Tiles: tiles, Channels: outs, Row: tile * tiles * outs, Pixel: outs, Point: tiles * outs,
		}, nil, false)
		var error, size, worst float64
		for i := range want {
			e := math.Abs(float64(got[i]) - want[i])
			error, size, worst = error+e*e, size+want[i]*want[i], max(worst, e)
		}
		rms := math.Sqrt(size / float64(len(want)))
		relative := math.Sqrt(error / size)
		t.Logf("%s: rms error %.2e, largest %.2e of the rms of the output", k.Name, relative, worst/rms)
		if !(relative <= w.rms) {
			t.Errorf("%s: rms error %.2e of the output's rms, more than %v", k.Name, relative, w.rms)
		}
	}
}

func TestWinogradThatMakesNoSensePanics(t *testing.T) {
	v := make([]float32, 4096)
	for _, k := range Available() {
		for _, w := range []Winograd{k.F43, k.F63} {
			for name, f := range map[string]func(){
				"points that overlap": func() {
					w.In(v, v, Tiles{
						Tiles: 2, Channels: 4, Row: 40, Pixel: 4, Point: 7,
					})
				},
				"a negative row": func() {
					w.In(v, v, Tiles{
						Tiles: 2, Channels: 4, Row: -1, Pixel: 4, Point: 8,
					})
				},
				"a negative number of tiles": func() {
					w.In(v, v, Tiles{
						Tiles: -1, Channels: 4, Row: 40, Pixel: 4, Point: 8,
					})
				},
				"pixels that overlap": func() {
					w.Out(v, v, Tiles{
						Tiles: 2, Channels: 4, Row: 32, Pixel: 3, Point: 8,
					}, nil, false)
				},
				"a negative point": func() {
					w.Out(v, v, Tiles{
						Tiles: 2, Channels: 4, Row: 32, Pixel: 4, Point: -8,
					}, nil, false)
				},
				"a bias that is empty": func() {
					w.Out(v, v, Tiles{
						Tiles: 2, Channels: 4, Row: 32, Pixel: 4, Point: 8,
					}, []float32{}, false)
				},
				"filters that overlap": func() {
					w.Filter(v, v, Filters{
						Filters: 4, Rows: 1, Weight: 4, WeightRow: 4, Point: 3, PointRow: 4,
					})
				},
				"rows of filters that overlap": func() {
					w.Filter(v, v, Filters{
						Filters: 4, Rows: 2, Weight: 4, WeightRow: 4, Point: 12, PointRow: 3,
					})
				},
				"a negative number of filters": func() {
					w.Filter(v, v, Filters{
						Filters: -1, Rows: 1, Weight: 4, WeightRow: 4, Point: 3, PointRow: 4,
					})
				},
			} {
				if !panics(f) {
					t.Errorf("%s: %s does not panic with tiles of %d", k.Name, name, w.Tile)
				}
			}
		}
	}
}
