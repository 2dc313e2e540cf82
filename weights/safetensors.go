package weights

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxHeader is the longest header that the reference implementation reads, in bytes.
const maxHeader = 100_000_000

// maxTensors and maxDimensions bound what a directory can make of a few bytes each. The largest networks have
// some thousand tensors.
const (
	maxTensors    = 1 << 15
	maxDimensions = 32
)

// safetensors is Hugging Face's format: the length of a header, the header in JSON, and then the numbers of
// all tensors without a gap (github.com/huggingface/safetensors, README: Format).
type safetensors struct {
	io.Closer
	all  []entry
	meta map[string]string
}

func (s *safetensors) format() string   { return "safetensors" }
func (s *safetensors) entries() []entry { return s.all }

func (s *safetensors) metadata() map[string]string { return s.meta }

// isSafetensors believes a length far beyond the limit too, so that such a file is refused by its name. Text
// has other bytes in their place.
func isSafetensors(head []byte, _ int64) bool {
	return len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) < 1<<48
}

func openSafetensors(path string, r source, size int64) (container, error) {
	start := make([]byte, 8)
	if _, err := r.ReadAt(start, 0); err != nil {
		return nil, &ReadError{path, "", err}
	}
	length := binary.LittleEndian.Uint64(start)
	switch {
	case length > maxHeader:
		return nil, &FormatError{path, "", fmt.Sprintf("%d bytes", length), fmt.Sprintf("a header of at most %d bytes", maxHeader)}
	case int64(length) > size-8:
		return nil, &TruncatedError{path, "", size, int64(length) + 8}
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, 8); err != nil && !errors.Is(err, io.EOF) {
		return nil, &ReadError{path, "", err}
	}
	h := safetensorsHeader{path: path, json: json.NewDecoder(bytes.NewReader(text))}
	h.json.UseNumber()
	if !utf8.Valid(text) { // which the decoder would pass over
		return nil, h.wrong("other bytes", "a header in UTF-8")
	}
	if err := h.parse(); err != nil {
		return nil, err
	}
	if len(h.tensors) == 0 {
		return nil, &UnsupportedError{File: path, Looks: "a safetensors file without tensors"}
	}
	all, err := h.place(r, size, 8+int64(length))
	if err != nil {
		return nil, err
	}
	return &safetensors{r, all, h.metadata}, nil
}

// safetensorsTypes are the types of the format, and how many bits a number has.
var safetensorsTypes = map[string]struct {
	bits  int64
	dtype dtype
}{
	"F64": {64, float64LE}, "F32": {32, float32LE}, "F16": {16, float16LE}, "BF16": {16, bfloat16LE},
	"I64": {64, dtype{name: "int64"}}, "I32": {32, dtype{name: "int32"}}, "I16": {16, dtype{name: "int16"}}, "I8": {8, dtype{name: "int8"}},
	"U64": {64, dtype{name: "uint64"}}, "U32": {32, dtype{name: "uint32"}}, "U16": {16, dtype{name: "uint16"}}, "U8": {8, dtype{name: "uint8"}},
	"BOOL": {8, dtype{name: "bool"}}, "C64": {64, dtype{name: "complex64"}},
	"F8_E5M2": {8, dtype{name: "8-bit float (E5M2)"}}, "F8_E4M3": {8, dtype{name: "8-bit float (E4M3)"}}, "F8_E8M0": {8, dtype{name: "8-bit float (E8M0)"}},
	"F8_E4M3FNUZ": {8, dtype{name: "8-bit float (E4M3FNUZ)"}}, "F8_E5M2FNUZ": {8, dtype{name: "8-bit float (E5M2FNUZ)"}},
	"F6_E2M3": {6, dtype{name: "6-bit float (E2M3)"}}, "F6_E3M2": {6, dtype{name: "6-bit float (E3M2)"}}, "F4": {4, dtype{name: "4-bit float"}},
}

// safetensorsTensor is what a header says about a tensor.
type safetensorsTensor struct {
	name, dtype string
	shape       []int
	begin, end  int64 // of its bytes, counted from the end of the header
}

// safetensorsHeader reads a header. Its errors are FormatError.
type safetensorsHeader struct {
	path    string
	json    *json.Decoder
	tensor  string // the one that is being read, for messages
	tensors []safetensorsTensor

	metadata map[string]string
}

func (h *safetensorsHeader) wrong(have, want string) error {
	return &FormatError{h.path, h.tensor, have, want}
}

func (h *safetensorsHeader) parse() error {
	if err := h.want(json.Delim('{')); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.json.More() {
		h.tensor = ""
		key, err := h.text("the name of a tensor")
		if err != nil {
			return err
		}
		h.tensor = key
		switch {
		case seen[key]:
			return h.wrong("another of the same name", "one tensor of each name")
		case len(seen) > maxTensors:
			return h.wrong("more", fmt.Sprintf("at most %d tensors", maxTensors))
		case key == "__metadata__":
			err = h.parseMetadata()
		default:
			err = h.parseTensor(key)
		}
		if err != nil {
			return err
		}
		seen[key] = true
	}
	h.tensor = ""
	if err := h.want(json.Delim('}')); err != nil {
		return err
	}
	if _, err := h.json.Token(); err != io.EOF {
		return h.wrong("more", "nothing but spaces behind the header's object")
	}
	return nil
}

// parseMetadata reads an object of strings, which tell people and programs what they like.
func (h *safetensorsHeader) parseMetadata() error {
	h.metadata = map[string]string{}
	if err := h.want(json.Delim('{')); err != nil {
		return err
	}
	for n := 0; h.json.More(); n++ {
		if n == maxTensors {
			return h.wrong("more", fmt.Sprintf("at most %d texts", maxTensors))
		}
		key, err := h.text("a text")
		if err != nil {
			return err
		}
		if h.metadata[key], err = h.text("a text"); err != nil {
			return err
		}
	}
	return h.want(json.Delim('}'))
}

// parseTensor reads the object with the keys dtype, shape and data_offsets.
func (h *safetensorsHeader) parseTensor(name string) error {
	t := safetensorsTensor{name: name}
	if err := h.want(json.Delim('{')); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.json.More() {
		key, err := h.text("a key")
		if err != nil {
			return err
		}
		if seen[key] {
			return h.wrong(fmt.Sprintf("%q twice", key), "each key once")
		}
		seen[key] = true
		switch key {
		case "dtype":
			t.dtype, err = h.text("a type")
		case "shape":
			var shape []int64
			shape, err = h.numbers()
			t.shape = make([]int, len(shape))
			for i, n := range shape {
				t.shape[i] = int(min(n, math.MaxInt))
			}
		case "data_offsets":
			var offsets []int64
			if offsets, err = h.numbers(); err == nil && len(offsets) != 2 {
				err = h.wrong(fmt.Sprintf("%d numbers", len(offsets)), "two data_offsets")
			}
			if err == nil {
				t.begin, t.end = offsets[0], offsets[1]
			}
		default:
			err = h.wrong(fmt.Sprintf("%q", key), "the keys dtype, shape and data_offsets")
		}
		if err != nil {
			return err
		}
	}
	if err := h.want(json.Delim('}')); err != nil {
		return err
	}
	if len(seen) != 3 {
		return h.wrong(fmt.Sprintf("%d of them", len(seen)), "the keys dtype, shape and data_offsets")
	}
	h.tensors = append(h.tensors, t)
	return nil
}

// want reads a bracket.
func (h *safetensorsHeader) want(bracket json.Delim) error {
	token, err := h.json.Token()
	if err != nil {
		return h.wrong(jsonError(err), "a header in JSON")
	}
	if token != bracket {
		return h.wrong(fmt.Sprintf("%v", token), fmt.Sprintf("%q in the header", bracket.String()))
	}
	return nil
}

// text reads a string, which is called what in messages.
func (h *safetensorsHeader) text(what string) (string, error) {
	token, err := h.json.Token()
	if err != nil {
		return "", h.wrong(jsonError(err), "a header in JSON")
	}
	s, ok := token.(string)
	if !ok {
		return "", h.wrong(fmt.Sprintf("%v", token), what+" in the header")
	}
	return s, nil
}

// numbers reads a list of whole numbers from 0 to the size of the largest file.
func (h *safetensorsHeader) numbers() ([]int64, error) {
	if err := h.want(json.Delim('[')); err != nil {
		return nil, err
	}
	var all []int64
	for h.json.More() {
		token, err := h.json.Token()
		if err != nil {
			return nil, h.wrong(jsonError(err), "a header in JSON")
		}
		text, _ := token.(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 48)
		if err != nil {
			return nil, h.wrong(fmt.Sprintf("%v", token), "whole numbers that a file can hold")
		}
		if len(all) == maxDimensions {
			return nil, h.wrong("more", fmt.Sprintf("at most %d numbers", maxDimensions))
		}
		all = append(all, int64(n))
	}
	return all, h.want(json.Delim(']'))
}

func jsonError(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "its end"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// place makes entries of the tensors, in the order of their bytes. The bytes have to fill the file from start to
// its end, and those of a tensor have to be as many as its shape asks for.
func (h *safetensorsHeader) place(r io.ReaderAt, size, start int64) ([]entry, error) {
	slices.SortStableFunc(h.tensors, func(a, b safetensorsTensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	var last int64
	for _, t := range h.tensors {
		h.tensor = t.name
		if t.begin != last || t.end < t.begin {
			return nil, h.wrong(fmt.Sprintf("bytes %d to %d", t.begin, t.end), fmt.Sprintf("them to begin at %d, where others end", last))
		}
		last = t.end
	}
	h.tensor = ""
	switch end := start + last; {
	case end > size:
		return nil, &TruncatedError{h.path, "", size, end}
	case end < size:
		return nil, h.wrong(fmt.Sprintf("%d more bytes", size-end), "the end of the file behind the last tensor")
	}
	all := make([]entry, 0, len(h.tensors))
	for _, t := range h.tensors {
		h.tensor = t.name
		kind, known := safetensorsTypes[t.dtype]
		if !known {
			return nil, h.wrong(fmt.Sprintf("%q", t.dtype), "a type of number that the format has")
		}
		n, ok := product(t.shape)
		if slices.Contains(t.shape, 0) { // which the format allows
			n, ok = 0, true
		}
		if bits := n * kind.bits; !ok || bits%8 != 0 || bits/8 != t.end-t.begin {
			return nil, h.wrong(fmt.Sprintf("%d bytes for the shape %s", t.end-t.begin, by(t.shape)), "as many as the shape asks for")
		}
		e := entry{name: t.name, shape: t.shape, layout: usual(len(t.shape)), dtype: kind.dtype, file: h.path}
		from, length := start+t.begin, t.end-t.begin
		e.open = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(r, from, length)), nil }
		all = append(all, e)
	}
	return all, nil
}
