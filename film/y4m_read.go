package film

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"

	"oneiro/internal/imageio"
)

// y4mReader is a source of frames of a Y4M.
type y4mReader struct {
	path   string
	file   *os.File // nil for a stream
	in     *bufio.Reader
	begin  int64 // of the first frame in the file
	planes *planes
	buf    []byte
	closer io.Closer
}

// openY4M opens a Y4M in a file. Of a pipe, frames come in order only.
func openY4M(path string, o ReadOptions) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	r := &y4mReader{path: path, closer: f}
	var size int64
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		r.file, size = f, info.Size()
	}
	c, err := r.open(f, size, o)
	if err != nil {
		f.Close()
	}
	return c, err
}

// openStdin opens a Y4M on the standard input.
func openStdin(path string, o ReadOptions) (*Clip, error) {
	r := &y4mReader{path: "the standard input"}
	return r.open(os.Stdin, 0, o)
}

// Read opens a Y4M that comes from anywhere. Errors name it path.
func Read(in io.Reader, path string, o ReadOptions) (*Clip, error) {
	r := &y4mReader{path: path}
	c, err := r.open(in, 0, o)
	if err != nil {
		return nil, err
	}
	return c.within(path, o)
}

// open reads the header of a Y4M of so many bytes; 0 if that is not known.
func (r *y4mReader) open(in io.Reader, size int64, o ReadOptions) (*Clip, error) {
	r.in = bufio.NewReaderSize(in, 1<<16)
	line, err := r.line()
	if err != nil {
		return nil, r.damaged(err)
	}
	h, err := parseY4M(string(line))
	if bad, is := errors.AsType[*y4mError](err); is {
		return nil, bad.of(r.path)
	}
	h.coding.Matrix = cmp.Or(o.Matrix, h.coding.Matrix.or(h.h))
	r.begin = int64(len(line)) + 1
	if need, limit := floats(h.w, h.h, 3), o.memoryLimit(); need > limit {
		return nil, memoryError(r.path, need, limit)
	}
	r.planes = newPlanes(h.coding, h.w, h.h)
	c := &Clip{src: r, info: Info{
		W: h.w, H: h.h, Rate: h.rate, Aspect: h.aspect, Frames: -1, Colour: h.coding,
	}}
	if size > 0 {
		c.info.Frames = r.count(size)
	}
	if h.interlaced {
		c.notes = append(c.notes, "its frames are interlaced: they are read as they are")
	}
	if !h.rate.known() {
		c.info.Rate = Rational{defaultFPS, 1}
		c.notes = append(c.notes, "it does not say how many frames a second has: 25 are assumed")
	}
	return c, nil
}

// count returns how many frames a file of so many bytes has, or -1 if the lines before them say more than
// that there is one: then frames have different lengths.
func (r *y4mReader) count(size int64) int {
	line := []byte(y4mFrame + "\n")
	each := r.planes.frameBytes() + int64(len(line))
	if (size-r.begin)%each != 0 {
		return -1
	}
	got := make([]byte, len(line))
	for at := r.begin; at < size; at += each {
		if _, err := r.file.ReadAt(got, at); err != nil || !bytes.Equal(got, line) {
			return -1
		}
	}
	return int((size - r.begin) / each)
}

// y4mFrame begins the line before a frame.
const y4mFrame = "FRAME"

// line returns the next line without its end. The error is io.EOF if there is none.
func (r *y4mReader) line() ([]byte, error) {
	var line []byte
	for len(line) < maxY4MLine {
		b, err := r.in.ReadByte()
		if err != nil {
			if len(line) > 0 && err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		if b == '\n' {
			return line, nil
		}
		line = append(line, b)
	}
	return nil, errors.New("a header has no end")
}

// damaged returns the error of reading.
func (r *y4mReader) damaged(err error) error { return &DataError{r.path, "Y4M", err} }

// header reads the line before a frame. The error is io.EOF after the last one.
func (r *y4mReader) header() error {
	line, err := r.line()
	switch {
	case err == io.EOF:
		return err
	case err != nil:
		return r.damaged(err)
	case !bytes.HasPrefix(line, []byte(y4mFrame)):
		return r.damaged(errors.New("a frame does not begin with " + y4mFrame))
	}
	return nil
}

func (r *y4mReader) next() (*imageio.Image, error) {
	if err := r.header(); err != nil {
		return nil, err
	}
	data, err := readFully(r.in, r.buf, r.planes.frameBytes())
	if err != nil {
		return nil, r.damaged(err)
	}
	r.buf = data
	return r.planes.image(data), nil
}

// readFully reads n bytes, into buf if it has the room. It takes memory for what there is, not for what a
// header promises.
func readFully(in io.Reader, buf []byte, n int64) ([]byte, error) {
	if int64(cap(buf)) >= n {
		_, err := io.ReadFull(in, buf[:n])
		return buf[:n], unexpected(err)
	}
	b := bytes.NewBuffer(buf[:0])
	got, err := b.ReadFrom(io.LimitReader(in, n))
	if err == nil && got < n {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

// unexpected makes an end that comes too early of one.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *y4mReader) skip() error {
	if err := r.header(); err != nil {
		return err
	}
	n := r.planes.frameBytes()
	if r.file != nil && n > int64(r.in.Buffered()) {
		at, err := r.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return r.damaged(err)
		}
		to := at - int64(r.in.Buffered()) + n
		if info, err := r.file.Stat(); err != nil || to > info.Size() {
			return r.damaged(cmp.Or(err, io.ErrUnexpectedEOF))
		}
		if _, err := r.file.Seek(to, io.SeekStart); err != nil {
			return r.damaged(err)
		}
		r.in.Reset(r.file)
		return nil
	}
	if _, err := io.CopyN(io.Discard, r.in, n); err != nil {
		return r.damaged(err)
	}
	return nil
}

func (r *y4mReader) restart() error {
	if r.file == nil {
		return errForward
	}
	if _, err := r.file.Seek(r.begin, io.SeekStart); err != nil {
		return r.damaged(err)
	}
	r.in.Reset(r.file)
	return nil
}

func (r *y4mReader) close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}
