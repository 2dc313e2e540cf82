package simd

import (
	"fmt"
	"testing"
)

func BenchmarkGemm(b *testing.B) {
	type shape struct {
		name       string
		m, n, k    int
		transposed bool
	}
	for _, k := range Available() {
		for _, s := range []shape{
			{name: "96x256x1152", m: 96, n: 256, k: 1152},
			{name: "96x256x1152/transposed", m: 96, n: 256, k: 1152, transposed: true},
			{name: "96x512x512", m: 96, n: 512, k: 512},
			{name: "96x512x1024", m: 96, n: 512, k: 1024},
			{name: "16x64x64", m: 16, n: 64, k: 64},
			{name: "22x128x128", m: 22, n: 128, k: 128},
			{name: "16x256x256", m: 16, n: 256, k: 256},
			{name: "96x48x1152", m: 96, n: 48, k: 1152},
			{name: "64x27x64", m: 64, n: 27, k: 64},
		} {
			b.Run(k.Name+"/"+s.name, func(b *testing.B) {
				r := newRand()
				x := guard(s.m*s.k, 0).fill(normals(r, false)).v
				w := guard(s.k*s.n, 0).fill(normals(r, false)).v
				packed := guard(k.PackedSize(s.k, s.n), 0).v
				k.PackB(packed, w, s.k, s.n, s.n, 1)
				c := guard(s.m*s.n, 0).v
				ars, aks := s.k, 1
				if s.transposed {
					ars, aks = 1, s.m
				}
				g := Gemm{M: s.m, N: s.n, K: s.k, A: x, ARowStride: ars, AColStride: aks, B: packed, C: c, LDC: s.n}
				for b.Loop() {
					k.Gemm(g)
				}
				flops := 2 * float64(s.m) * float64(s.n) * float64(s.k) * float64(b.N)
				b.ReportMetric(flops/1e9/b.Elapsed().Seconds(), "GFLOP/s")
			})
		}
	}
}

// BenchmarkVector runs the element-wise kernels and the sums on 4096 floats, which fit the first
// cache, and on 1Mi, which do not.
func BenchmarkVector(b *testing.B) {
	r := newRand()
	for _, n := range []int{4096, 1 << 20} {
		for _, k := range Available() {
			x, y, z := guard(n, 0).fill(normals(r, false)).v, guard(n, 0).fill(normals(r, false)).v, guard(n, 0).v
			v, g := guard(n, 0).fill(func() float32 { return r.Float32() }).v, guard(n, 0).fill(normals(r, false)).v
			slope := guard(n, 0).v
			for name, f := range map[string]struct {
				vectors int // read or written
				run     func()
			}{
				"ReLU":            {2, func() { k.ReLU(z, x) }},
				"ReLUGrad":        {3, func() { k.ReLUGrad(z, x, y) }},
				"Add":             {3, func() { k.Add(z, x, y) }},
				"Axpy":            {3, func() { k.Axpy(z, x, 1e-9) }},
				"Sum":             {1, func() { k.Sum(x) }},
				"Dot":             {2, func() { k.Dot(x, y) }},
				"SquaredDistance": {2, func() { k.SquaredDistance(x, y) }},
				"Adam":            {7, func() { k.Adam(x, y, v, g, AdamStep{0.9, 0.999, 1e-9, 1e-8, 1, 1}) }},
				"LRN":             {2, func() { k.LRN(z, nil, v, 1e-4/5, 1) }},
				"Relax": {13, func() {
					k.Relax(z[1:], Relaxation{x, y, y, x, x, x, x, x, y, y, v, 0.1})
				}},
				"LRN/slope": {3, func() { k.LRN(z, slope, v, 1e-4/5, 1) }},
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", name, n, k.Name), func(b *testing.B) {
					b.SetBytes(int64(4 * n * f.vectors))
					for b.Loop() {
						f.run()
					}
				})
			}
		}
	}
}

// BenchmarkPool pools a row of 256 windows of 64 channels; bytes are those of the input.
func BenchmarkPool(b *testing.B) {
	for _, w := range []Pool{{WinH: 2, WinW: 2, Step: 2}, {WinH: 3, WinW: 3, Step: 2}} {
		w.Out, w.Channels, w.Stride, w.DstStride = 256, 64, 64, 64
		w.Row = (255*w.Step + w.WinW) * 64
		r := newRand()
		in := guard(w.inputs(), 0).fill(normals(r, false)).v
		dx, out := guard(w.inputs(), 0).fill(normals(r, false)).v, guard(w.outputs(), 0).fill(normals(r, false)).v
		for _, k := range Available() {
			for name, run := range map[string]func(){
				"MaxPool":     func() { k.MaxPool(out, in, w) },
				"MaxPoolGrad": func() { k.MaxPoolGrad(dx, in, out, w) },
				"AvgPool":     func() { k.AvgPool(out, in, w, 0.25) },
				"AvgPoolGrad": func() { k.AvgPoolGrad(dx, out, w, 0.25) },
			} {
				b.Run(fmt.Sprintf("%s/%dx%d/%s", name, w.WinH, w.WinW, k.Name), func(b *testing.B) {
					b.SetBytes(int64(4 * len(in)))
					for b.Loop() {
						run()
					}
				})
			}
		}
	}
}

// BenchmarkBits runs the kernels with bits as a convolution's blocks do, on rows or windows of some
// channels that fit the first cache or the second; bytes are the floats read and written. Beside them
// are the kernels that they stand in for.
func BenchmarkBits(b *testing.B) {
	const rows = 32
	for _, k := range Available() {
		for _, n := range []int{64, 256} {
			p := Windows{
				Windows: rows, Channels: n, Step: 2 * n, Right: n, Down: 2*n*rows + 16, Pixel: n, Words: wordsOf(n),
			}
			pool := Pool{Out: rows, Step: 2, WinH: 2, WinW: 2, Channels: n, Stride: n, Row: p.Down, DstStride: n}
			r := newRand()
			full, pooled := guard(2*p.Down, 0).fill(normals(r, false)).v, guard(rows*n, 0).fill(normals(r, false)).v
			dx, dst := guard(2*p.Down, 0).fill(normals(r, false)).v, guard(rows*n, 0).v
			right, low := make([]uint32, rows*p.Words), make([]uint32, rows*p.Words)
			k.MaxPoolArgMax(dst, right, low, full, p)
			for name, f := range map[string]struct {
				floats int // of every channel of a row or window
				run    func()
			}{
				"Positive":      {1, func() { k.Positive(right, p.Words, full, 2*n, rows, n) }},
				"Mask":          {2, func() { k.Mask(dst, pooled, n, low, p.Words, rows, n) }},
				"ReLUGrad":      {3, func() { k.ReLUGrad(dst, pooled, full[:rows*n]) }},
				"MaxPoolArgMax": {5, func() { k.MaxPoolArgMax(dst, right, low, full, p) }},
				"MaxPool":       {5, func() { k.MaxPool(dst, full, pool) }},
				"MaxUnpool":     {3, func() { k.MaxUnpool(dx, pooled, right, low, true, p) }},
				"MaxPoolGrad":   {13, func() { k.MaxPoolGrad(dx, full, pooled, pool) }},
			} {
				b.Run(fmt.Sprintf("%s/%dx%d/%s", name, rows, n, k.Name), func(b *testing.B) {
					b.SetBytes(int64(4 * rows * n * f.floats))
					for b.Loop() {
						f.run()
					}
				})
			}
		}
	}
}

// BenchmarkGemmBatch multiplies as a Winograd convolution of F(4,3) does: 36 products with their own
// filters, one panel of columns at a time. The filters of 512 channels fit no cache.
func BenchmarkGemmBatch(b *testing.B) {
	for _, k := range Available() {
		for _, s := range []struct{ channels, tiles int }{{64, 16}, {128, 22}, {256, 16}, {512, 64}} {
			b.Run(fmt.Sprintf("%s/%dx%d", k.Name, s.tiles, s.channels), func(b *testing.B) {
				const points, pad = 36, 16 // pad keeps the points from the same cache sets
				r := newRand()
				panel := s.channels * k.NR
				filters := guard(points*s.channels*s.channels, 0).fill(r.Float32).v
				tiles := guard(points*(s.tiles*s.channels+pad), 0).fill(normals(r, false)).v
				out := guard(points*s.tiles*k.NR, 0).v
				for b.Loop() {
					for i := range s.channels / k.NR {
						for p := range points {
							k.Gemm(Gemm{
								M: s.tiles, N: k.NR, K: s.channels,
								A: tiles[p*(s.tiles*s.channels+pad):], ARowStride: s.channels, AColStride: 1,
								B: filters[(i*points+p)*panel:], C: out[p*s.tiles*k.NR:], LDC: k.NR,
							})
						}
					}
				}
				flops := 2 * points * float64(s.tiles) * float64(s.channels) * float64(s.channels) * float64(b.N)
				b.ReportMetric(flops/1e9/b.Elapsed().Seconds(), "GFLOP/s")
			})
		}
	}
}

// BenchmarkWinograd transforms what a block of a convolution holds; bytes are those read and written.
// ns/tile is the time of one channel of one tile, or of one filter.
func BenchmarkWinograd(b *testing.B) {
	for _, k := range Available() {
		for _, w := range winogradTests {
			for _, s := range []struct{ channels, tiles int }{{64, 1}, {64, 16}, {128, 22}, {256, 16}, {512, 32}} {
				w.benchmark(b, k, s.channels, s.tiles)
			}
		}
	}
}

func (w winogradTest) benchmark(b *testing.B, k *Kernels, channels, tiles int) {
	n, points := channels*tiles, w.side*w.side
	point, row, outRow := n+16, (w.tile*tiles+2)*channels, w.tile*n
	r := newRand()
	in, out := guard(w.side*row, 0).fill(normals(r, false)).v, guard(w.tile*outRow, 0).v
	v, bias := guard(points*point, 0).fill(normals(r, false)).v, guard(channels, 0).fill(r.Float32).v
	weights := guard(9*n, 0).fill(normals(r, false)).v
	type transform struct {
		floats int
		run    func()
	}
	transforms := map[string]transform{
		"In": {points*n + w.side*row, func() {
			w.of(k).In(v, in, Tiles{
				Tiles: tiles, Channels: channels, Row: row, Pixel: channels, Point: point,
			})
		}},
		"Out": {(points + w.tile*w.tile) * n, func() {
			w.of(k).Out(out, v, Tiles{
				Tiles: tiles, Channels: channels, Row: outRow, Pixel: channels, Point: point,
			}, bias, true)
		}},
		"Filter": {(points + 9) * n, func() {
			w.of(k).Filter(v, weights, Filters{
				Filters: channels, Rows: tiles, Weight: n, WeightRow: channels, Point: point, PointRow: channels,
			})
		}},
	}
	if w.tile == 4 {
		transforms["GradIn"] = transform{(points + w.tile*w.tile) * n, func() {
			k.WinogradGradIn(v, out, Tiles{
				Tiles: tiles, Channels: channels, Row: outRow, Pixel: channels, Point: point,
			})
		}}
		transforms["FilterGrad"] = transform{(points + 9) * n, func() {
			k.WinogradFilterGrad(weights, n, v, point, n, false)
		}}
	}
	for name, f := range transforms {
		b.Run(fmt.Sprintf("%s.%s/%dx%d/%s", w.name, name, tiles, channels, k.Name), func(b *testing.B) {
			b.SetBytes(int64(4 * f.floats))
			for b.Loop() {
				f.run()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/tile")
		})
	}
}
