// Package simd holds the float32 kernels that everything else is built on.
//
// A kernel is a plain function over slices: it allocates nothing, starts no goroutine, and never reads or
// writes outside the slices it is given. The caller splits the work, so that a result does not depend on
// the number of threads.
//
// A tier is an instruction set, and [Kernels] is the table of its functions. The generic tier, in Go, is
// the definition: every other tier computes the same up to the rounding of a reordered sum.
package simd

// Kernels is the table of the functions of one tier.
//
// Unless its comment says otherwise, a kernel of several vectors works on len(dst) elements (or the length
// of its first argument) and panics if another vector is shorter. dst may be the same memory as an input,
// but must not overlap it partly.
type Kernels struct {
	// Name is that of the tier: generic, avx2, avx512 or neon.
	Name string

	// MR and NR are the rows and columns of the register tile of Gemm. NR is also the width of a
	// panel of packed B.
	MR, NR int

	// Gemm computes a product of matrices.
	Gemm func(g Gemm)

	// ReLU sets dst = max(src, 0), and NaN where src is NaN. The sign of a zero is not defined.
	ReLU func(dst, src []float32)
	// ReLUGrad sets dst = dy where y > 0 and 0 elsewhere.
	ReLUGrad func(dst, dy, y []float32)

	// Add, Sub and Mul set dst = a op b.
	Add, Sub, Mul func(dst, a, b []float32)
	// Scale sets dst = s·a.
	Scale func(dst, a []float32, s float32)
	// Axpy adds s·x to dst, rounding once or twice.
	Axpy func(dst, x []float32, s float32)
	// ScaledDiff sets dst = s·(a-b).
	ScaledDiff func(dst, a, b []float32, s float32)

	// Sum, Dot and SquaredDistance return Σa, Σab and Σ(a-b)², each product or difference rounded
	// to no less than float32 and summed in float64.
	Sum             func(a []float32) float64
	Dot             func(a, b []float32) float64
	SquaredDistance func(a, b []float32) float64

	// MaxPool computes one row of outputs of a max pool whose windows lie wholly inside src:
	//
	//	dst[x*p.DstStride+ch] = max over wy < p.WinH, wx < p.WinW of
	//	    src[wy*p.Row + (x*p.Step+wx)*p.Stride + ch]       x < p.Out, ch < p.Channels
	//
	// A NaN in a window gives NaN. dst does not overlap src.
	MaxPool func(dst, src []float32, p Pool)
	// MaxPoolGrad adds dy[x*p.DstStride+ch] to the element of dx at which MaxPool found the maximum of src:
	// the first one in reading order if several are equal, and the first one of a window that holds a NaN.
	// dx has the layout of src and overlaps neither src nor dy.
	MaxPoolGrad func(dx, src, dy []float32, p Pool)
	// AvgPool is MaxPool with s times the sum of the window, in reading order, instead of its maximum.
	AvgPool func(dst, src []float32, p Pool, s float32)
	// AvgPoolGrad adds s·dy[x*p.DstStride+ch] to every element of the window in dx. dx does not overlap dy.
	AvgPoolGrad func(dx, dy []float32, p Pool, s float32)

	// Positive sets a bit for each element of rows of n floats that is above 0, and clears it for others and
	// for NaN:
	//
	//	bit i%32 of bits[r*words + i/32] = src[r*stride+i] > 0    r < rows, i < n
	//
	// A row takes (n+31)/32 words; the bits of the last one that are left over are undefined. Other words,
	// which may lie between the rows, are not touched. Rows overlap neither in src nor in bits.
	Positive func(bits []uint32, words int, src []float32, stride, rows, n int)
	// Mask copies the elements whose bit is set and sets the others to 0:
	//
	//	dst[r*stride+i] = src[r*stride+i] or 0    bits as for Positive
	//
	// dst may be src, but must not overlap it partly.
	Mask func(dst, src []float32, stride int, bits []uint32, words, rows, n int)
	// MaxPoolArgMax is a max pool of p.Windows windows of 2x2 pixels that also stores where the maximum is:
	//
	//	w = src[x*p.Step+i], and that plus p.Right, p.Down and p.Right+p.Down    x < p.Windows, i < p.Channels
	//	dst[x*p.Pixel+i] = max(w)
	//	bit i%32 of right[x*p.Words + i/32] and of low[x*p.Words + i/32] = column and row of the maximum
	//
	// The maximum is the first one in reading order if several are equal. If an element is NaN, dst becomes
	// NaN and the first pixel counts as the maximum. Windows that are cut off have p.Right or p.Down = 0;
	// the maximum then lies in the column or row that exists. Words are written as by Positive. dst does
	// not overlap src.
	MaxPoolArgMax func(dst []float32, right, low []uint32, src []float32, p Windows)
	// MaxUnpool is the gradient of MaxPoolArgMax for one row of pixels, the lower or the upper one of the
	// windows:
	//
	//	dst[x*p.Step+i], and that plus p.Right = src[x*p.Pixel+i] where the maximum was, else 0
	//
	// p.Down is not read. If p.Right is 0 only the first pixel of a window is written, otherwise the two
	// must not overlap. dst does not overlap src.
	MaxUnpool func(dst, src []float32, right, low []uint32, lower bool, p Windows)

	// F43 and F63 are the transforms of Winograd convolutions F(4x4, 3x3) and F(6x6, 3x3).
	F43, F63 Winograd

	// WinogradGradIn transforms a row of tiles of 4x4 pixels of the gradient of a convolution's result,
	// for the gradient of its filter by F(4x4, 3x3):
	//
	//	dst[p*l.Point + t*l.Channels + ch] = element (i, j) of A·dy·Aᵀ
	//	dy[y][x] = src[y*l.Row + (4*t+x)*l.Pixel + ch]
	//	p = 6*i+j < 36, t < l.Tiles, ch < l.Channels, y, x < 4
	//
	// Multiply point by point the 6x6 pixels that F43.In transforms, transposed, by these, sum over tiles,
	// and WinogradFilterGrad gives the gradient. With NR channels the result is a panel of packed B. dst
	// does not overlap src; for the distance of points see In.
	WinogradGradIn func(dst, src []float32, l Tiles)
	// WinogradFilterGrad transforms these sums back to the gradients of n filters side by side, and adds
	// them to dst if accumulate:
	//
	//	dst[(3*y+x)*stride + f] = element (y, x) of Gᵀ·m·G    y, x < 3, f < n
	//	m[i][j] = src[(6*i+j)*point + f]                      i, j < 6
	//
	// Nothing between the filters is written. dst does not overlap src.
	WinogradFilterGrad func(dst []float32, stride int, src []float32, point, n int, accumulate bool)

	// Adam does one step of Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1), element by element:
	//
	//	m = b1·m + (1-b1)·g;  v = b2·v + (1-b2)·g²
	//	x -= s.LearningRate · (m·s.BiasCorrection1) / (sqrt(v·s.BiasCorrection2) + s.Epsilon)
	Adam func(x, m, v, g []float32, s AdamStep)

	// LRN computes the factors of local response normalisation (Krizhevsky and others, NIPS 2012, section
	// 3.3) with beta = 3/4 from the sums of squares:
	//
	//	n = k + alpha·sums, rounding once or twice
	//	scale = n^(-3/4), computed as 1/(√n·√√n)
	//	slope = scale/n, unless slope is nil
	//
	// Every operation on n is rounded correctly, so that equal n give equal bits in every tier. Unless
	// k and alpha·sums are of opposite signs or something underflows, the relative error of scale is
	// at most 6·2^-24 and that of slope 9·2^-24. n = 0 gives infinities and n < 0 NaN. slope may be
	// the same memory as sums too, but must not overlap scale.
	LRN func(scale, slope, sums []float32, alpha, k float32)

	// Relax takes a step of successive over-relaxation (Young 1954) of the unknowns x, each of which has an
	// equation with four neighbours and one other unknown:
	//
	//	sum = B + Left·Beside[i] + Right·Beside[i+1] + Up·Above + Down·Below - Cross·Other
	//	x += Omega·(sum·Inverse - x)
	//
	// A product and what it is added to are rounded once or twice. x is none of the other vectors.
	Relax func(x []float32, r Relaxation)
}

// Gemm is a product of matrices, C = A·B. The element [i][p] of A is A[i*ARowStride+p*AColStride], so a
// row-major matrix has AColStride = 1 and a transposed one ARowStride = 1. It is passed by value: through a
// pointer it would be allocated, since the compiler does not see which kernel is called.
//
// The sum over K is in the same order for every element, so that a result does not depend on how the
// caller cuts C into pieces. The caller cuts: fastest are K of 64 to 1200 and as many rows as leave A in
// the second-level cache. Gemm fetches the panel after the one it works on, also beyond the last one: in a
// batch, lay out what comes next there. A transposed A is as fast as any unless its rows are a multiple of
// 4 KiB apart; pad them, or pass a panel of PackB, which is a matrix of NR transposed rows with
// ARowStride = 1 and AColStride = NR.
type Gemm struct {
	M, N, K int // A is M x K, B is K x N, C is M x N; K = 0 gives products of 0

	A                      []float32
	ARowStride, AColStride int
	B                      []float32 // packed by PackB for this tier
	C                      []float32 // row-major; overlaps nothing else
	LDC                    int       // floats between the rows of C; nothing beyond its N columns is written

	Accumulate bool      // adds the product to C, which is overwritten otherwise
	Bias       []float32 // of N entries, then added to every row; may be nil
	ReLU       bool      // at last replaces negative values with 0, and leaves NaN a NaN

	// Ahead is what the caller is going to read next, or nil. Gemm may fetch it into the second-level
	// cache on the way, but neither reads nor writes it.
	Ahead []float32
}

// Winograd holds the transforms of a Winograd convolution F(Tile x Tile, 3x3) (Lavin and Gray,
// arXiv:1509.09308): multiply the points of In and those of Filter, sum over input channels, and Out gives
// the convolution.
type Winograd struct {
	// Tile is the side of a tile of outputs, 4 or 6. A tile of inputs is s = Tile+2 pixels wide and
	// high, and is transformed to s·s points.
	Tile int

	// In transforms a row of tiles of s x s pixels, each Tile pixels right of the last one:
	//
	//	dst[p*l.Point + t*l.Channels + ch] = element (i, j) of Bᵀ·d·B
	//	d[y][x] = src[y*l.Row + (Tile*t+x)*l.Pixel + ch]
	//	p = s*i+j < s*s, t < l.Tiles, ch < l.Channels, y, x < s
	//
	// Pixels must be l.Channels apart. Rows may overlap, so that a pixel is read more than once. dst does
	// not overlap src. Points a multiple of 4 KiB apart are slow, as they fall into the same cache sets:
	// leave 64 bytes between them.
	In func(dst, src []float32, l Tiles)
	// Out transforms a row of products back to tiles of outputs, adds bias, an entry for each channel, if
	// it is not nil, and replaces negative values with 0 if relu (and leaves NaN a NaN):
	//
	//	dst[y*l.Row + (Tile*t+x)*l.Pixel + ch] = element (y, x) of Aᵀ·m·A
	//	m[i][j] = src[(s*i+j)*l.Point + t*l.Channels + ch]
	//	y, x < Tile, t < l.Tiles, ch < l.Channels, i, j < s
	//
	// Nothing between the pixels is written. dst does not overlap src.
	Out func(dst, src []float32, l Tiles, bias []float32, relu bool)
	// Filter transforms rows of filters side by side:
	//
	//	dst[(s*i+j)*l.Point + r*l.PointRow + f] = element (i, j) of G·g·Gᵀ
	//	g[y][x] = src[(3*y+x)*l.Weight + r*l.WeightRow + f]
	//	i, j < s, r < l.Rows, f < l.Filters, y, x < 3
	//
	// It fetches rows ahead, also beyond the last one. dst does not overlap src.
	Filter func(dst, src []float32, l Filters)
}

// Tiles is the layout of one row of Winograd tiles.
type Tiles struct {
	Tiles, Channels int // numbers of tiles and of channels to process
	Row, Pixel      int // floats from a row and a pixel of the picture to the next
	Point           int // floats from a point to the next
}

// Filters is the layout of rows of 3x3 filters.
type Filters struct {
	Filters, Rows     int // numbers of filters in a row and of rows
	Weight, WeightRow int // floats from a weight and a row of weights to the next
	Point, PointRow   int // floats from a point and a row of points to the next
}

// Pool is the layout of one row of pooling windows.
type Pool struct {
	Out, Channels int // numbers of windows and of channels to process
	Step          int // pixels from a window to the next
	WinH, WinW    int // size of a window in pixels
	Stride, Row   int // floats from a pixel and a row of the input to the next
	DstStride     int // floats from a pixel of the output to the next
}

// Windows is the layout of one row of 2x2 windows.
type Windows struct {
	Windows, Channels int // numbers of windows and of channels to process
	Step              int // floats from a window of the full picture to the next
	Right, Down       int // floats from a pixel to the next one in its row and column, or 0 if there is none
	Pixel             int // floats from a pixel of the pooled picture to the next
	Words             int // words from the bits of such a pixel to those of the next
}

// AdamStep holds the numbers of one step of Adam; in the t-th, BiasCorrection1 is 1/(1-Beta1^t) and
// BiasCorrection2 is 1/(1-Beta2^t).
type AdamStep struct {
	Beta1, Beta2, LearningRate, Epsilon, BiasCorrection1, BiasCorrection2 float32
}

// Relaxation is the equations of a row of unknowns: what they depend on and how much on each. Beside has one
// element more than the others, as the neighbour on the right is the left one of the next unknown.
type Relaxation struct {
	Beside, Above, Below, Other  []float32
	Left, Right, Up, Down, Cross []float32
	B, Inverse                   []float32
	Omega                        float32
}

// PackedSize returns the floats that PackB writes for a k x n matrix: n rounded up to whole panels.
func (t *Kernels) PackedSize(k, n int) int {
	return (n + t.NR - 1) / t.NR * t.NR * k
}

// PackB packs the k x n matrix B, whose element [p][j] is src[p*rowStride+j*colStride], as Gemm
// reads it: panels of NR columns, each stored row by row, the last one filled up with zeros.
// dst must have PackedSize(k, n) floats.
func (t *Kernels) PackB(dst, src []float32, k, n, rowStride, colStride int) {
	nr := t.NR
	for j0 := 0; j0 < n; j0 += nr {
		w := min(nr, n-j0)
		for p := range k {
			row := dst[:nr]
			dst = dst[nr:]
			base := p*rowStride + j0*colStride
			if colStride == 1 {
				copy(row[:w], src[base:base+w])
			} else {
				for j := range w {
					row[j] = src[base+j*colStride]
				}
			}
			clear(row[w:])
		}
	}
}
