package imageio

import (
	"errors"
	"fmt"
	"image/jpeg"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/bmp"
)

// ReadOptions say what is needed of a picture. The zero value reads all of it.
type ReadOptions struct {
	// Fit returns how the picture is needed; nil is for all of it at the size it has. The result is what Show
	// makes of the whole picture, bit for bit, but the whole is never in memory as floats.
	Fit Fit
	// Filter is what Fit's size is reached with.
	Filter Filter
	// AllowTruncated reads what there is of a PNG or JPEG whose data is cut short, with a warning. What is
	// missing is clear.
	AllowTruncated bool
	// MaxBytes is how much memory reading may take, the file and the result included; 0 for no limit.
	MaxBytes int64
}

// Read reads a picture: PNG, JPEG, WebP, TIFF, GIF or BMP, recognised by its content, not its name. Of several
// pictures in a file it is the first one of an animation, and the largest page of a TIFF that is not marked as
// a preview. Grey and palette become colour, CMYK is converted without a profile, and the EXIF orientation is
// applied. Its error is a *FileError, *KindError, *DataError or *SizeError.
func Read(path string) (*Image, error) { return ReadWith(path, ReadOptions{}) }

// ReadWith is Read with options. The error may be a *MemoryError, too.
func ReadWith(path string, o ReadOptions) (*Image, error) {
	data, err := readFile(path, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	return DecodeWith(data, path, o)
}

// Decode is Read for a file in memory. Errors name it path.
func Decode(data []byte, path string) (*Image, error) { return DecodeWith(data, path, ReadOptions{}) }

// DecodeWith is ReadWith for a file in memory.
func DecodeWith(data []byte, path string, o ReadOptions) (*Image, error) {
	return decode(data, path, o, MaxPixels)
}

func decode(data []byte, path string, o ReadOptions, maxPixels int) (*Image, error) {
	d, kind, err := open(data, path, &o, maxPixels)
	if err != nil {
		return nil, err
	}
	info := d.info(kind, len(data))
	if need := info.Bytes(o); o.MaxBytes > 0 && need > o.MaxBytes {
		return nil, &MemoryError{path, need, o.MaxBytes}
	}
	var im *Image
	err = guard(func() (err error) { im, err = d.image(&o); return })
	if err != nil {
		return nil, decoderError(path, kind, err)
	}
	return im, nil
}

// open reads the header of a picture, and what else comes cheaply.
func open(data []byte, path string, o *ReadOptions, maxPixels int) (d *decoder, kind string, err error) {
	f, kind := sniff(data)
	if f == nil {
		return nil, kind, &KindError{Path: path, Kind: kind}
	}
	if kind == "TIFF" && rawExtension(path) {
		return nil, kind, &KindError{Path: path, Kind: cameraRaw}
	}
	err = guard(func() (err error) { d, err = f.open(data, o); return })
	switch {
	case err != nil:
		return nil, kind, decoderError(path, kind, err)
	case d.w < 1 || d.h < 1:
		return nil, kind, &DataError{path, kind, errors.New("it has no pixels")}
	case d.w > maxPixels/d.h:
		return nil, kind, &SizeError{path, d.w, d.h}
	}
	if f.meta != imagemeta.ImageFormatAuto {
		orientation, adobeRGB := readEXIF(data, f.meta)
		if d.turn = turnOf(orientation); adobeRGB && d.profile.isNone() {
			d.profile.name = "Adobe RGB"
		}
	}
	return d, kind, nil
}

// Info is what the header of a picture says.
type Info struct {
	W, H  int // upright
	Kind  string
	Depth int  // as Image.Depth
	Alpha bool // pixels may be clear

	file, decoder int64 // bytes of the file, and those that decoding takes beside it and the result
	turn          turn
}

// Stat returns what Read would read without decoding it. The errors are those of Read.
func Stat(path string) (Info, error) {
	data, err := readFile(path, 0)
	if err != nil {
		return Info{}, err
	}
	d, kind, err := open(data, path, &ReadOptions{}, MaxPixels)
	if err != nil {
		return Info{}, err
	}
	return d.info(kind, len(data)), nil
}

// Bytes returns how much memory reading the picture takes, the file and the result included.
func (i Info) Bytes(o ReadOptions) int64 {
	v := View{W: i.W, H: i.H}
	if o.Fit != nil {
		v = o.Fit(i.W, i.H)
	}
	pixel := int64(3 * 4)
	if i.Alpha || o.AllowTruncated {
		pixel += 4
	}
	// The rows that a row of the result is made of, at their full width if they are columns later.
	crop := v.crop()
	rows, width := ringRows(i.H, v.H), crop.Dx()
	if i.turn.swap {
		rows, width = ringRows(i.W, v.W), i.H
	}
	result := pixel * int64(crop.Dx()) * int64(crop.Dy())
	return i.file + i.decoder + result + pixel*int64(rows)*int64(width) + 4*pixel*int64(max(i.W, i.H))
}

// ringRows returns how many rows the widest filter reads at most to make one of n2 of n.
func ringRows(n, n2 int) int { return min(2*lanczosRadius*max(n/n2+1, 1)+1, n) }

// decoder is a file whose header has been read.
type decoder struct {
	w, h    int   // as the file has it
	depth   int   // as Image.Depth
	alpha   bool  // pixels may be clear
	bytes   int64 // that decoding takes beside the file and the result
	turn    turn  // to what is upright; open finds it in EXIF, but for TIFF
	profile profile
	*warnings
	start func() (row rowFunc, finish func() error, err error)
}

// rowFunc writes the colours of row y and, unless alpha is nil, the opacities.
type rowFunc func(y int, pix, alpha []float32) error

func (d *decoder) info(kind string, file int) Info {
	w, h := d.turn.size(d.w, d.h)
	return Info{w, h, kind, d.depth, d.alpha, int64(file), d.bytes, d.turn}
}

// warnings are what Image.Warnings will be.
type warnings []string

func (w *warnings) warn(format string, args ...any) { *w = append(*w, fmt.Sprintf(format, args...)) }

// image decodes the picture as it is needed.
func (d *decoder) image(o *ReadOptions) (*Image, error) {
	row, finish, err := d.start()
	if err != nil {
		return nil, err
	}
	w, h := d.turn.size(d.w, d.h)
	v := View{W: w, H: h}
	if o.Fit != nil {
		v = o.Fit(w, h)
	}
	r := &raster{w: d.w, h: d.h, depth: d.depth, alpha: d.alpha, row: row}
	if o.AllowTruncated {
		r.alpha = true
		r.row = d.tolerant(row)
	}
	im, err := r.image(d.turn, v, o.Filter)
	if err != nil {
		return nil, err
	}
	if finish != nil {
		if err := finish(); err != nil {
			return nil, err
		}
	}
	if warning := d.profile.warning(); warning != "" {
		d.warn("%s", warning)
	}
	im.Warnings = *d.warnings
	return im, nil
}

// tolerant returns row with everything clear after the end of the data.
func (d *decoder) tolerant(row rowFunc) rowFunc {
	from := d.h
	return func(y int, pix, alpha []float32) error {
		if y < from {
			for i := range alpha {
				alpha[i] = 1
			}
			rowAlpha := alpha
			if !d.alpha {
				rowAlpha = nil
			}
			err := row(y, pix, rowAlpha)
			if !truncated(err) {
				return err
			}
			from = y
			d.warn("its data is cut short: %d of %d rows are missing and clear", d.h-y, d.h)
		}
		clear(pix)
		clear(alpha)
		return nil
	}
}

// truncated tells whether an error says that data ended too early.
func truncated(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) }

// guard turns a panic of a decoder into an error: no file may crash the program.
func guard(decode func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return decode()
}

// unsupported is what a file has that cannot be read.
type unsupported string

func (u unsupported) Error() string { return string(u) }

// decoderError distinguishes what a decoder does not support from damaged data.
func decoderError(path, kind string, err error) error {
	var (
		u unsupported
		k *KindError
		j jpeg.UnsupportedError
	)
	switch {
	case errors.As(err, &k):
		return &KindError{path, k.Kind, k.Why}
	case errors.As(err, &u):
		return &KindError{path, kind, string(u)}
	case errors.As(err, &j):
		return &KindError{path, kind, string(j)}
	case errors.Is(err, bmp.ErrUnsupported):
		return &KindError{path, kind, "unusual compression or depth"}
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &DataError{path, kind, err}
}
