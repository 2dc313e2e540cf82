#include "kernel.h"
#include "reduce.h"

// Products of the channels at each position. A warp has a position.

#define ROW (INDEX / 32)
#define LANE (threadIdx.x % 32)

KERNEL(dots, (int rows, float *__restrict__ y, const float *__restrict__ x, const float *__restrict__ t, int c)) {
	int r = ROW;
	if (r >= rows) return;
	x += r * c;
	t += r * c;
	float xt = 0, xx = 0;
	for (int i = LANE; i < c; i += 32) {
		xt = fmaf(x[i], t[i], xt);
		xx = fmaf(x[i], x[i], xx);
	}
	xt = warpSum(xt);
	xx = warpSum(xx);
	if (LANE == 0) {
		y[2 * r] = xt;
		y[2 * r + 1] = xx;
	}
}

KERNEL(dotsGrad, (int n, float *__restrict__ dx, const float *__restrict__ dy, const float *__restrict__ x, const float *__restrict__ t, int c)) {
	int i = INDEX;
	if (i >= n) return;
	const float *d = dy + 2 * (i / c);
	dx[i] = fmaf(2 * d[1], x[i], d[0] * t[i]);
}

#undef ROW
#undef LANE
