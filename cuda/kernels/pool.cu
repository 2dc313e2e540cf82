#include "kernel.h"

// Pools. Threads run along rows of pictures, so that neighbours read neighbouring channels; overlapping
// windows are read from the cache.

// Span is what window i covers of an axis of n pixels: lo..hi-1, and how many with the padding counted in.
struct Span { int lo, hi, padded; };

__device__ inline Span window(int i, int n, int k, int stride, int before, int after) {
	int start = i * stride - before, end = min(start + k, n + after);
	return {max(start, 0), min(end, n), end - start};
}

// readers returns the windows lo..hi-1, of the n of an axis, that cover pixel i.
__device__ inline Span readers(int i, int n, int k, int stride, int before) {
	int at = i + before;
	return {at < k ? 0 : (at - k) / stride + 1, min(at / stride + 1, n), 0};
}

// largest returns which pixel of a window, h x w pixels being a picture, is the first with the largest
// value. x points to the thread's channel.
__device__ inline int largest(const float *x, int w, int c, Span rows, Span columns) {
	int best = rows.lo * w + columns.lo;
	float value = x[best * c];
	for (int y = rows.lo; y < rows.hi; y++)
		for (int i = columns.lo; i < columns.hi; i++) {
			float v = x[(y * w + i) * c];
			if (v > value) {
				value = v;
				best = y * w + i;
			}
		}
	return best;
}

// What a kernel for pools begins with: a thread for each element of the pooled rows, and its window.
#define WINDOWS \
	int i = INDEX; \
	if (i >= ow * c) return; \
	Span columns = window(i / c, w, kw, sw, left, right); \
	for (int row = blockIdx.y; row < rows; row += gridDim.y) { \
		int image = row / oh, at = row * ow * c + i; \
		Span lines = window(row - image * oh, h, kh, sh, top, bottom); \
		const float *from = x + image * h * w * c + i % c;

#define GEOMETRY int c, int h, int w, int oh, int ow, int kh, int kw, int sh, int sw, int top, int left, int bottom, int right

KERNEL(maxPool, (int rows, float *__restrict__ y, const float *__restrict__ x, GEOMETRY)) {
	WINDOWS
		y[at] = from[largest(from, w, c, lines, columns) * c];
	}
}

// maxPoolPick takes the elements of v at which x has the maxima.
KERNEL(maxPoolPick, (int rows, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ v, GEOMETRY)) {
	WINDOWS
		y[at] = v[from - x + largest(from, w, c, lines, columns) * c];
	}
}

// maxPoolWhere notes which pixel of the picture has the maximum.
KERNEL(maxPoolWhere, (int rows, int *__restrict__ where, const float *__restrict__ x, GEOMETRY)) {
	WINDOWS
		where[at] = largest(from, w, c, lines, columns);
	}
}

// maxPoolGrad adds up, for each element, the gradients of those windows whose maximum it is.
KERNEL(maxPoolGrad, (int rows, float *__restrict__ dx, const int *__restrict__ where, const float *__restrict__ dy, GEOMETRY)) {
	int i = INDEX;
	if (i >= w * c) return;
	Span columns = readers(i / c, ow, kw, sw, left);
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / h, y = row - image * h, self = y * w + i / c;
		Span lines = readers(y, oh, kh, sh, top);
		int base = image * oh * ow * c + i % c;
		float sum = 0;
		for (int oy = lines.lo; oy < lines.hi; oy++)
			for (int ox = columns.lo; ox < columns.hi; ox++) {
				int at = base + (oy * ow + ox) * c;
				if (where[at] == self) sum += dy[at];
			}
		dx[row * w * c + i] = sum;
	}
}

// share returns 1 over what the sum of a window is divided by.
__device__ inline float share(Span lines, Span columns, int padding) {
	if (padding) return 1.0f / (lines.padded * columns.padded);
	return 1.0f / ((lines.hi - lines.lo) * (columns.hi - columns.lo));
}

KERNEL(avgPool, (int rows, float *__restrict__ y, const float *__restrict__ x, int padding, GEOMETRY)) {
	WINDOWS
		float sum = 0;
		for (int iy = lines.lo; iy < lines.hi; iy++)
			for (int ix = columns.lo; ix < columns.hi; ix++) sum += from[(iy * w + ix) * c];
		y[at] = sum * share(lines, columns, padding);
	}
}

KERNEL(avgPoolGrad, (int rows, float *__restrict__ dx, const float *__restrict__ dy, int padding, GEOMETRY)) {
	int i = INDEX;
	if (i >= w * c) return;
	Span columns = readers(i / c, ow, kw, sw, left);
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / h;
		Span lines = readers(row - image * h, oh, kh, sh, top);
		const float *from = dy + image * oh * ow * c + i % c;
		float sum = 0;
		for (int oy = lines.lo; oy < lines.hi; oy++) {
			Span tall = window(oy, h, kh, sh, top, bottom);
			for (int ox = columns.lo; ox < columns.hi; ox++)
				sum += from[(oy * ow + ox) * c] * share(tall, window(ox, w, kw, sw, left, right), padding);
		}
		dx[row * w * c + i] = sum;
	}
}

#undef WINDOWS
#undef GEOMETRY

// maxPoolPicks pools windows of 2x2 pixels that do not overlap. A warp has 32 channels of a window: their
// bits are one word of the argmax, first the right columns and then the lower rows. At the right and the
// lower border windows may be cut off.
KERNEL(maxPoolPicks, (int rows, float *__restrict__ y, unsigned *__restrict__ argmax, const float *__restrict__ x, int c, int h, int w, int oh, int ow, int words)) {
	int word = INDEX / 32, lane = threadIdx.x % 32;
	if (word >= ow * words) return;
	int ox = word / words, part = word - ox * words, ch = part * 32 + lane;
	bool inside = ch < c, wide = 2 * ox + 1 < w;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / oh, top = 2 * (row - image * oh);
		bool right = false, low = false;
		if (inside) {
			const float *from = x + ((image * h + top) * w + 2 * ox) * c + ch;
			float best = from[0];
			if (wide && from[c] > best) {
				best = from[c];
				right = true;
			}
			if (top + 1 < h) {
				from += w * c;
				if (from[0] > best) {
					best = from[0];
					right = false;
					low = true;
				}
				if (wide && from[c] > best) {
					best = from[c];
					right = low = true;
				}
			}
			y[(row * ow + ox) * c + ch] = best;
		}
		unsigned columns = __ballot_sync(~0u, right), lines = __ballot_sync(~0u, low);
		if (lane == 0) {
			unsigned *to = argmax + (row * ow + ox) * 2 * words + part;
			to[0] = columns;
			to[words] = lines;
		}
	}
}

// unpool has a thread for each channel of each window, those that begin in the picture but are none of the
// pool's among them: it writes all pixels of the window.
KERNEL(unpool, (int rows, float *__restrict__ dx, const float *__restrict__ dy, const unsigned *__restrict__ argmax, int c, int h, int w, int oh, int ow, int words)) {
	int i = INDEX, across = (w + 1) / 2, down = (h + 1) / 2;
	if (i >= across * c) return;
	int ox = i / c, ch = i - ox * c;
	bool wide = 2 * ox + 1 < w;
	for (int row = blockIdx.y; row < rows; row += gridDim.y) {
		int image = row / down, oy = row - image * down;
		float v = 0;
		unsigned right = 0, low = 0;
		if (oy < oh && ox < ow) {
			int at = (image * oh + oy) * ow + ox;
			const unsigned *from = argmax + at * 2 * words + ch / 32;
			v = dy[at * c + ch];
			right = from[0] >> ch % 32 & 1;
			low = from[words] >> ch % 32 & 1;
		}
		float *to = dx + ((image * h + 2 * oy) * w + 2 * ox) * c + ch;
		to[0] = !low && !right ? v : 0;
		if (wide) to[c] = !low && right ? v : 0;
		if (2 * oy + 1 == h) continue;
		to += w * c;
		to[0] = low && !right ? v : 0;
		if (wide) to[c] = low && right ? v : 0;
	}
}
