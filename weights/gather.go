package weights

import (
	"fmt"
	"io"
)

// mostGathered bounds what is held in memory of a tensor whose numbers do not lie in a row.
const mostGathered = 64 << 20

// saveInRows is what to do about a tensor whose numbers lie in too many places, or too few.
const saveInRows = "save it with its numbers in a row: " +
	"torch.save({k: v.contiguous() for k, v in model.state_dict().items()}, \"weights.pth\")"

// gather reads the numbers of e out of count numbers that begin at offset, the last index growing
// first: strides say how many numbers lie from one index to the next. The last number of e is the last
// of them.
func gather(e *entry, r io.ReaderAt, offset, count int64, stride []int) (io.ReadCloser, error) {
	if count > mostGathered/int64(e.dtype.size) {
		return nil, &UnsupportedError{
			File: e.file, Looks: fmt.Sprintf("the tensor %s scattered over %d numbers", e.name, count),
			Advice: saveInRows,
		}
	}
	b := make([]byte, count*int64(e.dtype.size))
	if n, err := r.ReadAt(b, offset); n < len(b) {
		return nil, e.failed(err, int64(n), int64(len(b)))
	}
	n, _ := product(e.shape)
	return &gathered{from: b, size: e.dtype.size, shape: e.shape, stride: stride, index: make([]int, len(e.shape)), left: n}, nil
}

type gathered struct {
	from          []byte
	size          int // of a number
	shape, stride []int
	index         []int // of the next number
	at            int   // its place in from, in numbers
	left          int64 // how many numbers there are from it on
	rest          []byte
}

func (*gathered) Close() error { return nil }

func (g *gathered) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(g.rest) == 0 {
			if g.left == 0 {
				break
			}
			g.rest = g.from[g.at*g.size:][:g.size]
			g.advance()
		}
		done := copy(p[n:], g.rest)
		g.rest = g.rest[done:]
		n += done
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (g *gathered) advance() {
	g.left--
	for i := len(g.shape) - 1; i >= 0; i-- {
		g.index[i]++
		g.at += g.stride[i]
		if g.index[i] < g.shape[i] {
			return
		}
		g.at -= g.index[i] * g.stride[i]
		g.index[i] = 0
	}
}
