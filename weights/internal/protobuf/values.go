package protobuf

import (
	"encoding/binary"
	"fmt"
	"math"

	"oneiro/weights/internal/container"
)

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
