package film

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"oneiro/internal/imageio"
)

// aviFile is what the chunks of an AVI say (Microsoft, "AVI RIFF File Reference"; Matrox, "OpenDML AVI File
// Format Extensions", 1996). Lists are read as what they hold, one after the other, whatever length they
// say they have: that does without an index, and with files whose recording was cut short.
type aviFile struct {
	*scan
	streams []aviStream
	frames  []aviChunk // of the first stream with pictures
	sound   []aviChunk // of the first one with sound
	picture int        // the number of that stream, -1 for none
	audio   int
}

// aviStream is what is said of a stream.
type aviStream struct {
	kind        string // vids, auds and others
	rate, scale uint32
	format      []byte
	aspect      Rational // of a frame
}

// aviChunk is where a piece of a stream is in the file.
type aviChunk struct {
	at   int64
	size uint32
}

// maxFormat is the longest description of a stream that is kept.
const maxFormat = 1 << 16

// errNoMJPEG says that an AVI has no pictures that can be read here.
var errNoMJPEG = errors.New("its pictures are not JPEGs")

// newAVI reads all chunks but no pictures; with beginning, only what comes before them.
func newAVI(f *os.File, beginning bool) (*aviFile, error) {
	in, err := newScan(f)
	if err != nil {
		return nil, err
	}
	a := &aviFile{scan: in, picture: -1, audio: -1}
	for {
		var head [12]byte
		if err := a.read(head[:8]); err != nil {
			break
		}
		kind, n := string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:]))
		switch kind {
		case "RIFF", "LIST":
			if a.read(head[8:]) != nil {
				return a.complete()
			}
			if list := string(head[8:]); list == "movi" && beginning {
				return a.complete()
			} else if list == "INFO" && a.skip(n+n%2-4) != nil {
				return a.complete()
			}
			continue
		case "strh", "strf", "vprp":
			body, err := a.body(n)
			if err != nil {
				return nil, err
			}
			a.describe(kind, body)
			n -= int64(len(body))
		default:
			if err := a.data(kind, n); err != nil {
				return nil, err
			}
		}
		if a.skip(n+n%2) != nil {
			break
		}
	}
	return a.complete()
}

// body reads a chunk that describes a stream.
func (a *aviFile) body(n int64) ([]byte, error) {
	if n > maxFormat {
		return nil, fmt.Errorf("a stream is described by %d bytes", n)
	}
	body := make([]byte, n)
	return body, unexpected(a.read(body))
}

// describe takes in what a chunk says of a stream.
func (a *aviFile) describe(kind string, body []byte) {
	if kind == "strh" {
		s := aviStream{}
		if len(body) >= 28 {
			s.kind = string(body[:4])
			s.scale, s.rate = binary.LittleEndian.Uint32(body[20:]), binary.LittleEndian.Uint32(body[24:])
		}
		if len(a.streams) < 100 { // as many as have numbers
			a.streams = append(a.streams, s)
		}
		return
	}
	if len(a.streams) == 0 {
		return
	}
	s, number := &a.streams[len(a.streams)-1], len(a.streams)-1
	switch {
	case kind == "vprp" && len(body) >= 24:
		ratio := binary.LittleEndian.Uint32(body[20:])
		s.aspect = Rational{int(ratio >> 16), int(ratio & 0xffff)}
	case kind == "strf" && s.format == nil:
		s.format = body
		if s.kind == "vids" && a.picture < 0 && s.mjpeg() {
			a.picture = number
		}
		if s.kind == "auds" && a.audio < 0 && len(body) >= 16 {
			a.audio = number
		}
	}
}

// mjpeg tells whether the pictures of a stream are JPEGs.
func (s *aviStream) mjpeg() bool {
	return len(s.format) >= 40 &&
		slices.Contains([]string{"MJPG", "mjpg", "JPEG", "jpeg", "dmb1"}, string(s.format[16:20]))
}

// data takes in a piece of a stream, such as 00dc.
func (a *aviFile) data(kind string, n int64) error {
	number := int(kind[0]-'0')*10 + int(kind[1]-'0')
	c := aviChunk{a.at, uint32(min(n, max(a.size-a.at, 0)))}
	switch what := kind[2:]; {
	case number == a.picture && (what == "dc" || what == "db"):
		a.frames = append(a.frames, c)
	case number == a.audio && what == "wb":
		a.sound = append(a.sound, c)
	}
	if max(len(a.frames), len(a.sound)) > 8*maxPatches {
		return errMany
	}
	return nil
}

func (a *aviFile) complete() (*aviFile, error) {
	if len(a.streams) == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return a, nil
}

// isMJPEG tells whether a file is an AVI whose pictures are JPEGs.
func isMJPEG(f *os.File) bool {
	a, err := newAVI(f, true)
	return err == nil && a.picture >= 0
}

// aviReader is a source of the frames of an AVI.
type aviReader struct {
	*aviFile
	path  string
	w, h  int
	at    int
	limit int64
}

func openAVI(path string, o ReadOptions) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	r := &aviReader{path: path, limit: o.memoryLimit()}
	c, err := r.open(f)
	if err != nil {
		f.Close()
	}
	return c, err
}

func (r *aviReader) open(f *os.File) (*Clip, error) {
	a, err := newAVI(f, false)
	if err != nil {
		return nil, r.damaged(err)
	}
	if a.picture < 0 {
		return nil, r.damaged(errNoMJPEG)
	}
	r.aviFile = a
	s := &a.streams[a.picture]
	w := int32(binary.LittleEndian.Uint32(s.format[4:]))
	h := int32(binary.LittleEndian.Uint32(s.format[8:]))
	h = max(h, -h)
	if w < 1 || h < 1 || max(w, h) > math.MaxUint16 || s.rate == 0 || s.scale == 0 || len(a.frames) == 0 {
		return nil, r.damaged(errors.New("its header has no size, no rate, or there are no frames"))
	}
	r.w, r.h = int(w), int(h)
	if need := floats(r.w, r.h, 2); need > r.limit {
		return nil, memoryError(r.path, need, r.limit)
	}
	info := Info{
		W: r.w, H: r.h, Rate: Rational{int(s.rate), int(s.scale)}.reduced(), Frames: len(a.frames), Sound: a.audio >= 0,
		Colour: Coding{Matrix: BT601, Range: Full, Chroma: C420JPEG, Depth: 8},
	}
	if s.aspect.known() {
		info.Aspect = Rational{s.aspect.Num * r.h, s.aspect.Den * r.w}.reduced()
	}
	return &Clip{src: r, info: info}, nil
}

func (r *aviReader) damaged(err error) error { return &DataError{r.path, "AVI", err} }

func (r *aviReader) next() (*imageio.Image, error) {
	if r.at >= len(r.frames) {
		return nil, io.EOF
	}
	at := r.at
	for at > 0 && r.frames[at].size == 0 { // the one before is shown again
		at--
	}
	c := r.frames[at]
	if int64(c.size) > r.limit/2 {
		return nil, memoryError(r.path, 2*int64(c.size), r.limit)
	}
	data, err := partOf(r.file, c.at, int64(c.size))
	if err != nil {
		return nil, r.damaged(err)
	}
	im, err := imageio.DecodeWith(withHuffman(data), r.path, imageio.ReadOptions{MaxBytes: r.limit})
	if err != nil {
		switch bad := err.(type) {
		case *imageio.DataError:
			err = r.damaged(bad.Err)
		case *imageio.KindError:
			err = r.damaged(errNoMJPEG)
		}
		return nil, err
	}
	if im.W != r.w || im.H != r.h {
		if im.W == r.w && 2*im.H <= r.h+1 {
			return nil, &KindError{r.path, "AVI", "its frames are interlaced"}
		}
		return nil, r.damaged(fmt.Errorf("a frame has %d x %d pixels instead of %d x %d", im.W, im.H, r.w, r.h))
	}
	im.Warnings = nil
	r.at++
	return im, nil
}

func (r *aviReader) skip() error {
	if r.at >= len(r.frames) {
		return io.EOF
	}
	r.at++
	return nil
}

func (r *aviReader) restart() error { r.at = 0; return nil }
func (r *aviReader) close() error   { return r.file.Close() }
