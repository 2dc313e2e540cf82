package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"math"
	"slices"
	"strings"

	"oneiro/weights/internal/container"
)

// Tensor reads a tensor into a new slice. It is row-major in the engine's shape: kernel height, kernel
// width, inputs, outputs for a convolution; inputs, outputs for a dense layer; the length of a
// vector. A dense matrix can be read as a convolution over the picture that was flattened for it,
// and a convolution of 1x1 as a dense matrix.
//
// The errors are NotFoundError, ShapeError, TypeError, TruncatedError, ChecksumError, FormatError,
// ValueError and ReadError.
func (f *File) Tensor(name string, shape ...int) ([]float32, error) {
	t, err := f.readable(name)
	if err != nil {
		return nil, err
	}
	axes, ok := view(t.Shape, t.Layout, t.Fortran, t.Turned, shape)
	if !ok {
		return nil, &ShapeError{f.path, name, engineOrder(t.Shape, t.Layout), slices.Clone(shape)}
	}
	n, _ := container.Product(shape)
	dst := make([]float32, n)
	f.mu.Lock()
	verified := f.verified[name]
	f.mu.Unlock()
	if err := read(t, dst, axes, !verified); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.verified[name] = true
	f.mu.Unlock()
	return dst, nil
}

// Plain reads a tensor, by the name that the file has for it, in the order of its shape, the last index
// fastest. The errors are those of Stats.
func (f *File) Plain(name string) ([]float32, error) {
	t, n, err := f.sized(name)
	if err != nil {
		return nil, err
	}
	axes := make([]axis, len(t.Shape))
	stride := 1
	for i := len(axes) - 1; i >= 0; i-- {
		axes[i] = axis{t.Shape[i], stride}
		stride *= t.Shape[i]
	}
	if t.Fortran {
		slices.Reverse(axes)
	}
	dst := make([]float32, n)
	return dst, read(t, dst, merge(axes), true)
}

// sized returns a tensor that has floating-point numbers, and how many.
func (f *File) sized(name string) (*container.Tensor, int64, error) {
	t, err := f.readable(name)
	if err != nil {
		return nil, 0, err
	}
	n, ok := container.Product(t.Shape)
	if !ok && !slices.Contains(t.Shape, 0) {
		return nil, 0, t.Place().Wrong("the shape "+container.By(t.Shape), "sizes above 0")
	}
	return t, n, nil
}

// chunk is how many numbers are read at once.
const chunk = 16 << 10

// read streams a tensor into dst along axes, as stream does.
func read(t *container.Tensor, dst []float32, axes []axis, sum bool) error {
	return stream(t, len(dst), sum, newStridedCopy(dst, axes).write)
}

// stream hands the numbers of a tensor, count of them, to put in the order of the file, and checks them on the
// way. It hashes the bytes if sum is true and the tensor has a checksum.
func stream(t *container.Tensor, count int, sum bool, put func(values []float32)) error {
	r, err := t.Open()
	if err != nil {
		return t.Failed(err, 0, 0)
	}
	defer r.Close()
	var digest hash.Hash
	if sum && t.SHA256 != "" {
		digest = sha256.New()
	}
	bytes := make([]byte, max(min(chunk, count)*t.DType.Size, 1))
	values := make([]float32, min(chunk, count))
	var bad ValueError
	for done := 0; done < count; {
		n := min(chunk, count-done)
		got, err := io.ReadFull(r, bytes[:n*t.DType.Size])
		if err != nil {
			return t.Failed(err, int64(done)*int64(t.DType.Size)+int64(got), int64(count)*int64(t.DType.Size))
		}
		if digest != nil {
			digest.Write(bytes[:got])
		}
		t.DType.Decode(values[:n], bytes)
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
		return t.Place().Wrong("more bytes after them", "no more than its shape asks for")
	case err != io.EOF:
		return t.Failed(err, 0, 0)
	}
	if digest != nil {
		if have := hex.EncodeToString(digest.Sum(nil)); !strings.EqualFold(have, t.SHA256) {
			return &ChecksumError{File: t.File, Tensor: t.Name, Have: have, Want: t.SHA256}
		}
	}
	if bad.Count > 0 {
		bad.File, bad.Tensor = t.File, t.Name
		return &bad
	}
	return nil
}
