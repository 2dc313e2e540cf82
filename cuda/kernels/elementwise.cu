#include "kernel.h"

// Operations of two operands. The second may have b_len numbers that repeat: one for all, or one for each
// channel.
#define BINARY(name, expression) \
	KERNEL(name, (int n, float *y, const float *a, const float *b, int b_len)) { \
		int i = INDEX; \
		if (i >= n) return; \
		float u = a[i], v = b[b_len == n ? i : i % b_len]; \
		y[i] = expression; \
	}

BINARY(add, u + v)
BINARY(sub, u - v)
BINARY(mul, u *v)
BINARY(div, u / v)
#undef BINARY
