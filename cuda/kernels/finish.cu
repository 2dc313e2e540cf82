#include "kernel.h"

// Bits of values: as many words of 32 for each pixel as its channels need.

// keep sets y to x where the bit is set, else to 0. A thread has four elements, and divides once.
KERNEL(keep, (int n, float *y, const float *x, const unsigned *bits, int c)) {
	int i = 4 * INDEX;
	if (i >= n) return;
	int pixel = i / c, ch = i - pixel * c, words = (c + 31) / 32;
	Quad v = load(x, i, n);
	for (int k = 0; k < 4; k++) {
		if (i + k < n && !(bits[pixel * words + ch / 32] >> ch % 32 & 1)) v[k] = 0;
		if (++ch == c) {
			ch = 0;
			pixel++;
		}
	}
	store(y, i, n, v);
}

// signs sets the bits of the n words: a warp has a word.
KERNEL(signs, (int n, unsigned *bits, const float *x, int c)) {
	int word = INDEX / 32, lane = threadIdx.x % 32;
	if (word >= n) return;
	int words = (c + 31) / 32, pixel = word / words, ch = (word - pixel * words) * 32 + lane;
	unsigned positive = __ballot_sync(~0u, ch < c && x[pixel * c + ch] > 0);
	if (lane == 0) bits[word] = positive;
}
