package mat

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"

	"oneiro/weights/internal/container"
)

// The types of data elements that matter here ("MAT-File Format", table 1-1).
const (
	miINT8       = 1
	miUINT8      = 2
	miUINT16     = 4
	miINT32      = 5
	miUINT32     = 6
	miMATRIX     = 14
	miCOMPRESSED = 15
	miUTF8       = 16
	miUTF16      = 17
)

// The classes of arrays that matter here (table 1-3).
const (
	mxEmpty  = 0 // none of MATLAB's: an element without bytes, which stands for an empty array
	mxCELL   = 1
	mxSTRUCT = 2
	mxCHAR   = 4
	mxDOUBLE = 6
	mxSINGLE = 7
	mxUINT64 = 15 // the last class of numbers
)

// variable is where a variable lies.
type variable struct {
	container.Place
	r          io.ReaderAt
	at, end    int64 // of the element's bytes in the file
	compressed bool
	limit      int64 // what a stream's offsets stay below
}

// variableAt reads the tag of the variable at an offset of a file of size bytes. What is compressed may
// inflate to so many bytes more than is fair.
func variableAt(path string, r io.ReaderAt, at, size, more int64) (variable, error) {
	v := variable{Place: container.In(path), r: r, at: at, end: at + 8}
	if size-at < 8 {
		return v, container.In(path).Truncated(size, at+8)
	}
	tag := make([]byte, 8)
	if _, err := r.ReadAt(tag, at); err != nil {
		return v, container.In(path).Unreadable(err)
	}
	kind, length := binary.LittleEndian.Uint32(tag), int64(binary.LittleEndian.Uint32(tag[4:]))
	v.end += length
	switch {
	case kind != miMATRIX && kind != miCOMPRESSED:
		return v, container.In(path).Wrong(fmt.Sprintf("the type %d", kind), "a variable (type 14 or 15)")
	case length > size-at-8:
		return v, container.In(path).Truncated(size, v.end)
	}
	if v.limit = v.end; kind == miCOMPRESSED {
		v.compressed, v.at = true, at+8
		v.limit = v.fair() + more
	}
	return v, nil
}

// fair is how many bytes are expected of a compressed variable at most. Trained numbers deflate by a tenth;
// what grows a hundredfold is there to keep the reader busy.
func (v *variable) fair() int64 { return 20 * (v.end - v.at) }

// stream starts to read the variable.
func (v *variable) stream() (*stream, error) {
	section := io.NewSectionReader(v.r, v.at, v.end-v.at)
	if !v.compressed {
		return &stream{Place: v.Place, r: section, pos: v.at}, nil
	}
	s := &stream{Place: v.Place}
	z, err := zlib.NewReader(bufio.NewReaderSize(section, 64<<10))
	if err != nil {
		return nil, s.failed(err)
	}
	s.r = z
	return s, nil
}

// stream reads a variable from its beginning to its end.
type stream struct {
	container.Place
	r    io.Reader
	pos  int64 // in the file, or in the inflated bytes
	word [8]byte
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.pos += int64(n)
	return n, s.failed(err)
}

// failed turns what the inflater says into an error of this package, but for the end.
func (s *stream) failed(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return s.Truncated(0, 0)
	case errors.As(err, &corrupt), errors.Is(err, zlib.ErrHeader), errors.Is(err, zlib.ErrDictionary):
		return s.Wrong("damaged data", "a zlib stream")
	case errors.Is(err, zlib.ErrChecksum):
		return s.Wrong("numbers that do not sum up to it", "the checksum of a zlib stream")
	}
	return s.Unreadable(err)
}

// fill reads all of p.
func (s *stream) fill(p []byte) error {
	_, err := io.ReadFull(s, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return s.Truncated(0, 0)
	}
	return err
}

// skip goes n bytes ahead.
func (s *stream) skip(n int64) error {
	if seeker, ok := s.r.(io.Seeker); ok {
		s.pos += n
		_, err := seeker.Seek(n, io.SeekCurrent)
		return err
	}
	_, err := io.CopyN(io.Discard, s, n)
	if err == io.EOF {
		return s.Truncated(0, 0)
	}
	return err
}

// tag is what stands before the data of an element, or has them in itself if they are four bytes at most.
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

// numberTypes are the types in which an array of floating-point numbers is stored. MATLAB takes the smallest
// that holds them all.
var numberTypes = map[uint32]container.DType{
	miINT8: integer("int8", 1), miUINT8: integer("uint8", 1),
	3: integer("int16", 2), miUINT16: integer("uint16", 2),
	miINT32:  integer("int32", 4),
	miUINT32: integer("uint32", 4), 7: container.Float32LE, 9: container.Float64LE,
	12: integer("int64", 8), 13: integer("uint64", 8),
}

// integer is a whole number of that many bytes that stands for a floating-point one.
func integer(name string, size int) container.DType {
	signed := name[0] == 'i'
	return container.DType{Name: "float, stored as " + name, Size: size,
		Decode: func(dst []float32, src []byte) {
			word := make([]byte, 8)
			for i := range dst {
				copy(word, src[size*i:][:size])
				v := binary.LittleEndian.Uint64(word)
				if shift := 64 - 8*size; signed {
					dst[i] = float32(int64(v<<shift) >> shift)
				} else {
					dst[i] = float32(v)
				}
			}
		}}
}

// numbers reads the beginning of the contents of an array of numbers: where they are, and how they are stored.
func (s *stream) numbers(x array) (at int64, d container.DType, err error) {
	t, err := s.tag(x.end)
	if err != nil {
		return 0, d, err
	}
	d, ok := numberTypes[t.kind]
	switch {
	case !ok:
		return 0, d, s.Wrong(fmt.Sprintf("the type %d", t.kind), "numbers")
	case x.n != t.size/int64(d.Size) || t.size%int64(d.Size) != 0:
		return 0, d, s.Wrong(fmt.Sprintf("%d bytes", t.size),
			fmt.Sprintf("%s numbers of %d bytes", container.By(x.shape), d.Size))
	case x.complex:
		d = container.DType{Name: "complex numbers"}
	case x.class != mxDOUBLE && x.class != mxSINGLE:
		d.Name, d.Decode = classNames[x.class-mxSINGLE-1], nil
	}
	return t.at, d, s.leave(x)
}

// classNames are the classes of whole numbers, in their order after mxSINGLE.
var classNames = [...]string{"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"}

// cString is what stands before the first zero.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
