package film

import "strings"

// Coding is how colours are stored as luma and chroma. The zero value of a field is for what is not known.
type Coding struct {
	Matrix Matrix
	Range  Range
	Chroma Chroma
	Depth  int // bits of a sample; 0 is 8
}

// Matrix is the weights of red, green and blue in luma.
type Matrix uint8

// The matrices that are known.
const (
	BT601 Matrix = 1 + iota
	BT709
	BT2020 // with constant luminance, which is not known, colours are off
)

// weights returns those of red and of blue.
func (m Matrix) weights() (red, blue float64) {
	switch m {
	case BT709:
		return 0.2126, 0.0722
	case BT2020:
		return 0.2627, 0.0593
	}
	return 0.299, 0.114
}

// or returns the matrix, or the usual one for pictures of so many rows.
func (m Matrix) or(rows int) Matrix {
	switch {
	case m != 0:
		return m
	case rows < 720:
		return BT601
	}
	return BT709
}

// Range is which of their values samples use.
type Range uint8

// The ranges. With 8 bits the limited one, which is usual in films, has luma 16..235 and chroma 16..240.
const (
	Limited Range = 1 + iota
	Full
)

// Chroma is how many samples of colour there are, and where they lie.
type Chroma uint8

// The kinds of chroma, called as in Y4M but for the first.
const (
	C444      Chroma = 1 + iota
	C422             // half as many across, on every other pixel
	C420JPEG         // half as many both ways, between pixels
	C420MPEG2        // half as many both ways, on every other pixel across, between rows
	C420PALDV        // half as many both ways, on every other pixel of every other row
	C411             // a quarter across, on every fourth pixel
	Mono             // none
)

// chromas is what is special about each kind of chroma.
var chromas = [...]struct {
	name       string // in Y4M
	rx, ry     int    // pixels that share a sample
	left, top  bool   // the sample lies on the first of them, across and down
	planes     int
	subsampled string // what ffmpeg calls it
}{
	0:         {"", 1, 1, false, false, 3, ""},
	C444:      {"444", 1, 1, false, false, 3, "yuv444p"},
	C422:      {"422", 2, 1, true, false, 3, "yuv422p"},
	C420JPEG:  {"420jpeg", 2, 2, false, false, 3, "yuv420p"},
	C420MPEG2: {"420mpeg2", 2, 2, true, false, 3, "yuv420p"},
	C420PALDV: {"420paldv", 2, 2, true, true, 3, "yuv420p"},
	C411:      {"411", 4, 1, true, false, 3, "yuv411p"},
	Mono:      {"mono", 1, 1, false, false, 1, "gray"},
}

// String returns the name that Y4M has for it.
func (c Chroma) String() string { return chromas[c].name }

// ParseChroma returns the chroma of a name such as 420, 420jpeg or 4:2:2, or 0. Plain 420 is 420jpeg, as in
// mjpegtools.
func ParseChroma(name string) Chroma {
	name = strings.ReplaceAll(name, ":", "")
	if name == "420" {
		return C420JPEG
	}
	for c := C444; int(c) < len(chromas); c++ {
		if chromas[c].name == name {
			return c
		}
	}
	return 0
}
