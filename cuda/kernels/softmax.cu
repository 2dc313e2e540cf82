#include "kernel.h"
#include "reduce.h"

// Softmax over the channels. A warp has a row, and goes over it once for the maximum, once for the sum and
// once for the result: rows are short, and stay in the cache.

#define ROW (INDEX / 32)
#define LANE (threadIdx.x % 32)

// Exponentials of a row: exp(x - top) divided by sum are the softmax.
struct Softmax { float top, sum; };

__device__ inline Softmax softmaxOf(const float *x, int c) {
	float top = x[0];
	for (int i = LANE; i < c; i += 32)
		if (!(x[i] <= top)) top = x[i];
	top = warpMax(top);
	float sum = 0;
	for (int i = LANE; i < c; i += 32) sum += expf(x[i] - top);
	return {top, warpSum(sum)};
}

KERNEL(softmax, (int rows, float *y, const float *x, int c)) {
	int r = ROW;
	if (r >= rows) return;
	x += r * c;
	Softmax s = softmaxOf(x, c);
	for (int i = LANE; i < c; i += 32) y[r * c + i] = expf(x[i] - s.top) / s.sum;
}

KERNEL(softmaxGrad, (int rows, float *dx, const float *dy, const float *y, int c)) {
	int r = ROW;
	if (r >= rows) return;
	dy += r * c;
	y += r * c;
	float mean = 0;
	for (int i = LANE; i < c; i += 32) mean = fmaf(dy[i], y[i], mean);
	mean = warpSum(mean);
	for (int i = LANE; i < c; i += 32) dx[r * c + i] = y[i] * (dy[i] - mean);
}

// crossEntropy writes the loss of each row. Distances from the largest logit are small where the loss is,
// and keep its digits.
KERNEL(crossEntropy, (int rows, double *losses, const float *x, const float *labels, int c, float smoothing)) {
	int r = ROW;
	if (r >= rows) return;
	x += r * c;
	Softmax s = softmaxOf(x, c);
	int label = (int)labels[r];
	float below = 0;
	for (int i = LANE; i < c; i += 32) {
		float d = s.top - x[i];
		below += smoothing / c * d;
		if (i == label) below += (1 - smoothing) * d;
	}
	below = warpSum(below);
	if (LANE == 0) losses[r] = below + logf(s.sum);
}

KERNEL(crossEntropyGrad, (int rows, float *dx, const float *dy, const float *x, const float *labels, int c, float smoothing)) {
	int r = ROW;
	if (r >= rows) return;
	x += r * c;
	Softmax s = softmaxOf(x, c);
	int label = (int)labels[r];
	float scale = dy[0] / rows, each = smoothing / c;
	for (int i = LANE; i < c; i += 32) {
		float aim = i == label ? each + (1 - smoothing) : each;
		dx[r * c + i] = scale * (expf(x[i] - s.top) / s.sum - aim);
	}
}

#undef ROW
#undef LANE
