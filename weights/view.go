package weights

import (
	"slices"

	"oneiro/weights/internal/container"
)

// axis is a dimension of a stored tensor: how long it is, and how far apart its elements are in the
// engine's layout, which is below 0 if they come there in reverse.
type axis struct{ n, stride int }

// groups says, for each dimension of a layout, which axes it runs over, the slowest first. A dense
// matrix is a convolution seen flat: Caffe and PyTorch (OI) flatten a picture as channels, height,
// width, TensorFlow and Keras (IO) as height, width, channels.
var groups = map[Layout][]string{
	OIHW: {"O", "I", "H", "W"}, HWIO: {"H", "W", "I", "O"}, OHWI: {"O", "H", "W", "I"},
	OI: {"O", "IHW"}, IO: {"HWI", "O"}, O: {"O"},
}

// view lays a tensor of that shape and layout over the engine's shape want: kernel height, kernel
// width, inputs, outputs (HWIO); or inputs, outputs (IO); or a vector. A dense layer is a
// convolution with a kernel of 1x1, so that each fits the other. The axes come back in the order of
// the file's memory, the slowest first; ok is false if the tensor does not fit. Kernels that are turned by 180
// degrees are turned back.
func view(shape []int, layout Layout, fortran, turned bool, want []int) (axes []axis, ok bool) {
	return viewIn("HWIO", shape, layout, fortran, turned, want)
}

// viewIn is view over numbers in another order than the engine's, such as PyTorch's, OIHW.
func viewIn(order string, shape []int, layout Layout, fortran, turned bool, want []int) (axes []axis, ok bool) {
	n, sound := container.Product(want)
	if sound && len(want) == 1 && isVector(shape, n) {
		return []axis{{want[0], 1}}, true
	}
	if !sound || len(want) == 0 || len(shape) == 0 || len(groups[layout]) != len(shape) ||
		(layout == O) != (len(want) == 1) {
		return nil, false
	}
	size := map[rune]int{'H': 1, 'W': 1, 'I': 1, 'O': want[len(want)-1]}
	switch len(want) {
	case 1:
	case 2:
		size['I'] = want[0]
	case 4:
		size['H'], size['W'], size['I'] = want[0], want[1], want[2]
	default:
		return nil, false
	}
	stride, next := map[rune]int{}, 1
	for i := len(order) - 1; i >= 0; i-- {
		letter := rune(order[i])
		stride[letter] = next
		next *= size[letter]
	}
	if turned && len(shape) == 4 {
		stride['H'], stride['W'] = -stride['H'], -stride['W']
	}
	dimensions := make([][]axis, len(shape))
	for i, group := range groups[layout] {
		product := 1
		for _, letter := range group {
			dimensions[i] = append(dimensions[i], axis{size[letter], stride[letter]})
			product *= size[letter]
		}
		if product != shape[i] {
			return nil, false
		}
	}
	if fortran {
		slices.Reverse(dimensions)
	}
	return merge(slices.Concat(dimensions...)), true
}

// isVector says whether a shape is that of n numbers in a row, with any sizes of 1 around them: graphs write
// the numbers of channels as 1xCx1x1.
func isVector(shape []int, n int64) bool {
	count, ok := container.Product(shape)
	return ok && count == n && slices.Contains(shape, int(n))
}

// merge drops axes of length 1 and joins those that follow one another in the result too.
func merge(axes []axis) []axis {
	out := []axis{{1, 1}}
	for _, a := range axes {
		last := &out[len(out)-1]
		switch {
		case a.n == 1:
		case last.n == 1:
			*last = a
		case last.stride == a.n*a.stride:
			*last = axis{last.n * a.n, a.stride}
		default:
			out = append(out, a)
		}
	}
	return out
}

// engineOrder returns the shape as the engine would have it, for messages.
func engineOrder(shape []int, layout Layout) []int {
	if len(shape) != len(layout) || len(shape) < 2 {
		return shape
	}
	var out []int
	for _, letter := range "HWIO" {
		for i, l := range layout {
			if l == letter {
				out = append(out, shape[i])
			}
		}
	}
	return out
}

// stridedCopy copies values that come in the order of the file's memory to where the engine wants them.
type stridedCopy struct {
	dst  []float32
	axes []axis // at least one
	at   []int  // the index of the next value along each axis
	pos  int    // where that is in dst
}

func newStridedCopy(dst []float32, axes []axis) *stridedCopy {
	s := &stridedCopy{dst: dst, axes: axes, at: make([]int, len(axes))}
	for _, a := range axes {
		s.pos -= min(0, a.stride) * (a.n - 1)
	}
	return s
}

// write takes the next values. Together they must not be more than dst holds.
func (s *stridedCopy) write(values []float32) {
	last := len(s.axes) - 1
	inner := s.axes[last]
	for len(values) > 0 {
		run := min(inner.n-s.at[last], len(values))
		if inner.stride == 1 {
			copy(s.dst[s.pos:s.pos+run], values)
		} else {
			pos := s.pos
			for _, v := range values[:run] {
				s.dst[pos] = v
				pos += inner.stride
			}
		}
		values = values[run:]
		if !s.advance(run) {
			return
		}
	}
}

// advance goes on by so many values, which are not more than the fastest axis has left. It is false after the
// last value of all.
func (s *stridedCopy) advance(run int) bool {
	last := len(s.axes) - 1
	s.at[last] += run
	s.pos += run * s.axes[last].stride
	for i := last; s.at[i] == s.axes[i].n; i-- { // carry
		s.pos -= s.at[i] * s.axes[i].stride
		s.at[i] = 0
		if i == 0 {
			return false
		}
		s.at[i-1]++
		s.pos += s.axes[i-1].stride
	}
	return true
}

// window is a stridedCopy that keeps only the values at from and the places after it that dst has.
type window struct {
	stridedCopy
	from int
}

func newWindow(dst []float32, axes []axis, from int) *window {
	return &window{*newStridedCopy(dst, axes), from}
}

// write takes the next values.
func (s *window) write(values []float32) {
	last := len(s.axes) - 1
	inner := s.axes[last]
	for len(values) > 0 {
		run := min(inner.n-s.at[last], len(values))
		first, end := inside(s.pos-s.from, inner.stride, run, len(s.dst))
		pos := s.pos - s.from + first*inner.stride
		for i := first; i < end; i++ {
			s.dst[pos] = values[i]
			pos += inner.stride
		}
		values = values[run:]
		if !s.advance(run) {
			return
		}
	}
}

// inside returns which of n steps from pos on, the first one to the end, are at 0 to size-1.
func inside(pos, stride, n, size int) (first, end int) {
	if stride < 0 { // the same from the other side
		pos, stride = size-1-pos, -stride
	}
	if pos < 0 {
		first = min((-pos+stride-1)/stride, n)
	}
	if pos < size {
		end = min((size-1-pos)/stride+1, n)
	}
	return first, max(first, end)
}
