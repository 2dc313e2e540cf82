package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// maxFile is the largest file that is read, in bytes. MaxPixels of uncompressed 16-bit colour with
// alpha stay below it.
const maxFile = 1 << 30

// ReadOptions say what is needed of a picture. The zero value reads all of it.
type ReadOptions struct {
	// Fit returns the size at which a picture of w x h pixels, upright, is needed: the result is what Resize
	// makes of the whole picture, but the whole is never in memory as floats. nil is for the size it has.
	Fit func(w, h int) (w2, h2 int)
	// Filter is what Fit's size is reached with.
	Filter Filter
	// AllowTruncated reads what there is of a picture whose data is cut short, with a warning.
	AllowTruncated bool
	// MaxBytes is how much memory reading may take, the file and the result included; 0 for no limit.
	MaxBytes int64
}

// Longest returns a ReadOptions.Fit that scales pictures so that their longer side is longer, as FitSize does.
// 0 leaves them alone.
func Longest(longer int) func(w, h int) (int, int) {
	if longer == 0 {
		return nil
	}
	return func(w, h int) (int, int) { return FitSize(w, h, longer) }
}

// Read reads a picture: PNG, JPEG, WebP (not animated), TIFF (its first page) or BMP, recognised by its
// content, not its name. Grey and palette become colour, CMYK is converted
// without a profile, and the EXIF orientation is applied. Its error is a *FileError, *KindError,
// *DataError or *SizeError.
func Read(path string) (*Image, error) { return ReadWith(path, ReadOptions{}) }

// ReadWith is Read with options. The error may be a *MemoryError, too.
func ReadWith(path string, o ReadOptions) (*Image, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return DecodeWith(data, path, o)
}

// Decode is Read for a file in memory. Errors name it path.
func Decode(data []byte, path string) (*Image, error) { return decode(data, path, MaxPixels) }

// DecodeWith is ReadWith for a file in memory.
func DecodeWith(data []byte, path string, o ReadOptions) (*Image, error) {
	im, err := decode(data, path, MaxPixels)
	if err != nil || o.Fit == nil {
		return im, err
	}
	w, h := o.Fit(im.W, im.H)
	return Resize(im, w, h, o.Filter), nil
}

// Info is what the header of a picture says.
type Info struct {
	W, H int // upright
	Kind string
}

// Bytes returns how much memory reading the picture takes.
func (i Info) Bytes(o ReadOptions) int64 { return 0 }

// Stat returns what Read would read, without decoding it. The errors are those of Read.
func Stat(path string) (Info, error) {
	im, err := Read(path)
	if err != nil {
		return Info{}, err
	}
	return Info{W: im.W, H: im.H}, nil
}

func decode(data []byte, path string, maxPixels int) (*Image, error) {
	f, kind := sniff(data)
	if f == nil {
		return nil, &KindError{Path: path, Kind: kind}
	}
	if f.kind == "WebP" && animatedWebP(data) {
		return nil, &KindError{path, f.kind, "it is animated"}
	}
	var conf image.Config
	err := guard(func() (err error) { conf, err = f.config(bytes.NewReader(data)); return })
	if err != nil {
		return nil, decoderError(path, f.kind, err)
	}
	if conf.Width < 1 || conf.Height < 1 {
		return nil, &DataError{path, f.kind, errors.New("it has no pixels")}
	}
	if conf.Width > maxPixels/conf.Height {
		return nil, &SizeError{path, conf.Width, conf.Height}
	}
	var im *Image
	err = guard(func() error {
		m, err := f.decode(bytes.NewReader(data))
		if err != nil {
			return err
		}
		if size := m.Bounds().Size(); size.X != conf.Width || size.Y != conf.Height {
			return errors.New("its headers contradict each other")
		}
		im = fromImage(m, f.kind == "WebP")
		return nil
	})
	if err != nil {
		return nil, decoderError(path, f.kind, err)
	}
	return im.orient(orientation(data, f.meta)), nil
}

// guard turns a panic of a decoder into an error: no file may crash the program.
func guard(decode func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return decode()
}

// decoderError distinguishes what a decoder does not support from damaged data.
func decoderError(path, kind string, err error) error {
	var (
		p png.UnsupportedError
		j jpeg.UnsupportedError
		t tiff.UnsupportedError
	)
	switch {
	case errors.As(err, &p):
		return &KindError{path, kind, string(p)}
	case errors.As(err, &j):
		return &KindError{path, kind, string(j)}
	case errors.As(err, &t):
		return &KindError{path, kind, string(t)}
	case errors.Is(err, bmp.ErrUnsupported):
		return &KindError{path, kind, "unusual compression or depth"}
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &DataError{path, kind, err}
}

// readFile reads a whole file, or its beginning if that is not of a picture.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, newFileError(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, newFileError(path, err)
	}
	if info.IsDir() {
		return nil, &FileError{path, ErrFolder}
	}
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(f, head)
	switch head = head[:n]; {
	case n == 0 && err == io.EOF:
		return nil, &FileError{path, ErrEmpty}
	case err == io.ErrUnexpectedEOF:
		return head, nil
	case err != nil:
		return nil, newFileError(path, err)
	}
	if format, kind := sniff(head); format == nil {
		return nil, &KindError{Path: path, Kind: kind}
	}
	if info.Size() > maxFile {
		return nil, &FileError{path, ErrHuge}
	}
	var buf bytes.Buffer
	buf.Grow(int(info.Size()) + bytes.MinRead) // 0 for a pipe
	buf.Write(head)
	if _, err := buf.ReadFrom(io.LimitReader(f, maxFile)); err != nil {
		return nil, newFileError(path, err)
	}
	if buf.Len() > maxFile {
		return nil, &FileError{path, ErrHuge}
	}
	return buf.Bytes(), nil
}
