#include "reduce.h"

// sum and squaredError: a block adds up every gridDim.x'th piece of 1024 numbers. target may be left out.
KERNEL(sum, (int n, float *partials, const float *x)) {
	float s = 0;
	for (int i = 4 * INDEX; i < n; i += 4 * gridDim.x * blockDim.x) {
		Quad p = load(x, i, n);
		s += (p.v[0] + p.v[1]) + (p.v[2] + p.v[3]);
	}
	partial(partials, s);
}

KERNEL(squaredError, (int n, float *partials, const float *x, const float *target)) {
	float s = 0;
	for (int i = 4 * INDEX; i < n; i += 4 * gridDim.x * blockDim.x) {
		Quad p = load(x, i, n);
		Quad q = target ? load(target, i, n) : Quad{{0, 0, 0, 0}};
		float d[4];
		for (int k = 0; k < 4; k++) d[k] = p.v[k] - q.v[k];
		s += (d[0] * d[0] + d[1] * d[1]) + (d[2] * d[2] + d[3] * d[3]);
	}
	partial(partials, s);
}

// total is scale times the sum of n partial sums: one block.
KERNEL(total, (int n, float *y, const float *partials, float scale)) {
	__shared__ double all[256];
	int self = threadIdx.x;
	double s = 0;
	for (int i = self; i < n; i += 256) s += partials[i];
	all[self] = s;
	__syncthreads();
	for (int half = 128; half > 0; half /= 2) {
		if (self < half) all[self] += all[self + half];
		__syncthreads();
	}
	if (self == 0) y[0] = all[0] * scale;
}

// columnSums adds up the columns of x, a row of partial sums for each blockIdx.y.
KERNEL(columnSums, (int rows, int c, float *partials, const float *x)) {
	int ch = COLUMN;
	float s = 0;
	if (ch < c) EACH_ROW(r, rows) s += x[r * c + ch];
	s = columnTotal(s);
	if (threadIdx.y == 0 && ch < c) partials[blockIdx.y * c + ch] = s;
}

// columnSquares adds up the squares of distances from the columns' means.
KERNEL(columnSquares, (int rows, int c, float *partials, const float *x, const float *mean)) {
	int ch = COLUMN;
	float s = 0;
	if (ch < c) {
		float m = mean[ch];
		EACH_ROW(r, rows) {
			float d = x[r * c + ch] - m;
			s += d * d;
		}
	}
	s = columnTotal(s);
	if (threadIdx.y == 0 && ch < c) partials[blockIdx.y * c + ch] = s;
}

// columnProducts adds up the columns of dy, and behind them those of dy times y.
KERNEL(columnProducts, (int rows, int c, float *partials, const float *dy, const float *y)) {
	int ch = COLUMN;
	float s = 0, p = 0;
	if (ch < c) EACH_ROW(r, rows) {
		float g = dy[r * c + ch];
		s += g;
		p = fmaf(g, y[r * c + ch], p);
	}
	s = columnTotal(s);
	p = columnTotal(p);
	if (threadIdx.y == 0 && ch < c) {
		partials[blockIdx.y * 2 * c + ch] = s;
		partials[blockIdx.y * 2 * c + c + ch] = p;
	}
}

// columnTotals is scale times the sums of the columns of partial sums.
KERNEL(columnTotals, (int rows, int c, float *y, const float *partials, float scale)) {
	int ch = COLUMN;
	double s = 0;
	if (ch < c) EACH_ROW(r, rows) s += partials[r * c + ch];
	s = columnTotal(s);
	if (threadIdx.y == 0 && ch < c) y[ch] = s * scale;
}
