package protobuf

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"
	"testing/iotest"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/container"
)

// scan goes through all fields of a message, and through those of its field 1, 2 and so on to any depth.
func scan(p *Scanner, message Span) error {
	return p.Each(message, func(f Field) error {
		if f.Wire == BytesType && f.Number < 10 && f.Length() > 0 {
			return scan(p, f.Span)
		}
		return nil
	})
}

type brokenReader struct{ bytes.Reader }

func (*brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrNoProgress }

func TestProtobufThatLies(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"a length beyond the file": {[]byte{0x0a, 0x05, 1}, weightstest.Is[*container.TruncatedError]},
		"a length of 2^64-1": {weightstest.Concat([]byte{0x0a},
			weightstest.Uvarints(math.MaxUint64)), weightstest.Is[*container.TruncatedError]},
		"an inner length beyond its own": {weightstest.Concat(weightstest.PB(1, weightstest.PB(1, "abc")[:4]),
			weightstest.PB(2, 1)), weightstest.Is[*container.FormatError]},
		"an inner length of 2^63": {weightstest.Concat(weightstest.PB(1,
			weightstest.Concat([]byte{0x0a}, weightstest.Uvarints(1<<63))), weightstest.PB(2, 1)), weightstest.Is[*container.FormatError]},
		"an inner number cut": {weightstest.Concat(weightstest.PB(1, []byte{0x08, 0x80}),
			weightstest.PB(2, 1)), weightstest.Is[*container.FormatError]},
		"a number cut": {[]byte{0x08, 0x80}, weightstest.Is[*container.TruncatedError]},
		"a number of 11 bytes": {weightstest.Concat([]byte{0x08}, bytes.Repeat([]byte{0x80}, 10),
			[]byte{1}), weightstest.Is[*container.FormatError]},
		"a number of 65 bits": {weightstest.Concat([]byte{0x08}, bytes.Repeat([]byte{0x80}, 9),
			[]byte{2}), weightstest.Is[*container.FormatError]},
		"no value": {[]byte{0x08}, weightstest.Is[*container.TruncatedError]},
		"field 0":  {[]byte{0x00, 0x00}, weightstest.Is[*container.FormatError]},
		"a huge field": {weightstest.Concat(weightstest.Uvarints(1<<63), []byte{0}),
			weightstest.Is[*container.FormatError]},
		"a group":     {[]byte{0x0b, 0x0c}, weightstest.Is[*container.FormatError]},
		"wire type 7": {[]byte{0x0f, 0}, weightstest.Is[*container.FormatError]},
		"a float cut": {[]byte{0x0d, 0, 0, 0}, weightstest.Is[*container.TruncatedError]},
		"a double cut": {[]byte{0x09, 0, 0, 0, 0},
			weightstest.Is[*container.TruncatedError]},
	} {
		t.Run(name, func(t *testing.T) {
			p := New("a", bytes.NewReader(c.data), int64(len(c.data)))
			c.err(t, scan(p, p.Whole()))
		})
	}
	many := bytes.Repeat([]byte{0x08, 0x00}, 1000)
	p := New("a", bytes.NewReader(many), int64(len(many)))
	p.fields = 999
	weightstest.Refused[*container.FormatError](t, scan(p, p.Whole()))
	// longer when it was opened
	p = New("a", bytes.NewReader(many), int64(len(many))+1)
	weightstest.Refused[*container.TruncatedError](t, scan(p, p.Whole()))
	p = New("a", &brokenReader{}, 100)
	weightstest.Refused[*container.ReadError](t, scan(p, p.Whole()))
}

// Fields larger than the window, and at its edges.
func TestProtobufWindow(t *testing.T) {
	var data []byte
	var want []int64
	for i := range 300 {
		data = append(data, weightstest.PB(10, make([]byte, i*37%5000))...)
		data = append(data, weightstest.PB(11, i<<40)...)
		want = append(want, int64(i*37%5000), int64(i<<40))
	}
	var got []int64
	p := New("a", bytes.NewReader(data), int64(len(data)))
	if err := p.Each(p.Whole(), func(f Field) error {
		if f.Wire == BytesType {
			got = append(got, f.Length())
		} else {
			got = append(got, int64(f.Value))
		}
		return nil
	}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v", err)
	}
	if len(p.window) > 16<<10 {
		t.Errorf("%d bytes are kept", len(p.window))
	}
}

// The same numbers packed, one by one, and both, with the readers asked for pieces of any length.
func TestRepeatedNumbers(t *testing.T) {
	values := weightstest.Vector(40)
	var alone, doubles, mixed []byte
	for i, v := range values {
		alone = append(alone, weightstest.PB(5, v)...)
		doubles = append(doubles, weightstest.PB(500, float64(v))...)
		switch {
		case i == 10:
			mixed = append(mixed, weightstest.PB(5, weightstest.Float32s(values[10:20]))...)
		case i < 10 || i >= 20:
			mixed = append(mixed, weightstest.PB(5, v)...)
		}
		if i == 25 {
			mixed = append(mixed, weightstest.PB(6, "something else")...)
		}
	}
	for name, c := range map[string]struct {
		data   []byte
		size   int64
		number int
		dtype  container.DType
		pieces int
	}{
		"packed":  {weightstest.PB(5, weightstest.Float32s(values)), 4, 5, container.Float32LE, 1},
		"alone":   {alone, 4, 5, container.Float32LE, 1},
		"doubles": {doubles, 8, 500, container.Float64LE, 1},
		"mixed":   {mixed, 4, 5, container.Float32LE, 4},
	} {
		p := New("a", bytes.NewReader(c.data), int64(len(c.data)))
		n := Numbers{Size: c.size}
		if err := p.Each(p.Whole(), func(f Field) error {
			if f.Number != c.number {
				return nil
			}
			return p.Add(&n, "", f)
		}); err != nil {
			t.Fatal(err)
		}
		if n.Count != 40 || len(n.pieces) != c.pieces {
			t.Errorf("%s: %+v", name, n)
		}
		for _, r := range []io.Reader{n.reader(p.R, nil), iotest.OneByteReader(n.reader(p.R, nil))} {
			b, err := io.ReadAll(r)
			got := make([]float32, 40)
			if err != nil || len(b) != 40*c.dtype.Size {
				t.Fatalf("%s: %d bytes, %v", name, len(b), err)
			}
			if c.dtype.Decode(got, b); !slices.Equal(got, values) {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

func TestVarintsAndRepeated(t *testing.T) {
	read := func(wrap func(io.Reader) io.Reader, left int64, data ...byte) ([]byte, error) {
		n := Numbers{pieces: []run{{0, int64(len(data)), 0}}}
		odd := &container.FormatError{File: "a"}
		return io.ReadAll(wrap(&repeated{r: wrap(n.reader(bytes.NewReader(data), odd)), size: 2, left: left}))
	}
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader} {
		if b, err := read(wrap, 10, weightstest.Uvarints(1, 300, 65535)...); err != nil ||
			!bytes.Equal(b, []byte{1, 0, 44, 1, 255, 255, 255, 255, 255, 255}) {
			t.Errorf("%v, %v", b, err)
		}
		if b, err := read(wrap, 4); err != nil || !bytes.Equal(b, make([]byte, 4)) {
			t.Errorf("%v, %v", b, err)
		}
		if b, err := read(wrap, 2, weightstest.Uvarints(1, 2)...); err != nil || len(b) != 4 {
			t.Errorf("%v, %v", b, err)
		}
		_, err := read(wrap, 4, weightstest.Uvarints(65536)...)
		weightstest.Refused[*container.FormatError](t, err)
		_, err = read(wrap, 4, 0x80, 0x80, 0x80, 0x80, 0)
		weightstest.Refused[*container.FormatError](t, err)
		if _, err := read(wrap, 4, 0x80); err != io.ErrUnexpectedEOF {
			t.Error(err)
		}
	}
}
