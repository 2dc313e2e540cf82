package film

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
)

// Film is what a clip holds beside its frames. Its Info may be that of the clip that the frames were made
// of: what it has of rate, aspect and colours is kept, and its size does not count: that of the first frame
// does.
type Film struct {
	Info
	Frames int // -1 if they end when the function that returns them returns io.EOF
	Meta   imageio.Meta

	// Sound is the path of a clip, or a WAV, whose sound goes along in an AVI and in what ffmpeg writes,
	// from SoundFrom seconds on (Clip.Start) and as long as the frames last; empty for none.
	Sound     string
	SoundFrom float64
}

// WriteOptions say how a clip is written. The zero value does what is usual.
type WriteOptions struct {
	// Coding is how colours are stored in a Y4M, and where the format allows it elsewhere, instead of how
	// the Film's Info has it. A Y4M does not say its matrix: unless one is given here it has the usual one.
	Coding Coding
	// Quality is how little of a picture may be lost, 1 to 100; 0 is imageio.JPEGQuality, at which nothing
	// is seen to be missing. At 100 H.264 and VP9 lose nothing but chroma, JPEGs in an AVI hardly anything.
	Quality int
}

// frames returns frame i of a film, counted from 0, or io.EOF after the last one. Frames are asked for in
// order, once each, but by a GIF, which asks for all of them twice.
type frames = func(i int) (*imageio.Image, error)

// fileKind is a kind of clip that is written.
type fileKind struct {
	endings []string
	encode  func(file *os.File, w *writing) error
	run     func(name string, w *writing) error // instead of encode: a program writes the file of a name
}

var writers = []fileKind{
	{endings: []string{"png", "apng"}, encode: encodeAPNG},
	{endings: []string{"gif"}, encode: encodeGIF},
	{endings: []string{"avi"}, encode: encodeAVI},
	{endings: []string{"mp4", "mov", "mkv", "webm"}, run: runFFmpeg},
	{endings: []string{"y4m"}, encode: func(file *os.File, w *writing) error { return encodeY4M(file, w) }},
}

// Endings are the endings of the files that Write writes, without dots.
var Endings = func() (all []string) {
	for _, k := range writers {
		all = append(all, k.endings...)
	}
	return all
}()

// writing is a film that is being written.
type writing struct {
	Film
	WriteOptions
	path  string
	frame frames
	w, h  int // of the first frame
}

// next returns frame i, which has the size of the first one, or io.EOF.
func (w *writing) next(i int) (*imageio.Image, error) {
	if w.Frames >= 0 && i >= w.Frames {
		return nil, io.EOF
	}
	im, err := w.frame(i)
	if err != nil {
		if err == io.EOF && w.Frames >= 0 {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if i == 0 {
		w.w, w.h = im.W, im.H
	}
	if im.W != w.w || im.H != w.h {
		return nil, &SizeError{w.path, im.W, im.H, "the first frame has another size"}
	}
	return im, nil
}

// newWriting fills in what is not known.
func newWriting(path string, f Film, o WriteOptions, frame frames) *writing {
	if !f.Rate.known() {
		f.Rate = Rational{defaultFPS, 1}
	}
	if !f.Aspect.known() {
		f.Aspect = Rational{1, 1}
	}
	return &writing{Film: f, WriteOptions: o, path: path, frame: frame}
}

// coding returns how colours are stored in planes, for frames of the size of the first. Frames made of grey
// ones need not be grey.
func (w *writing) coding() Coding {
	from, c := w.Colour, w.Coding
	switch from.Chroma {
	case C411:
		from.Chroma = C422
	case Mono:
		from.Chroma = 0
	}
	if from.Chroma == 0 { // such as pictures with 16 bits
		from.Depth = min(from.Depth, 10)
	}
	c.Range = cmp.Or(c.Range, from.Range, Limited)
	c.Chroma = cmp.Or(c.Chroma, from.Chroma, C444)
	c.Depth = cmp.Or(c.Depth, from.Depth, 8)
	c.Matrix = c.Matrix.or(w.h)
	return c
}

// Write writes a clip to path, of the kind that its ending names: an animated PNG with 8 bits in a sample,
// a GIF whose 256 colours are those of the whole clip, or a Y4M. frame returns frame i, counted from 0, or
// io.EOF after the last one if f.Frames is -1; it is asked for frames in order, once each, but by a GIF,
// which asks for all of them twice. All have one size.
//
// The file appears whole or not at all. The errors are an *ExtensionError, a *SizeError, an
// *atomicfile.Error, a *ToolError, those of reading the sound, and those of frame.
func Write(path string, f Film, o WriteOptions, frame func(i int) (*imageio.Image, error)) error {
	k, err := writerOf(path)
	if err != nil {
		return err
	}
	w := newWriting(path, f, o, frame)
	var cause error
	if k.run != nil {
		err = atomicfile.WriteNamed(path, func(name string) error { cause = k.run(name, w); return cause })
	} else {
		err = atomicfile.WriteFile(path, func(file *os.File) error { cause = k.encode(file, w); return cause })
	}
	if _, is := errors.AsType[interface {
		error
		Hint() string
	}](cause); is { // it says itself what is wrong
		return cause
	}
	return err
}

// Encode writes a clip as Y4M to where it cannot appear at once, such as a pipe. It asks for frames as
// Write does.
func Encode(out io.Writer, f Film, o WriteOptions, frame func(i int) (*imageio.Image, error)) error {
	return encodeY4M(out, newWriting("the output", f, o, frame))
}

// Check reports, before any work is done, whether Write would be able to write to path. The error is an
// *ExtensionError, a *ToolError or an *atomicfile.Error.
func Check(path string) error {
	k, err := writerOf(path)
	if err != nil {
		return err
	}
	if k.run != nil {
		if _, err := newFFmpegWriter(newWriting(path, Film{}, WriteOptions{}, nil)); err != nil {
			return err
		}
	}
	return atomicfile.Check(path)
}

// writerOf returns the kind of clip that the ending of a path names.
func writerOf(path string) (*fileKind, error) {
	ext := filepath.Ext(path)
	for i := range writers {
		if slices.Contains(writers[i].endings, strings.ToLower(strings.TrimPrefix(ext, "."))) {
			return &writers[i], nil
		}
	}
	return nil, &ExtensionError{path, ext}
}
