#include "kernel.h"

// Histograms of the channels, and the distance between such (autodiff.Histogram, autodiff.Transport).

// Bin is where a number lies among the bins, as the nearest whole number and how far it lies above, and how fast
// that changes with it.
struct Bin {
	int n;
	float above, slope;
};

__device__ inline Bin binOf(float x, float m, float v, int bins) {
	float z = (x - m) * v, d = 1 + fabsf(z), half = 0.5f * bins;
	float t = half * (z / d); // from the middle, where there are more digits
	int n = min(max((int)(t + half + 0.5f), 0), bins);
	return {n, t - (n - half), half * v / (d * d)};
}

// histogram adds up, over the positions of blockIdx.y's range of span, what each number shares out to the three
// whole numbers that are nearest: a thread for each channel of a picture, and sums over 2048 positions at a time in
// float32. A row of partial sums for each range is bins + 1 rows of c.
KERNEL(histogram, (int rows, int c, int bins, int span, double *partials, const float *x, const float *grid, const float *weights)) {
	__shared__ float sums[257 * 32];
	int ch = INDEX, first = blockIdx.y * span, last = min(first + span, rows);
	if (ch >= c) return;
	float *own = sums + threadIdx.x, m = grid[ch], v = grid[c + ch];
	partials += blockIdx.y * (bins + 1) * c + ch;
	for (int from = first; from < last; from += 2048) {
		for (int k = 0; k <= bins; k++) own[32 * k] = 0;
		for (int r = from; r < min(from + 2048, last); r++) {
			Bin b = binOf(x[r * c + ch], m, v, bins);
			float w = weights ? weights[r] : 1, low = 0.5f - b.above, high = 0.5f + b.above;
			float down = w * (low * low / 2), up = w * (high * high / 2);
			own[32 * b.n] += w - down - up;
			own[32 * max(b.n - 1, 0)] += down;
			own[32 * min(b.n + 1, bins)] += up;
		}
		for (int k = 0; k <= bins; k++) partials[k * c] = (from == first ? 0 : partials[k * c]) + own[32 * k];
	}
}

// histogramTails adds up what lies above each row.
KERNEL(histogramTails, (int c, int bins, float *y, const float *sums)) {
	int ch = INDEX;
	if (ch >= c) return;
	double above = 0;
	for (int k = bins - 1; k >= 0; k--) {
		above += sums[(k + 1) * c + ch];
		y[k * c + ch] = above;
	}
}

// histogramGrad goes through the rows of a picture.
KERNEL(histogramGrad, (int rows, int c, int bins, float *dx, const float *x, const float *dy, const float *grid, const float *weights, float scale)) {
	int ch = INDEX;
	if (ch >= c) return;
	float m = grid[ch], v = grid[c + ch];
	for (int r = blockIdx.y; r < rows; r += gridDim.y) {
		Bin b = binOf(x[r * c + ch], m, v, bins);
		float sum = 0;
		if (b.n > 0) sum = (0.5f - b.above) * dy[(b.n - 1) * c + ch];
		if (b.n < bins) sum += (0.5f + b.above) * dy[b.n * c + ch];
		dx[r * c + ch] = scale * (weights ? weights[r] : 1) * sum * b.slope;
	}
}

// border returns where bin b begins, in units of the grid.
__device__ inline double border(int b, int bins) {
	if (b == 0) return -2.0 * bins;
	if (b > bins) return 2.0 * bins;
	double s = (2 * b - 1) / (double)bins - 1;
	return s / (1 - (s < 0 ? -s : s));
}

// LEAST_SHARE is the share below which there is nothing.
#define LEAST_SHARE 1e-6

// below returns the share of what lies below a border, which is not less than at the one before.
__device__ inline double below(const float *tails, int b, int bins, int c, double before) {
	if (b == 0) return 0;
	if (b > bins) return 1;
	double u = 1 - (double)tails[(b - 1) * c];
	if (u > 1 - LEAST_SHARE) return 1;
	return u >= LEAST_SHARE && u > before ? u : before;
}

// Target is bin n of the target: shares u0..u1, which are spread between y0 and y1.
struct Target {
	const float *tails;
	int n, bins, c;
	double u0, u1, y0, y1;

	__device__ inline Target(const float *tails, int bins, int c) : tails(tails), n(0), bins(bins), c(c), u0(0), u1(below(tails, 1, bins, c, 0)), y0(border(0, bins)), y1(border(1, bins)) {}
	__device__ inline void next() {
		n++;
		u0 = u1, y0 = y1;
		y1 = border(n + 1, bins), u1 = below(tails, n + 1, bins, c, u0);
	}
	__device__ inline double at(double u) const {
		if (u1 <= u0) return y0;
		double t = (u - u0) / (u1 - u0);
		return y0 + (y1 - y0) * (t < 0 ? 0 : t > 1 ? 1 : t);
	}
};

// Integrals of 2(x - T(x)) over a bin, times what rises from 0 to 1 in the bin and what falls. add goes on to a
// place, with x - T(x) here and there.
struct Integrals {
	double left, width, from, rising, falling;

	__device__ inline void add(double to, double d0, double d1) {
		double w0 = (from - left) / width, w1 = (to - left) / width, dx = (to - from) / 3;
		rising += dx * (w0 * (2 * d0 + d1) + w1 * (d0 + 2 * d1));
		falling += dx * ((1 - w0) * (2 * d0 + d1) + (1 - w1) * (d0 + 2 * d1));
		from = to;
	}
};

// fromRange returns how far x lies from lo..hi.
__device__ inline double fromRange(double x, double lo, double hi) { return x < lo ? x - lo : x > hi ? x - hi : 0; }

// transport has a thread for each channel, which goes through both distributions at the same time: a bin of x
// maps to an interval of the target's, piece by piece, each within one bin of the target.
KERNEL(transport, (int c, int bins, float *y, const float *x, const float *target, const float *grid)) {
	int ch = INDEX;
	if (ch >= c) return;
	x += ch, y += ch;
	double v = grid[c + ch], perSquare = 1 / (v * v);
	Target t(target + ch, bins, c);
	while (t.u1 <= 0 && t.n < bins) t.next();
	double u = 0, left = border(0, bins), before = 0, distance = 0;
	for (int i = 0; i <= bins; i++) {
		double right = border(i + 1, bins), last = below(x, i + 1, bins, c, u), first = u, mass = last - u;
		Integrals sum = {left, right - left, left, 0, 0};
		if (mass < LEAST_SHARE) {
			double lo = t.at(u), hi = lo;
			if (t.u1 - u < LEAST_SHARE && u < 1 - LEAST_SHARE) {
				Target next = t;
				while (next.u1 - u < LEAST_SHARE && next.n < bins) next.next();
				hi = next.y0;
			}
			sum.add(right, fromRange(left, lo, hi), fromRange(right, lo, hi));
		}
		while (mass >= LEAST_SHARE && u < last) {
			while (t.u1 <= u && t.n < bins) t.next();
			double to = right, end = last;
			if (t.u1 < end && t.n < bins) {
				end = t.u1;
				to = left + (right - left) * (end - first) / mass;
			}
			double d0 = sum.from - t.at(u), d1 = to - t.at(end);
			distance += (end - u) * (d0 * d0 + d0 * d1 + d1 * d1) / 3;
			sum.add(to, d0, d1);
			u = end;
		}
		if (i > 0) y[(i - 1) * c] = (before + sum.falling) * perSquare;
		u = last, left = right, before = sum.rising;
	}
	y[bins * c] = distance * perSquare;
}
