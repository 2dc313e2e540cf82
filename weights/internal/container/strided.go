package container

import (
	"fmt"
	"io"
)

// MaxInMemory bounds what is held in memory of a tensor whose numbers are not contiguous in the file.
const MaxInMemory = 64 << 20

// SaveContiguous is what to do about a tensor whose numbers are in too many places, or too few.
const SaveContiguous = "save it with contiguous numbers: " +
	"torch.save({k: v.contiguous() for k, v in model.state_dict().items()}, \"weights.pth\")"

// Strided returns the bytes of t out of count numbers that begin at offset, the last index of the tensor
// growing first: strides say how many numbers are between one index and the next. The last number of t is the
// last of the count.
func Strided(t *Tensor, r io.ReaderAt, offset, count int64, stride []int) (io.ReadCloser, error) {
	if count > MaxInMemory/int64(t.DType.Size) {
		return nil, &UnsupportedError{
			File: t.File, Looks: fmt.Sprintf("the tensor %s scattered over %d numbers", t.Name, count),
			Advice: SaveContiguous,
		}
	}
	b := make([]byte, count*int64(t.DType.Size))
	if n, err := r.ReadAt(b, offset); n < len(b) {
		return nil, t.Failed(err, int64(n), int64(len(b)))
	}
	return &strided{from: b, size: t.DType.Size, shape: t.Shape, stride: stride,
		index: make([]int, len(t.Shape)), left: t.Count()}, nil
}

// strided reads numbers that are not contiguous.
type strided struct {
	from          []byte
	size          int // of a number
	shape, stride []int
	index         []int // of the next number
	at            int   // its place in from, in numbers
	left          int64 // how many numbers there are from it on
	rest          []byte
}

func (*strided) Close() error { return nil }

func (g *strided) Read(p []byte) (n int, err error) {
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

func (g *strided) advance() {
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
