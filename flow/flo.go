package flow

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"oneiro/internal/atomicfile"
	"oneiro/internal/quote"
)

// A .flo file, as of the Middlebury benchmark (Baker and others, IJCV 2011): floMagic as a float32, width and
// height as int32, and u and v of each pixel as float32, row by row; all little-endian.
const (
	floMagic  = 202021.25
	floHeader = 12
	floSide   = 99999 // the longest side that the benchmark's own program reads
)

// FileError reports a .flo file that cannot be read.
type FileError struct {
	Path    string
	Problem string
	Err     error // the operating system's, if it is the problem
}

func (e *FileError) Error() string {
	return fmt.Sprintf("cannot read the flow %s: %s", quote.Path(e.Path), e.Problem)
}
func (e *FileError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FileError) Hint() string {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return "check the spelling and the folder that the path starts from"
	case e.Err != nil:
		return "check that it is a file that you may read"
	}
	return "make it again with oneiro flow A B -o flow.flo"
}

// Read reads a .flo file. It needs no more memory than twice the file. The error is a *FileError.
func Read(path string) (*Field, error) {
	fail := func(err error) error {
		if p, ok := errors.AsType[*fs.PathError](err); ok {
			err = p.Err
		}
		return &FileError{path, err.Error(), err}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fail(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fail(err)
	}
	if !info.Mode().IsRegular() {
		return nil, &FileError{path, "it is not an ordinary file", nil}
	}
	f, problem := decode(bufio.NewReaderSize(file, 1<<16), info.Size())
	if problem != "" {
		return nil, &FileError{path, problem, nil}
	}
	return f, nil
}

// decode reads a flow from size bytes, or says what is wrong with them.
func decode(r io.Reader, size int64) (f *Field, problem string) {
	var head [floHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, "it is too short for one"
	}
	if math.Float32frombits(binary.LittleEndian.Uint32(head[:])) != floMagic {
		return nil, "it is not a .flo file, which begins with the bytes PIEH"
	}
	w, h := int64(int32(binary.LittleEndian.Uint32(head[4:]))), int64(int32(binary.LittleEndian.Uint32(head[8:])))
	if w < 1 || h < 1 || w > floSide || h > floSide {
		return nil, fmt.Sprintf("it says that it has %d x %d pixels", w, h)
	}
	if want := floHeader + 8*w*h; size != want {
		return nil, fmt.Sprintf("it has %d bytes, and a flow of %d x %d pixels has %d", size, w, h, want)
	}
	f = NewField(int(w), int(h))
	row := make([]byte, 8*w)
	for i := 0; i < len(f.U); {
		if _, err := io.ReadFull(r, row); err != nil {
			return nil, "its end cannot be read: " + err.Error()
		}
		for b := row; len(b) > 0; b = b[8:] {
			f.U[i] = math.Float32frombits(binary.LittleEndian.Uint32(b))
			f.V[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4:]))
			i++
		}
	}
	return f, ""
}

// Write writes a .flo file, whole or not at all. The error is an *atomicfile.Error.
func Write(path string, f *Field) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Encode(w, f) })
}

// Encode writes a flow as a .flo file.
func Encode(w io.Writer, f *Field) error {
	f.check("Encode")
	b := binary.LittleEndian.AppendUint32(nil, math.Float32bits(floMagic))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.W))
	b = binary.LittleEndian.AppendUint32(b, uint32(f.H))
	for i := range f.U {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f.U[i]))
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f.V[i]))
		if (i+1)%f.W == 0 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	return nil
}
