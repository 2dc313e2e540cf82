#include "kernel.h"
#include "reduce.h"

// variation is what a difference adds to the total: its square, or how large it is. slope is its derivative.
__device__ inline float variation(float d, int squared) { return squared ? d * d : fabsf(d); }

__device__ inline float slope(float d, int squared) {
	if (squared) return 2 * d;
	return d > 0 ? 1 : d < 0 ? -1 : 0;
}

// totalVariation: a block adds up every gridDim.x'th row, of w*c = line numbers.
KERNEL(totalVariation, (int rows, double *partials, const float *x, int h, int line, int c, int squared, float down_scale, float right_scale)) {
	Sum down = {0, 0}, right = {0, 0};
	for (int row = blockIdx.x; row < rows; row += gridDim.x) {
		const float *from = x + row * line;
		bool last = row % h == h - 1;
		for (int i = threadIdx.x; i < line; i += blockDim.x) {
			if (i + c < line) right.add(variation(from[i + c] - from[i], squared));
			if (!last) down.add(variation(from[i + line] - from[i], squared));
		}
	}
	partial(partials, down_scale * down.value() + right_scale * right.value());
}

KERNEL(totalVariationGrad, (int rows, float *__restrict__ dx, const float *__restrict__ dy, const float *__restrict__ x, int h, int line, int c, int squared, float down_scale, float right_scale)) {
	int i = INDEX;
	if (i >= line) return;
	float down = dy[0] * down_scale, right = dy[0] * right_scale;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		const float *at = x + row * line + i;
		int y = row % h;
		float v = at[0], across = 0, along = 0;
		if (i >= c) across += slope(v - at[-c], squared);
		if (i + c < line) across += slope(v - at[c], squared);
		if (y > 0) along += slope(v - at[-line], squared);
		if (y + 1 < h) along += slope(v - at[line], squared);
		dx[row * line + i] = right * across + down * along;
	}
}
