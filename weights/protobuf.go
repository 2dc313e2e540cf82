package weights

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// protobuf scans messages in the wire format of protocol buffers
// (protobuf.dev/programming-guides/encoding) and keeps where things lie rather than what they are. There is no
// depth to bound: a reader asks for the fields of a field where its format has a message, and nowhere else.
type protobuf struct {
	path string
	r    io.ReaderAt
	size int64 // of the file

	window []byte // what was read last
	from   int64  // where in the file that is
	fields int    // how many more fields are read
	runs   int    // how many more pieces of numbers are kept
}

// mostFields and mostRuns bound the time that a file can take and the memory, as maxTensors does: a field may be
// as short as two bytes.
const (
	mostFields = 1 << 23
	mostRuns   = 1 << 16
)

// maxName is the longest name of a tensor or a layer.
const maxName = 512

func newProtobuf(path string, r io.ReaderAt, size int64) *protobuf {
	return &protobuf{path: path, r: r, size: size, fields: mostFields, runs: mostRuns}
}

// The wire types that are in use. Groups, 3 and 4, have been out of use since before these formats were made.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// span is a part of the file.
type span struct{ at, end int64 }

func (s span) length() int64 { return s.end - s.at }

// field is a field of a message.
type field struct {
	number int
	wire   int
	value  uint64 // of a varint
	start  int64  // of the field, with its number
	span          // of the value
}

func (p *protobuf) wrong(tensor, have, want string) error {
	return &FormatError{p.path, tensor, have, want}
}

// whole is the message that the file is.
func (p *protobuf) whole() span { return span{0, p.size} }

// each hands the fields of a message to visit, up to the first error. The value of a field lies inside the
// message, in the file. The errors are those of visit, FormatError, TruncatedError and ReadError.
func (p *protobuf) each(message span, visit func(field) error) error {
	for at := message.at; at < message.end; {
		f, err := p.next(span{at, message.end})
		if err != nil {
			return err
		}
		if err := visit(f); err != nil {
			return err
		}
		at = f.end
	}
	return nil
}

// next reads the field that rest begins with.
func (p *protobuf) next(rest span) (field, error) {
	if p.fields--; p.fields < 0 {
		return field{}, p.wrong("", "more", fmt.Sprintf("at most %d fields", mostFields))
	}
	key, at, err := p.varint(rest)
	if err != nil {
		return field{}, err
	}
	f := field{number: int(key >> 3 & math.MaxInt32), wire: int(key & 7), start: rest.at, span: span{at, at}}
	length := uint64(0)
	switch f.wire {
	case wireVarint:
		f.value, f.end, err = p.varint(span{at, rest.end})
		if err != nil {
			return field{}, err
		}
	case wire64:
		length = 8
	case wire32:
		length = 4
	case wireBytes:
		if length, f.at, err = p.varint(span{at, rest.end}); err != nil {
			return field{}, err
		}
		f.end = f.at
	default:
		return field{}, p.wrong("", fmt.Sprintf("wire type %d", f.wire), "one of those that protocol buffers have today")
	}
	if f.number == 0 || key>>3 > math.MaxInt32 {
		return field{}, p.wrong("", fmt.Sprintf("field %d", key>>3), "a field of a message")
	}
	if length > uint64(rest.end-f.end) {
		return field{}, p.cut(rest, f.end, length)
	}
	f.end += int64(length)
	return f, nil
}

// cut says that something of that length from at on does not fit into the rest of a message.
func (p *protobuf) cut(rest span, at int64, length uint64) error {
	if rest.end == p.size {
		return &TruncatedError{p.path, "", p.size, at + int64(min(length, 1<<48))} // no file is longer
	}
	return p.wrong("", fmt.Sprintf("%d bytes in a message that has %d left", length, rest.end-at), "fields inside of it")
}

// varint reads a number of seven bits a byte, the lowest first.
func (p *protobuf) varint(rest span) (v uint64, end int64, err error) {
	const longest = 10
	if err := p.see(span{rest.at, min(rest.at+longest, rest.end)}); err != nil {
		return 0, 0, err
	}
	b := p.window[rest.at-p.from:]
	v, n := binary.Uvarint(b[:min(int64(len(b)), rest.length())])
	switch {
	case n > 0:
		return v, rest.at + int64(n), nil
	case n == 0:
		return 0, 0, p.cut(rest, rest.end, 1)
	}
	return 0, 0, p.wrong("", "a longer one", "a number of 64 bits")
}

// see moves the window so that it has what is at s, which is far shorter. The errors are TruncatedError, for a file
// that was longer when it was opened, and ReadError.
func (p *protobuf) see(s span) error {
	if s.at >= p.from && s.end <= p.from+int64(len(p.window)) {
		return nil
	}
	if p.window == nil {
		p.window = make([]byte, min(16<<10, p.size))
	}
	p.window = p.window[:min(int64(cap(p.window)), p.size-s.at)]
	p.from = s.at
	n, err := p.r.ReadAt(p.window, s.at)
	switch {
	case n == len(p.window):
		return nil
	case errors.Is(err, io.EOF):
		return &TruncatedError{p.path, "", s.at + int64(n), p.size}
	}
	return &ReadError{p.path, "", err}
}

// peek returns the bytes at s, as see has them. They stay as they are until something else is read.
func (p *protobuf) peek(s span) ([]byte, error) {
	if err := p.see(s); err != nil {
		return nil, err
	}
	return p.window[s.at-p.from : s.end-p.from], nil
}

// schema says which wire types the fields of a message have.
type schema map[int]int

// starts says which fields the message has that head is the beginning of, in their order and the last one perhaps
// cut short. It is nil if one of them is not in the schema.
func (s schema) starts(head []byte) []field {
	var all []field
	for at := 0; at < len(head); {
		key, n := binary.Uvarint(head[at:])
		if n == 0 {
			break
		}
		f := field{number: int(key >> 3 & math.MaxInt32), wire: int(key & 7), start: int64(at)}
		if wire, ok := s[f.number]; n < 0 || !ok || wire != f.wire {
			return nil
		}
		at += n
		v, n := binary.Uvarint(head[at:])
		at = min(at+max(n, 1), len(head))
		f.value, f.at = v, int64(at)
		if f.wire == wireBytes {
			at += int(min(v, uint64(len(head)-at)))
		}
		f.end = int64(at)
		all = append(all, f)
	}
	return all
}

// message is f's value where the format has a message.
func (p *protobuf) message(f field) (span, error) {
	if f.wire != wireBytes {
		return span{}, p.wrong("", fmt.Sprintf("wire type %d", f.wire), fmt.Sprintf("a message in field %d", f.number))
	}
	return f.span, nil
}

// text is f's value where the format has a name.
func (p *protobuf) text(f field) (string, error) {
	switch {
	case f.wire != wireBytes:
		return "", p.wrong("", fmt.Sprintf("wire type %d", f.wire), fmt.Sprintf("a name in field %d", f.number))
	case f.length() > maxName:
		return "", p.wrong("", fmt.Sprintf("one of %d bytes", f.length()), fmt.Sprintf("a name of at most %d bytes", maxName))
	}
	b, err := p.peek(f.span)
	return string(b), err
}

// number is f's value where the format has a whole number.
func (p *protobuf) number(f field) (uint64, error) {
	if f.wire != wireVarint {
		return 0, p.wrong("", fmt.Sprintf("wire type %d", f.wire), fmt.Sprintf("a whole number in field %d", f.number))
	}
	return f.value, nil
}

// fixed is f's value where the format has a whole number of four bytes.
func (p *protobuf) fixed(f field) (uint32, error) {
	if f.wire != wire32 {
		return 0, p.wrong("", fmt.Sprintf("wire type %d", f.wire), fmt.Sprintf("a number of four bytes in field %d", f.number))
	}
	b, err := p.peek(f.span)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(b), nil
}

// dimension is v as a size in a shape.
func (p *protobuf) dimension(v uint64) (int, error) {
	if v > 1<<48 || v > math.MaxInt {
		return 0, p.wrong("", fmt.Sprint(int64(v)), "a size that a file can hold")
	}
	return int(v), nil
}

// dimensions appends the sizes in f to shape: one, or many packed into a field.
func (p *protobuf) dimensions(shape []int, f field) ([]int, error) {
	add := func(v uint64) error {
		d, err := p.dimension(v)
		if err == nil && len(shape) == maxDimensions {
			err = p.wrong("", "more", fmt.Sprintf("at most %d dimensions", maxDimensions))
		}
		shape = append(shape, d)
		return err
	}
	if f.wire == wireVarint {
		return shape, add(f.value)
	}
	message, err := p.message(f)
	for at := message.at; err == nil && at < message.end; {
		var v uint64
		if v, at, err = p.varint(span{at, message.end}); err == nil {
			err = add(v)
		}
	}
	return shape, err
}

// numbers are where the values of a tensor lie: they may come in several pieces, and with a field's number before
// each of them.
type numbers struct {
	size   int64 // of a value in bytes; 0 for varints, which become two bytes each
	pieces []run
	count  int64 // how many values there are; of varints, how many there are at most
}

// run is a piece: count values, stride bytes apart. Of varints it is a span of count bytes, and stride is 0.
type run struct{ at, count, stride int64 }

// add appends the values in f, a repeated field: one, or many packed into it.
func (p *protobuf) add(n *numbers, tensor string, f field) error {
	piece := run{at: f.at, count: 1, stride: f.end - f.start}
	switch {
	case f.wire == wireBytes && n.size == 0:
		piece.count, piece.stride = f.length(), 0
	case f.wire == wireBytes && f.length()%n.size == 0:
		piece.count, piece.stride = f.length()/n.size, n.size
	case f.wire == wire32 && n.size == 4, f.wire == wire64 && n.size == 8:
	default:
		return p.wrong(tensor, fmt.Sprintf("%d bytes of wire type %d", f.length(), f.wire), fmt.Sprintf("numbers in field %d", f.number))
	}
	if piece.count == 0 {
		return nil
	}
	n.count += piece.count
	if f.wire != wireBytes && len(n.pieces) > 0 {
		last := &n.pieces[len(n.pieces)-1]
		if last.stride == piece.stride && last.at+last.count*last.stride == piece.at {
			last.count++
			return nil
		}
	}
	if p.runs--; p.runs < 0 {
		return p.wrong(tensor, "more", fmt.Sprintf("at most %d pieces of numbers", mostRuns))
	}
	n.pieces = append(n.pieces, piece)
	return nil
}

// raw are the numbers of that type in a field of bytes.
func (p *protobuf) raw(bytes span, tensor string, kind dtype) (numbers, error) {
	size := int64(kind.size)
	if bytes.length()%size != 0 {
		return numbers{}, p.wrong(tensor, fmt.Sprintf("%d bytes", bytes.length()), fmt.Sprintf("numbers of %d bytes", size))
	}
	n := numbers{size: size, count: bytes.length() / size}
	if n.count > 0 {
		n.pieces = []run{{bytes.at, n.count, size}}
	}
	return n, nil
}

// lay makes e's bytes those of the numbers. There have to be as many as the shape asks for, unless repeat is true:
// then the last one stands for all that are missing, and 0 if there is none.
func (p *protobuf) lay(e *entry, n numbers, repeat bool) error {
	want, ok := product(e.shape)
	missing := want - n.count
	switch {
	case slices.Contains(e.shape, 0):
		want, missing = 0, -n.count
	case !ok:
		return p.wrong(e.name, "the shape "+by(e.shape), "sizes that a file can hold")
	}
	switch {
	case missing < 0 && n.size > 0, missing > 0 && !repeat:
		return p.wrong(e.name, fmt.Sprintf("%d numbers", n.count), fmt.Sprintf("%d for the shape %s", want, by(e.shape)))
	case missing > 0 && want > mostRepeated*p.size:
		return p.wrong(e.name, fmt.Sprintf("%d numbers", n.count), fmt.Sprintf("more, for %d to be made of them", want))
	case len(n.pieces) == 1 && missing == 0 && n.size > 0:
		return e.lies(p.r, p.size, n.pieces[0].at)
	}
	r, size := p.r, e.dtype.size
	odd := p.wrong(e.name, "a larger one", "a number of 16 bits")
	e.open = func() (io.ReadCloser, error) {
		values := n.reader(r, odd)
		if repeat {
			values = &repeated{r: values, size: size, left: want * int64(size)}
		}
		return io.NopCloser(values), nil
	}
	return nil
}

// noBytes are the bytes of a tensor that is not read.
func noBytes() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }

// mostRepeated is how many numbers a byte of a file may stand for: about as many as one of a compressed file.
const mostRepeated = 1024

// reader returns the values one behind the other; odd is the error for a varint that is no value.
func (n numbers) reader(r io.ReaderAt, odd error) io.Reader {
	all := make([]io.Reader, len(n.pieces))
	for i, piece := range n.pieces {
		if gap := piece.stride - n.size; gap > 0 {
			values := io.NewSectionReader(r, piece.at, piece.count*piece.stride-gap)
			all[i] = &strided{r: bufio.NewReader(values), size: int(n.size), gap: int(gap)}
			continue
		}
		all[i] = io.NewSectionReader(r, piece.at, piece.count*max(n.size, 1))
	}
	joined := io.MultiReader(all...)
	if n.size == 0 {
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

// varints turns numbers of seven bits a byte into two bytes each, the lower first: that is how float16 stands in
// fields that were made for whole numbers.
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
