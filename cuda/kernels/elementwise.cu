#include "kernel.h"

// Operations element by element. A thread has four elements, which it reads and writes at once.

// repeated returns the numbers i..i+3 of n where len numbers repeat: one for all, or one for each channel.
// There is one division, and none if nothing repeats.
__device__ inline Quad repeated(const float *x, int len, int i, int n) {
	if (len == n) return load(x, i, n);
	Quad q;
	int j = i % len;
	for (int k = 0; k < 4; k++) {
		q[k] = x[j];
		if (++j == len) j = 0;
	}
	return q;
}

// Operations of two operands. The second may have b_len numbers that repeat.
#define BINARY(name, expression) \
	KERNEL(name, (int n, float *y, const float *a, const float *b, int b_len)) { \
		int i = 4 * INDEX; \
		if (i >= n) return; \
		Quad p = load(a, i, n), q = repeated(b, b_len, i, n); \
		for (int k = 0; k < 4; k++) { \
			float u = p[k], v = q[k]; \
			p[k] = expression; \
		} \
		store(y, i, n, p); \
	}

BINARY(add, u + v)
BINARY(sub, u - v)
BINARY(mul, u *v)
BINARY(div, u / v)
BINARY(reluGrad, v > 0 ? u : 0)
#undef BINARY

// sigmoid and tangent are 1 less a number that is small where they are near 1: only the last subtraction is
// rounded there. Their gradients, y(1-y) and 1-y^2, rest on these digits.
__device__ inline float sigmoid(float x) {
	float e = expf(-fabsf(x)), q = e / (1 + e);
	return x < 0 ? q : 1 - q;
}

// tangent takes Taylor's series near 0, where the exponentials cancel.
__device__ inline float tangent(float x) {
	float s = x * x;
	if (s < 0.0625f)
		return x + x * s * fmaf(s, fmaf(s, fmaf(s, 62.0f / 2835, -17.0f / 315), 2.0f / 15), -1.0f / 3);
	return copysignf(1 - 2 / (expf(2 * fabsf(x)) + 1), x);
}

// Operations of one operand, with two numbers. NaN stays NaN.
#define UNARY(name, expression) \
	KERNEL(name, (int n, float *y, const float *a, float scale, float offset)) { \
		int i = 4 * INDEX; \
		if (i >= n) return; \
		Quad p = load(a, i, n); \
		for (int k = 0; k < 4; k++) { \
			float u = p[k]; \
			p[k] = expression; \
		} \
		store(y, i, n, p); \
	}

UNARY(linear, fmaf(scale, u, offset))
UNARY(square, u *u)
UNARY(relu, u < 0 ? 0 : u)
UNARY(exp, expf(u))
UNARY(log, logf(u))
UNARY(sigmoid, sigmoid(u))
UNARY(tanh, tangent(u))
#undef UNARY

KERNEL(fill, (int n, float *y, const float *x, int len)) {
	int i = 4 * INDEX;
	if (i < n) store(y, i, n, repeated(x, len, i, n));
}

// squaredErrorGrad is scale times the scalar dy times x - target, which may be left out.
KERNEL(squaredErrorGrad, (int n, float *dx, const float *dy, const float *x, const float *target, float scale)) {
	int i = 4 * INDEX;
	if (i >= n) return;
	float s = scale * dy[0];
	Quad p = load(x, i, n);
	Quad q = target ? load(target, i, n) : Quad{0, 0, 0, 0};
	for (int k = 0; k < 4; k++) p[k] = s * (p[k] - q[k]);
	store(dx, i, n, p);
}
