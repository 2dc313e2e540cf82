// Package film reads and writes moving pictures, frame by frame, in memory that does not depend on how many
// there are.
//
// It reads and writes numbered pictures, GIF, animated PNG, Y4M and AVI with JPEGs by itself, and reads
// animated WebP. Everything else goes through the program ffmpeg where it is on PATH. Frames are pictures
// of package imageio: sRGB-encoded, 0..1.
package film

import (
	"io"

	"oneiro/internal/imageio"
)

// Info is what is known of a clip beside its pictures. The zero value of a field is for what is not known:
// a writer then does what is usual.
type Info struct {
	W, H    int      // of a frame, upright
	Rate    Rational // frames per second
	Aspect  Rational // width to height of a sample; 1:1 if nothing is said
	Frames  int      // -1 if that is not known before the end
	Seconds float64  // how long it takes, about; 0 if that is not known
	Alpha   bool     // pixels may be clear
	Sound   bool     // there is some
	Colour  Coding   // how colours are stored
}

// ReadOptions say what of a clip is read, and what the files do not say. The zero value reads all of it.
type ReadOptions struct {
	// Range is the first and the last frame, counted from 1. A last one of 0, or one beyond the end, is the
	// end of the clip.
	Range [2]int
	// FPS is the rate of numbered pictures; 0 is 25, as in ffmpeg.
	FPS float64
	// Matrix is that of a Y4M, which does not say it; 0 is BT.601 below 720 rows and BT.709 otherwise.
	Matrix Matrix
	// MaxBytes is how much memory a frame may take, everything included; 0 for what the machine has.
	MaxBytes int64
}

// Clip is a moving picture that is open. It is used by one goroutine at a time.
type Clip struct {
	path  string
	info  Info
	notes []string
	src   source
	at    int // the frame that src returns next, from 0 in the whole clip
	first int
	end   int // one more than the last; -1 for the end of the clip
}

// source is what frames come from.
type source interface {
	// next returns the next frame, or io.EOF.
	next() (*imageio.Image, error)
	// skip passes over the next frame, as cheaply as it can, or returns io.EOF.
	skip() error
	// restart goes back to the first frame. The error is errForward if that cannot be done.
	restart() error
	close() error
}

// Open opens a clip. path is a numbered sequence such as frame_%04d.png, a folder of pictures, the file of
// a clip, or "-" for Y4M on the standard input. Files are recognised by their content.
//
// The errors are those of imageio.Read for a file, a *KindError, a *DataError, a *SequenceError, a
// *RangeError and a *ToolError.
func Open(path string, o ReadOptions) (*Clip, error) {
	k := kindOf(path)
	if k.err != nil {
		return nil, k.err
	}
	c, err := k.open(path, o)
	if err != nil {
		return nil, err
	}
	return c.within(path, o)
}

// within limits a clip that was opened to a range, and closes it if it does not have that.
func (c *Clip) within(path string, o ReadOptions) (*Clip, error) {
	c.path, c.first, c.end = path, max(o.Range[0]-1, 0), -1
	if c.info.Aspect == (Rational{}) {
		c.info.Aspect = Rational{1, 1}
	}
	last, total := o.Range[1], c.info.Frames
	if o.Range[0] < 0 || last < 0 || last > 0 && last <= c.first {
		c.Close()
		return nil, &RangeError{path, o.Range[0], last, -1}
	}
	if last > 0 {
		c.end = last
	}
	if total < 0 {
		if s := &c.info.Seconds; *s > 0 {
			if last > 0 {
				*s = min(*s, float64(last)/c.info.Rate.Float())
			}
			*s = max(*s-c.Start(), 0)
		}
		return c, nil
	}
	if c.first >= total && total > 0 {
		c.Close()
		return nil, &RangeError{path, c.first + 1, last, total}
	}
	if c.end < 0 || c.end > total {
		c.end = total
	}
	c.info.Frames = c.end - c.first
	c.info.Seconds = float64(c.info.Frames) / c.info.Rate.Float()
	return c, nil
}

// Info returns what is known of the clip. Its frames are those of the range, or -1.
func (c *Clip) Info() Info { return c.info }

// Notes says what of the file was taken for something else, a sentence each without its name.
func (c *Clip) Notes() []string { return c.notes }

// Start returns when the first frame of the range is shown, in seconds from the beginning of the clip.
func (c *Clip) Start() float64 { return float64(c.first) / c.info.Rate.Float() }

// Frame returns frame i of the range, from 0, or io.EOF after the last one. In order that is cheap. Another
// order may decode the clip from its beginning, which a stream cannot do: the error is a *StreamError. The
// picture is the caller's.
func (c *Clip) Frame(i int) (*imageio.Image, error) {
	want := c.first + i
	if i < 0 || c.end >= 0 && want >= c.end {
		return nil, io.EOF
	}
	if want < c.at {
		if err := c.src.restart(); err != nil {
			if err == errForward {
				return nil, &StreamError{c.path, i + 1, c.at - c.first}
			}
			return nil, err
		}
		c.at = 0
	}
	for ; c.at < want; c.at++ {
		if err := c.src.skip(); err != nil {
			return nil, err
		}
	}
	im, err := c.src.next()
	if err != nil {
		return nil, err
	}
	c.at++
	return im, nil
}

// Close ends reading.
func (c *Clip) Close() error { return c.src.close() }
