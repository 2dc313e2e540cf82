package cpu

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkFilterGrad measures filter gradients of 3x3 convolutions, those of training and one of a
// large picture, in Winograd's domain and the direct way.
func BenchmarkFilterGrad(b *testing.B) {
	for _, c := range []filterGradCase{
		{1, 512, 512, 64, 64}, {1, 128, 128, 64, 64}, {8, 128, 128, 64, 64},
		{1, 64, 64, 128, 128}, {8, 64, 64, 128, 128},
		{1, 32, 32, 256, 256}, {8, 32, 32, 256, 256},
		{1, 32, 32, 512, 512}, {1, 16, 16, 512, 512}, {8, 16, 16, 512, 512},
		{8, 32, 32, 32, 32}, {1, 12, 12, 64, 64}, {1, 8, 8, 512, 512},
	} {
		for _, direct := range []bool{true, false} {
			name := "winograd"
			if direct {
				name = "direct"
			}
			b.Run(fmt.Sprintf("%dx%dx%d/%d-%d/%s", c.n, c.h, c.w, c.in, c.out, name), func(b *testing.B) {
				p, _, _, _ := c.load(b, Options{}, direct)
				for b.Loop() {
					if err := p.Run(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
				flops := 2 * 9 * float64(c.n*c.h*c.w) * float64(c.in*c.out)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
