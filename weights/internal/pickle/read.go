package pickle

import (
	"encoding/binary"
	"fmt"
)

// bytes returns the next n bytes, of at most maxText. It is nil after an error.
func (p *pickle) bytes(n int) []byte {
	if p.err != nil {
		return nil
	}
	b, err := p.in.Next(n)
	if err != nil {
		p.fail(err)
		return nil
	}
	return b
}

// number reads a number without a sign, of up to 8 bytes.
func (p *pickle) number(size int) uint64 {
	var b [8]byte
	copy(b[:], p.bytes(size))
	return binary.LittleEndian.Uint64(b[:])
}

// long reads a whole number that has its length before it, a number of that many bytes.
func (p *pickle) long(lengthSize int) {
	length := p.number(lengthSize)
	if length > maxText {
		p.wrong(fmt.Sprintf("a number of %d bytes", length), fmt.Sprintf("at most %d", maxText))
		return
	}
	b := p.bytes(int(length))
	switch {
	case len(b) > 8:
		p.push(Long(b))
	default:
		var n int64
		for i, c := range b {
			n |= int64(c) << (8 * i)
		}
		shift := 64 - 8*len(b)
		p.push(n << shift >> shift)
	}
}

// text reads a text that has its length before it, a number of that many bytes.
func (p *pickle) text(lengthSize int) {
	length := p.number(lengthSize)
	if p.err != nil {
		return
	}
	t := Text{offset: p.in.Pos, length: int64(length)}
	if length <= maxText {
		t.Value = string(p.bytes(int(length)))
	} else if err := p.in.skip(length); err != nil {
		p.fail(err)
	}
	p.push(t)
}

// line reads what is to be a number or a part of a global's name, up to the end of a line.
func (p *pickle) line() string {
	var line []byte
	for p.err == nil {
		c := byte(p.number(1))
		if c == '\n' {
			break
		}
		if line = append(line, c); len(line) > maxLine {
			p.wrong("a longer one", fmt.Sprintf("a name of at most %d bytes", maxLine))
		}
	}
	return string(line)
}
