package imageio

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"math"
	"os"

	"oneiro/internal/memory"
)

// unknownMemory is how much memory the machine is taken to have where nobody knows.
const unknownMemory = 8 << 30

// memoryLimit returns how many bytes reading may take: those that are allowed, or else all of the machine's,
// and in any case what can be addressed.
func memoryLimit(allowed int64) int64 {
	return min(cmp.Or(allowed, memory.Machine(), unknownMemory), math.MaxInt)
}

// input is the file of a picture, in memory or not. It can be read anywhere.
type input struct {
	*io.SectionReader
	path  string
	limit int64 // bytes that reading may take
	data  []byte
	file  *os.File // nil if data is the whole of it
}

// inMemory returns a file that is in memory.
func inMemory(data []byte, path string, limit int64) *input {
	return &input{
		SectionReader: io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), path: path, limit: limit, data: data,
	}
}

// openInput opens a file. Anything but a regular one, such as a pipe, is read into memory. The errors are a
// *FileError, a *KindError and a *MemoryError.
func openInput(path string, limit int64) (in *input, err error) {
	if path == "" {
		return nil, &FileError{path, ErrNoName}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, newFileError(path, err)
	}
	defer func() {
		if in == nil || in.file == nil {
			f.Close()
		}
	}()
	return inputOf(f, path, limit)
}

// inputOf returns an open file, as openInput does, from its beginning. Errors name it path.
func inputOf(f *os.File, path string, limit int64) (*input, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, newFileError(path, err)
	}
	if info.IsDir() {
		return nil, &FileError{path, ErrFolder}
	}
	f.Seek(0, io.SeekStart) // which a pipe need not know, nor need
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(f, head)
	switch head = head[:n]; {
	case n == 0 && err == io.EOF:
		return nil, &FileError{path, ErrEmpty}
	case err == io.ErrUnexpectedEOF:
		return inMemory(head, path, limit), nil
	case err != nil:
		return nil, newFileError(path, err)
	}
	if format, kind := sniff(head); format == nil {
		return nil, &KindError{Path: path, Kind: kind}
	}
	if info.Mode().IsRegular() {
		return &input{SectionReader: io.NewSectionReader(f, 0, info.Size()), path: path, limit: limit, file: f}, nil
	}
	buf := bytes.NewBuffer(head)
	if _, err := buf.ReadFrom(io.LimitReader(f, limit)); err != nil {
		return nil, newFileError(path, err)
	}
	if int64(buf.Len()) > limit {
		return nil, &MemoryError{path, int64(buf.Len()), limit}
	}
	return inMemory(buf.Bytes(), path, limit), nil
}

// Close closes the file.
func (in *input) Close() {
	if in.file != nil {
		in.file.Close()
	}
}

// whole returns all of the file, which stays in memory.
func (in *input) whole() ([]byte, error) {
	if in.data != nil || in.Size() == 0 {
		return in.data, nil
	}
	if in.Size() > in.limit {
		return nil, &MemoryError{in.path, in.Size(), in.limit}
	}
	data, err := in.part(0, in.Size())
	in.data = data
	return data, err
}

// part returns n bytes of the file from a place on, or an error if there are fewer.
func (in *input) part(from, n int64) ([]byte, error) {
	if from < 0 || n < 0 || n > in.Size()-from {
		return nil, io.ErrUnexpectedEOF
	}
	if in.data != nil {
		return in.data[from : from+n : from+n], nil
	}
	data := make([]byte, n)
	if _, err := in.ReadAt(data, from); err != nil {
		return nil, fmt.Errorf("at byte %d: %w", from, err)
	}
	return data, nil
}

// inputBuffer is how much of a file is read at once.
const inputBuffer = 32 << 10

// wholly opens formats whose decoders want all of the file in memory.
func wholly(open func(data []byte, o *ReadOptions) (*decoder, error)) func(*input, *ReadOptions) (*decoder, error) {
	return func(in *input, o *ReadOptions) (*decoder, error) {
		data, err := in.whole()
		if err != nil {
			return nil, err
		}
		return open(data, o)
	}
}
