package film

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"

	"oneiro/internal/imageio"
)

// ffmpegReader is a source of the frames of a film that ffmpeg decodes.
type ffmpegReader struct {
	path     string
	tool     string
	args     []string // beside what is read
	pictures bool     // ffmpeg writes them as PPM, else as Y4M
	options  ReadOptions

	cmd      *exec.Cmd
	messages *tail
	y4m      *y4mReader
	ppm      *ppmReader
	ended    error // io.EOF after the last frame
}

// openFFmpeg opens what ffmpeg reads.
func openFFmpeg(path string, o ReadOptions) (*Clip, error) {
	tool, err := program("ffmpeg")
	if err != nil {
		return nil, &ToolError{Path: path, Tool: "ffmpeg", Err: err}
	}
	r := &ffmpegReader{path: path, tool: tool, options: o}
	p := probe(path)
	v := p.video()
	if p != nil && v == nil {
		return nil, &KindError{Path: path, Kind: "a file without moving pictures"}
	}
	var notes []string
	rate := Rational{}
	if v != nil {
		rate, notes = v.constant()
		switch {
		case v.rgb():
			r.pictures = true
			r.args = append(r.args, "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24")
			if v.deep() {
				r.args[len(r.args)-1] = "rgb48be"
			}
		case v.y4m() != "":
			r.args = append(r.args, "-pix_fmt", v.y4m())
		}
		r.options.Matrix = cmp.Or(o.Matrix, v.matrix())
		filter, note := v.narrow(listed(tool, "-filters"))
		if filter != "" {
			r.args = append(r.args, "-vf", filter)
			r.options.Matrix = BT709
		}
		if note != "" {
			notes = append(notes, note)
		}
		if v.clear() {
			notes = append(notes, "its opacity is left out")
		}
	}
	if rate.known() {
		r.args = append(r.args, "-r", fmt.Sprintf("%d/%d", rate.Num, rate.Den))
	}
	c, err := r.start()
	if err != nil && v == nil { // there is no ffprobe that tells what Y4M cannot hold
		r.close()
		r.args = append(r.args, "-pix_fmt", "yuv444p")
		c, err = r.start()
	}
	if err != nil {
		r.close()
		return nil, err
	}
	c.src, c.info.Sound, c.info.Frames = r, len(p.audio()) > 0, -1
	c.info.Seconds = p.seconds()
	if r.pictures {
		c.info.Aspect = ratio(v.Aspect)
	}
	if rate.known() {
		c.info.Rate = rate
	}
	c.notes = append(notes, c.notes...)
	if v != nil && v.Location == "left" && c.info.Colour.Chroma == C420JPEG {
		c.info.Colour.Chroma = C420MPEG2
		r.y4m.planes = newPlanes(c.info.Colour, c.info.W, c.info.H)
	}
	return c, nil
}

// constant returns the rate of a stream, and a note if frames come at other times than that.
func (s *probedStream) constant() (Rational, []string) {
	rate, mean := ratio(s.Rate), ratio(s.Mean)
	const fastest = 480 // beyond, it is the clock that times are counted with
	switch {
	case rate.Float() > fastest && !mean.known():
		return Rational{defaultFPS, 1}, []string{"its frame rate is not known: 25 frames a second are taken of it"}
	case !mean.known() || !rate.known():
		return rate, nil
	}
	const even = 0.01
	if math.Abs(rate.Float()-mean.Float()) <= even*mean.Float() {
		return rate, nil
	}
	nice := RationalOf(mean.Float())
	if near := math.Round(mean.Float()); near >= 1 && math.Abs(near-mean.Float()) <= even*near {
		nice = Rational{int(near), 1}
	}
	return nice, []string{fmt.Sprintf("its frame rate varies: %.4g frames a second are taken of it", nice.Float())}
}

// start starts ffmpeg, and returns the clip that it says there is.
func (r *ffmpegReader) start() (*Clip, error) {
	args := append([]string{"-nostdin", "-v", "error"}, localOnly...)
	args = append(args, "-i", fileURL(r.path), "-map", "0:V:0", "-an", "-sn", "-dn")
	args = append(args, r.args...)
	if !r.pictures {
		args = append(args, "-f", "yuv4mpegpipe", "-strict", "-1")
	}
	r.messages, r.ended = new(tail), nil
	r.cmd = exec.Command(r.tool, append(args, "pipe:1")...)
	r.cmd.Stderr = r.messages
	out, err := r.cmd.StdoutPipe()
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		r.cmd = nil
		return nil, &ToolError{Path: r.path, Tool: "ffmpeg", Err: err}
	}
	var c *Clip
	if r.pictures {
		r.ppm = &ppmReader{in: bufio.NewReaderSize(out, 1<<16), limit: r.options.memoryLimit(), path: r.path}
		c, err = r.ppm.open()
	} else {
		r.y4m = &y4mReader{path: r.path}
		c, err = r.y4m.open(out, 0, r.options)
	}
	if _, is := errors.AsType[*DataError](err); is {
		return nil, r.finish(err)
	}
	return c, err
}

// finish waits for ffmpeg after its last frame, or what takes the place of one, and returns why it ended.
func (r *ffmpegReader) finish(err error) error {
	if r.cmd == nil {
		return cmp.Or(r.ended, err)
	}
	if err != io.EOF && !truncated(err) { // it goes on writing
		r.close()
		r.ended = err
		return err
	}
	if failed := r.cmd.Wait(); failed != nil {
		err = &ToolError{Path: r.path, Tool: "ffmpeg", Err: said(failed, r.messages, r.path)}
	}
	r.cmd, r.ended = nil, err
	return err
}

// truncated tells whether data ended too early.
func truncated(err error) bool {
	bad, is := errors.AsType[*DataError](err)
	return is && bad.Truncated()
}

func (r *ffmpegReader) next() (*imageio.Image, error) {
	if r.ended != nil {
		return nil, r.ended
	}
	var im *imageio.Image
	var err error
	if r.pictures {
		im, err = r.ppm.next()
	} else {
		im, err = r.y4m.next()
	}
	if err != nil {
		return nil, r.finish(err)
	}
	return im, nil
}

func (r *ffmpegReader) skip() error {
	if r.ended != nil {
		return r.ended
	}
	var err error
	if r.pictures {
		_, err = r.ppm.read()
	} else {
		err = r.y4m.skip()
	}
	if err != nil {
		return r.finish(err)
	}
	return nil
}

func (r *ffmpegReader) restart() error {
	r.close()
	var planes *planes
	if r.y4m != nil {
		planes = r.y4m.planes
	}
	if _, err := r.start(); err != nil {
		r.close()
		return err
	}
	if planes != nil {
		r.y4m.planes = planes
	}
	return nil
}

// close ends ffmpeg.
func (r *ffmpegReader) close() error {
	if r.cmd != nil {
		r.cmd.Process.Kill()
		r.cmd.Wait()
		r.cmd = nil
	}
	return nil
}

// ppmReader reads pictures as PPM (Netpbm), one after the other: with 8 or 16 bits in a sample.
type ppmReader struct {
	in    *bufio.Reader
	path  string
	limit int64
	w, h  int
	most  int
	buf   []byte
	ahead bool // the first header has been read
}

// open reads the first header.
func (r *ppmReader) open() (*Clip, error) {
	if err := r.header(); err != nil {
		return nil, r.damaged(unexpected(err))
	}
	r.ahead = true
	if need := floats(r.w, r.h, 3); need > r.limit {
		return nil, memoryError(r.path, need, r.limit)
	}
	depth := 8
	if r.most > 255 {
		depth = 16
	}
	return &Clip{info: Info{W: r.w, H: r.h, Rate: Rational{defaultFPS, 1}, Frames: -1, Colour: Coding{Depth: min(depth, 10)}}}, nil
}

func (r *ppmReader) damaged(err error) error { return &DataError{r.path, "PPM", err} }

// header reads the header of a picture: P6 and three numbers. The error is io.EOF if there is none.
func (r *ppmReader) header() error {
	var numbers [3]int
	for i := range 4 {
		var word []byte
		for {
			b, err := r.in.ReadByte()
			if err != nil {
				if len(word) > 0 || i > 0 {
					err = io.ErrUnexpectedEOF
				}
				return err
			}
			if b == ' ' || b == '\n' {
				break
			}
			if word = append(word, b); len(word) > 9 {
				return errors.New("its header is wrong")
			}
		}
		if i == 0 {
			if string(word) != "P6" {
				return errors.New("it does not begin with P6")
			}
			continue
		}
		n, err := strconv.Atoi(string(word))
		if err != nil || n < 1 || n > maxSide {
			return errors.New("its header is wrong")
		}
		numbers[i-1] = n
	}
	if r.w != 0 && numbers != [3]int{r.w, r.h, r.most} {
		return errors.New("frames have different sizes")
	}
	r.w, r.h, r.most = numbers[0], numbers[1], numbers[2]
	return nil
}

// read returns the samples of the next picture.
func (r *ppmReader) read() ([]byte, error) {
	if !r.ahead {
		if err := r.header(); err == io.EOF {
			return nil, err
		} else if err != nil {
			return nil, r.damaged(err)
		}
	}
	r.ahead = false
	n := 3 * int64(r.w) * int64(r.h)
	if r.most > 255 {
		n *= 2
	}
	data, err := readFully(r.in, r.buf, n)
	if err != nil {
		return nil, r.damaged(err)
	}
	r.buf = data
	return data, nil
}

func (r *ppmReader) next() (*imageio.Image, error) {
	data, err := r.read()
	if err != nil {
		return nil, err
	}
	im := imageio.New(r.w, r.h)
	for i := range im.Pix {
		if r.most > 255 {
			im.Pix[i] = clip(float32(binary.BigEndian.Uint16(data[2*i:])) / float32(r.most))
		} else {
			im.Pix[i] = clip(float32(data[i]) / float32(r.most))
		}
	}
	if r.most > 255 {
		im.Depth = 16
	}
	return im, nil
}
