package protobuf

import (
	"fmt"
	"io"
	"slices"

	"oneiro/weights/internal/container"
)

// Numbers are where the values of a tensor are: they may come in several pieces, and with a field's number
// before each of them.
type Numbers struct {
	Size   int64 // of a value in bytes; 0 for varints, which become two bytes each
	pieces []run
	Count  int64 // how many values there are; of varints, how many there are at most
}

// run is a piece: count values, stride bytes apart. Of varints it is a span of count bytes, and stride is 0.
type run struct{ at, count, stride int64 }

// Add appends the values in f, a repeated field: one, or many packed into it.
func (p *Scanner) Add(n *Numbers, tensor string, f Field) error {
	piece := run{at: f.At, count: 1, stride: f.End - f.Start}
	switch {
	case f.Wire == BytesType && n.Size == 0:
		piece.count, piece.stride = f.Length(), 0
	case f.Wire == BytesType && f.Length()%n.Size == 0:
		piece.count, piece.stride = f.Length()/n.Size, n.Size
	case f.Wire == Fixed32Type && n.Size == 4, f.Wire == Fixed64Type && n.Size == 8:
	default:
		return p.Of(tensor).Wrong(fmt.Sprintf("%d bytes of wire type %d", f.Length(), f.Wire),
			fmt.Sprintf("numbers in field %d", f.Number))
	}
	if piece.count == 0 {
		return nil
	}
	n.Count += piece.count
	if f.Wire != BytesType && len(n.pieces) > 0 {
		last := &n.pieces[len(n.pieces)-1]
		if last.stride == piece.stride && last.at+last.count*last.stride == piece.at {
			last.count++
			return nil
		}
	}
	if p.runs--; p.runs < 0 {
		return p.Of(tensor).Wrong("more", fmt.Sprintf("at most %d pieces of numbers", maxRuns))
	}
	n.pieces = append(n.pieces, piece)
	return nil
}

// Raw are the numbers of that type in a field of bytes.
func (p *Scanner) Raw(bytes Span, tensor string, kind container.DType) (Numbers, error) {
	size := int64(kind.Size)
	if bytes.Length()%size != 0 {
		return Numbers{}, p.Of(tensor).Wrong(fmt.Sprintf("%d bytes", bytes.Length()),
			fmt.Sprintf("numbers of %d bytes", size))
	}
	n := Numbers{Size: size, Count: bytes.Length() / size}
	if n.Count > 0 {
		n.pieces = []run{{bytes.At, n.Count, size}}
	}
	return n, nil
}

// Locate sets e's bytes to those of the numbers. There have to be as many as the shape needs, unless repeat is
// true: then the last one is repeated for all that are missing, or 0 if there are none.
func (p *Scanner) Locate(e *container.Tensor, n Numbers, repeat bool) error {
	want, ok := container.Product(e.Shape)
	missing := want - n.Count
	switch {
	case slices.Contains(e.Shape, 0):
		want, missing = 0, -n.Count
	case !ok:
		return e.BadShape()
	}
	switch {
	case missing < 0 && n.Size > 0, missing > 0 && !repeat:
		return p.Of(e.Name).Wrong(fmt.Sprintf("%d numbers", n.Count),
			fmt.Sprintf("%d for the shape %s", want, container.By(e.Shape)))
	case missing > 0 && want > maxRepeated*p.Size:
		return p.Of(e.Name).Wrong(fmt.Sprintf("%d numbers", n.Count),
			fmt.Sprintf("more, for %d to be made of them", want))
	case len(n.pieces) == 1 && missing == 0 && n.Size > 0:
		return e.Locate(p.R, p.Size, n.pieces[0].at)
	}
	r, size := p.R, e.DType.Size
	odd := p.Of(e.Name).Wrong("a larger one", "a number of 16 bits")
	e.Open = func() (io.ReadCloser, error) {
		values := n.reader(r, odd)
		if repeat {
			values = &repeated{r: values, size: size, left: want * int64(size)}
		}
		return io.NopCloser(values), nil
	}
	return nil
}

// maxRepeated is how many numbers a byte of a file may stand for: about as many as one of a compressed file.
const maxRepeated = 1024
