package simd

import "fmt"

// mustHave panics if v has fewer than n elements.
func mustHave(v []float32, n int) {
	if len(v) < n {
		panicShort(len(v), n)
	}
}

func panicShort(have, want int) {
	panic(fmt.Sprintf("simd: a vector of %d floats where %d are needed", have, want))
}

// checkGemm panics unless every element that Gemm touches lies inside its slice.
func checkGemm(nr, m, n, k int, a []float32, ars, aks int, b, c []float32, ldc int, bias []float32) {
	if m < 0 || n < 0 || k < 0 || ars < 0 || aks < 0 || ldc < 0 || (m > 1 && ldc < n) {
		panic(fmt.Sprintf("simd: gemm of %dx%dx%d with strides %d, %d and %d", m, n, k, ars, aks, ldc))
	}
	if m == 0 || n == 0 {
		return
	}
	if k > 0 {
		mustHave(a, (m-1)*ars+(k-1)*aks+1)
	}
	mustHave(b, (n+nr-1)/nr*nr*k)
	mustHave(c, (m-1)*ldc+n)
	if bias != nil {
		mustHave(bias, n)
	}
}

// empty says that there is nothing to do. It panics if p makes no sense.
func (p Pool) empty() bool {
	if p.Out < 0 || p.Channels < 0 || p.Step < 0 || p.WinH < 1 || p.WinW < 1 ||
		p.Stride < 0 || p.Row < 0 || p.DstStride < 0 {
		panic(fmt.Sprintf("simd: pool of %+v", p))
	}
	return p.Out == 0 || p.Channels == 0
}

// inputs and outputs return how many floats one row of windows spans in either layout.
func (p Pool) inputs() int {
	return (p.WinH-1)*p.Row + ((p.Out-1)*p.Step+p.WinW-1)*p.Stride + p.Channels
}

func (p Pool) outputs() int { return (p.Out-1)*p.DstStride + p.Channels }
