package film

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"os"

	"oneiro/internal/imageio"
)

// aviWriter writes an AVI: a header, which is written again when lengths are known, frames with the sound
// that belongs to them, and an index.
type aviWriter struct {
	*writing
	file    *os.File
	out     *bufio.Writer
	at      int64
	sound   *pcm
	frames  int
	played  int64 // blocks of sound that were written
	most    int   // bytes of the largest frame
	index   []byte
	movi    int64 // where the name of the list of frames is
	picture *image.RGBA
	jpeg    bytes.Buffer
}

// maxAVI is how long an AVI without extensions may be.
const maxAVI = math.MaxUint32

// encodeAVI writes an AVI whose frames are JPEGs, with the sound of an AVI or a WAV as it is there, or else
// as ffmpeg decodes it.
func encodeAVI(file *os.File, w *writing) (err error) {
	a := &aviWriter{writing: w, file: file, out: bufio.NewWriterSize(file, 1<<16)}
	if w.Sound != "" {
		if a.sound, err = soundOf(w.Sound, w.SoundFrom); err != nil {
			return err
		}
		if a.sound != nil {
			defer a.sound.close()
		}
	}
	for i := 0; ; i++ {
		im, err := w.next(i)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if i == 0 {
			if max(im.W, im.H) > math.MaxUint16 {
				return &SizeError{w.path, im.W, im.H, "a JPEG has at most 65535 a side"}
			}
			a.write(a.header())
		}
		if err := a.frame(im); err != nil {
			return err
		}
	}
	return a.end()
}

// write keeps errors until the end.
func (a *aviWriter) write(p []byte) {
	a.out.Write(p)
	a.at += int64(len(p))
}

// chunk writes a piece of a stream.
func (a *aviWriter) chunk(kind string, body []byte) error {
	const keyFrame = 0x10
	a.index = append(a.index, kind...)
	for _, v := range []uint32{keyFrame, uint32(a.at - a.movi), uint32(len(body))} {
		a.index = binary.LittleEndian.AppendUint32(a.index, v)
	}
	if a.at+int64(len(body))+int64(len(a.index))+64 > maxAVI {
		return fmt.Errorf("an AVI has at most 4 GiB, which are full after %d frames: end the name in .mp4 or .y4m",
			a.frames)
	}
	a.write(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body))))
	a.write(body)
	if len(body)%2 == 1 {
		a.write([]byte{0})
	}
	return nil
}

// frame writes a frame and its sound.
func (a *aviWriter) frame(im *imageio.Image) error {
	if a.picture == nil {
		a.picture = image.NewRGBA(image.Rect(0, 0, im.W, im.H))
	}
	for i := range im.W * im.H {
		c := onWhite(im, i)
		to := a.picture.Pix[4*i:][:4]
		to[0], to[1], to[2], to[3] = to8(c[0]), to8(c[1]), to8(c[2]), 255
	}
	a.jpeg.Reset()
	quality := cmp.Or(a.Quality, imageio.JPEGQuality)
	if err := jpeg.Encode(&a.jpeg, a.picture, &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	a.most = max(a.most, a.jpeg.Len())
	if err := a.chunk("00dc", a.jpeg.Bytes()); err != nil {
		return err
	}
	if a.frames++; a.sound == nil {
		return nil
	}
	until := int64(a.frames) * int64(a.Rate.Den) * int64(a.sound.rate) / int64(a.Rate.Num)
	return a.soundUntil(until)
}

// soundUntil writes the sound up to a time, in samples.
func (a *aviWriter) soundUntil(until int64) error {
	data, err := a.samples(until - a.played)
	if err != nil || len(data) == 0 { // it is over, or a frame is shorter than a sample
		return err
	}
	a.played += int64(len(data) / a.sound.block)
	return a.chunk("01wb", data)
}

// samples reads so many of all channels, or those that there are.
func (a *aviWriter) samples(count int64) ([]byte, error) {
	data := make([]byte, max(count, 0)*int64(a.sound.block))
	n, err := io.ReadFull(a.sound, data)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fileError(a.Sound, err)
	}
	return data[:n-n%a.sound.block], nil
}

// lastSound writes what is left of sound that is only a little longer than the frames.
func (a *aviWriter) lastSound() error {
	most := int64(slack * float64(a.sound.rate))
	data, err := a.samples(most + 1)
	if n := int64(len(data) / a.sound.block); err != nil || n == 0 || n > most {
		return err
	}
	a.played += int64(len(data) / a.sound.block)
	return a.chunk("01wb", data)
}

// end writes the index, and the header anew.
func (a *aviWriter) end() error {
	if a.frames == 0 {
		return io.ErrUnexpectedEOF
	}
	if a.sound != nil {
		if err := a.lastSound(); err != nil {
			return err
		}
	}
	moviEnd := a.at
	a.write(binary.LittleEndian.AppendUint32([]byte("idx1"), uint32(len(a.index))))
	a.write(a.index)
	if err := a.out.Flush(); err != nil {
		return err
	}
	header := a.header()
	binary.LittleEndian.PutUint32(header[4:], uint32(a.at-8))
	binary.LittleEndian.PutUint32(header[a.movi-4:], uint32(moviEnd-a.movi))
	_, err := a.file.WriteAt(header, 0)
	return err
}

// header returns everything up to the first frame.
func (a *aviWriter) header() []byte {
	le := binary.LittleEndian
	number := func(values ...uint32) (b []byte) {
		for _, v := range values {
			b = le.AppendUint32(b, v)
		}
		return b
	}
	chunk := func(kind string, parts ...[]byte) []byte {
		body := bytes.Join(parts, nil)
		b := le.AppendUint32([]byte(kind), uint32(len(body)))
		b = append(b, body...)
		return append(b, make([]byte, len(body)%2)...)
	}
	list := func(kind string, parts ...[]byte) []byte {
		return chunk("LIST", append([][]byte{[]byte(kind)}, parts...)...)
	}
	w, h, frames := uint32(a.w), uint32(a.h), uint32(a.frames)
	scale, rate := uint32(a.Rate.Den), uint32(a.Rate.Num)
	streams := uint32(1)
	if a.sound != nil {
		streams = 2
	}
	const hasIndex, interleaved, anyQuality = 0x10, 0x100, math.MaxUint32
	microseconds := uint32(min(math.Round(second/a.Rate.Float()), math.MaxUint32))
	top := chunk("avih", number(microseconds, 0, 0, hasIndex|interleaved, frames, 0, streams, uint32(a.most), w, h,
		0, 0, 0, 0))
	rect := make([]byte, 8)
	le.PutUint16(rect[4:], uint16(w))
	le.PutUint16(rect[6:], uint16(h))
	video := [][]byte{
		chunk("strh", []byte("vidsMJPG"), number(0, 0, 0, scale, rate, 0, frames, uint32(a.most), anyQuality, 0), rect),
		chunk("strf", number(40, w, h, 1|24<<16), []byte("MJPG"), number(3*w*h, 0, 0, 0, 0)),
	}
	if a.Aspect != (Rational{1, 1}) {
		aspect := shorter(Rational{a.Aspect.Num * a.w, a.Aspect.Den * a.h}.reduced(), math.MaxUint16)
		video = append(video, chunk("vprp", number(0, 0, uint32(math.Round(a.Rate.Float())), w, h,
			uint32(aspect.Num)<<16|uint32(aspect.Den), w, h, 1, h, w, h, w, 0, 0, 0, 0)))
	}
	lists := [][]byte{top, list("strl", video...)}
	if s := a.sound; s != nil {
		second := uint32(s.rate * s.block)
		lists = append(lists, list("strl",
			chunk("strh", []byte("auds"), number(0, 0, 0, 0, uint32(s.block), second, 0, uint32(a.played), second, anyQuality,
				uint32(s.block)), make([]byte, 8)),
			chunk("strf", s.format)))
	}
	body := append(list("hdrl", lists...), "LIST\x00\x00\x00\x00movi"...)
	head := append([]byte("RIFF\x00\x00\x00\x00AVI "), body...)
	a.movi = int64(len(head)) - 4
	return head
}

// shorter returns a number with neither part above most, as near as it can be.
func shorter(r Rational, most int) Rational {
	for r.Num > most || r.Den > most {
		r.Num, r.Den = max(r.Num/2, 1), max(r.Den/2, 1)
	}
	return r
}

// soundOf returns the sound of a file from a time on, or nil if there is none.
func soundOf(path string, from float64) (*pcm, error) {
	p, err := openPCM(path)
	if err == errNoPCM {
		p, err = wavByFFmpeg(path)
	}
	if err != nil || p == nil {
		return nil, err
	}
	start := int64(math.Round(from*float64(p.rate))) * int64(p.block)
	if err := p.skip(start); err != nil {
		p.close()
		return nil, fileError(path, err)
	}
	return p, nil
}
