package bench

import (
	"context"
	"slices"

	"oneiro/render"
	"oneiro/simd"
)

// Peak measures arithmetic: on every thread, a product of matrices that stay in its caches, of the shape
// that convolutions have.
var Peak = Workload{Name: "peak/gemm", Quick: true, Bound: ByArithmetic, Open: openPeak}

func openPeak(e *render.Engine) (*Instance, error) {
	const m, n, k, times = 96, 64, 256, 16 // whole register tiles with all kernels
	kernels, pool := e.Kernels, e.Pool
	threads := pool.Threads()
	a := noise("a", m*k, -1, 1)
	b := make([]float32, kernels.PackedSize(k, n))
	kernels.PackB(b, noise("b", k*n, -1, 1), k, n, n, 1)
	c := make([][]float32, threads)
	for i := range c {
		c[i] = make([]float32, m*n)
	}
	piece := func(_, worker int) {
		kernels.Gemm(simd.Gemm{M: m, N: n, K: k, A: a, ARowStride: k, AColStride: 1, B: b, C: c[worker], LDC: n})
	}
	return &Instance{
		Run: func(context.Context) error {
			pool.Run(times*threads, piece)
			return nil
		},
		Outputs: func() [][]float32 { // of a thread that took part: all have the same
			worked := slices.IndexFunc(c, func(v []float32) bool { return v[0] != 0 })
			return c[worked:][:1]
		},
		FLOPs: 2 * float64(m*n*k) * float64(times*threads),
		Bytes: 4 * int64(m*k+k*n+m*n) * int64(times*threads),
		Close: func() error { return nil },
	}, nil
}

// Bandwidth measures memory: a copy of more than caches hold, divided among the threads.
var Bandwidth = Workload{Name: "peak/copy", Quick: true, Bound: ByMemory, Open: openBandwidth}

func openBandwidth(e *render.Engine) (*Instance, error) {
	const length, piece = 1 << 24, 1 << 16 // 64 MiB
	pool := e.Pool
	dst, src := make([]float32, length), make([]float32, length)
	for i := range src { // otherwise all of it would be one page of zeros
		src[i] = float32(i)
	}
	task := func(i, _ int) { copy(dst[i*piece:(i+1)*piece], src[i*piece:]) }
	return &Instance{
		Run: func(context.Context) error {
			pool.Run(length/piece, task)
			return nil
		},
		Outputs: func() [][]float32 { return [][]float32{dst} },
		Bytes:   2 * 4 * length,
		Close:   func() error { return nil },
	}, nil
}
