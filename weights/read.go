package weights

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"math"
	"strings"
)

// chunk is how many numbers are read at once.
const chunk = 16 << 10

// read streams the tensor into dst along axes, as stream does.
func (e *entry) read(dst []float32, axes []axis, sum bool) error {
	return e.stream(len(dst), sum, newScatter(dst, axes).put)
}

// stream hands the tensor's numbers, count of them, to put in the order of the file, and checks them on the
// way. It hashes the bytes if sum is true and the entry has a checksum.
func (e *entry) stream(count int, sum bool, put func(values []float32)) error {
	r, err := e.open()
	if err != nil {
		return e.failed(err, 0, 0)
	}
	defer r.Close()
	var digest hash.Hash
	if sum && e.sha256 != "" {
		digest = sha256.New()
	}
	bytes := make([]byte, min(chunk, count)*e.dtype.size)
	values := make([]float32, min(chunk, count))
	var bad ValueError
	for done := 0; done < count; {
		n := min(chunk, count-done)
		got, err := io.ReadFull(r, bytes[:n*e.dtype.size])
		if err != nil {
			return e.failed(err, int64(done)*int64(e.dtype.size)+int64(got), int64(count)*int64(e.dtype.size))
		}
		if digest != nil {
			digest.Write(bytes[:got])
		}
		e.dtype.decode(values[:n], bytes)
		for i, v := range values[:n] {
			if math.Float32bits(v)&0x7f800000 == 0x7f800000 {
				if bad.Count == 0 {
					bad.Index, bad.Value = int64(done+i), v
				}
				bad.Count++
			}
		}
		put(values[:n])
		done += n
	}
	// a container checks its own sum when it meets the end
	switch n, err := io.ReadFull(r, bytes[:1]); {
	case n > 0:
		return &FormatError{e.file, e.name, "more bytes behind them", "no more than its shape asks for"}
	case err != io.EOF:
		return e.failed(err, 0, 0)
	}
	if digest != nil {
		if have := hex.EncodeToString(digest.Sum(nil)); !strings.EqualFold(have, e.sha256) {
			return &ChecksumError{e.file, e.name, have, e.sha256}
		}
	}
	if bad.Count > 0 {
		bad.File, bad.Tensor = e.file, e.name
		return &bad
	}
	return nil
}

// failed turns what a reader said after have of want bytes into an error of this package.
func (e *entry) failed(err error, have, want int64) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &TruncatedError{e.file, e.name, have, want}
	case errors.Is(err, zip.ErrChecksum):
		return &ChecksumError{e.file, e.name, "", e.crc32}
	case errors.As(err, &corrupt), errors.Is(err, zip.ErrFormat):
		return &FormatError{e.file, e.name, "damaged data", "a member of a zip archive"}
	case errors.Is(err, zip.ErrAlgorithm):
		return &FormatError{e.file, e.name, "another method", "stored or deflated data"}
	}
	var own interface{ Hint() string }
	if errors.As(err, &own) {
		return err
	}
	return &ReadError{e.file, e.name, err}
}
