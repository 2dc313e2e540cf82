#include "reduce.h"

// sum and squaredError: a block adds up every gridDim.x'th piece of 1024 numbers. target may be left out.
KERNEL(sum, (int n, double *partials, const float *x)) {
	Sum s = {0, 0};
	for (int i = 4 * INDEX; i < n; i += 4 * gridDim.x * blockDim.x) {
		Quad p = load(x, i, n);
		for (int k = 0; k < 4; k++) s.add(p[k]);
	}
	partial(partials, s.value());
}

KERNEL(squaredError, (int n, double *partials, const float *x, const float *target)) {
	Sum s = {0, 0};
	for (int i = 4 * INDEX; i < n; i += 4 * gridDim.x * blockDim.x) {
		Quad p = load(x, i, n);
		Quad q = target ? load(target, i, n) : Quad{0, 0, 0, 0};
		for (int k = 0; k < 4; k++) {
			float d = p[k] - q[k];
			s.add(d * d);
		}
	}
	partial(partials, s.value());
}

// total is scale times the sum of n partial sums: one block.
KERNEL(total, (int n, float *y, const double *partials, float scale)) {
	double s = 0;
	for (int i = threadIdx.x; i < n; i += 256) s += partials[i];
	s = blockTotal(s, 1);
	if (threadIdx.x == 0) y[0] = s * scale;
}

// columnSums adds up the columns of x, a row of partial sums for each blockIdx.y.
KERNEL(columnSums, (int rows, int c, double *partials, const float *x)) {
	int ch = COLUMN;
	Sum s = {0, 0};
	if (ch < c) EACH_ROW(r, rows) s.add(x[r * c + ch]);
	double t = columnTotal(s.value());
	if (threadIdx.y == 0 && ch < c) partials[blockIdx.y * c + ch] = t;
}

// columnSquares adds up the squares of distances from the columns' means.
KERNEL(columnSquares, (int rows, int c, double *partials, const float *x, const float *mean)) {
	int ch = COLUMN;
	Sum s = {0, 0};
	if (ch < c) {
		float m = mean[ch];
		EACH_ROW(r, rows) {
			float d = x[r * c + ch] - m;
			s.add(d * d);
		}
	}
	double t = columnTotal(s.value());
	if (threadIdx.y == 0 && ch < c) partials[blockIdx.y * c + ch] = t;
}

// columnProducts adds up the columns of dy, followed by those of dy times y.
KERNEL(columnProducts, (int rows, int c, double *partials, const float *dy, const float *y)) {
	int ch = COLUMN;
	Sum s = {0, 0}, p = {0, 0};
	if (ch < c) EACH_ROW(r, rows) {
		float g = dy[r * c + ch];
		s.add(g);
		p.add(g * y[r * c + ch]);
	}
	double t = columnTotal(s.value()), u = columnTotal(p.value());
	if (threadIdx.y == 0 && ch < c) {
		partials[blockIdx.y * 2 * c + ch] = t;
		partials[blockIdx.y * 2 * c + c + ch] = u;
	}
}

// columnTotals is scale times the sums of the columns of partial sums.
KERNEL(columnTotals, (int rows, int c, float *y, const double *partials, float scale)) {
	int ch = COLUMN;
	double s = 0;
	if (ch < c) EACH_ROW(r, rows) s += partials[r * c + ch];
	s = columnTotal(s);
	if (threadIdx.y == 0 && ch < c) y[ch] = s * scale;
}
