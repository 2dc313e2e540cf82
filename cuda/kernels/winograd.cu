// Convolutions of 3x3 taps by Winograd's method, F(4x4,3x3) (Lavin and Gray, arXiv:1509.09308): a tile of 6x6
// pixels and the filter are transformed to 36 points, at each of which there is a product of matrices,
// tiles x channels by channels x channels, and 4x4 pixels come back for a quarter of the multiplications.
// A thread transforms one channel of one tile: those of a warp read and write channels side by side.
#include "kernel.h"

// The transforms of six pixels, three taps and six products.
INLINE void ofPixels(float (&t)[6], const float (&d)[6]) {
	float even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], even2 = d[4] - d[2], odd2 = 2 * (d[3] - d[1]);
	t[0] = 4 * d[0] - 5 * d[2] + d[4];
	t[1] = even + odd;
	t[2] = even - odd;
	t[3] = even2 + odd2;
	t[4] = even2 - odd2;
	t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

INLINE void ofTaps(float (&t)[6], const float (&g)[3]) {
	float even = (g[0] + g[2]) * (-1 / 6.f), odd = g[1] * (-1 / 6.f);
	float even2 = g[0] * (1 / 24.f) + g[2] * (1 / 6.f), odd2 = g[1] * (1 / 12.f);
	t[0] = g[0] * 0.25f;
	t[1] = even + odd;
	t[2] = even - odd;
	t[3] = even2 + odd2;
	t[4] = even2 - odd2;
	t[5] = g[2];
}

INLINE void ofProducts(float (&y)[4], const float (&m)[6]) {
	float even = m[1] + m[2], odd = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
	y[0] = m[0] + even + even2;
	y[1] = odd + 2 * odd2;
	y[2] = even + 4 * even2;
	y[3] = odd + 8 * odd2 + m[5];
}

// winogradFilter transforms a filter of n pairs of channels.
KERNEL(winogradFilter, (int n, float *u, const float *w)) {
	int i = INDEX;
	if (i >= n) return;
	float rows[6][3]; // transformed along the columns of taps
#pragma unroll
	for (int x = 0; x < 3; x++) {
		float t[6];
		ofTaps(t, {w[x * n + i], w[(3 + x) * n + i], w[(6 + x) * n + i]});
#pragma unroll
		for (int p = 0; p < 6; p++) rows[p][x] = t[p];
	}
#pragma unroll
	for (int p = 0; p < 6; p++) {
		float t[6];
		ofTaps(t, rows[p]);
#pragma unroll
		for (int q = 0; q < 6; q++) u[(p * 6 + q) * n + i] = t[q];
	}
}

// winogradSource transforms tiles of a picture, from the first one on, of which there are tilesH x tilesW
// in a picture. n is their number times c.
KERNEL(winogradSource, (int n, float *v, const float *x, int first, int h, int w, int c, int tilesH, int tilesW, int padTop, int padLeft)) {
	int i = INDEX;
	if (i >= n) return;
	int chunk = i / c, channel = i - chunk * c, tile = first + chunk;
	int line = tile / tilesW, picture = line / tilesH;
	int top = (line - picture * tilesH) * 4 - padTop, left = (tile - line * tilesW) * 4 - padLeft;
	const float *from = x + ((picture * h + top) * w + left) * c + channel;
	float rows[6][6];
#pragma unroll
	for (int px = 0; px < 6; px++) {
		float d[6], t[6];
		bool inside = (unsigned)(left + px) < (unsigned)w;
#pragma unroll
		for (int py = 0; py < 6; py++) d[py] = inside && (unsigned)(top + py) < (unsigned)h ? from[(py * w + px) * c] : 0;
		ofPixels(t, d);
#pragma unroll
		for (int p = 0; p < 6; p++) rows[p][px] = t[p];
	}
#pragma unroll
	for (int p = 0; p < 6; p++) {
		float t[6];
		ofPixels(t, rows[p]);
#pragma unroll
		for (int q = 0; q < 6; q++) v[(p * 6 + q) * n + i] = t[q];
	}
}

// winogradResult transforms the products of tiles back, adds the bias if there is one, and clamps. n is the
// number of tiles times c, the channels of a result of h x w pixels.
KERNEL(winogradResult, (int n, float *y, const float *m, const float *bias, int first, int h, int w, int c, int tilesH, int tilesW, int relu)) {
	int i = INDEX;
	if (i >= n) return;
	int chunk = i / c, channel = i - chunk * c, tile = first + chunk;
	int line = tile / tilesW, picture = line / tilesH;
	int top = (line - picture * tilesH) * 4, left = (tile - line * tilesW) * 4;
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
	float *to = y + ((picture * h + top) * w + left) * c + channel;
#pragma unroll
	for (int py = 0; py < 4; py++) {
		if (top + py >= h) break;
		float t[4];
		ofProducts(t, rows[py]);
#pragma unroll
		for (int px = 0; px < 4; px++) {
			float value = t[px] + add;
			if (left + px < w) to[(py * w + px) * c] = relu && !(value > 0) ? 0 : value;
		}
	}
}
