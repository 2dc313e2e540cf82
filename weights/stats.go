package weights

import (
	"math"
	"slices"
)

// Stats are what is said of a tensor's numbers.
type Stats struct {
	Min, Max float32
	RMS      float64 // root of the mean of squares
}

// Stats reads a tensor, by the name that the file has for it, without keeping it. The errors are those of
// Tensor but for ShapeError.
func (f *File) Stats(name string) (Stats, error) {
	e, n, err := f.sized(name)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Min: float32(math.Inf(1)), Max: float32(math.Inf(-1))}
	var sum float64
	err = e.stream(int(n), true, func(values []float32) {
		for _, v := range values {
			s.Min, s.Max = min(s.Min, v), max(s.Max, v)
			sum += float64(v) * float64(v)
		}
	})
	s.RMS = math.Sqrt(sum / float64(n))
	return s, err
}

// sized returns a tensor that has floating-point numbers, and how many.
func (f *File) sized(name string) (*entry, int64, error) {
	e, err := f.readable(name)
	if err != nil {
		return nil, 0, err
	}
	n, ok := product(e.shape)
	if !ok {
		return nil, 0, &FormatError{e.file, name, "the shape " + by(e.shape), "sizes above 0"}
	}
	return e, n, nil
}

// Plain reads a tensor, by the name that the file has for it, in the order of its shape, the last index
// fastest. The errors are those of Stats.
func (f *File) Plain(name string) ([]float32, error) {
	e, n, err := f.sized(name)
	if err != nil {
		return nil, err
	}
	axes := make([]axis, len(e.shape))
	stride := 1
	for i := len(axes) - 1; i >= 0; i-- {
		axes[i] = axis{e.shape[i], stride}
		stride *= e.shape[i]
	}
	if e.fortran {
		slices.Reverse(axes)
	}
	dst := make([]float32, n)
	return dst, e.read(dst, merge(axes), true)
}
