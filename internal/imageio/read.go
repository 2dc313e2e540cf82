package imageio

import (
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"io/fs"
	"math/bits"
	"os"

	"github.com/bep/imagemeta"

	"golang.org/x/image/bmp"
	"oneiro/internal/icc"
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
	// IgnoreProfile takes colours for sRGB, whatever the file says.
	IgnoreProfile bool
	// MaxBytes is how much memory reading may take, the result included; 0 for what the machine has.
	MaxBytes int64
}

// Read reads a picture: PNG, JPEG, WebP, TIFF, GIF or BMP, recognised by its content, not its name. Of several
// pictures in a file it is the first one of an animation, and the largest page of a TIFF that is not marked as
// a preview. Grey and palette become colour, colours become sRGB (CMYK without a profile), and the EXIF
// orientation is applied. Its error is a *FileError, *KindError, *ProfileError, *DataError or *MemoryError.
//
// No picture is too large, but for the memory that decoding it takes at the size that is needed. A PNG or TIFF
// is read row by row, and never in memory as a file; others are.
func Read(path string) (*Image, error) { return ReadWith(path, ReadOptions{}) }

// ReadWith is Read with options.
func ReadWith(path string, o ReadOptions) (*Image, error) {
	in, err := openInput(path, memoryLimit(o.MaxBytes))
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return decode(in, o)
}

// ReadFile is ReadWith for an open file, from its beginning, which stays open. Errors name it path.
func ReadFile(f *os.File, path string, o ReadOptions) (*Image, error) {
	in, err := inputOf(f, path, memoryLimit(o.MaxBytes))
	if err != nil {
		return nil, err
	}
	return decode(in, o)
}

// StatFile is Stat for an open file, as ReadFile is Read.
func StatFile(f *os.File, path string) (Info, error) {
	o := ReadOptions{IgnoreProfile: true}
	in, err := inputOf(f, path, memoryLimit(0))
	if err != nil {
		return Info{}, err
	}
	return header(in, o)
}

// Decode is Read for a file in memory. Errors name it path.
func Decode(data []byte, path string) (*Image, error) { return DecodeWith(data, path, ReadOptions{}) }

// DecodeWith is ReadWith for a file in memory.
func DecodeWith(data []byte, path string, o ReadOptions) (*Image, error) {
	return decode(inMemory(data, path, memoryLimit(o.MaxBytes)), o)
}

func decode(in *input, o ReadOptions) (*Image, error) {
	d, kind, err := open(in, &o)
	if err != nil {
		return nil, err
	}
	if need := d.info(kind, in).Bytes(o); need > in.limit {
		return nil, &MemoryError{in.path, need, in.limit}
	}
	var im *Image
	err = guard(func() (err error) { im, err = d.image(&o); return })
	if err != nil {
		return nil, decoderError(in.path, kind, err)
	}
	return im, nil
}

// open reads the header of a picture, and what else comes cheaply.
func open(in *input, o *ReadOptions) (d *decoder, kind string, err error) {
	path := in.path
	head, err := in.part(0, min(in.Size(), sniffLen))
	if err != nil {
		return nil, "", decoderError(path, "", err)
	}
	f, kind := sniff(head)
	if f == nil {
		return nil, kind, &KindError{Path: path, Kind: kind}
	}
	if kind == "TIFF" && rawExtension(path) {
		return nil, kind, &KindError{Path: path, Kind: cameraRaw}
	}
	err = guard(func() (err error) { d, err = f.open(in, o); return })
	switch {
	case err != nil:
		return nil, kind, decoderError(path, kind, err)
	case d.w < 1 || d.h < 1:
		return nil, kind, &DataError{path, kind, errors.New("it has no pixels")}
	}
	if f.meta != imagemeta.ImageFormatAuto {
		orientation, adobeRGB := readEXIF(in, f.meta)
		if d.turn = turnOf(orientation); adobeRGB && d.profile.isNone() {
			d.profile = profile{name: "Adobe RGB", known: icc.AdobeRGB()}
		}
	}
	if o.IgnoreProfile || d.profile.isNone() {
		return d, kind, nil
	}
	d.bytes += int64(len(d.profile.icc)) + icc.Bytes
	var warning string
	d.convert, warning, err = d.profile.apply()
	if unfit, is := errors.AsType[*ProfileError](err); is {
		unfit.Path = path
	}
	if warning != "" {
		d.warn("%s", warning)
	}
	return d, kind, err
}

// Info is what the header of a picture says.
type Info struct {
	W, H  int // upright
	Kind  string
	Depth int  // as Image.Depth
	Alpha bool // pixels may be clear

	file, decoder int64 // bytes of the file in memory, and those that decoding takes beside it and the result
	turn          turn
	profile       *Profile
}

// Stat returns what Read would read without decoding it. The errors are those of Read.
func Stat(path string) (Info, error) { return stat(path, ReadOptions{IgnoreProfile: true}) }

func stat(path string, o ReadOptions) (Info, error) {
	in, err := openInput(path, memoryLimit(o.MaxBytes))
	if err != nil {
		return Info{}, err
	}
	defer in.Close()
	return header(in, o)
}

func header(in *input, o ReadOptions) (Info, error) {
	d, kind, err := open(in, &o)
	if err != nil {
		return Info{}, err
	}
	return d.info(kind, in), nil
}

// Bytes returns how much memory reading the picture takes, the result included.
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
	result := product(pixel, int64(crop.Dx()), int64(crop.Dy()))
	return i.file + i.decoder + result + product(pixel, int64(rows), int64(width)) + 4*pixel*int64(max(i.W, i.H))
}

// ringRows returns how many rows the widest filter reads at most to make one of n2 of n.
func ringRows(n, n2 int) int { return min(2*lanczosRadius*max(n/n2+1, 1)+1, n) }

// product returns the product of numbers that are not negative, or what is more memory than there is anywhere
// if that is less: a header may promise 2^62 pixels. Some of them can be added up.
func product(numbers ...int64) int64 {
	const most = 1 << 58
	p := int64(1)
	for _, n := range numbers {
		high, low := bits.Mul64(uint64(p), uint64(n))
		if high > 0 || low > most {
			low = most
		}
		if p = int64(low); n == 0 {
			return 0
		}
	}
	return p
}

// decoder is a file whose header has been read.
type decoder struct {
	w, h    int   // as the file has it
	depth   int   // as Image.Depth
	alpha   bool  // pixels may be clear
	bytes   int64 // that decoding takes beside the file, if that is in memory, and the result
	turn    turn  // to what is upright; open finds it in EXIF, but for TIFF
	profile profile
	convert *Profile // that colours are converted from, or nil
	*warnings
	start func() (row rowFunc, finish func() error, err error)
}

// rowFunc writes the colours of row y and, unless alpha is nil, the opacities.
type rowFunc func(y int, pix, alpha []float32) error

func (d *decoder) info(kind string, in *input) Info {
	w, h := d.turn.size(d.w, d.h)
	return Info{w, h, kind, d.depth, d.alpha, int64(len(in.data)), d.bytes, d.turn, d.convert}
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
	if d.convert != nil {
		row = inSRGB(row, d.convert)
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
	im.Warnings, im.Profile = *d.warnings, d.convert
	return im, nil
}

// inSRGB returns rows in sRGB.
func inSRGB(row rowFunc, from *Profile) rowFunc {
	return func(y int, pix, alpha []float32) error {
		err := row(y, pix, alpha)
		if err == nil {
			from.ToSRGB(pix)
		}
		return err
	}
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
		m *MemoryError
		p *fs.PathError
		j jpeg.UnsupportedError
	)
	switch {
	case errors.As(err, &p):
		return newFileError(path, p)
	case errors.As(err, &m):
		return m
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
