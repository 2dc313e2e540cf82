package simd

import (
	"fmt"
	"math"
	"testing"
)

// transposed returns the transpose of a matrix.
func transposed(m [][]float64) [][]float64 {
	t := make([][]float64, len(m[0]))
	for j := range t {
		for i := range m {
			t[j] = append(t[j], m[i][j])
		}
	}
	return t
}

// The definition has the transposes of the forward pass's matrices: A exactly, G but for rounding.
func TestGenericWinogradGradIsTransposed(t *testing.T) {
	at, g, _ := testF43.matrices()
	testMatrix(t, "A", transposed(at.floats()), gradInput43, 0)
	testMatrix(t, "Gᵀ", transposed(g.floats()), filterGradient43, ulp)
}

func testWinogradGradIn(t *testing.T, k *Kernels) {
	at, _, _ := testF43.matrices()
	matrix := transposed(at.floats())
	r := newRand()
	tileCases(func(c tileCase) {
		what := fmt.Sprintf("%+v", c)
		n, pixel := c.tiles*c.c, c.c+c.pixelGap
		point, row := n+c.pointGap, 4*c.tiles*pixel+c.rowGap
		ins := 0
		if n > 0 {
			ins = 3*row + (4*c.tiles-1)*pixel + c.c
		}
		src, dst := guard(ins, c.offset), guard(size(36, n, point, 1), c.offset*5%17)
		src.owned = func(i int) bool { return i%row < 4*c.tiles*pixel && i%row%pixel < c.c }
		dst.owned = func(i int) bool { return i%point < n }
		fill := normals(r, false)
		if c.whole {
			fill = integers(r, 2)
		}
		src.fill(fill)
		k.WinogradGradIn(dst.v, src.v, Tiles{
			Tiles: c.tiles, Channels: c.c, Row: row, Pixel: pixel, Point: point,
		})
		src.check(t, what)
		dst.check(t, what)
		for i := range n {
			at := src.v[4*(i/c.c)*pixel+i%c.c:]
			want, size := transform(matrix, func(y, x int) float64 { return float64(at[y*row+x*pixel]) })
			for p := range 36 {
				tol := winogradRounding * size[p/6][p%6]
				if c.whole {
					tol = 0 // A³ takes 18 fractional bits
				}
				if got := dst.v[p*point+i]; !near(got, want[p/6][p%6], tol) {
					t.Fatalf("%s: point %d of %d = %v, want %v", what, p, i, got, want[p/6][p%6])
				}
			}
		}
	})
	testSpread(t, matrix, 4, func(dst, src []float32, c int) {
		k.WinogradGradIn(dst, src, Tiles{
			Tiles: 1, Channels: c, Row: 4 * c, Pixel: c, Point: c,
		})
	})
}

func testWinogradFilterGrad(t *testing.T, k *Kernels) {
	_, weights, _ := testF43.matrices()
	matrix := transposed(weights.floats())
	r := newRand()
	run := func(n, pointGap, gap, offset int, accumulate bool) {
		what := fmt.Sprintf("%d filters, gaps %d and %d, accumulate %v", n, pointGap, gap, accumulate)
		point, stride := n+pointGap, n+gap
		src, dst := guard(size(36, n, point, 1), offset), guard(size(9, n, stride, 1), offset*5%17)
		src.owned = func(i int) bool { return i%point < n }
		dst.owned = func(i int) bool { return i%stride < n }
		src.fill(normals(r, false))
		dst.fill(normals(r, false))
		before := make([]float64, len(dst.v)) // what counts of it
		for i, x := range dst.v {
			if accumulate {
				before[i] = float64(x)
			}
		}
		k.WinogradFilterGrad(dst.v, stride, src.v, point, n, accumulate)
		src.check(t, what)
		dst.check(t, what)
		for f := range n {
			want, size := transform(matrix, func(y, x int) float64 { return float64(src.v[(6*y+x)*point+f]) })
			for p := range 9 {
				old := before[p*stride+f]
				tol := winogradRounding * (size[p/3][p%3] + math.Abs(old))
				if got := dst.v[p*stride+f]; !near(got, old+want[p/3][p%3], tol) {
					t.Fatalf("%s: element %d of %d = %v, want %v", what, p, f, got, old+want[p/3][p%3])
				}
			}
		}
	}
	for n := range 140 {
		run(n, 0, 0, n%17, n%2 == 0)
		run(n, 5, 3, n*3%17, n%3 == 0)
	}
	run(9000, 16, 0, 0, true)
	testSpread(t, matrix, 6, func(dst, src []float32, c int) { k.WinogradFilterGrad(dst, c, src, c, c, false) })
	testSpread(t, matrix, 6, func(dst, src []float32, c int) { k.WinogradFilterGrad(dst, c, src, c, c, true) })
}

// The whole gradient of a filter, by tiles of four rows, is that of the definition. Small integers
// are exact but for the division in G.
func TestWinogradFilterGradient(t *testing.T) {
	const in, out, tiles = 19, 35, 7
	const pixels = 4 * tiles
	r := newRand()
	x, dy := make([]float32, 6*(pixels+2)*in), make([]float32, 4*pixels*out)
	for i := range x {
		x[i] = integers(r, 3)()
	}
	for i := range dy {
		dy[i] = integers(r, 3)()
	}
	want := make([]float64, 9*in*out)
	for i := range dy {
		o, px, py := i%out, i/out%pixels, i/out/pixels
		for tap := range 9 {
			for c := range in {
				want[(tap*in+c)*out+o] += float64(dy[i]) * float64(x[((py+tap/3)*(pixels+2)+px+tap%3)*in+c])
			}
		}
	}
	for _, k := range Available() {
		panels := k.PackedSize(tiles, out)
		v, m := make([]float32, 36*tiles*in), make([]float32, 36*in*out)
		k.F43.In(v, x, Tiles{Tiles: tiles, Channels: in, Row: (pixels + 2) * in, Pixel: in, Point: tiles * in})
		d := make([]float32, 36*panels)
		for j := 0; j < out; j += k.NR {
			if out-j >= k.NR {
				k.WinogradGradIn(d[j*tiles:], dy[j:], Tiles{
					Tiles: tiles, Channels: k.NR, Row: pixels * out, Pixel: out, Point: panels,
				})
				continue
			}
			rest := make([]float32, 36*tiles*(out-j))
			k.WinogradGradIn(rest, dy[j:], Tiles{
				Tiles: tiles, Channels: out - j, Row: pixels * out, Pixel: out, Point: tiles * (out - j),
			})
			for p := range 36 {
				k.PackB(d[p*panels+j*tiles:], rest[p*tiles*(out-j):], tiles, out-j, out-j, 1)
			}
		}
		for p := range 36 {
			k.Gemm(Gemm{
				M: in, N: out, K: tiles, A: v[p*tiles*in:], ARowStride: 1, AColStride: in,
				B: d[p*panels:], C: m[p*in*out:], LDC: out,
			})
		}
		got := make([]float32, 9*in*out)
		k.WinogradFilterGrad(got, in*out, m, in*out, in*out, false)
		for i := range want {
			if !near(got[i], want[i], 1e-3) {
				t.Fatalf("%s: element %d is %v, want %v", k.Name, i, got[i], want[i])
			}
		}
	}
}

func TestWinogradGradThatMakesNoSensePanics(t *testing.T) {
	v := make([]float32, 4096)
	for _, k := range Available() {
		for name, f := range map[string]func(){
			"points that overlap": func() {
				k.WinogradGradIn(v, v, Tiles{
					Tiles: 2, Channels: 4, Row: 40, Pixel: 4, Point: 7,
				})
			},
			"a negative row": func() {
				k.WinogradGradIn(v, v, Tiles{
					Tiles: 2, Channels: 4, Row: -1, Pixel: 4, Point: 8,
				})
			},
			"a negative pixel": func() {
				k.WinogradGradIn(v, v, Tiles{
					Tiles: 2, Channels: 4, Row: 40, Pixel: -4, Point: 8,
				})
			},
			"a negative number of tiles": func() {
				k.WinogradGradIn(v, v, Tiles{
					Tiles: -1, Channels: 4, Row: 40, Pixel: 4, Point: 8,
				})
			},
			"filters that overlap":         func() { k.WinogradFilterGrad(v, 3, v, 4, 4, false) },
			"a negative point":             func() { k.WinogradFilterGrad(v, 4, v, -4, 4, false) },
			"a negative number of filters": func() { k.WinogradFilterGrad(v, 4, v, 4, -1, false) },
		} {
			if !panics(f) {
				t.Errorf("%s: %s does not panic", k.Name, name)
			}
		}
	}
}
