// Gram matrices of features, by cells of their map (autodiff.Block).
#include "mma.h"

// Range is a part of a cell: positions k0..k1-1 in the order of reading a cell that is width positions wide and
// begins at position corner. k0 is a multiple of DEPTH.
struct Range {
	int corner, width, k0, k1;
};

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

// CellSum is a cell: how many ranges its sum has, and how many sums of cells take up the last one then.
struct CellSum {
	int ranges, adds;
};

// addCells adds up the sums of ranges of some cells for the n numbers of a matrix of c x c, of which the upper
// triangle is there, and times scale the sums of cells. The sums of so many cells are there already, the
// first one in the result, the others one after the other.
KERNEL(addCells, (int n, float *y, float *others, const float *from, const CellSum *cells, int count, int there, int c, float scale)) {
	int i = INDEX;
	if (i >= n) return;
	int row = i / c, col = i - row * c;
	from += row > col ? col * c + row : i;
	for (; count > 0; count--, cells++, there++) {
		float sum = 0;
		for (int p = cells->ranges; p > 0; p--, from += c * c) sum += *from;
		sum *= scale;
		for (int a = cells->adds; a > 0; a--) {
			there--;
			sum += there ? others[(there - 1) * n + i] : y[i];
		}
		*(there ? others + (there - 1) * n + i : y + i) = sum;
	}
}

// plusTranspose computes scale·(x + xᵀ) for n numbers of matrices of c x c.
KERNEL(plusTranspose, (int n, float *y, const float *x, int c, float scale)) {
	int i = INDEX;
	if (i >= n) return;
	int size = c * c, first = i / size * size, at = i - first, row = at / c, col = at - row * c;
	y[i] = scale * (x[i] + x[first + col * c + row]);
}
