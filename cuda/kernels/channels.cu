#include "kernel.h"

// copyChannels copies width channels of each pixel between values with strides of channels.
KERNEL(copyChannels, (int n, float *__restrict__ y, const float *__restrict__ x, int width, int to, int from)) {
	int i = INDEX;
	if (i >= n) return;
	int pixel = i / width, ch = i - pixel * width;
	y[pixel * to + ch] = x[pixel * from + ch];
}

// embed has width channels begin at first, and zeros for others.
KERNEL(embed, (int n, float *__restrict__ y, const float *__restrict__ x, int c, int width, int first)) {
	int i = INDEX;
	if (i >= n) return;
	int pixel = i / c, ch = i - pixel * c - first;
	y[i] = ch >= 0 && ch < width ? x[pixel * width + ch] : 0;
}

// affine has a thread for each number of the result; the few of a pixel read the same operands.
KERNEL(affine, (int n, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ matrix, const float *__restrict__ offset, int in, int out)) {
	int i = INDEX;
	if (i >= n) return;
	int pixel = i / out, row = i - pixel * out;
	float sum = offset[row];
	for (int k = 0; k < in; k++) sum = fmaf(matrix[row * in + k], x[pixel * in + k], sum);
	y[i] = sum;
}
