package weights

import "math"

// Stats summarises the numbers of a tensor. All are 0 if it has none.
type Stats struct {
	Min, Max float32
	RMS      float64 // root of the mean of squares
}

// Stats reads a tensor, by the name that the file has for it, without keeping it. The errors are those of
// Tensor but for ShapeError.
func (f *File) Stats(name string) (Stats, error) {
	t, n, err := f.sized(name)
	if err != nil {
		return Stats{}, err
	}
	if n == 0 {
		return Stats{}, nil
	}
	s := Stats{Min: float32(math.Inf(1)), Max: float32(math.Inf(-1))}
	var sum float64
	err = stream(t, int(n), true, func(values []float32) {
		for _, v := range values {
			s.Min, s.Max = min(s.Min, v), max(s.Max, v)
			sum += float64(v) * float64(v)
		}
	})
	s.RMS = math.Sqrt(sum / float64(n))
	return s, err
}
