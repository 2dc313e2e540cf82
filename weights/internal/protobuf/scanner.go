// Package protobuf reads files in the wire format of protocol buffers
// (protobuf.dev/programming-guides/encoding), of any size, without their schema.
package protobuf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

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

// Each hands the fields of a message to visit, up to the first error. The value of a field is inside the
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
