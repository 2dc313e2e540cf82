// Arithmetic on long vectors, for optimisers: on what the GPU's memory can move, the processor's caches
// being far away. Elements are one to a thread; loads and stores of a warp are 128 bytes in a row whatever
// the vector's alignment.
#include "kernel.h"

KERNEL(vector_fill, (int n, float *y, float value)) {
	int i = INDEX;
	if (i < n) y[i] = value;
}

KERNEL(vector_scale, (int n, float *y, const float *x, float s)) {
	int i = INDEX;
	if (i < n) y[i] = s * x[i];
}

KERNEL(vector_sub, (int n, float *y, const float *a, const float *b)) {
	int i = INDEX;
	if (i < n) y[i] = a[i] - b[i];
}

KERNEL(vector_axpy, (int n, float *y, const float *x, float s)) {
	int i = INDEX;
	if (i < n) y[i] = fmaf(s, x[i], y[i]);
}

// A NaN stays.
KERNEL(vector_clamp, (int n, float *x, float lo, float hi)) {
	int i = INDEX;
	if (i >= n) return;
	float v = x[i];
	x[i] = v < lo ? lo : v > hi ? hi : v;
}

// One step of Adam; correct1 and correct2 are 1/(1-beta^t).
KERNEL(vector_adam, (int n, float *x, float *moment, float *second, const float *grad, float beta1, float beta2, float rate, float epsilon, float correct1, float correct2)) {
	int i = INDEX;
	if (i >= n) return;
	float g = grad[i];
	float m = beta1 * moment[i] + (1 - beta1) * g;
	float v = beta2 * second[i] + (1 - beta2) * g * g;
	moment[i] = m;
	second[i] = v;
	x[i] -= rate * (m * correct1) / (sqrtf(v * correct2) + epsilon);
}

// vector_halve makes the means of 4 x 4 positions of x, h x w with c values each, with the weights 1/8, 3/8, 3/8, 1/8
// each way; beyond the edges is 0.
KERNEL(vector_halve, (int n, float *y, const float *x, int h, int w, int c)) {
	int i = INDEX;
	if (i >= n) return;
	int half = (w + 1) / 2, k = i % c, at = i / c;
	int top = at / half * 2 - 1, left = at % half * 2 - 1;
	float sum = 0;
	for (int v = 0; v < 4; v++) {
		if (top + v < 0 || top + v >= h) continue;
		float row = 0;
		for (int u = 0; u < 4; u++) {
			if (left + u < 0 || left + u >= w) continue;
			row = fmaf(u == 0 || u == 3 ? 0.125f : 0.375f, x[((top + v) * w + left + u) * c + k], row);
		}
		sum = fmaf(v == 0 || v == 3 ? 0.125f : 0.375f, row, sum);
	}
	y[i] = sum;
}

// vector_double is s·y + t·Ux, U being 4 times the transpose of vector_halve; y is h x w positions.
KERNEL(vector_double, (int n, float *y, float s, const float *x, float t, int h, int w, int c)) {
	int i = INDEX;
	if (i >= n) return;
	int halfH = (h + 1) / 2, halfW = (w + 1) / 2, k = i % c, at = i / c;
	int row = at / w, column = at % w;
	float sum = 0;
	for (int v = 0; v < 2; v++) { // the nearer row, the other one
		int from = v == 0 ? row / 2 : row / 2 + row % 2 * 2 - 1;
		if (from < 0 || from >= halfH) continue;
		for (int u = 0; u < 2; u++) {
			int to = u == 0 ? column / 2 : column / 2 + column % 2 * 2 - 1;
			if (to < 0 || to >= halfW) continue;
			sum = fmaf((v == 0 ? 0.75f : 0.25f) * (u == 0 ? 0.75f : 0.25f), x[(from * halfW + to) * c + k], sum);
		}
	}
	y[i] = s * y[i] + t * sum;
}

// What follows makes one number of a vector: each block one of its piece of VECTOR_PIECE elements, in double,
// and the process one of those, in their order. How a vector is cut depends on its length alone, so that the
// number has the same bits on every run. 4096 elements are enough work for 256 threads to hide the tree at
// the end, and make 192 blocks of a picture of 512 x 512 pixels.
#define VECTOR_PIECE 4096

// Each thread adds four terms in float, and such sums in double: a GPU does little in double.
#define VECTOR_SUM(term) \
	double sum = 0; \
	int end = blockIdx.x * VECTOR_PIECE + VECTOR_PIECE; \
	if (end > n) end = n; \
	for (int at = blockIdx.x * VECTOR_PIECE + threadIdx.x; at < end; at += 4 * 256) { \
		float four = 0; \
		for (int i = at; i < end && i < at + 4 * 256; i += 256) four += term; \
		sum += four; \
	} \
	vector_tree(sum, false, partial);

// vector_tree leaves in partial[blockIdx.x] the sum, or the largest, of the values of a block's 256 threads.
__device__ static inline void vector_tree(double value, bool largest, double *partial) {
	__shared__ double tree[256];
	int t = threadIdx.x;
	tree[t] = value;
	for (int half = 128; half > 0; half /= 2) {
		__syncthreads();
		if (t < half) {
			double a = tree[t], b = tree[t + half];
			tree[t] = !largest ? a + b : a > b ? a : b;
		}
	}
	if (t == 0) partial[blockIdx.x] = tree[0];
}

KERNEL(vector_sum, (int n, double *partial, const float *a)) { VECTOR_SUM(a[i]) }
KERNEL(vector_abs_sum, (int n, double *partial, const float *a)) { VECTOR_SUM(fabsf(a[i])) }
KERNEL(vector_dot, (int n, double *partial, const float *a, const float *b)) { VECTOR_SUM(a[i] * b[i]) }
KERNEL(vector_differ, (int n, double *partial, const float *a, const float *b)) { VECTOR_SUM((a[i] != b[i] ? 1.0f : 0.0f)) }

// vector_axpy_dot adds s·x to y and returns y·z, for which y is read once.
KERNEL(vector_axpy_dot, (int n, double *partial, float *y, const float *x, float s, const float *z)) {
	VECTOR_SUM((y[i] = fmaf(s, x[i], y[i])) * z[i])
}

// vector_max_abs passes NaN over, as the processor does.
KERNEL(vector_max_abs, (int n, double *partial, const float *a)) {
	float most = 0;
	int end = blockIdx.x * VECTOR_PIECE + VECTOR_PIECE;
	if (end > n) end = n;
	for (int i = blockIdx.x * VECTOR_PIECE + threadIdx.x; i < end; i += 256) {
		float v = fabsf(a[i]);
		if (v > most) most = v;
	}
	vector_tree(most, true, partial);
}
#undef VECTOR_SUM
