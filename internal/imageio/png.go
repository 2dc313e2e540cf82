package imageio

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"
)

// The colour types of PNG.
const (
	pngGrey      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGreyAlpha = 4
	pngRGBA      = 6
)

// pngSamples is the number of samples of a pixel of each colour type.
var pngSamples = map[byte]int{pngGrey: 1, pngRGB: 3, pngPalette: 1, pngGreyAlpha: 2, pngRGBA: 4}

// pngFile is what the chunks of a PNG say (PNG specification, third edition). Package image/png needs many
// times as much memory, and rejects a file with a wrong checksum anywhere.
type pngFile struct {
	w, h       int
	depth      int // bits in a sample
	colour     byte
	interlaced bool
	palette    [256][4]float32 // RGBA; black beyond its end
	clear      []uint16        // the samples of the one colour that is clear, or nil
	hasAlpha   bool
	profile    profile // of iCCP
	pngSpace
	data pngDataReader // of the IDAT chunks
	warnings
}

// openPNG reads all chunks but decodes no pixels.
func openPNG(in *input, o *ReadOptions) (*decoder, error) {
	p, err := parsePNG(in)
	if err != nil {
		return nil, err
	}
	d := &decoder{w: p.w, h: p.h, depth: 8, alpha: p.hasAlpha, profile: p.pngSpace.profile(p.profile), warnings: &p.warnings}
	if p.depth == 16 {
		d.depth = 16
	}
	const window = 128<<10 + 2*inputBuffer // of the decompressor, with its tables
	d.bytes = window + 2*int64(p.rowBytes(p.w))
	d.start = p.rows
	if p.interlaced {
		d.bytes += product(int64(p.w), int64(p.h), int64(p.pixelBytes()))
		d.start = func() (rowFunc, func() error, error) { return p.interlacedRows(o.AllowTruncated) }
	}
	return d, nil
}

func parsePNG(in *input) (*pngFile, error) {
	p := &pngFile{data: pngDataReader{in: in, next: -1}}
	for i := range p.palette {
		p.palette[i][3] = 1
	}
	ended := false
	sums := make([]byte, inputBuffer)
	for at, first := int64(pngSignature), true; !ended; first = false {
		kind, n, err := chunkHead(in, at)
		if err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if kind == "CgBI" && first {
			return nil, &KindError{Kind: iphonePNG}
		}
		if first && kind != "IHDR" {
			return nil, errors.New("it does not begin with a header")
		}
		if kind == "IDAT" && p.data.next < 0 {
			p.data.next = at
		}
		if at+12+n > in.Size() { // of data there may be a part
			break
		}
		right, err := checkChunk(in, at, n, sums)
		switch {
		case err != nil:
			return nil, err
		case !right && kind[0]&0x20 == 0:
			return nil, fmt.Errorf("the checksum of its chunk %q is wrong", kind)
		case !right:
			p.warn("its chunk %q has a wrong checksum", kind)
		}
		if pngChunks[kind] && (right || kind != "iCCP") { // a wrong profile is worse than none
			body, err := in.part(at+8, min(n, maxProfile))
			if err == nil {
				err = p.chunk(kind, body)
			}
			if err != nil {
				return nil, err
			}
		}
		at += 12 + n
		ended = kind == "IEND"
	}
	switch {
	case p.w == 0:
		return nil, io.ErrUnexpectedEOF
	case !ended:
		p.warn("it has no end")
	}
	return p, nil
}

// chunkHead returns the kind of the chunk at a place, and the length that it says its body has.
func chunkHead(in *input, at int64) (kind string, n int64, err error) {
	head, err := in.part(at, 8)
	if err != nil {
		return "", 0, err
	}
	return string(head[4:]), int64(binary.BigEndian.Uint32(head)), nil
}

// checkChunk tells whether the checksum of a chunk with n bytes in its body is right.
func checkChunk(in *input, at, n int64, buf []byte) (bool, error) {
	sum := crc32.NewIEEE()
	if _, err := io.CopyBuffer(sum, io.NewSectionReader(in, at+4, 4+n), buf); err != nil {
		return false, err
	}
	want, err := in.part(at+8+n, 4)
	return err == nil && binary.BigEndian.Uint32(want) == sum.Sum32(), err
}

// pngDataReader reads the bodies of the chunks of data, one after the other.
type pngDataReader struct {
	in   *input
	next int64 // where the next chunk is, -1 for nowhere
	body *io.SectionReader
}

func (r *pngDataReader) Read(p []byte) (int, error) {
	for {
		if r.body != nil {
			n, err := r.body.Read(p)
			if n > 0 || err != io.EOF {
				return n, err
			}
		}
		if r.next < 0 {
			return 0, io.EOF
		}
		kind, n, err := chunkHead(r.in, r.next)
		if err == io.ErrUnexpectedEOF || kind == "IEND" {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		r.body = nil
		if kind == "IDAT" {
			r.body = io.NewSectionReader(r.in, r.next+8, min(n, r.in.Size()-r.next-8))
		}
		r.next += 12 + n
	}
}

// pngChunks are the kinds of chunks that matter, beside those with data.
var pngChunks = map[string]bool{
	"IHDR": true, "PLTE": true, "tRNS": true, "iCCP": true, "cICP": true, "sRGB": true, "gAMA": true, "cHRM": true, "acTL": true,
}

// chunk takes in a chunk that matters.
func (p *pngFile) chunk(kind string, body []byte) error {
	switch kind {
	case "IHDR":
		return p.header(body)
	case "PLTE":
		if len(body)%3 != 0 || len(body) > 3*256 || len(body) == 0 {
			return errors.New("the palette has a wrong length")
		}
		for i := range len(body) / 3 {
			for k := range 3 {
				p.palette[i][k] = float32(body[3*i+k]) / 255
			}
		}
	case "tRNS":
		return p.transparency(body)
	case "iCCP":
		p.profile = p.iccp(body)
	case "cICP", "sRGB", "gAMA", "cHRM":
		p.pngSpace.chunk(kind, body)
	case "acTL":
		if len(body) >= 4 && binary.BigEndian.Uint32(body) > 1 {
			p.warn("it is animated: the first picture of %d is read", binary.BigEndian.Uint32(body))
		}
	}
	return nil
}

func (p *pngFile) header(body []byte) error {
	if len(body) != 13 {
		return errors.New("the header has a wrong length")
	}
	w, h := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
	if w == 0 || h == 0 || w > 1<<31-1 || h > 1<<31-1 {
		return errors.New("it has no pixels")
	}
	p.w, p.h, p.depth, p.colour = int(w), int(h), int(body[8]), body[9]
	samples, ok := pngSamples[p.colour]
	single := samples == 1 && bits.OnesCount8(body[8]) == 1 && p.depth <= 8
	wide := p.colour != pngPalette && (p.depth == 8 || p.depth == 16)
	if !ok || !single && !wide || body[10] != 0 || body[11] != 0 || body[12] > 1 {
		return unsupported("a colour type, depth or compression that PNG does not have")
	}
	p.interlaced = body[12] == 1
	p.hasAlpha = p.colour == pngGreyAlpha || p.colour == pngRGBA
	return nil
}

func (p *pngFile) transparency(body []byte) error {
	switch p.colour {
	case pngPalette:
		for i, a := range body[:min(len(body), 256)] {
			p.palette[i][3] = float32(a) / 255
		}
	case pngGrey, pngRGB:
		if len(body) != 2*pngSamples[p.colour] {
			return errors.New("the clear colour has a wrong length")
		}
		for ; len(body) > 0; body = body[2:] {
			p.clear = append(p.clear, binary.BigEndian.Uint16(body))
		}
	default:
		return nil // which has no meaning here
	}
	p.hasAlpha = true
	return nil
}

// iccp reads a colour profile: a name and compressed data.
func (p *pngFile) iccp(body []byte) profile {
	name, rest, ok := bytes.Cut(body, []byte{0})
	if !ok || len(rest) < 1 {
		return profile{}
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return profile{name: string(name)}
	}
	icc, _ := io.ReadAll(io.LimitReader(z, maxProfile))
	return profile{name: string(name), icc: icc}
}

// rowBytes is the length of a row of w pixels, without its filter.
func (p *pngFile) rowBytes(w int) int { return (w*pngSamples[p.colour]*p.depth + 7) / 8 }

// pixelBytes is the length of a pixel whose samples have whole bytes.
func (p *pngFile) pixelBytes() int { return pngSamples[p.colour] * max(p.depth/8, 1) }

// lines returns a function that reads the next row of a pass, w pixels wide; the first row of a pass has none
// before it.
func (p *pngFile) lines() (next func(w int, first bool) ([]byte, error), finish func() error, err error) {
	data := p.data // which stays where it is
	z, err := zlib.NewReader(bufio.NewReaderSize(&data, inputBuffer))
	if err != nil {
		return nil, nil, err
	}
	line, before := make([]byte, p.rowBytes(p.w)), make([]byte, p.rowBytes(p.w))
	var filter [1]byte
	next = func(w int, first bool) ([]byte, error) {
		n := p.rowBytes(w)
		if line, before = before, line; first {
			clear(before)
		}
		if _, err := io.ReadFull(z, filter[:]); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(z, line[:n]); err != nil {
			return nil, err
		}
		return line[:n], unfilter(line[:n], before[:n], filter[0], max(pngSamples[p.colour]*p.depth/8, 1))
	}
	finish = func() error { // the checksum comes at the end, if it is there
		if _, err := io.ReadFull(z, filter[:]); errors.Is(err, zlib.ErrChecksum) {
			return err
		}
		return nil
	}
	return next, finish, nil
}

// unfilter turns differences into values (section 9); n is how far a byte is from the one on its left.
func unfilter(line, before []byte, filter byte, n int) error {
	switch filter {
	case 0:
	case 1:
		for i := n; i < len(line); i++ {
			line[i] += line[i-n]
		}
	case 2:
		for i, v := range before {
			line[i] += v
		}
	case 3:
		for i := range line {
			left := 0
			if i >= n {
				left = int(line[i-n])
			}
			line[i] += byte((left + int(before[i])) / 2)
		}
	case 4:
		for i := range line {
			var left, corner int
			if i >= n {
				left, corner = int(line[i-n]), int(before[i-n])
			}
			line[i] += paeth(left, int(before[i]), corner)
		}
	default:
		return errors.New("it has an unknown filter")
	}
	return nil
}

// paeth returns the one of three neighbours that is nearest to left + up - corner.
func paeth(left, up, corner int) byte {
	toLeft, toUp := up-corner, left-corner
	toCorner := toLeft + toUp
	toLeft, toUp, toCorner = max(toLeft, -toLeft), max(toUp, -toUp), max(toCorner, -toCorner)
	switch {
	case toLeft <= toUp && toLeft <= toCorner:
		return byte(left)
	case toUp <= toCorner:
		return byte(up)
	}
	return byte(corner)
}

// rows decodes row by row.
func (p *pngFile) rows() (rowFunc, func() error, error) {
	next, finish, err := p.lines()
	if err != nil {
		return nil, nil, err
	}
	return func(y int, pix, alpha []float32) error {
		line, err := next(p.w, y == 0)
		if err == nil {
			p.colours(line, p.depth, pix, alpha)
		}
		return err
	}, finish, nil
}

// adam7 are the passes of an interlaced picture: where each begins, how far its pixels are apart, and how large
// a block they stand for until later passes come.
var adam7 = [7]struct{ x, y, dx, dy, bw, bh int }{
	{0, 0, 8, 8, 8, 8}, {4, 0, 8, 8, 4, 8}, {0, 4, 4, 8, 4, 4}, {2, 0, 4, 4, 2, 4}, {0, 2, 2, 4, 2, 2},
	{1, 0, 2, 2, 1, 2}, {0, 1, 1, 2, 1, 1},
}

// interlacedRows decodes all passes, with a byte or two for each sample, before there is a row. If the data may
// be cut short, a pixel also stands for those of later passes next to it.
func (p *pngFile) interlacedRows(allowTruncated bool) (rowFunc, func() error, error) {
	next, finish, err := p.lines()
	if err != nil {
		return nil, nil, err
	}
	size := p.pixelBytes()
	all := make([]byte, p.w*p.h*size)
	reached := p.h // rows of which something is known
decode:
	for number, pass := range adam7 {
		w := (p.w - pass.x + pass.dx - 1) / pass.dx
		if w < 1 {
			continue
		}
		for y := pass.y; y < p.h; y += pass.dy {
			line, err := next(w, y == pass.y)
			if allowTruncated && truncated(err) {
				if p.warn("its data is cut short: pass %d of %d of an interlaced picture", number+1,
					len(adam7)); number == 0 {
					reached = y
				}
				break decode
			}
			if err != nil {
				return nil, nil, err
			}
			for i := range w {
				x := pass.x + i*pass.dx
				to := all[(y*p.w+x)*size:][:size]
				if p.depth < 8 {
					to[0] = sample(line, i, p.depth)
				} else {
					copy(to, line[i*size:])
				}
				if !allowTruncated {
					continue
				}
				for by := y; by < min(y+pass.bh, p.h); by++ {
					for bx := x; bx < min(x+pass.bw, p.w); bx++ {
						copy(all[(by*p.w+bx)*size:], to)
					}
				}
			}
		}
	}
	stored := max(p.depth, 8)
	return func(y int, pix, alpha []float32) error {
		if y >= reached {
			return io.ErrUnexpectedEOF
		}
		p.colours(all[y*p.w*size:][:p.w*size], stored, pix, alpha)
		return nil
	}, finish, nil
}

// sample returns sample i of a row with fewer than 8 bits in each.
func sample(line []byte, i, depth int) byte {
	at := i * depth
	return line[at/8] >> (8 - depth - at%8) & (1<<depth - 1)
}

// colours converts a row of samples of which each takes stored bits.
func (p *pngFile) colours(line []byte, stored int, pix, alpha []float32) {
	n := pngSamples[p.colour]
	most := float32(uint32(1)<<p.depth - 1)
	var s [4]uint16
	for x := range len(pix) / 3 {
		for k := range n {
			switch i := x*n + k; {
			case stored == 16:
				s[k] = binary.BigEndian.Uint16(line[2*i:])
			case stored == 8:
				s[k] = uint16(line[i])
			default:
				s[k] = uint16(sample(line, i, stored))
			}
		}
		to, a := pix[3*x:][:3], float32(1)
		switch p.colour {
		case pngPalette:
			c := &p.palette[s[0]&0xff]
			to[0], to[1], to[2], a = c[0], c[1], c[2], c[3]
		case pngGrey, pngGreyAlpha:
			v := float32(s[0]) / most
			to[0], to[1], to[2] = v, v, v
		default:
			to[0], to[1], to[2] = float32(s[0])/most, float32(s[1])/most, float32(s[2])/most
		}
		switch {
		case alpha == nil:
			continue
		case n%2 == 0:
			a = float32(s[n-1]) / most
		case p.clear != nil && s[0] == p.clear[0] && (n == 1 || s[1] == p.clear[1] && s[2] == p.clear[2]):
			a = 0
		}
		alpha[x] = a
	}
}
