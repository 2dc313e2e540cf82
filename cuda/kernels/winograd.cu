// Convolutions of 3x3 taps by Winograd's method, F(4x4,3x3) (Lavin and Gray, arXiv:1509.09308): a tile of 6x6
// pixels and the filter are transformed to 36 points, at each of which there is a product of matrices,
// tiles x channels by channels x channels, and 4x4 pixels come back for a quarter of the multiplications.
// A thread transforms one channel of one tile: those of a warp read and write channels side by side.
#include "kernel.h"

// The points are 0, ±A, ±B and infinity, with A and B as the processor's kernels have them: their errors are
// half of those of the usual ±1 and ±2. Even and odd are the parts of polynomials at opposite points.
constexpr float A = 5 / 8.f, B = 3 / 2.f, A2 = A * A, B2 = B * B, SUM = A2 + B2, PRODUCT = A2 * B2;
constexpr float NORM_A = 1 / (2 * A2 * (A2 - B2)), NORM_B = 1 / (2 * B2 * (B2 - A2));

// The transforms of six pixels and three taps to points, and back of six products.
INLINE void toPoints(float (&t)[6], const float (&d)[6]) {
	float evenA = fmaf(-B2, d[2], d[4]), oddA = A * fmaf(-B2, d[1], d[3]);
	float evenB = fmaf(-A2, d[2], d[4]), oddB = B * fmaf(-A2, d[1], d[3]);
	t[0] = fmaf(PRODUCT, d[0], fmaf(-SUM, d[2], d[4]));
	t[1] = evenA + oddA;
	t[2] = evenA - oddA;
	t[3] = evenB + oddB;
	t[4] = evenB - oddB;
	t[5] = fmaf(PRODUCT, d[1], fmaf(-SUM, d[3], d[5]));
}

INLINE void toPoints(float (&t)[6], const float (&g)[3]) {
	float evenA = NORM_A * fmaf(A2, g[2], g[0]), oddA = NORM_A * A * g[1];
	float evenB = NORM_B * fmaf(B2, g[2], g[0]), oddB = NORM_B * B * g[1];
	t[0] = 1 / PRODUCT * g[0];
	t[1] = evenA + oddA;
	t[2] = evenA - oddA;
	t[3] = evenB + oddB;
	t[4] = evenB - oddB;
	t[5] = g[2];
}

INLINE void ofProducts(float (&y)[4], const float (&m)[6]) {
	float evenA = m[1] + m[2], oddA = A * (m[1] - m[2]), evenB = m[3] + m[4], oddB = B * (m[3] - m[4]);
	y[0] = m[0] + evenA + evenB;
	y[1] = oddA + oddB;
	y[2] = fmaf(A2, evenA, B2 * evenB);
	y[3] = fmaf(A2, oddA, B2 * oddB) + m[5];
}

// writePoints transforms what was transformed along columns along rows too, and writes number i of n of each
// of the 36 points.
template <int N> INLINE void writePoints(float *to, int n, int i, const float (&rows)[6][N]) {
#pragma unroll
	for (int p = 0; p < 6; p++) {
		float t[6];
		toPoints(t, rows[p]);
#pragma unroll
		for (int q = 0; q < 6; q++) to[(p * 6 + q) * n + i] = t[q];
	}
}

// winogradFilter transforms a filter of n pairs of channels.
KERNEL(winogradFilter, (int n, float *u, const float *w)) {
	int i = INDEX;
	if (i >= n) return;
	float rows[6][3]; // transformed along the columns of taps
#pragma unroll
	for (int x = 0; x < 3; x++) {
		float t[6];
		toPoints(t, {w[x * n + i], w[(3 + x) * n + i], w[(6 + x) * n + i]});
#pragma unroll
		for (int p = 0; p < 6; p++) rows[p][x] = t[p];
	}
	writePoints(u, n, i, rows);
}

// Tile is where the thread's tile lies, which is number i / c of a launch whose first one is given, and its
// channel. There are tilesH x tilesW in a picture.
struct Tile {
	int channel, picture, top, left;

	INLINE Tile(int i, int first, int c, int tilesH, int tilesW) {
		int tile = i / c, line = (first + tile) / tilesW;
		channel = i - tile * c;
		picture = line / tilesH;
		top = (line - picture * tilesH) * 4;
		left = (first + tile - line * tilesW) * 4;
	}
};

// winogradSource transforms tiles of a picture. n is their number times c.
KERNEL(winogradSource, (int n, float *v, const float *x, int padTop, int padLeft, int first, int h, int w, int c, int tilesH, int tilesW)) {
	int i = INDEX;
	if (i >= n) return;
	Tile tile(i, first, c, tilesH, tilesW);
	int top = tile.top - padTop, left = tile.left - padLeft;
	const float *from = x + ((tile.picture * h + top) * w + left) * c + tile.channel;
	float rows[6][6];
#pragma unroll
	for (int px = 0; px < 6; px++) {
		float d[6], t[6];
		bool inside = (unsigned)(left + px) < (unsigned)w;
#pragma unroll
		for (int py = 0; py < 6; py++) d[py] = inside && (unsigned)(top + py) < (unsigned)h ? from[(py * w + px) * c] : 0;
		toPoints(t, d);
#pragma unroll
		for (int p = 0; p < 6; p++) rows[p][px] = t[p];
	}
	writePoints(v, n, i, rows);
}

// standsFor returns which pixel of an axis of n stands for pixel i: that of autodiff.Axis.
INLINE int standsFor(int i, int n, int end, int reflects) {
	if ((unsigned)i < (unsigned)n) return i;
	if (i >= end) return -1;
	if (!reflects) return i < 0 ? 0 : n - 1;
	return i < 0 ? -i : 2 * (n - 1) - i;
}

// winogradSourceAround is winogradSource of a picture whose padding is made of its own pixels, up to a last row
// and column.
KERNEL(winogradSourceAround, (int n, float *v, const float *x, int padTop, int padLeft, int first, int h, int w, int c, int tilesH, int tilesW,
	int endH, int endW, int reflects)) {
	int i = INDEX;
	if (i >= n) return;
	Tile tile(i, first, c, tilesH, tilesW);
	const float *from = x + tile.picture * h * w * c + tile.channel;
	int lines[6];
#pragma unroll
	for (int py = 0; py < 6; py++) lines[py] = standsFor(tile.top - padTop + py, h, endH, reflects);
	float rows[6][6];
#pragma unroll
	for (int px = 0; px < 6; px++) {
		float d[6], t[6];
		int column = standsFor(tile.left - padLeft + px, w, endW, reflects);
#pragma unroll
		for (int py = 0; py < 6; py++) d[py] = column >= 0 && lines[py] >= 0 ? from[(lines[py] * w + column) * c] : 0;
		toPoints(t, d);
#pragma unroll
		for (int p = 0; p < 6; p++) rows[p][px] = t[p];
	}
	writePoints(v, n, i, rows);
}

// pixelsOf transforms the products of a tile back, adds the bias if there is one, and clamps.
INLINE void pixelsOf(float (&v)[4][4], const float *m, int n, int i, const float *bias, int channel, int relu) {
	float rows[4][6];
#pragma unroll
	for (int q = 0; q < 6; q++) {
		float d[6], t[4];
#pragma unroll
		for (int p = 0; p < 6; p++) d[p] = m[(p * 6 + q) * n + i];
		ofProducts(t, d);
#pragma unroll
		for (int p = 0; p < 4; p++) rows[p][q] = t[p];
	}
	float add = bias ? bias[channel] : 0;
#pragma unroll
	for (int py = 0; py < 4; py++) {
		ofProducts(v[py], rows[py]);
#pragma unroll
		for (int px = 0; px < 4; px++) {
			v[py][px] += add;
			if (relu && !(v[py][px] > 0)) v[py][px] = 0;
		}
	}
}

// setWord writes the bits of a warp's 32 channels.
INLINE void setWord(unsigned *word, bool bit) {
	unsigned bits = __ballot_sync(~0u, bit);
	if (threadIdx.x % 32 == 0) *word = bits;
}

// winogradResult makes the pixels of a result of h x w. With a mask, or signs to set, c is a multiple of
// 32, so that a warp has a word of bits.
KERNEL(winogradResult, (int n, float *y, const unsigned *mask, unsigned *signs, const float *m, const float *bias, int relu,
	int first, int h, int w, int c, int tilesH, int tilesW)) {
	int i = INDEX;
	if (i >= n) return;
	Tile tile(i, first, c, tilesH, tilesW);
	float v[4][4];
	pixelsOf(v, m, n, i, bias, tile.channel, relu);
#pragma unroll
	for (int py = 0; py < 4; py++) {
		if (tile.top + py >= h) break;
#pragma unroll
		for (int px = 0; px < 4; px++) {
			if (tile.left + px >= w) break;
			int pixel = (tile.picture * h + tile.top + py) * w + tile.left + px, word = pixel * (c / 32) + tile.channel / 32;
			float value = v[py][px];
			if (mask && !(mask[word] >> tile.channel % 32 & 1)) value = 0;
			y[pixel * c + tile.channel] = value;
			if (signs) setWord(signs + word, value > 0);
		}
	}
}

// winogradPool pools windows of 2x2 of those pixels to oh x ow, of which a tile has four. Picks and signs may
// be null; c is a multiple of 32.
KERNEL(winogradPool, (int n, float *y, unsigned *argmax, unsigned *signs, const float *m, const float *bias, int relu, int oh, int ow,
	int first, int h, int w, int c, int tilesH, int tilesW)) {
	int i = INDEX;
	if (i >= n) return;
	Tile tile(i, first, c, tilesH, tilesW);
	float v[4][4];
	pixelsOf(v, m, n, i, bias, tile.channel, relu);
	int words = c / 32, part = tile.channel / 32;
#pragma unroll
	for (int py = 0; py < 4; py += 2) {
		int oy = (tile.top + py) / 2;
		if (oy >= oh) break;
#pragma unroll
		for (int px = 0; px < 4; px += 2) {
			int ox = (tile.left + px) / 2;
			if (ox >= ow) break;
			bool wide = tile.left + px + 1 < w, tall = tile.top + py + 1 < h, right = false, low = false;
			float best = v[py][px];
			if (wide && v[py][px + 1] > best) {
				best = v[py][px + 1];
				right = true;
			}
			if (tall && v[py + 1][px] > best) {
				best = v[py + 1][px];
				right = false;
				low = true;
			}
			if (wide && tall && v[py + 1][px + 1] > best) {
				best = v[py + 1][px + 1];
				right = low = true;
			}
			int pixel = (tile.picture * oh + oy) * ow + ox;
			y[pixel * c + tile.channel] = best;
			if (argmax) {
				setWord(argmax + pixel * 2 * words + part, right);
				setWord(argmax + pixel * 2 * words + words + part, low);
			}
			if (signs) setWord(signs + pixel * words + part, best > 0);
		}
	}
}
