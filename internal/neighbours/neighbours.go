// Package neighbours finds for vectors the nearest of others by the angle between them: exactly, as a product
// of matrices of which only the largest element of each row is kept.
//
// There is no preselection by fewer dimensions: at 512 pixels all searches together are about a sixth of the
// time of a run, so that one that took no time at all would make runs 1.2 times as fast.
package neighbours

import (
	"math"

	"oneiro/internal/parallel"
	"oneiro/simd"
)

// Work is cut by these alone. A block of a bank is packed at a time, and pieces of queryRows vectors are
// multiplied by bankColumns of it: what is multiplied, and what comes out, stays in the second-level cache.
const (
	blockRows   = 1024
	queryRows   = 96
	bankColumns = 256
)

// Matrix is vectors as parts: part k holds the numbers of all vectors that layer k of a network gives, row
// after row.
type Matrix [][]float32

// Search looks for the nearest vectors among banks that are added one after the other: those with the greatest
// cosine to a query, and of equal ones the first.
type Search struct {
	kernels *simd.Kernels
	pool    *parallel.Pool
	widths  []int     // of the parts
	weights []float32 // squares of the factors of the parts

	queries Matrix
	count   int // of queries
	total   int // of vectors in banks
	best    []float32
	index   []int32

	packed []float32
	norms  []float32   // of a block, inverse
	line   [][]float32 // of a worker: a panel of unit vectors
	scores [][]float32 // of a worker
}

// New returns a search of vectors with parts of the given widths. Before they are compared, part k is
// multiplied by factors[k].
func New(k *simd.Kernels, p *parallel.Pool, widths []int, factors []float32) *Search {
	s := &Search{kernels: k, pool: p, widths: widths}
	widest, sum := 0, 0
	for i, w := range widths {
		s.weights = append(s.weights, factors[i]*factors[i])
		widest, sum = max(widest, w), sum+w
	}
	s.packed, s.norms = make([]float32, k.PackedSize(sum, blockRows)), make([]float32, blockRows)
	for range p.Threads() {
		s.line = append(s.line, make([]float32, k.NR*widest))
		s.scores = append(s.scores, make([]float32, queryRows*bankColumns))
	}
	return s
}

// Bytes returns the most memory of a search for so many queries, beside queries and banks.
func Bytes(widths []int, queries, threads int) int64 {
	const panel = 64 // columns, of the widest kernels and more
	widest, sum := 0, 0
	for _, w := range widths {
		widest, sum = max(widest, w), sum+w
	}
	return 4 * int64((sum+1)*(blockRows+panel)+threads*(panel*widest+queryRows*bankColumns)+2*queries)
}

// Begin starts a search for the neighbours of queries, which have to be centred (Centre) and must not change.
func (s *Search) Begin(queries Matrix) {
	s.queries, s.total = queries, 0
	s.count = len(queries[0]) / s.widths[0]
	if len(s.best) != s.count {
		s.best, s.index = make([]float32, s.count), make([]int32, s.count)
	}
	for i := range s.best {
		s.best[i], s.index[i] = float32(math.Inf(-1)), 0
	}
}

// Add compares the queries with the vectors of a bank, less centre, which has a vector in parts. They are
// numbered on from those of the banks before.
//
// use says which of them count; nil is for all. One that does not, or that is the centre, is nobody's
// neighbour.
func (s *Search) Add(bank, centre Matrix, use []bool) {
	rows := len(bank[0]) / s.widths[0]
	for first := 0; first < rows; first += blockRows {
		n := min(blockRows, rows-first)
		s.pack(bank, centre, use, first, n)
		s.multiply(n)
		s.total += n
	}
}

// Nearest returns the number of the nearest vector of each query so far. It is valid until the next Begin.
func (s *Search) Nearest() []int32 { return s.index }

// pack packs n vectors of a bank from first on as columns of unit length, a panel in each piece.
func (s *Search) pack(bank, centre Matrix, use []bool, first, n int) {
	nr := s.kernels.NR
	s.pool.Run((n+nr-1)/nr, func(piece, worker int) {
		j0 := piece * nr
		w := min(nr, n-j0)
		norms, line := s.norms[j0:][:w], s.line[worker]
		for j := range norms {
			if norms[j] = 0; use == nil || use[first+j0+j] {
				norms[j] = s.inverseNorm(bank, centre, first+j0+j)
			}
		}
		at := 0
		for k, c := range s.widths {
			for j, f := range norms {
				src, dst := bank[k][(first+j0+j)*c:][:c], line[j*c:][:c]
				f *= s.weights[k]
				for i, v := range src {
					dst[i] = (v - centre[k][i]) * f
				}
			}
			s.kernels.PackB(s.packed[s.kernels.PackedSize(at, n)+j0*c:][:nr*c], line, c, w, 1, c)
			at += c
		}
	})
}

// inverseNorm returns 1 over the length of a vector, 0 for one of zeros.
func (s *Search) inverseNorm(bank, centre Matrix, row int) float32 {
	var sum float64
	for k, c := range s.widths {
		var square float64
		for i, v := range bank[k][row*c:][:c] {
			d := float64(v - centre[k][i])
			square += d * d
		}
		sum += square * float64(s.weights[k])
	}
	if !(sum > 0) {
		return 0
	}
	return float32(1 / math.Sqrt(sum))
}

// multiply compares all queries with the n vectors that are packed.
func (s *Search) multiply(n int) {
	pieces := (s.count + queryRows - 1) / queryRows
	s.pool.Run(pieces, func(piece, worker int) {
		lo, hi := parallel.Split(s.count, pieces, piece)
		scores := s.scores[worker]
		for j0 := 0; j0 < n; j0 += bankColumns {
			cols, at := min(bankColumns, n-j0), 0
			for k, c := range s.widths {
				s.kernels.Gemm(simd.Gemm{
					M: hi - lo, N: cols, K: c,
					A: s.queries[k][lo*c:], ARowStride: c, AColStride: 1,
					B: s.packed[s.kernels.PackedSize(at, n)+j0*c : s.kernels.PackedSize(at+c, n)],
					C: scores, LDC: bankColumns, Accumulate: k > 0,
				})
				at += c
			}
			for q := lo; q < hi; q++ {
				best, index := s.best[q], s.index[q]
				for j, v := range scores[(q-lo)*bankColumns:][:cols] {
					if v > best && s.norms[j0+j] > 0 {
						best, index = v, int32(s.total+j0+j)
					}
				}
				s.best[q], s.index[q] = best, index
			}
		}
	})
}
