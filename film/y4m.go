package film

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// y4mMagic begins a Y4M (yuv4mpeg(5) of mjpegtools).
const y4mMagic = "YUV4MPEG2"

// maxY4MLine is the longest header that is read.
const maxY4MLine = 4096

// maxSide is the longest side of a frame that any format may have.
const maxSide = 1 << 16

// y4mHeader is the first line of a Y4M.
type y4mHeader struct {
	w, h         int
	rate, aspect Rational
	interlaced   bool
	coding       Coding
}

// y4mError is what is wrong with a header; one that is only not supported has unsupported set.
type y4mError struct {
	text        string
	unsupported bool
}

func (e *y4mError) Error() string { return e.text }

// parseY4M reads the first line, without its end.
func parseY4M(line string) (y4mHeader, error) {
	words := strings.Fields(line)
	h := y4mHeader{coding: Coding{Chroma: C420JPEG, Depth: 8, Range: Limited}}
	if len(words) == 0 || words[0] != y4mMagic {
		return h, &y4mError{text: "it does not begin with " + y4mMagic}
	}
	var err error
	for _, word := range words[1:] {
		value := word[1:]
		switch word[0] {
		case 'W':
			h.w, err = side(value)
		case 'H':
			h.h, err = side(value)
		case 'F':
			h.rate, err = parseRatio(value)
		case 'A':
			h.aspect, err = parseRatio(value)
		case 'I':
			h.interlaced = value != "p" && value != "?"
		case 'C':
			err = h.coding.parse(value)
		case 'X':
			switch strings.ToUpper(value) {
			case "COLORRANGE=FULL":
				h.coding.Range = Full
			case "COLORRANGE=LIMITED":
				h.coding.Range = Limited
			}
		}
		if err != nil {
			return h, err
		}
	}
	if h.w == 0 || h.h == 0 {
		return h, &y4mError{text: "its header has no width or height"}
	}
	return h, nil
}

// parse takes in the value of C, such as 420jpeg, 422p10 or mono10.
func (c *Coding) parse(value string) error {
	c.Chroma, c.Depth = ParseChroma(value), 8
	if c.Chroma == 0 {
		kind, bits, _ := strings.Cut(value, "p")
		if rest, ok := strings.CutPrefix(value, Mono.String()); ok {
			kind, bits = Mono.String(), rest
		}
		c.Chroma = ParseChroma(kind)
		c.Depth, _ = strconv.Atoi(bits)
		if c.Chroma == C420JPEG { // that it lies on pixels is usual where it is not said
			c.Chroma = C420MPEG2
		}
	}
	if c.Chroma == 0 || c.Depth < 8 || c.Depth > 16 {
		return &y4mError{fmt.Sprintf("its chroma is %.20q", value), true}
	}
	return nil
}

// tag returns the value of C.
func (c Coding) tag() string {
	switch {
	case c.Depth <= 8:
		return c.Chroma.String()
	case c.Chroma == Mono:
		return fmt.Sprint("mono", c.Depth)
	}
	kind := c.Chroma.String()[:3] // where the samples of 420 lie is not said
	return fmt.Sprint(kind, "p", c.Depth)
}

func side(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxSide {
		return 0, &y4mError{text: fmt.Sprintf("its header has a side of %.20q", s)}
	}
	return n, nil
}

// parseRatio returns a number such as 30000:1001; 0:0 is one that is not known.
func parseRatio(s string) (Rational, error) {
	num, den, _ := strings.Cut(s, ":")
	a, err1 := strconv.Atoi(num)
	b, err2 := strconv.Atoi(den)
	const most = 1<<31 - 1
	if cmp.Or(err1, err2) != nil || a < 0 || b < 0 || a > most || b > most {
		return Rational{}, &y4mError{text: fmt.Sprintf("its header has the ratio %.20q", s)}
	}
	if a == 0 || b == 0 {
		return Rational{}, nil
	}
	return Rational{a, b}, nil
}

// String returns the line, without its end.
func (h y4mHeader) String() string {
	colours := "LIMITED"
	if h.coding.Range == Full {
		colours = "FULL"
	}
	return fmt.Sprintf("%s W%d H%d F%v Ip A%v C%s XCOLORRANGE=%s", y4mMagic, h.w, h.h, h.rate, h.aspect,
		h.coding.tag(), colours)
}

// dataError returns the error of a header for a path.
func (e *y4mError) of(path string) error {
	if e.unsupported {
		return &KindError{path, "Y4M", e.text}
	}
	return &DataError{path, "Y4M", errors.New(e.text)}
}
