package weights

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"oneiro/internal/weightstest"
)

// pb is a field of a message in the wire format: a whole number, a float32, a float64, a text, or the bytes of several
// fields or of packed numbers.
func pb(number int, value any) []byte {
	key := func(wire uint64) []byte { return binary.AppendUvarint(nil, uint64(number)<<3|wire) }
	switch v := value.(type) {
	case int:
		return binary.AppendUvarint(key(wireVarint), uint64(v))
	case float32:
		return binary.LittleEndian.AppendUint32(key(wire32), math.Float32bits(v))
	case float64:
		return binary.LittleEndian.AppendUint64(key(wire64), math.Float64bits(v))
	case string:
		return append(binary.AppendUvarint(key(wireBytes), uint64(len(v))), v...)
	case []byte:
		return append(binary.AppendUvarint(key(wireBytes), uint64(len(v))), v...)
	}
	panic("not a value")
}

func concat(fields ...[]byte) []byte { return slices.Concat(fields...) }

// uvarints are packed whole numbers.
func uvarints(values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		b = binary.AppendUvarint(b, v)
	}
	return b
}

// scan goes through all fields of a message, and through those of its field 1, 2 and so on to any depth.
func scan(p *protobuf, message span) error {
	return p.each(message, func(f field) error {
		if f.wire == wireBytes && f.number < 10 && f.length() > 0 {
			return scan(p, f.span)
		}
		return nil
	})
}

func TestProtobufThatLies(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		err  func(testing.TB, error)
	}{
		"a length beyond the file":       {[]byte{0x0a, 0x05, 1}, weightstest.Is[*TruncatedError]},
		"a length of 2^64-1":             {concat([]byte{0x0a}, uvarints(math.MaxUint64)), weightstest.Is[*TruncatedError]},
		"an inner length beyond its own": {concat(pb(1, pb(1, "abc")[:4]), pb(2, 1)), weightstest.Is[*FormatError]},
		"an inner length of 2^63":        {concat(pb(1, concat([]byte{0x0a}, uvarints(1<<63))), pb(2, 1)), weightstest.Is[*FormatError]},
		"an inner number cut":            {concat(pb(1, []byte{0x08, 0x80}), pb(2, 1)), weightstest.Is[*FormatError]},
		"a number cut":                   {[]byte{0x08, 0x80}, weightstest.Is[*TruncatedError]},
		"a number of 11 bytes":           {concat([]byte{0x08}, bytes.Repeat([]byte{0x80}, 10), []byte{1}), weightstest.Is[*FormatError]},
		"a number of 65 bits":            {concat([]byte{0x08}, bytes.Repeat([]byte{0x80}, 9), []byte{2}), weightstest.Is[*FormatError]},
		"no value":                       {[]byte{0x08}, weightstest.Is[*TruncatedError]},
		"field 0":                        {[]byte{0x00, 0x00}, weightstest.Is[*FormatError]},
		"a huge field":                   {concat(uvarints(1<<63), []byte{0}), weightstest.Is[*FormatError]},
		"a group":                        {[]byte{0x0b, 0x0c}, weightstest.Is[*FormatError]},
		"wire type 7":                    {[]byte{0x0f, 0}, weightstest.Is[*FormatError]},
		"a float cut":                    {[]byte{0x0d, 0, 0, 0}, weightstest.Is[*TruncatedError]},
		"a double cut":                   {[]byte{0x09, 0, 0, 0, 0}, weightstest.Is[*TruncatedError]},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProtobuf("a", bytes.NewReader(c.data), int64(len(c.data)))
			c.err(t, scan(p, p.whole()))
		})
	}
	many := bytes.Repeat([]byte{0x08, 0x00}, 1000)
	p := newProtobuf("a", bytes.NewReader(many), int64(len(many)))
	p.fields = 999
	weightstest.Refused[*FormatError](t, scan(p, p.whole()))
	// longer when it was opened
	p = newProtobuf("a", bytes.NewReader(many), int64(len(many))+1)
	weightstest.Refused[*TruncatedError](t, scan(p, p.whole()))
	p = newProtobuf("a", &brokenReader{}, 100)
	weightstest.Refused[*ReadError](t, scan(p, p.whole()))
}

// Fields larger than the window, and at its edges.
func TestProtobufWindow(t *testing.T) {
	var data []byte
	var want []int64
	for i := range 300 {
		data = append(data, pb(10, make([]byte, i*37%5000))...)
		data = append(data, pb(11, i<<40)...)
		want = append(want, int64(i*37%5000), int64(i<<40))
	}
	var got []int64
	p := newProtobuf("a", bytes.NewReader(data), int64(len(data)))
	if err := p.each(p.whole(), func(f field) error {
		if f.wire == wireBytes {
			got = append(got, f.length())
		} else {
			got = append(got, int64(f.value))
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
	values := plain(40)
	var alone, doubles, mixed []byte
	for i, v := range values {
		alone = append(alone, pb(5, v)...)
		doubles = append(doubles, pb(500, float64(v))...)
		switch {
		case i == 10:
			mixed = append(mixed, pb(5, weightstest.Float32s(values[10:20]))...)
		case i < 10 || i >= 20:
			mixed = append(mixed, pb(5, v)...)
		}
		if i == 25 {
			mixed = append(mixed, pb(6, "something else")...)
		}
	}
	for name, c := range map[string]struct {
		data   []byte
		size   int64
		number int
		dtype  dtype
		pieces int
	}{
		"packed":  {pb(5, weightstest.Float32s(values)), 4, 5, float32LE, 1},
		"alone":   {alone, 4, 5, float32LE, 1},
		"doubles": {doubles, 8, 500, float64LE, 1},
		"mixed":   {mixed, 4, 5, float32LE, 4},
	} {
		p := newProtobuf("a", bytes.NewReader(c.data), int64(len(c.data)))
		n := numbers{size: c.size}
		if err := p.each(p.whole(), func(f field) error {
			if f.number != c.number {
				return nil
			}
			return p.add(&n, "", f)
		}); err != nil {
			t.Fatal(err)
		}
		if n.count != 40 || len(n.pieces) != c.pieces {
			t.Errorf("%s: %+v", name, n)
		}
		for _, r := range []io.Reader{n.reader(p.r, nil), iotest.OneByteReader(n.reader(p.r, nil))} {
			b, err := io.ReadAll(r)
			got := make([]float32, 40)
			if err != nil || len(b) != 40*c.dtype.size {
				t.Fatalf("%s: %d bytes, %v", name, len(b), err)
			}
			if c.dtype.decode(got, b); !slices.Equal(got, values) {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

func TestVarintsAndRepeated(t *testing.T) {
	read := func(wrap func(io.Reader) io.Reader, left int64, data ...byte) ([]byte, error) {
		n := numbers{pieces: []run{{0, int64(len(data)), 0}}}
		odd := &FormatError{File: "a"}
		return io.ReadAll(wrap(&repeated{r: wrap(n.reader(bytes.NewReader(data), odd)), size: 2, left: left}))
	}
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader} {
		if b, err := read(wrap, 10, uvarints(1, 300, 65535)...); err != nil || !bytes.Equal(b, []byte{1, 0, 44, 1, 255, 255, 255, 255, 255, 255}) {
			t.Errorf("%v, %v", b, err)
		}
		if b, err := read(wrap, 4); err != nil || !bytes.Equal(b, make([]byte, 4)) {
			t.Errorf("%v, %v", b, err)
		}
		if b, err := read(wrap, 2, uvarints(1, 2)...); err != nil || len(b) != 4 {
			t.Errorf("%v, %v", b, err)
		}
		_, err := read(wrap, 4, uvarints(65536)...)
		weightstest.Refused[*FormatError](t, err)
		_, err = read(wrap, 4, 0x80, 0x80, 0x80, 0x80, 0)
		weightstest.Refused[*FormatError](t, err)
		if _, err := read(wrap, 4, 0x80); err != io.ErrUnexpectedEOF {
			t.Error(err)
		}
	}
}

// However much of a file is looked at, it is taken for what it is and nothing else.
func TestSniffing(t *testing.T) {
	for file, want := range map[string]string{
		"v1.caffemodel": "a Caffe model", "v2.caffemodel": "a Caffe model", "double.caffemodel": "a Caffe model",
		"model.onnx": "an ONNX file", "external.onnx": "an ONNX file", "frozen.pb": "a TensorFlow graph",
	} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		for n := 24; n <= len(data); n++ {
			for _, f := range formats(Hints{}) {
				if f.is(data[:n], int64(len(data))) != (f.name == want) {
					t.Fatalf("%d bytes of %s are taken for %s, or are not", n, file, f.name)
				}
			}
		}
	}
}

// sniff asks of every format whether a file is of it.
func sniff(data []byte) {
	head := data[:min(len(data), headSize)]
	for _, f := range formats(Hints{}) {
		f.is(head, int64(len(data)))
	}
	looks(head, int64(len(data)))
}
