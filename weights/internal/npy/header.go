package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
)

// header is what comes before the numbers of an .npy file (NEP 1 and numpy.lib.format: versions
// 1 to 3).
type header struct {
	length  int64 // of the header, magic included
	shape   []int
	fortran bool
	dtype   container.DType
}

// headerError reports a header that breaks the rules.
type headerError struct{ have, want string }

func (e *headerError) Error() string { return "expected " + e.want + ", found " + e.have }

// maxHeader bounds the header's text; NumPy itself reads no more than 10,000 bytes of it.
const maxHeader = 64 << 10

// parseHeader reads the header and leaves r at the first number. The sizes in shape are not checked
// against each other or the length of the file.
//
// The error is an headerError, or r's.
func parseHeader(r io.Reader) (header, error) {
	var h header
	start := make([]byte, 12)
	if _, err := io.ReadFull(r, start[:10]); err != nil {
		return h, err
	}
	if string(start[:6]) != "\x93NUMPY" {
		return h, &headerError{fmt.Sprintf("%q", start[:6]), "the signature of a NumPy array"}
	}
	length := int64(binary.LittleEndian.Uint16(start[8:]))
	h.length = 10
	switch start[6] {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return h, err
		}
		length = int64(binary.LittleEndian.Uint32(start[8:]))
		h.length = 12
	default:
		return h, &headerError{fmt.Sprintf("%d.%d", start[6], start[7]),
			"version 1, 2 or 3 of the NumPy format"}
	}
	if length > maxHeader {
		return h, &headerError{fmt.Sprintf("%d bytes", length),
			fmt.Sprintf("a header of at most %d bytes", maxHeader)}
	}
	h.length += length
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, err
	}
	return h, h.parse(string(text))
}

// readHeader reads the header of an array of size bytes, and describes the array. It checks the sizes if
// the type is one that a parameter has.
func readHeader(t *container.Tensor, r io.Reader, size int64) (header, error) {
	h, err := parseHeader(r)
	var wrong *headerError
	switch {
	case errors.As(err, &wrong):
		return h, t.Place().Wrong(wrong.have, wrong.want)
	case err != nil:
		return h, t.Failed(err, 0, 0)
	}
	t.Shape, t.Fortran, t.DType, t.Layout = h.shape, h.fortran, h.dtype, container.TorchLayout(len(h.shape))
	if t.DType.Decode == nil {
		return h, nil
	}
	return h, t.Fill(size - h.length)
}

// parse reads the header's text, a Python dictionary with the keys descr, fortran_order and shape.
func (h *header) parse(text string) error {
	p := pyText{text}
	seen := map[string]bool{}
	if err := p.want("{"); err != nil {
		return err
	}
	for !p.take("}") {
		key, err := p.text()
		if err != nil {
			return err
		}
		if err := p.want(":"); err != nil {
			return err
		}
		if seen[key] {
			return &headerError{fmt.Sprintf("%q twice", key), "each key once"}
		}
		seen[key] = true
		switch key {
		case "descr":
			err = h.parseDescr(&p)
		case "fortran_order":
			h.fortran, err = p.truth()
		case "shape":
			h.shape, err = p.tuple()
		default:
			err = &headerError{fmt.Sprintf("%q", key), "the keys descr, fortran_order and shape"}
		}
		if err != nil {
			return err
		}
		if !p.take(",") {
			if err := p.want("}"); err != nil {
				return err
			}
			break
		}
	}
	if len(seen) != 3 {
		return &headerError{fmt.Sprintf("%d of them", len(seen)), "the keys descr, fortran_order and shape"}
	}
	if p.skip(); p.rest != "" {
		return &headerError{fmt.Sprintf("%q", p.rest), "the end of the header"}
	}
	return nil
}

func (h *header) parseDescr(p *pyText) error {
	if p.skip(); strings.HasPrefix(p.rest, "[") {
		// a structured type: whatever it holds, up to the bracket that closes it
		end, depth := 0, 0
		for i, c := range p.rest {
			if c == '[' {
				depth++
			} else if c == ']' {
				depth--
			}
			if depth == 0 {
				end = i + 1
				break
			}
		}
		if end == 0 {
			return &headerError{"none", "the end of a list"}
		}
		p.rest = p.rest[end:]
		h.dtype = container.DType{Name: "records"}
		return nil
	}
	descr, err := p.text()
	if err != nil {
		return err
	}
	h.dtype = container.NumPyType(descr)
	return nil
}

// pyText is what is left of the text of a Python literal.
type pyText struct{ rest string }

func (p *pyText) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take removes token if it comes next.
func (p *pyText) take(token string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

func (p *pyText) want(token string) error {
	if p.take(token) {
		return nil
	}
	return p.unexpected(fmt.Sprintf("%q", token))
}

func (p *pyText) unexpected(want string) error {
	return &headerError{fmt.Sprintf("%q", p.rest[:min(len(p.rest), 20)]), want + " in the header"}
}

// text reads a string without escapes.
func (p *pyText) text() (string, error) {
	for _, quote := range []string{"'", `"`} {
		if p.take(quote) {
			s, rest, ok := strings.Cut(p.rest, quote)
			if !ok || strings.Contains(s, `\`) {
				return "", p.unexpected("the end of a string")
			}
			p.rest = rest
			return s, nil
		}
	}
	return "", p.unexpected("a string")
}

func (p *pyText) truth() (bool, error) {
	switch {
	case p.take("True"):
		return true, nil
	case p.take("False"):
		return false, nil
	}
	return false, p.unexpected("True or False")
}

// tuple reads whole numbers in parentheses; Python 2 wrote an L after long ones.
func (p *pyText) tuple() ([]int, error) {
	const mostDimensions = 32 // NumPy's own limit for long
	if err := p.want("("); err != nil {
		return nil, err
	}
	numbers := []int{}
	for !p.take(")") {
		p.skip()
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.Atoi(p.rest[:digits])
		if err != nil || len(numbers) == mostDimensions {
			return nil, p.unexpected("a size")
		}
		p.rest = p.rest[digits:]
		p.take("L")
		numbers = append(numbers, n)
		if !p.take(",") {
			if err := p.want(")"); err != nil {
				return nil, err
			}
			break
		}
	}
	return numbers, nil
}
