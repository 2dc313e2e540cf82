// Package protobuf reads files in the wire format of protocol buffers
// (protobuf.dev/programming-guides/encoding), of any size, without their schema.
package protobuf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"oneiro/weights/internal/container"
)

// Scanner scans messages and keeps where things are rather than what they are. There is no depth to bound: a
// reader asks for the fields of a field where its format has a message, and nowhere else.
type Scanner struct {
	container.Place
	R    io.ReaderAt
	Size int64 // of the file

	window []byte // what was read last
	from   int64  // where in the file that is
	fields int    // how many more fields are read
	runs   int    // how many more pieces of numbers are kept
}

// MaxFields and maxRuns bound the time that a file can take and the memory: a field may be as short as two
// bytes.
const (
	MaxFields = 1 << 23
	maxRuns   = 1 << 16
)

// MaxName is the longest name of a tensor or a layer.
const MaxName = 512

// New scans a file.
func New(path string, r io.ReaderAt, size int64) *Scanner {
	return &Scanner{Place: container.In(path), R: r, Size: size, fields: MaxFields, runs: maxRuns}
}

// The wire types that are in use. Groups, 3 and 4, have been out of use since before these formats were made.
const (
	VarintType  = 0
	Fixed64Type = 1
	BytesType   = 2
	Fixed32Type = 5
)

// Span is a part of the file.
type Span struct{ At, End int64 }

// Length returns how many bytes that is.
func (s Span) Length() int64 { return s.End - s.At }

// Field is a field of a message.
type Field struct {
	Number int
	Wire   int
	Value  uint64 // of a varint
	Start  int64  // of the field, with its number
	Span          // of the value
}

// Whole is the message that the file is.
func (p *Scanner) Whole() Span { return Span{0, p.Size} }

// Each hands the fields of a message to visit, up to the first error. The value of a field lies inside the
// message, in the file. The errors are those of visit, FormatError, TruncatedError and ReadError.
func (p *Scanner) Each(message Span, visit func(Field) error) error {
	for at := message.At; at < message.End; {
		f, err := p.next(Span{at, message.End})
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		at = f.End
	}
	return nil
}

// next reads the field that rest begins with.
func (p *Scanner) next(rest Span) (Field, error) {
	if err := p.Spend("fields"); err != nil {
		return Field{}, err
	}
	key, at, err := p.Varint(rest)
	if err != nil {
		return Field{}, err
	}
	f := Field{Number: int(key >> 3 & math.MaxInt32), Wire: int(key & 7), Start: rest.At, Span: Span{at, at}}
	length := uint64(0)
	switch f.Wire {
	case VarintType:
		f.Value, f.End, err = p.Varint(Span{at, rest.End})
		if err != nil {
			return Field{}, err
		}
	case Fixed64Type:
		length = 8
	case Fixed32Type:
		length = 4
	case BytesType:
		if length, f.At, err = p.Varint(Span{at, rest.End}); err != nil {
			return Field{}, err
		}
		f.End = f.At
	default:
		return Field{}, p.Wrong(fmt.Sprintf("wire type %d", f.Wire),
			"one of those that protocol buffers have today")
	}
	if f.Number == 0 || key>>3 > math.MaxInt32 {
		return Field{}, p.Wrong(fmt.Sprintf("field %d", key>>3), "a field of a message")
	}
	if length > uint64(rest.End-f.End) {
		return Field{}, p.cut(rest, f.End, length)
	}
	f.End += int64(length)
	return f, nil
}

// cut says that something of that length from at on does not fit into the rest of a message.
func (p *Scanner) cut(rest Span, at int64, length uint64) error {
	if rest.End == p.Size {
		return p.Truncated(p.Size, at+int64(min(length, 1<<48))) // no file is longer
	}
	return p.Wrong(fmt.Sprintf("%d bytes in a message that has %d left", length, rest.End-at),
		"fields inside of it")
}

// Varint reads a number of seven bits a byte, the lowest first.
func (p *Scanner) Varint(rest Span) (v uint64, end int64, err error) {
	const longest = 10
	if err := p.see(Span{rest.At, min(rest.At+longest, rest.End)}); err != nil {
		return 0, 0, err
	}
	b := p.window[rest.At-p.from:]
	v, n := binary.Uvarint(b[:min(int64(len(b)), rest.Length())])
	switch {
	case n > 0:
		return v, rest.At + int64(n), nil
	case n == 0:
		return 0, 0, p.cut(rest, rest.End, 1)
	}
	return 0, 0, p.Wrong("a longer one", "a number of 64 bits")
}

// see moves the window so that it has what is at s, which is far shorter. The errors are TruncatedError, for a
// file that was longer when it was opened, and ReadError.
func (p *Scanner) see(s Span) error {
	if s.At >= p.from && s.End <= p.from+int64(len(p.window)) {
		return nil
	}
	if p.window == nil {
		p.window = make([]byte, min(16<<10, p.Size))
	}
	p.window = p.window[:min(int64(cap(p.window)), p.Size-s.At)]
	p.from = s.At
	n, err := p.R.ReadAt(p.window, s.At)
	switch {
	case n == len(p.window):
		return nil
	case errors.Is(err, io.EOF):
		return p.Truncated(s.At+int64(n), p.Size)
	}
	return p.Unreadable(err)
}

// Peek returns the bytes at s, as see has them. They stay as they are until something else is read.
func (p *Scanner) Peek(s Span) ([]byte, error) {
	if err := p.see(s); err != nil {
		return nil, err
	}
	return p.window[s.At-p.from : s.End-p.from], nil
}

// Schema says which wire types the fields of a message have.
type Schema map[int]int

// SchemaOf is a schema with these fields of whole numbers, and these of bytes: texts, messages, and packed
// numbers.
func SchemaOf(varints, bytes []int) Schema {
	s := Schema{}
	for _, number := range varints {
		s[number] = VarintType
	}
	for _, number := range bytes {
		s[number] = BytesType
	}
	return s
}

// Starts says which fields the message has that head is the beginning of, in their order and the last one
// perhaps cut short. It is nil if one of them is not in the schema.
func (s Schema) Starts(head []byte) []Field {
	var all []Field
	for at := 0; at < len(head); {
		key, n := binary.Uvarint(head[at:])
		if n == 0 {
			break
		}
		f := Field{Number: int(key >> 3 & math.MaxInt32), Wire: int(key & 7), Start: int64(at)}
		if wire, ok := s[f.Number]; n < 0 || !ok || wire != f.Wire {
			return nil
		}
		at += n
		v, n := binary.Uvarint(head[at:])
		at = min(at+max(n, 1), len(head))
		f.Value, f.At = v, int64(at)
		if f.Wire == BytesType {
			at += int(min(v, uint64(len(head)-at)))
		}
		f.End = int64(at)
		all = append(all, f)
	}
	return all
}

// Message is f's value where the format has a message.
func (p *Scanner) Message(f Field) (Span, error) {
	if f.Wire != BytesType {
		return Span{}, p.Wrong(fmt.Sprintf("wire type %d", f.Wire),
			fmt.Sprintf("a message in field %d", f.Number))
	}
	return f.Span, nil
}

// Text is f's value where the format has a name.
func (p *Scanner) Text(f Field) (string, error) {
	switch {
	case f.Wire != BytesType:
		return "", p.Wrong(fmt.Sprintf("wire type %d", f.Wire), fmt.Sprintf("a name in field %d", f.Number))
	case f.Length() > MaxName:
		return "", p.Wrong(fmt.Sprintf("one of %d bytes", f.Length()),
			fmt.Sprintf("a name of at most %d bytes", MaxName))
	}
	b, err := p.Peek(f.Span)
	return string(b), err
}

// Number is f's value where the format has a whole number.
func (p *Scanner) Number(f Field) (uint64, error) {
	if f.Wire != VarintType {
		return 0, p.Wrong(fmt.Sprintf("wire type %d", f.Wire),
			fmt.Sprintf("a whole number in field %d", f.Number))
	}
	return f.Value, nil
}

// Fixed is f's value where the format has a whole number of four bytes.
func (p *Scanner) Fixed(f Field) (uint32, error) {
	if f.Wire != Fixed32Type {
		return 0, p.Wrong(fmt.Sprintf("wire type %d", f.Wire),
			fmt.Sprintf("a number of four bytes in field %d", f.Number))
	}
	b, err := p.Peek(f.Span)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

// Dimension is v as a size in a shape.
func (p *Scanner) Dimension(v uint64) (int, error) {
	if v > 1<<48 || v > math.MaxInt {
		return 0, p.Wrong(fmt.Sprint(int64(v)), "a size that a file can hold")
	}
	return int(v), nil
}

// Dimensions appends the sizes in f to shape: one, or many packed into a field.
func (p *Scanner) Dimensions(shape []int, f Field) ([]int, error) {
	add := func(v uint64) error {
		d, err := p.Dimension(v)
		if err == nil && len(shape) == container.MaxDimensions {
			err = p.Wrong("more", fmt.Sprintf("at most %d dimensions", container.MaxDimensions))
		}
		shape = append(shape, d)
		return err
	}
	if f.Wire == VarintType {
		return shape, add(f.Value)
	}
	message, err := p.Message(f)
	for at := message.At; err == nil && at < message.End; {
		var v uint64
		if v, at, err = p.Varint(Span{at, message.End}); err == nil {
			err = add(v)
		}
	}
	return shape, err
}

// Numbers are where the values of a tensor lie: they may come in several pieces, and with a field's number
// before Each of them.
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

// Lay makes e's bytes those of the numbers. There have to be as many as the shape asks for, unless repeat is
// true: then the last one stands for all that are missing, and 0 if there is none.
func (p *Scanner) Lay(e *container.Tensor, n Numbers, repeat bool) error {
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

// reader returns the values one after the other; odd is the error for a varint that is too large.
func (n Numbers) reader(r io.ReaderAt, odd error) io.Reader {
	all := make([]io.Reader, len(n.pieces))
	for i, piece := range n.pieces {
		if gap := piece.stride - n.Size; gap > 0 {
			values := io.NewSectionReader(r, piece.at, piece.count*piece.stride-gap)
			all[i] = &strided{r: bufio.NewReader(values), size: int(n.Size), gap: int(gap)}
			continue
		}
		all[i] = io.NewSectionReader(r, piece.at, piece.count*max(n.Size, 1))
	}
	joined := io.MultiReader(all...)
	if n.Size == 0 {
		return &varints{r: bufio.NewReader(joined), odd: odd}
	}
	return joined
}

// strided reads size bytes, leaves out gap, and so on.
type strided struct {
	r         *bufio.Reader
	size, gap int
	at        int // how many bytes of a value were read
}

func (s *strided) Read(b []byte) (int, error) {
	if s.at == s.size {
		if n, err := s.r.Discard(s.gap); n < s.gap {
			return 0, err
		}
		s.at = 0
	}
	n, err := s.r.Read(b[:min(len(b), s.size-s.at)])
	s.at += n
	return n, err
}

// varints turns numbers of seven bits a byte into two bytes each, the lower first: that is how float16 stands
// in fields that were made for whole numbers.
type varints struct {
	r     *bufio.Reader
	odd   error // for a number of more than 16 bits
	value [2]byte
	left  int // how many bytes of value are to be read
}

func (s *varints) Read(b []byte) (n int, err error) {
	for ; n < len(b); n++ {
		if s.left == 0 {
			if err := s.next(); err != nil {
				return n, err
			}
		}
		b[n] = s.value[2-s.left]
		s.left--
	}
	return n, nil
}

func (s *varints) next() error {
	var v uint32
	for shift := 0; ; shift += 7 {
		c, err := s.r.ReadByte()
		switch {
		case err == io.EOF && shift > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		case shift > 14:
			return s.odd
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			break
		}
	}
	if v > math.MaxUint16 {
		return s.odd
	}
	binary.LittleEndian.PutUint16(s.value[:], uint16(v))
	s.left = 2
	return nil
}

// repeated reads values of size bytes, and then the last one again and again, up to left bytes in all.
type repeated struct {
	r     io.Reader
	size  int
	left  int64
	value [8]byte
	at    int // in value
	ended bool
}

func (s *repeated) Read(b []byte) (int, error) {
	if !s.ended {
		n, err := s.r.Read(b)
		for _, c := range b[:n] {
			s.value[s.at] = c
			s.at = (s.at + 1) % s.size
		}
		s.left -= int64(n)
		if err != io.EOF {
			return n, err
		}
		s.ended = true
		if n > 0 {
			return n, nil
		}
	}
	if s.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.left))
	for i := range n {
		b[i] = s.value[s.at]
		s.at = (s.at + 1) % s.size
	}
	s.left -= int64(n)
	return n, nil
}

// Under hands the messages that are a field of a message to visit.
func (p *Scanner) Under(message Span, number int, visit func(Span) error) error {
	return p.Each(message, func(f Field) error {
		if f.Number != number {
			return nil
		}
		m, err := p.Message(f)
		if err != nil {
			return err
		}
		return visit(m)
	})
}

// Spend counts one more thing that is read, as Each counts fields.
func (p *Scanner) Spend(what string) error {
	if p.fields--; p.fields < 0 {
		return p.Wrong("more", fmt.Sprintf("at most %d %s", MaxFields, what))
	}
	return nil
}
