package weights

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// npyHeader is what stands before the numbers of an .npy file (NEP 1 and numpy.lib.format: versions
// 1 to 3).
type npyHeader struct {
	length  int64 // of the header, magic included
	shape   []int
	fortran bool
	dtype   dtype
}

// pythonObjects is the type of an array that is a pickle.
var pythonObjects = dtype{name: "Python objects"}

// npyError reports a header that breaks the rules.
type npyError struct{ have, want string }

func (e *npyError) Error() string { return "expected " + e.want + ", found " + e.have }

// maxNPYHeader bounds the header's text; NumPy itself reads no more than 10,000 bytes of it.
const maxNPYHeader = 64 << 10

// parseNPY reads the header and leaves r at the first number. The sizes in shape are not checked
// against each other or the length of the file.
//
// The error is an npyError, or r's.
func parseNPY(r io.Reader) (npyHeader, error) {
	var h npyHeader
	start := make([]byte, 12)
	if _, err := io.ReadFull(r, start[:10]); err != nil {
		return h, err
	}
	if string(start[:6]) != "\x93NUMPY" {
		return h, &npyError{fmt.Sprintf("%q", start[:6]), "the signature of a NumPy array"}
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
		return h, &npyError{fmt.Sprintf("%d.%d", start[6], start[7]), "version 1, 2 or 3 of the NumPy format"}
	}
	if length > maxNPYHeader {
		return h, &npyError{fmt.Sprintf("%d bytes", length), fmt.Sprintf("a header of at most %d bytes", maxNPYHeader)}
	}
	h.length += length
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return h, err
	}
	return h, h.parse(string(text))
}

// readNPY reads the header of an array of size bytes, and describes the array. It checks the sizes if
// the type is one that a parameter has.
func (e *entry) readNPY(r io.Reader, size int64) (npyHeader, error) {
	header, err := parseNPY(r)
	var wrong *npyError
	switch {
	case errors.As(err, &wrong):
		return header, &FormatError{e.file, e.name, wrong.have, wrong.want}
	case err != nil:
		return header, e.failed(err, 0, 0)
	}
	e.shape, e.fortran, e.dtype, e.layout = header.shape, header.fortran, header.dtype, usual(len(header.shape))
	if e.dtype.decode == nil {
		return header, nil
	}
	return header, e.fills(size - header.length)
}

// fills says that the tensor is all that there is in so many bytes.
func (e *entry) fills(have int64) error {
	n, ok := product(e.shape)
	want := n * int64(e.dtype.size)
	switch {
	case !ok:
		return &FormatError{e.file, e.name, "the shape " + by(e.shape), "sizes above 0 that a file can hold"}
	case have < want:
		return &TruncatedError{e.file, e.name, have, want}
	case have > want:
		return &FormatError{e.file, e.name, fmt.Sprintf("%d bytes", have), fmt.Sprintf("%d bytes", want)}
	}
	return nil
}

// parse reads the header's text, a Python dictionary with the keys descr, fortran_order and shape.
func (h *npyHeader) parse(text string) error {
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
			return &npyError{fmt.Sprintf("%q twice", key), "each key once"}
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
			err = &npyError{fmt.Sprintf("%q", key), "the keys descr, fortran_order and shape"}
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
		return &npyError{fmt.Sprintf("%d of them", len(seen)), "the keys descr, fortran_order and shape"}
	}
	if p.skip(); p.rest != "" {
		return &npyError{fmt.Sprintf("%q", p.rest), "the end of the header"}
	}
	return nil
}

func (h *npyHeader) parseDescr(p *pyText) error {
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
			return &npyError{"none", "the end of a list"}
		}
		p.rest = p.rest[end:]
		h.dtype = dtype{name: "records"}
		return nil
	}
	descr, err := p.text()
	if err != nil {
		return err
	}
	h.dtype = numpyDType(descr)
	return nil
}

// numpyDType returns the type that NumPy describes as, say, "<f4".
func numpyDType(descr string) dtype {
	known := map[string]dtype{
		"<f2": float16LE, ">f2": float16BE, "<f4": float32LE, ">f4": float32BE, "<f8": float64LE, ">f8": float64BE,
		"|O": pythonObjects,
	}
	if d, ok := known[descr]; ok {
		return d
	}
	return dtype{name: "NumPy's type " + descr}
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
	return &npyError{fmt.Sprintf("%q", p.rest[:min(len(p.rest), 20)]), want + " in the header"}
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

// tuple reads whole numbers in parentheses; Python 2 wrote an L behind long ones.
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
