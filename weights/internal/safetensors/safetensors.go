// Package safetensors reads and writes Hugging Face's format: the length of a header, the header in JSON, and
// then the numbers of all tensors without a gap (github.com/huggingface/safetensors, README: Format).
package safetensors

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
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"oneiro/weights/internal/container"
)

// maxHeader is the longest header that the reference implementation reads, in bytes.
const maxHeader = 100_000_000

// Is believes a length far beyond the limit too, so that the error for such a file names the format. Text
// has other bytes in their place.
func Is(head []byte, _ int64) bool {
	return len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) < 1<<48
}

// Open reads the header of a file.
func Open(path string, r container.Source, size int64) (*container.Container, error) {
	start := make([]byte, 8)
	if _, err := r.ReadAt(start, 0); err != nil {
		return nil, container.In(path).Unreadable(err)
	}
	length := binary.LittleEndian.Uint64(start)
	switch {
	case length > maxHeader:
		return nil, container.In(path).Wrong(fmt.Sprintf("%d bytes", length),
			fmt.Sprintf("a header of at most %d bytes", maxHeader))
	case int64(length) > size-8:
		return nil, container.In(path).Truncated(size, int64(length)+8)
	}
	text := make([]byte, length)
	if _, err := r.ReadAt(text, 8); err != nil && !errors.Is(err, io.EOF) {
		return nil, container.In(path).Unreadable(err)
	}
	h := header{Place: container.In(path), json: json.NewDecoder(bytes.NewReader(text))}
	h.json.UseNumber()
	if !utf8.Valid(text) { // which the decoder would pass over
		return nil, h.Wrong("other bytes", "a header in UTF-8")
	}
	if err := h.parse(); err != nil {
		return nil, err
	}
	if len(h.tensors) == 0 {
		return nil, &container.UnsupportedError{File: path, Looks: "a safetensors file without tensors"}
	}
	all, err := h.place(r, size, 8+int64(length))
	if err != nil {
		return nil, err
	}
	return &container.Container{Closer: r, Format: "safetensors", Tensors: all, Metadata: h.metadata}, nil
}

// numberType is a type of number in a file.
type numberType struct {
	bits  int64
	dtype container.DType
}

// floatTypes are those of parameters.
var floatTypes = map[string]numberType{
	"F64": {64, container.Float64LE}, "F32": {32, container.Float32LE},
	"F16": {16, container.Float16LE}, "BF16": {16, container.BFloat16LE},
	"F8_E4M3": {8, container.Float8E4M3}, "F8_E5M2": {8, container.Float8E5M2},
	"F8_E4M3FNUZ": {8, container.Float8E4M3FNUZ}, "F8_E5M2FNUZ": {8, container.Float8E5M2FNUZ},
	"F8_E8M0": {8, container.Float8E8M0},
}

// otherTypes are the others of the format.
var otherTypes = map[string]struct {
	bits int64
	name string
}{
	"I64": {64, "int64"}, "I32": {32, "int32"}, "I16": {16, "int16"}, "I8": {8, "int8"},
	"U64": {64, "uint64"}, "U32": {32, "uint32"}, "U16": {16, "uint16"}, "U8": {8, "uint8"},
	"BOOL": {8, "bool"}, "C64": {64, "complex64"},
	"F6_E2M3": {6, "6-bit float (E2M3)"}, "F6_E3M2": {6, "6-bit float (E3M2)"}, "F4": {4, "4-bit float"},
}

// typeOf returns a type by its name in a file.
func typeOf(name string) (numberType, bool) {
	if t, ok := floatTypes[name]; ok {
		return t, true
	}
	t, ok := otherTypes[name]
	return numberType{t.bits, container.DType{Name: t.name}}, ok
}

// tensor is what a header says about a tensor.
type tensor struct {
	name, dtype string
	shape       []int
	begin, end  int64 // of its bytes, counted from the end of the header
}

// header reads a header. Its errors are FormatError.
type header struct {
	container.Place // the tensor is the one that is being read
	json            *json.Decoder
	tensors         []tensor

	metadata map[string]string
}

func (h *header) parse() error {
	if err := h.want(json.Delim('{')); err != nil {
		return err
	}
	seen := map[string]bool{}
	for h.json.More() {
		h.Tensor = ""
		key, err := h.text("the name of a tensor")
		if err != nil {
			return err
		}
		h.Tensor = key
		switch {
		case seen[key]:
			return h.Wrong("another of the same name", "one tensor of each name")
		case len(seen) > container.MaxTensors:
			return h.Wrong("more", fmt.Sprintf("at most %d tensors", container.MaxTensors))
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
	h.Tensor = ""
	if err := h.want(json.Delim('}')); err != nil {
		return err
	}
	if _, err := h.json.Token(); err != io.EOF {
		return h.Wrong("more", "nothing but spaces after the header's object")
	}
	return nil
}

// parseMetadata reads an object of strings, which tell people and programs what they like.
func (h *header) parseMetadata() error {
	h.metadata = map[string]string{}
	if err := h.want(json.Delim('{')); err != nil {
		return err
	}
	for n := 0; h.json.More(); n++ {
		if n == container.MaxTensors {
			return h.Wrong("more", fmt.Sprintf("at most %d texts", container.MaxTensors))
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
func (h *header) parseTensor(name string) error {
	t := tensor{name: name}
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
			return h.Wrong(fmt.Sprintf("%q twice", key), "each key once")
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
				err = h.Wrong(fmt.Sprintf("%d numbers", len(offsets)), "two data_offsets")
			}
			if err == nil {
				t.begin, t.end = offsets[0], offsets[1]
			}
		default:
			err = h.Wrong(fmt.Sprintf("%q", key), "the keys dtype, shape and data_offsets")
		}
		if err != nil {
			return err
		}
	}
	if err := h.want(json.Delim('}')); err != nil {
		return err
	}
	if len(seen) != 3 {
		return h.Wrong(fmt.Sprintf("%d of them", len(seen)), "the keys dtype, shape and data_offsets")
	}
	h.tensors = append(h.tensors, t)
	return nil
}

// want reads a bracket.
func (h *header) want(bracket json.Delim) error {
	token, err := h.json.Token()
	if err != nil {
		return h.Wrong(jsonError(err), "a header in JSON")
	}
	if token != bracket {
		return h.Wrong(fmt.Sprintf("%v", token), fmt.Sprintf("%q in the header", bracket.String()))
	}
	return nil
}

// text reads a string; what describes it in messages.
func (h *header) text(what string) (string, error) {
	token, err := h.json.Token()
	if err != nil {
		return "", h.Wrong(jsonError(err), "a header in JSON")
	}
	s, ok := token.(string)
	if !ok {
		return "", h.Wrong(fmt.Sprintf("%v", token), what+" in the header")
	}
	return s, nil
}

// numbers reads a list of whole numbers from 0 to the size of the largest file.
func (h *header) numbers() ([]int64, error) {
	if err := h.want(json.Delim('[')); err != nil {
		return nil, err
	}
	var all []int64
	for h.json.More() {
		token, err := h.json.Token()
		if err != nil {
			return nil, h.Wrong(jsonError(err), "a header in JSON")
		}
		text, _ := token.(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 48)
		if err != nil {
			return nil, h.Wrong(fmt.Sprintf("%v", token), "whole numbers that a file can hold")
		}
		if len(all) == container.MaxDimensions {
			return nil, h.Wrong("more", fmt.Sprintf("at most %d numbers", container.MaxDimensions))
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

// place makes entries of the tensors, in the order of their bytes. The bytes have to fill the file from start
// to its end, and those of a tensor have to be as many as its shape asks for.
func (h *header) place(r io.ReaderAt, size, start int64) ([]container.Tensor, error) {
	sort.SliceStable(h.tensors, func(i, j int) bool {
		a, b := &h.tensors[i], &h.tensors[j]
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end)) < 0
	})
	var last int64
	for _, t := range h.tensors {
		h.Tensor = t.name
		if t.begin != last || t.end < t.begin {
			return nil, h.Wrong(fmt.Sprintf("bytes %d to %d", t.begin, t.end),
				fmt.Sprintf("them to begin at %d, where others end", last))
		}
		last = t.end
	}
	h.Tensor = ""
	switch end := start + last; {
	case end > size:
		return nil, h.Of("").Truncated(size, end)
	case end < size:
		return nil, h.Wrong(fmt.Sprintf("%d more bytes", size-end),
			"the end of the file after the last tensor")
	}
	all := make([]container.Tensor, 0, len(h.tensors))
	for _, t := range h.tensors {
		h.Tensor = t.name
		kind, known := typeOf(t.dtype)
		if !known {
			return nil, h.Wrong(fmt.Sprintf("%q", t.dtype), "a type of number that the format has")
		}
		n, ok := container.Product(t.shape)
		if slices.Contains(t.shape, 0) { // which the format allows
			n, ok = 0, true
		}
		if bits := n * kind.bits; !ok || bits%8 != 0 || bits/8 != t.end-t.begin {
			return nil, h.Wrong(fmt.Sprintf("%d bytes for the shape %s", t.end-t.begin, container.By(t.shape)),
				"as many as the shape asks for")
		}
		e := container.Tensor{Name: t.name, Shape: t.shape, Layout: container.TorchLayout(len(t.shape)),
			DType: kind.dtype, File: h.File}
		from, length := start+t.begin, t.end-t.begin
		e.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(r, from, length)),
				nil
		}
		all = append(all, e)
	}
	return all, nil
}
