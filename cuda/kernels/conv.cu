// Convolutions as products of matrices that are not there: rows are the pixels of the result, and the sums
// go over the taps, which are read from the picture as they are wanted.
#include "mma.h"

#define CONV_SOURCE_PARAMETERS int h, int w, int c, int gridH, int gridW, int strideH, int strideW, int padTop, int padLeft
#define CONV_SOURCE {x, (const Tap *)taps, h, w, c, gridH, gridW, strideH, strideW, padTop, padLeft}

// conv multiplies by a filter of depth x cols. Where its pixels go is said as for Result.
#define CONV(name, Engine) \
	KERNEL(name, (float *y, const float *x, const float *filter, const float *bias, const unsigned *mask, const int *taps, int rows, int cols, int depth, int span, \
		CONV_SOURCE_PARAMETERS, int picture, int line, int pixel, int relu), __launch_bounds__(THREADS, Engine::BLOCKS)) { \
		Block<Engine> at(depth, span); \
		ConvSource g = CONV_SOURCE; \
		Result r = {y + at.part * rows * cols, rows, cols, 1, bias, nullptr, relu, mask, gridH, gridW, picture, line, pixel}; \
		product<Engine>(r, at.row, at.col, at.k0, at.k1, Windows<Engine::ROWS>(g, at.row, rows), Columns<Engine::COLS>(filter, at.col, depth, cols)); \
	}

// filterGrad is the gradient by the filter: its rows are taps, and the sums go over all pixels.
#define FILTER_GRAD(name, Engine) \
	KERNEL(name, (float *y, const float *x, const float *dy, const int *taps, int rows, int cols, int depth, int span, CONV_SOURCE_PARAMETERS), \
		__launch_bounds__(THREADS, Engine::BLOCKS)) { \
		Block<Engine> at(depth, span); \
		ConvSource g = CONV_SOURCE; \
		Result r = {y + at.part * rows * cols, rows, cols, 1, nullptr, nullptr, 0, nullptr, 0, 0, 0, 0, 0}; \
		product<Engine>(r, at.row, at.col, at.k0, at.k1, TurnedWindows<Engine::ROWS>(g, depth / (gridH * gridW), at.row, at.k0), \
			Columns<Engine::COLS>(dy, at.col, depth, cols)); \
	}

EACH_ENGINE(CONV, conv)
EACH_ENGINE(FILTER_GRAD, filterGrad)

// addBorder adds to pixels of an input gradient those of the border that they stand for, where a bit of the mask is
// set: to pixel number pixels[t] those that begin with the numbers at[from[t]] to at[from[t+1]-1].
KERNEL(addBorder, (int n, float *dx, const float *border, const unsigned *mask, const int *pixels, const int *from, const int *at, int c)) {
	int i = INDEX;
	if (i >= n) return;
	int t = i / c, channel = i - t * c, pixel = pixels[t];
	if (mask && !(mask[pixel * ((c + 31) / 32) + channel / 32] >> channel % 32 & 1)) return;
	float sum = 0;
	for (int k = from[t], end = from[t + 1]; k < end; k++) sum += border[at[k] + channel];
	dx[pixel * c + channel] += sum;
}

// clearPixels sets the pixels of a grid to zero: those of an input gradient that no window touches.
KERNEL(clearPixels, (int n, float *y, int cols, int gridH, int gridW, int picture, int line, int pixel)) {
	int i = INDEX;
	if (i >= n) return;
	Result r = {y, n / cols, cols, 0, nullptr, nullptr, 0, nullptr, gridH, gridW, picture, line, pixel};
	int row = i / cols;
	y[r.offset(row) + i - row * cols] = 0;
}
