#include "kernel.h"

// Local response normalisation over windows of channels: before of them before a channel, and after after
// it. A thread has an element; what the windows of neighbours share comes from the cache.

// normaliser returns k + alpha·Σx² over the window of channel ch of a pixel.
__device__ inline float normaliser(const float *pixel, int ch, int c, int before, int after, float alpha, float k) {
	float sum = 0;
	for (int i = max(ch - before, 0), end = min(ch + after, c - 1); i <= end; i++) sum = fmaf(pixel[i], pixel[i], sum);
	return fmaf(alpha, sum, k);
}

// power returns n^-beta. That of the published networks needs no exponential.
__device__ inline float power(float n, float beta) {
	if (beta == 0.75f) {
		float root = sqrtf(n);
		return 1 / (root * sqrtf(root));
	}
	return expf(-beta * logf(n));
}

KERNEL(lrn, (int n, float *__restrict__ y, const float *__restrict__ x, int c, int before, int after, float alpha, float beta, float k)) {
	int i = INDEX;
	if (i >= n) return;
	int ch = i % c;
	y[i] = x[i] * power(normaliser(x + i - ch, ch, c, before, after, alpha, k), beta);
}

// lrnSlope writes dy·x·n^(-beta-1), n being the normaliser: what the gradient sums up.
KERNEL(lrnSlope, (int n, float *__restrict__ slope, const float *__restrict__ dy, const float *__restrict__ x, int c, int before, int after, float alpha, float beta, float k)) {
	int i = INDEX;
	if (i >= n) return;
	int ch = i % c;
	float m = normaliser(x + i - ch, ch, c, before, after, alpha, k);
	slope[i] = dy[i] * x[i] * power(m, beta) / m;
}

// lrnGrad is dy·n^-beta - factor·x·Σslope, the sum running over the channels in whose window x is.
KERNEL(lrnGrad, (int n, float *__restrict__ dx, const float *__restrict__ dy, const float *__restrict__ x, const float *__restrict__ slope, int c, int before, int after, float alpha, float beta, float k, float factor)) {
	int i = INDEX;
	if (i >= n) return;
	int ch = i % c;
	float m = normaliser(x + i - ch, ch, c, before, after, alpha, k);
	float sum = 0;
	for (int j = max(ch - after, 0), end = min(ch + before, c - 1); j <= end; j++) sum += slope[i - ch + j];
	dx[i] = dy[i] * power(m, beta) - factor * x[i] * sum;
}
