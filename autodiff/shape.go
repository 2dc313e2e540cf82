package autodiff

import "fmt"

// Shape is the size of a value: batch, height, width, channels, in the order of memory. A scalar is
// 1x1x1x1, a vector over channels 1x1x1xC, an r x c matrix has W = r (or any N·H·W = r) and C = c.
// A convolution's filter uses the same four numbers as kernel height, kernel width, input channels
// and output channels (HWIO).
type Shape struct{ N, H, W, C int }

// Scalar is the shape of a single number.
var Scalar = Shape{1, 1, 1, 1}

// Vector is the shape of n numbers over channels.
func Vector(n int) Shape { return Shape{1, 1, 1, n} }

// Matrix is the shape of r rows of c numbers.
func Matrix(r, c int) Shape { return Shape{1, 1, r, c} }

// Len returns how many numbers a value of this shape holds.
func (s Shape) Len() int { return s.N * s.H * s.W * s.C }

// Rows returns N·H·W: the rows of the value seen as a matrix with C columns.
func (s Shape) Rows() int { return s.N * s.H * s.W }

// Bytes returns the size of a value of this shape in memory.
func (s Shape) Bytes() int64 { return 4 * int64(s.Len()) }

func (s Shape) valid() bool { return s.N > 0 && s.H > 0 && s.W > 0 && s.C > 0 }

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%dx%d", s.N, s.H, s.W, s.C) }
