package neighbours

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

func random(r *rand.Rand, rows int, widths []int) Matrix {
	m := make(Matrix, len(widths))
	for k, c := range widths {
		m[k] = make([]float32, rows*c)
		for i := range m[k] {
			m[k][i] = float32(r.NormFloat64() + 0.5*float64(i%c))
		}
	}
	return m
}

// cosine is that of a vector of queries and one of a bank, by definition.
func cosine(q, b, centre Matrix, widths []int, factors []float32, i, j int) float64 {
	var qb, qq, bb float64
	for k, c := range widths {
		f := float64(factors[k])
		for p := range c {
			x, y := f*float64(q[k][i*c+p]), f*(float64(b[k][j*c+p])-float64(centre[k][p]))
			qb, qq, bb = qb+x*y, qq+x*x, bb+y*y
		}
	}
	return qb / math.Sqrt(qq*bb)
}

var (
	widths  = []int{5, 64, 33}
	factors = []float32{0.5, 0.125, 2}
)

func TestSearch(t *testing.T) {
	pool := parallel.New(2)
	defer pool.Close()
	r := rand.New(rand.NewPCG(1, 2))
	queries := random(r, 201, widths)
	Centre(queries, widths, nil)
	use := func(bank Matrix) []bool { // all but every third of those with an odd number
		n := len(bank[0]) / widths[0]
		if n%2 == 0 {
			return nil
		}
		u := make([]bool, n)
		for i := range u {
			u[i] = i%3 != 1
		}
		return u
	}
	banks := []Matrix{random(r, 1100, widths), random(r, 37, widths), random(r, 300, widths)}
	var mean Mean
	for _, b := range banks {
		mean.Add(b, widths, use(b))
	}
	centre := mean.Vector()
	generic, err := simd.Lookup("generic")
	if err != nil {
		t.Fatal(err)
	}
	for _, kernels := range []*simd.Kernels{simd.Best(), generic} {
		s := New(kernels, pool, widths, factors)
		s.Begin(queries)
		for _, b := range banks {
			s.Add(b, centre, use(b))
		}
		for i, got := range s.Nearest() {
			want, best, n, of := 0, math.Inf(-1), 0, 0.0
			for _, b := range banks {
				u := use(b)
				for j := range len(b[0]) / widths[0] {
					v := cosine(queries, b, centre, widths, factors, i, j)
					if v > best && (u == nil || u[j]) {
						want, best = n, v
					}
					if n == int(got) {
						of = v
					}
					n++
				}
			}
			if int(got) != want && !(best-of <= 1e-6) { // else float32 cannot tell
				t.Fatalf("%s: the nearest of %d is %d with %g, not %d with %g", kernels.Name, i, want, best, got, of)
			}
		}
	}
}

func TestTiesAndThreads(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	queries, half := random(r, 150, widths), random(r, 700, widths)
	Centre(queries, widths, nil)
	twice := make(Matrix, len(half)) // every vector is there again later on
	for k := range half {
		twice[k] = slices.Concat(half[k], half[k])
	}
	var mean Mean
	mean.Add(twice, widths, nil)
	var first []int32
	for _, threads := range []int{1, 2, 5} {
		pool := parallel.New(threads)
		s := New(simd.Best(), pool, widths, factors)
		s.Begin(queries)
		s.Add(twice, mean.Vector(), nil)
		got := slices.Clone(s.Nearest())
		pool.Close()
		if slices.Max(got) >= 700 {
			t.Errorf("a later one of two equal vectors is chosen")
		}
		if first == nil {
			first = got
		} else if !slices.Equal(got, first) {
			t.Errorf("%d threads find other neighbours", threads)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	pool := parallel.New(0)
	defer pool.Close()
	widths := []int{64, 64, 128, 128, 256, 256, 256, 512, 512, 512}
	r := rand.New(rand.NewPCG(1, 2))
	queries, bank := random(r, 1024, widths), random(r, 2048, widths)
	factors := []float32{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	var mean Mean
	mean.Add(bank, widths, nil)
	centre := mean.Vector()
	s := New(simd.Best(), pool, widths, factors)
	for b.Loop() {
		s.Begin(queries)
		s.Add(bank, centre, nil)
	}
	b.ReportMetric(float64(b.N)*1024*2048*2688/1e9/b.Elapsed().Seconds(), "GMAC/s")
}
