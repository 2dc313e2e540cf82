// Products of matrices: rows x depth by depth x cols. With a depth of more than span, the result is
// partial sums. Several products have operands and results one after the other.
#include "mma.h"

#define MATMUL(name, Engine) \
	KERNEL(name, (float *y, const float *a, const float *b, const float *plus, const unsigned *mask, int rows, int cols, int depth, int span, float scale), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		Block<Engine> at(depth, span); \
		int i = blockIdx.z / ((depth + span - 1) / span); \
		product<Engine>(resultOf(y, plus, mask, rows, cols, scale), at.row, at.col, at.k0, at.k1, \
			Rows<Engine::ROWS>(a + i * rows * depth, at.row, rows, depth), \
			Columns<Engine::COLS>(b + i * depth * cols, at.col, depth, cols)); \
	}

// The same with the first matrix transposed: it has depth rows.
#define MATMUL_TRANSPOSED(name, Engine) \
	KERNEL(name, (float *y, const float *a, const float *b, int rows, int cols, int depth, int span), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		Block<Engine> at(depth, span); \
		int i = blockIdx.z / ((depth + span - 1) / span); \
		product<Engine>(resultOf(y, nullptr, nullptr, rows, cols, 1), at.row, at.col, at.k0, at.k1, \
			Columns<Engine::ROWS>(a + i * depth * rows, at.row, depth, rows), \
			Columns<Engine::COLS>(b + i * depth * cols, at.col, depth, cols)); \
	}

EACH_ENGINE(MATMUL, matmul)
EACH_ENGINE(MATMUL_TRANSPOSED, matmulTurned)

// addParts adds n sums of parts up, in order, and does with them what a product does.
KERNEL(addParts, (int n, float *y, const float *from, int parts, int cols, float scale, const float *bias, const float *plus, int relu, const unsigned *mask)) {
	int i = INDEX;
	if (i >= n) return;
	float sum = 0;
	for (int p = 0; p < parts; p++) sum += from[p * n + i];
	int row = i / cols, col = i - row * cols;
	Result r = {y, n / cols, cols, scale, bias, plus, relu, mask, 0, 0, 0, 0, 0};
	y[i] = r.kept(row, col) & 1 ? r.finish(sum, i - col, col) : 0;
}

// transpose turns matrices of rows x cols, of which table has the places in x, in tiles of 32x32: a warp
// reads and writes whole lines, and the tile's odd length keeps its columns in different banks.
KERNEL(transpose, (float *y, const float *x, const int *table, int rows, int cols), __launch_bounds__(256)) {
	__shared__ float tile[32][33];
	const float *from = x + table[blockIdx.z];
	float *to = y + blockIdx.z * rows * cols;
	int r = blockIdx.y * 32, c = blockIdx.x * 32;
	for (int i = threadIdx.y; i < 32; i += 8)
		if (r + i < rows && c + threadIdx.x < cols) tile[i][threadIdx.x] = from[(r + i) * cols + c + threadIdx.x];
	__syncthreads();
	for (int i = threadIdx.y; i < 32; i += 8)
		if (c + i < cols && r + threadIdx.x < rows) to[(c + i) * rows + r + threadIdx.x] = tile[threadIdx.x][i];
}
