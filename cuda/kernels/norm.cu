#include "kernel.h"
#include "reduce.h"

// Batch normalisation. moments are a row of means and a row of variances. A thread has a column, and
// computes its factor once.

__device__ inline float inverse(const float *moments, int c, int ch, float epsilon) {
	return 1 / sqrtf(moments[c + ch] + epsilon);
}

KERNEL(batchNorm, (int rows, int c, float *y, const float *x, const float *moments, float epsilon)) {
	int ch = COLUMN;
	if (ch >= c) return;
	float mean = moments[ch], factor = inverse(moments, c, ch, epsilon);
	EACH_ROW(r, rows) y[r * c + ch] = (x[r * c + ch] - mean) * factor;
}

// means are those of dy, and of dy times y.
KERNEL(batchNormGrad, (int rows, int c, float *dx, const float *dy, const float *y, const float *moments, const float *means, float epsilon)) {
	int ch = COLUMN;
	if (ch >= c) return;
	float mean = means[ch], product = means[c + ch], factor = inverse(moments, c, ch, epsilon);
	EACH_ROW(r, rows) dx[r * c + ch] = (dy[r * c + ch] - mean - y[r * c + ch] * product) * factor;
}
