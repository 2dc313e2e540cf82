package film

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"oneiro/internal/imageio"
	"oneiro/internal/quote"
)

// errForward says that a source cannot go back.
var errForward = errors.New("it cannot go back")

// KindError reports a file that is no clip.
type KindError struct {
	Path string
	Kind string // what it is, or "" if that is not known
	Why  string // what of a clip is not supported
}

func (e *KindError) Error() string {
	switch {
	case e.Why != "":
		return fmt.Sprintf("%s is a kind of %s that cannot be read: %s", quote.Path(e.Path), e.Kind, e.Why)
	case e.Kind != "":
		return fmt.Sprintf("%s is %s, not a clip", quote.Path(e.Path), e.Kind)
	}
	return quote.Path(e.Path) + " is not a clip of a known kind"
}

// Hint says what to do about it.
func (e *KindError) Hint() string {
	if e.Why != "" {
		return "ffmpeg may read it: " + Pipe(e.Path)
	}
	return "name a folder of pictures, numbered pictures such as frame_%04d.png, an animated GIF, PNG or WebP, a .y4m or an " +
		".avi; other films need ffmpeg"
}

// DataError reports a clip whose data is cut short or damaged.
type DataError struct {
	Path, Kind string
	Err        error
}

// Truncated tells whether the data ends before the clip does.
func (e *DataError) Truncated() bool {
	return errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, io.EOF)
}

func (e *DataError) Error() string {
	if e.Truncated() {
		return fmt.Sprintf("%s: the %s data is cut short", quote.Path(e.Path), e.Kind)
	}
	return fmt.Sprintf("%s: the %s data is damaged: %v", quote.Path(e.Path), e.Kind, e.Err)
}

func (e *DataError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *DataError) Hint() string {
	return "fetch or copy the file again; --range can leave the damaged frames out"
}

// SequenceError reports numbered pictures that are not a clip.
type SequenceError struct {
	Path string
	Why  string // such as "frame 7 is missing", with how it goes on
}

func (e *SequenceError) Error() string { return quote.Path(e.Path) + ": " + e.Why }

// Hint says what to do about it.
func (e *SequenceError) Hint() string {
	return "the pictures of a clip have one size and numbers without gaps, such as frame_0001.png, frame_0002.png"
}

// RangeError reports frames that a clip does not have.
type RangeError struct {
	Path        string
	First, Last int // Last is 0 for the end
	Frames      int // of the clip; -1 if the range is wrong for any
}

func (e *RangeError) Error() string {
	if e.Frames < 0 {
		return fmt.Sprintf("frames %d to %d of %s: that is no range", e.First, e.Last, quote.Path(e.Path))
	}
	return fmt.Sprintf("%s has no frame %d: there are %d", quote.Path(e.Path), e.First, e.Frames)
}

// Hint says what to do about it.
func (e *RangeError) Hint() string { return "frames are counted from 1, the first one before the last" }

// StreamError reports that a frame of a stream was wanted after it went by.
type StreamError struct {
	Path        string
	Frame, Past int // counted from 1: the one that is wanted, and how many went by
}

func (e *StreamError) Error() string {
	return fmt.Sprintf("%s is a stream, and its frame %d went by %d frames ago", quote.Path(e.Path), e.Frame,
		e.Past-e.Frame+1)
}

// Hint says what to do about it.
func (e *StreamError) Hint() string { return "write the stream to a file first" }

// ExtensionError reports an output path that does not end in the name of a kind of clip.
type ExtensionError struct{ Path, Ext string }

func (e *ExtensionError) Error() string {
	if e.Ext == "" {
		return fmt.Sprintf("cannot write %s: its name does not say what kind of clip it is", quote.Path(e.Path))
	}
	return fmt.Sprintf("cannot write %s: %s clips are not supported", quote.Path(e.Path), quote.Path(e.Ext))
}

// Hint says what to do about it.
func (e *ExtensionError) Hint() string { return "end the name in ." + strings.Join(Endings, ", .") }

// SizeError reports a frame that does not have the size of the clip, or a size that a format cannot hold.
type SizeError struct {
	Path string
	W, H int
	Why  string
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s: %d x %d pixels: %s", quote.Path(e.Path), e.W, e.H, e.Why)
}

// Hint says what to do about it.
func (e *SizeError) Hint() string { return "choose another size, or another kind of file" }

// memoryError says that a frame takes too much memory.
func memoryError(path string, need, limit int64) error {
	return &imageio.MemoryError{Path: path, Need: need, Max: limit}
}
