package mat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"

	"oneiro/weights/internal/container"
)

// tag comes before the data of an element, or holds them itself if they are at most four bytes.
type tag struct {
	kind   uint32
	size   int64
	at     int64 // where the data begin
	end    int64 // of the element
	inside []byte
}

// tag reads a tag whose element has to end before limit.
func (s *stream) tag(limit int64) (tag, error) {
	b := s.word[:]
	if limit-s.pos < 8 {
		return tag{}, s.Wrong("the end of what it is part of", "an element")
	}
	if err := s.fill(b); err != nil {
		return tag{}, err
	}
	kind, size := binary.LittleEndian.Uint32(b), int64(binary.LittleEndian.Uint32(b[4:]))
	if small := int64(kind >> 16); small > 0 {
		if small > 4 {
			return tag{}, s.Wrong(fmt.Sprintf("%d bytes", small), "a small element of at most 4 bytes")
		}
		return tag{kind: kind & 0xffff, size: small, at: s.pos - 4, end: s.pos,
			inside: bytes.Clone(b[4 : 4+small])}, nil
	}
	if size > limit-s.pos {
		return tag{}, s.Wrong(fmt.Sprintf("an element of %d bytes where %d are left", size, limit-s.pos),
			"an honest size")
	}
	padded := min((size+7)&^7, limit-s.pos)
	return tag{kind: kind, size: size, at: s.pos, end: s.pos + padded}, nil
}

// bytes reads the data of an element of at most most bytes.
func (s *stream) bytes(limit, most int64, kinds ...uint32) ([]byte, error) {
	t, err := s.tag(limit)
	if err != nil {
		return nil, err
	}
	known := len(kinds) == 0
	for _, k := range kinds {
		known = known || t.kind == k
	}
	switch {
	case !known:
		return nil, s.Wrong(fmt.Sprintf("the type %d", t.kind), fmt.Sprintf("data of type %d", kinds[0]))
	case t.size > most:
		return nil, s.Wrong(fmt.Sprintf("%d bytes", t.size), fmt.Sprintf("at most %d bytes", most))
	case t.inside != nil:
		return t.inside, nil
	}
	b := make([]byte, t.size)
	if err := s.fill(b); err != nil {
		return nil, err
	}
	return b, s.skip(t.end - s.pos)
}

// array is the beginning of an array: everything but its contents.
type array struct {
	class   byte
	complex bool
	shape   []int
	n       int64 // how many elements
	name    string
	end     int64
}

// matrix reads the beginning of an array that has to end before limit.
func (s *stream) matrix(limit int64) (array, error) {
	t, err := s.tag(limit)
	if err != nil {
		return array{}, err
	}
	return s.matrixOf(t)
}

// matrixOf reads it after its tag.
func (s *stream) matrixOf(t tag) (x array, err error) {
	x.end = t.end
	switch {
	case t.kind != miMATRIX || t.inside != nil:
		return x, s.Wrong(fmt.Sprintf("the type %d", t.kind), "an array (type 14)")
	case t.size == 0:
		return x, nil
	}
	flags, err := s.bytes(x.end, 8, miUINT32)
	if err != nil {
		return x, err
	}
	if len(flags) != 8 {
		return x, s.Wrong(fmt.Sprintf("%d bytes", len(flags)), "8 bytes of flags")
	}
	x.class, x.complex = flags[0], flags[1]&8 != 0
	const mostDimensions = 32
	dims, err := s.bytes(x.end, 4*mostDimensions, miINT32, miUINT32)
	if err != nil {
		return x, err
	}
	if len(dims) < 8 || len(dims)%4 != 0 {
		return x, s.Wrong(fmt.Sprintf("%d bytes", len(dims)), "two dimensions or more")
	}
	x.n = 1
	for i := 0; i < len(dims); i += 4 {
		d := int64(binary.LittleEndian.Uint32(dims[i:]))
		x.shape = append(x.shape, int(d))
		if d > 1<<31-1 || d > 0 && x.n > 1<<40/d {
			return x, s.Wrong("the shape "+container.By(x.shape), "sizes that a file can hold")
		}
		x.n *= d
	}
	const longestName = 4 << 10
	name, err := s.bytes(x.end, longestName, miINT8, miUINT8, miUTF8)
	x.name = string(name)
	return x, err
}

// leave goes to the end of an array.
func (s *stream) leave(x array) error { return s.skip(x.end - s.pos) }

// fields reads the names of the fields of a struct. What follows is an array for each field of each element.
func (s *stream) fields(x array) ([]string, error) {
	length, err := s.bytes(x.end, 4, miINT32)
	if err != nil {
		return nil, err
	}
	const mostBytes = 64 << 10
	names, err := s.bytes(x.end, mostBytes, miINT8, miUINT8)
	if err != nil {
		return nil, err
	}
	if len(length) != 4 {
		return nil, s.Wrong(fmt.Sprintf("%d bytes", len(length)), "the length of the names of fields")
	}
	n := int(binary.LittleEndian.Uint32(length))
	if n < 1 || n > 1<<10 || len(names)%n != 0 {
		return nil, s.Wrong(fmt.Sprintf("names of %d bytes in %d", n, len(names)), "the names of fields")
	}
	var fields []string
	for ; len(names) > 0; names = names[n:] {
		fields = append(fields, cString(names[:n]))
	}
	return fields, s.room(x, int64(len(fields)))
}

// room checks that each element of an array has the bytes for so many tags.
func (s *stream) room(x array, tags int64) error {
	if x.n > 0 && tags > (x.end-s.pos)/8/x.n {
		return s.Wrong(fmt.Sprintf("%s in %d bytes", container.By(x.shape), x.end-s.pos),
			"as many elements as there are bytes for")
	}
	return nil
}

// text reads the contents of an array of characters.
func (s *stream) text(x array) (string, error) {
	if x.class != mxCHAR || x.n == 0 {
		return "", s.leave(x)
	}
	t, err := s.tag(x.end)
	if err != nil {
		return "", err
	}
	const longest = 4 << 10
	if t.size > longest {
		return "", s.Wrong(fmt.Sprintf("%d bytes", t.size), fmt.Sprintf("a text of at most %d bytes", longest))
	}
	b := t.inside
	if b == nil {
		b = make([]byte, t.size)
		if err := s.fill(b); err != nil {
			return "", err
		}
	}
	if t.kind == miUINT16 || t.kind == miUTF16 {
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(b[2*i:])
		}
		b = []byte(string(utf16.Decode(units)))
	}
	return string(b), s.leave(x)
}
