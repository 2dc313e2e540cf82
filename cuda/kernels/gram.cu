// Gram matrices of features, by cells of their map (autodiff.Block).
#include "mma.h"

// Range is a part of a cell: positions k0..k1-1 in the order of reading a cell that is width positions wide and
// begins at position corner. k0 is a multiple of DEPTH.
struct Range {
	int corner, width, k0, k1;
};

// weigh multiplies numbers i..i+3 of a row of n by its weight. What follows the n, if anything, is the weight.
INLINE void weigh(float4 &v, int i, int n, float weight, bool follows) {
	v.x *= weight, v.y *= weight, v.z *= weight, v.w *= weight;
	if (!follows || i > n || i + 4 <= n) return;
	if (i == n) v.x = weight;
	if (i + 1 == n) v.y = weight;
	if (i + 2 == n) v.z = weight;
	if (i + 3 == n) v.w = weight;
}

// Positions is the matrix of the features at a range of positions, one row for each, whose columns are the
// result's rows or columns. n is the length of its rows, and mapWidth that of the map's. It is read from
// beginning to end.
template <int LENGTH> struct Positions : Across<LENGTH> {
	const float *x;
	const Range range;
	int first, n, mapWidth;
	int column[Across<LENGTH>::COUNT], at[Across<LENGTH>::COUNT];

	INLINE Positions(const float *x, Range range, int first, int n, int mapWidth) : x(x), range(range), first(first), n(n), mapWidth(mapWidth) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int k = range.k0 + this->depth(j), line = k / range.width;
			column[j] = k - line * range.width;
			at[j] = range.corner + line * mapWidth + column[j];
		}
	}
	INLINE void fetch(int k) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			bool inside = k + this->depth(j) < range.k1 && this->depth(j) < DEPTH;
			this->held[j] = inside ? quadAt(x + at[j] * n, first + this->row(), n) : float4{0, 0, 0, 0};
			at[j] += DEPTH;
			for (column[j] += DEPTH; column[j] >= range.width; column[j] -= range.width) at[j] += mapWidth - range.width;
		}
	}
};

// Weighted is the same times the weights of the positions, which are 1 if there are none, and with a column of
// weights after the others if mean.
template <int LENGTH> struct Weighted : Positions<LENGTH> {
	const float *weights;
	const int mean;

	INLINE Weighted(const float *x, const float *weights, Range range, int first, int n, int mapWidth, int mean) : Positions<LENGTH>(x, range, first, n, mapWidth), weights(weights), mean(mean) {}
	INLINE void fetch(int k) {
		int at[Across<LENGTH>::COUNT];
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) at[j] = this->at[j];
		Positions<LENGTH>::fetch(k);
#pragma unroll
		for (int j = 0; j < this->COUNT; j++)
			if (k + this->depth(j) < this->range.k1 && this->depth(j) < DEPTH)
				weigh(this->held[j], this->first + this->row(), this->n, weights ? weights[at[j]] : 1, mean);
	}
};

// gram sums x·xᵀ, c x c, over ranges of positions, one for each number along z. Tiles below the diagonal are
// left out.
#define GRAM(name, Engine) \
	KERNEL(name, (float *y, const float *x, const Range *ranges, int c, int width), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		int row = blockIdx.x * Engine::ROWS, col = blockIdx.y * Engine::COLS; \
		if (col + Engine::COLS <= row) return; \
		Range range = ranges[blockIdx.z]; \
		Result sums = {y + c * c * blockIdx.z, c, c, 1, nullptr, nullptr, 0, nullptr, 0, 0, 0, 0, 0}; \
		product<Engine>(sums, row, col, range.k0, range.k1, \
			Positions<Engine::ROWS>(x, range, row, c, width), Positions<Engine::COLS>(x, range, col, c, width)); \
	}

EACH_ENGINE(GRAM, gram)

// gramWeighted is the same with weights, which may be null, and with a last column for the mean if there are
// cols = c + 1.
#define GRAM_WEIGHTED(name, Engine) \
	KERNEL(name, (float *y, const float *x, const float *weights, const Range *ranges, int c, int cols, int width), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		int row = blockIdx.x * Engine::ROWS, col = blockIdx.y * Engine::COLS; \
		if (col + Engine::COLS <= row) return; \
		Range range = ranges[blockIdx.z]; \
		Result sums = {y + c * cols * blockIdx.z, c, cols, 1, nullptr, nullptr, 0, nullptr, 0, 0, 0, 0, 0}; \
		product<Engine>(sums, row, col, range.k0, range.k1, \
			Positions<Engine::ROWS>(x, range, row, c, width), \
			Weighted<Engine::COLS>(x, weights, range, col, c, width, cols > c)); \
	}

EACH_SMALL(GRAM_WEIGHTED, gramWeighted)

// CellSum is a cell: how many ranges its sum has, and how many sums of cells take up the last one then.
struct CellSum {
	int ranges, adds;
};

// addCells adds up the sums of ranges of some cells for the n numbers of a matrix of c x c, of which the upper
// triangle is there, or of c + 1 rows if there are cols = c + 1, the last of which is its last row. Times
// scale they are sums of cells, which it adds up too. The sums of so many cells are there already, the
// first one in the result, the others one after the other.
KERNEL(addCells, (int n, float *y, float *others, const float *from, const CellSum *cells, int count, int there, int c, int cols, float scale)) {
	int i = INDEX;
	if (i >= n) return;
	int row = i / c, col = i - row * c;
	from += row > col ? col * cols + row : row * cols + col;
	for (; count > 0; count--, cells++, there++) {
		float sum = 0;
		for (int p = cells->ranges; p > 0; p--, from += c * cols) sum += *from;
		sum *= scale;
		for (int a = cells->adds; a > 0; a--) {
			there--;
			sum += there ? others[(there - 1) * n + i] : y[i];
		}
		*(there ? others + (there - 1) * n + i : y + i) = sum;
	}
}

// plusTranspose computes scale·(x + xᵀ) for n numbers of matrices of c x c, or of rows = c + 1, the last of
// which is only multiplied.
KERNEL(plusTranspose, (int n, float *y, const float *x, int rows, int c, float scale)) {
	int i = INDEX;
	if (i >= n) return;
	int size = rows * c, first = i / size * size, at = i - first, row = at / c, col = at - row * c;
	float other = row < c ? x[first + col * c + row] : 0;
	y[i] = scale * (x[i] + other);
}

// WeightedRows is a matrix whose rows are those of the result, of n numbers each, times weights, which are 1 if
// there are none. What follows a row is its weight.
template <int LENGTH> struct WeightedRows : Rows<LENGTH> {
	const float *weights;

	INLINE WeightedRows(const float *x, const float *weights, int first, int rows, int n) : Rows<LENGTH>(x, first, rows, n), weights(weights) {}
	INLINE void fetch(int k) {
		Rows<LENGTH>::fetch(k);
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int r = this->first + this->row(j);
			if (r < this->rows) weigh(this->held[j], k + this->depth(), this->n, weights ? weights[r] : 1, true);
		}
	}
};

// gramGrad is matmul with weights of the rows of a, of which b has a row more than a has columns if depth is cols + 1.
#define GRAM_GRAD(name, Engine) \
	KERNEL(name, (float *y, const float *a, const float *weights, const float *b, const float *plus, const unsigned *mask, int rows, int cols, int depth, int span, float scale), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		Block<Engine> at(depth, span); \
		int i = blockIdx.z / ((depth + span - 1) / span); \
		product<Engine>(resultOf(y, plus, mask, rows, cols, scale), at.row, at.col, at.k0, at.k1, \
			WeightedRows<Engine::ROWS>(a + i * rows * cols, weights ? weights + i * rows : nullptr, at.row, rows, cols), \
			Columns<Engine::COLS>(b + i * depth * cols, at.col, depth, cols)); \
	}

EACH_SMALL(GRAM_GRAD, gramGrad)
