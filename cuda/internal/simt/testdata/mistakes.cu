// Kernels with one mistake each, and one without. mistakes_test.go says how each is found.
#include "kernel.h"

constexpr int size = 64; // of a block

// Rotates x by three, one place after the other.
template <bool barrier> __device__ void rotate(float *y, const float *x) {
	__shared__ float tile[size];
	int i = threadIdx.x;
	float v = x[i];
	for (int round = 0; round < 3; round++) {
		tile[i] = v;
		__syncthreads();
		v = tile[(i + 1) % size];
		if (barrier) __syncthreads(); // or a neighbour may read what the next round writes
	}
	y[i] = v;
}
KERNEL(correct, (float *y, const float *x)) { rotate<true>(y, x); }
KERNEL(missing_barrier, (float *y, const float *x)) { rotate<false>(y, x); }

KERNEL(barrier_of_some, (float *y, const float *x)) {
	if (threadIdx.x < 32) __syncthreads();
	y[threadIdx.x] = x[threadIdx.x];
}

KERNEL(barrier_after_return, (float *y, const float *x)) {
	if (threadIdx.x >= 32) return;
	__syncthreads();
	y[threadIdx.x] = x[threadIdx.x];
}

KERNEL(different_barriers, (float *y, const float *x)) {
	if (threadIdx.x < 32) {
		__syncthreads();
	} else {
		__syncthreads();
	}
	y[threadIdx.x] = x[threadIdx.x];
}

KERNEL(shuffle_of_some, (float *y, const float *x)) {
	float v = x[threadIdx.x];
	if (threadIdx.x % 2 == 0) v += __shfl_down_sync(~0u, v, 2);
	y[threadIdx.x] = v;
}

KERNEL(uninitialised, (float *y, const float *x)) {
	__shared__ float tile[size];
	if (threadIdx.x > 0) tile[threadIdx.x] = x[threadIdx.x];
	__syncthreads();
	y[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(write_before, (float *y, const float *x)) { y[(int)threadIdx.x - 1] = x[threadIdx.x]; }
KERNEL(write_behind, (float *y, const float *x)) { y[threadIdx.x + 1] = x[threadIdx.x]; }
KERNEL(read_behind, (float *y, const float *x)) { y[threadIdx.x] = x[threadIdx.x + 1]; }
KERNEL(read_far, (float *y, const float *x)) { y[threadIdx.x] = x[threadIdx.x + 4 * size]; }

KERNEL(shared_behind, (float *y, const float *x)) {
	__shared__ float tile[size];
	tile[threadIdx.x + 1] = x[threadIdx.x];
	y[threadIdx.x] = tile[threadIdx.x + 1];
}

KERNEL(misaligned, (float *y, const float *x)) {
	float4 v = *(const float4 *)(x + 1);
	y[threadIdx.x] = v.x;
}

// These are declared otherwise in the PTX of the test, or not at all.
KERNEL(different_parameters, (float *y, const float *x)) { y[threadIdx.x] = x[threadIdx.x]; }
KERNEL(only_in_the_source, (float *y, const float *x)) { y[threadIdx.x] = x[threadIdx.x]; }
