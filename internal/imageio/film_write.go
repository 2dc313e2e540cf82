package imageio

import (
	"bufio"
	"encoding/binary"
	"image"
	"image/draw"
	"image/gif"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"oneiro/internal/atomicfile"
)

// Film is what an animated picture holds beside its frames. It plays again and again.
type Film struct {
	Meta
	Frames int
	FPS    float64 // frames per second
}

// FilmEndings are the endings of the files that WriteFilm writes, without dots.
var FilmEndings = []string{"png", "apng", "gif"}

// WriteFilm writes an animated PNG or a GIF, by the extension of path. frame returns frame i, counted from 0;
// all have one size and are opaque, with 8 bits in a sample. A GIF has 256 colours in each frame, chosen by
// median cut (Heckbert 1982), with errors diffused (Floyd and Steinberg 1976), and no recipe. The file appears
// whole or not at all. The errors are an *ExtensionError, an *atomicfile.Error, and those of frame.
func WriteFilm(path string, f Film, frame func(i int) (*Image, error)) error {
	var encode func(io.Writer, Film, func(int) (*Image, error)) error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".apng":
		encode = encodeAPNG
	case ".gif":
		encode = encodeGIF
	default:
		return &ExtensionError{path, filepath.Ext(path)}
	}
	return atomicfile.WriteFile(path, func(file *os.File) error { return encode(file, f, frame) })
}

// encodeAPNG writes an animated PNG (Portable Network Graphics Specification, third edition, section 11.3.3):
// a PNG whose picture is the first frame.
func encodeAPNG(w io.Writer, f Film, frame func(i int) (*Image, error)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	sequence := uint32(0)
	number := func() []byte {
		sequence++
		return binary.BigEndian.AppendUint32(nil, sequence-1)
	}
	for i := range f.Frames {
		im, err := frame(i)
		if err != nil {
			return err
		}
		opaque := *im
		opaque.Alpha, opaque.Depth = nil, 8
		s := newSamples(&opaque, f.Profile)
		if i == 0 {
			if err := writePNGHead(out, &s, f.Meta); err != nil {
				return err
			}
			const forEver = 0
			control := binary.BigEndian.AppendUint32(nil, uint32(f.Frames))
			writeChunk(out, "acTL", binary.BigEndian.AppendUint32(control, forEver))
		}
		control := number()
		for _, v := range []int{im.W, im.H, 0, 0} { // the frame covers all
			control = binary.BigEndian.AppendUint32(control, uint32(v))
		}
		milliseconds := uint16(min(math.Round(1000/f.FPS), math.MaxUint16))
		control = binary.BigEndian.AppendUint16(control, milliseconds)
		control = binary.BigEndian.AppendUint16(control, 1000)
		const leave, replace = 0, 0 // the frame before
		writeChunk(out, "fcTL", append(control, leave, replace))
		chunks := io.Writer(pngData{out})
		if i > 0 {
			chunks = frameData{out, number}
		}
		if err := writePNGData(chunks, &s); err != nil {
			return err
		}
	}
	writeChunk(out, "IEND", nil)
	return out.Flush()
}

// frameData writes each buffer as a chunk of a frame.
type frameData struct {
	w      io.Writer
	number func() []byte
}

func (d frameData) Write(p []byte) (int, error) {
	if err := writeChunk(d.w, "fdAT", append(d.number(), p...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// encodeGIF writes a GIF.
func encodeGIF(w io.Writer, f Film, frame func(i int) (*Image, error)) error {
	film := gif.GIF{}
	shown := 0.0 // hundredths of a second so far
	for i := range f.Frames {
		im, err := frame(i)
		if err != nil {
			return err
		}
		colours := im.nrgba()
		m := image.NewPaletted(colours.Rect, medianCut(colours.Pix, 256))
		draw.FloydSteinberg.Draw(m, m.Rect, colours, image.Point{})
		next := 100 * float64(i+1) / f.FPS
		film.Image = append(film.Image, m)
		film.Delay = append(film.Delay, int(math.Round(next)-math.Round(shown)))
		shown = next
	}
	return gif.EncodeAll(w, &film)
}

// CheckFilm reports, before any work is done, whether WriteFilm would be able to write to path.
func CheckFilm(path string) error { return atomicfile.Check(path) }
