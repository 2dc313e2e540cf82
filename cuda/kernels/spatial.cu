#include "kernel.h"

// Pixels from other pixels. Threads run along rows, all channels of a pixel side by side.

// resample sums, for each pixel, weighted rows of weighted columns: padding and its
// transpose, which differ in tables alone. Pixel i of an axis is made of the taps from[i] to
// from[i+1]-1, each an index and a weight.
KERNEL(resample, (int rows, float *__restrict__ y, const float *__restrict__ x, int c, int h, int w, int oh, int ow,
	const int *__restrict__ row_from, const int *__restrict__ row_at, const float *__restrict__ row_weight,
	const int *__restrict__ column_from, const int *__restrict__ column_at, const float *__restrict__ column_weight)) {
	int i = INDEX;
	if (i >= ow * c) return;
	int column = i / c, left = column_from[column], right = column_from[column + 1];
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / oh, line = row - image * oh;
		const float *from = x + image * h * w * c + i - column * c;
		float sum = 0;
		for (int p = row_from[line], end = row_from[line + 1]; p < end; p++) {
			const float *source = from + row_at[p] * w * c;
			float weight = row_weight[p];
			for (int q = left; q < right; q++) sum = fmaf(weight * column_weight[q], source[column_at[q] * c], sum);
		}
		y[row * ow * c + i] = sum;
	}
}

// modulo returns sign times v modulo n, in 0..n-1.
__device__ inline int modulo(float v, int sign, int n) {
	int m = (int)v % n * sign;
	return m < 0 ? m + n : m;
}

// roll shifts by two numbers that are there only when it runs.
KERNEL(roll, (int rows, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ shift, int c, int h, int w, int sign)) {
	int i = INDEX;
	if (i >= w * c) return;
	int down = modulo(shift[0], sign, h), from = i - modulo(shift[1], sign, w) * c;
	if (from < 0) from += w * c;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / h, line = row - image * h - down;
		if (line < 0) line += h;
		y[row * w * c + i] = x[(image * h + line) * w * c + from];
	}
}

// square returns the position that v is inside of squares.
__device__ inline int square(float v, int stride) { return (int)(v < 0 ? 0 : v > stride - 1 ? stride - 1 : v); }

// subsample takes one pixel of each square: which is there only when it runs.
KERNEL(subsample, (int rows, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ from, int c, int h, int w, int oh, int ow, int stride)) {
	int i = INDEX;
	if (i >= ow * c) return;
	int column = i / c, at = (column * stride + square(from[1], stride)) * c + i - column * c, down = square(from[0], stride);
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / oh, line = row - image * oh;
		y[row * ow * c + i] = x[(image * h + line * stride + down) * w * c + at];
	}
}

// subsampleGrad puts each pixel of dy back, among zeros.
KERNEL(subsampleGrad, (int rows, float *__restrict__ dx, const float *__restrict__ dy, const float *__restrict__ from, int c, int h, int w, int oh, int ow, int stride)) {
	int i = INDEX;
	if (i >= w * c) return;
	int column = i / c, ox = column / stride, at = ox * c + i - column * c, down = square(from[0], stride);
	bool there = column - ox * stride == square(from[1], stride) && ox < ow;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / h, line = row - image * h, oy = line / stride;
		bool taken = there && line - oy * stride == down && oy < oh;
		dx[row * w * c + i] = taken ? dy[(image * oh + oy) * ow * c + at] : 0;
	}
}

// filter correlates each channel with kh x kw weights.
KERNEL(filter, (int rows, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ weights, int c, int h, int w, int oh, int ow, int kh, int kw, int stride)) {
	int i = INDEX;
	if (i >= ow * c) return;
	int column = i / c;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / oh, line = row - image * oh;
		const float *from = x + ((image * h + line * stride) * w + column * stride) * c + i - column * c;
		float sum = 0;
		for (int ky = 0; ky < kh; ky++)
			for (int kx = 0; kx < kw; kx++) sum = fmaf(weights[ky * kw + kx], from[(ky * w + kx) * c], sum);
		y[row * ow * c + i] = sum;
	}
}

// filterGrad takes, for pixel (y, x), every stride'th tap from that on which pixel (y/stride, x/stride) of
// dy has there.
KERNEL(filterGrad, (int rows, float *__restrict__ dx, const float *__restrict__ dy, const float *__restrict__ weights, int c, int h, int w, int oh, int ow, int kh, int kw, int stride)) {
	int i = INDEX;
	if (i >= w * c) return;
	int column = i / c, ox0 = column / stride, kx0 = column - ox0 * stride;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / h, line = row - image * h;
		const float *from = dy + image * oh * ow * c + i - column * c;
		int oy = line / stride;
		float sum = 0;
		for (int ky = line - oy * stride; ky < kh && oy >= 0; ky += stride, oy--) {
			if (oy >= oh) continue;
			for (int kx = kx0, ox = ox0; kx < kw && ox >= 0; kx += stride, ox--)
				if (ox < ow) sum = fmaf(weights[ky * kw + kx], from[(oy * ow + ox) * c], sum);
		}
		dx[row * w * c + i] = sum;
	}
}
