// Sums over the threads of a block, and over blocks: in an order that depends on sizes alone.
#pragma once
#include "kernel.h"

// warpSum returns the sum over the threads of a warp to all of them, warpMax the largest number.
__device__ inline float warpSum(float v) {
	for (int o = 16; o > 0; o /= 2) v += __shfl_xor_sync(~0u, v, o);
	return v;
}

__device__ inline float warpMax(float v) {
	for (int o = 16; o > 0; o /= 2) {
		float w = __shfl_xor_sync(~0u, v, o);
		if (!(w <= v)) v = w;
	}
	return v;
}

// partial writes the sum over the threads of a block of 256 to the block's place in partials. A kernel may
// call it once.
__device__ inline void partial(float *partials, float v) {
	__shared__ float warps[8];
	v = warpSum(v);
	if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = v;
	__syncthreads();
	if (threadIdx.x > 0) return;
	for (int i = 1; i < 8; i++) v += warps[i];
	partials[blockIdx.x] = v;
}

// Sums over the rows of a matrix have blocks of blockDim.x columns, up to a warp, so that a warp reads side
// by side, and blockDim.y rows; gridDim.y blocks share the rows of the same columns. COLUMN is the
// thread's column, and EACH_ROW goes through its rows.
#define COLUMN (blockIdx.x * blockDim.x + threadIdx.x)
#define EACH_ROW(r, rows) \
	for (int r = blockIdx.y * blockDim.y + threadIdx.y; r < rows; r += gridDim.y * blockDim.y)

// columnTotal returns the sum over the threads of a column to the first of them. The block has 256 threads;
// all of them have to call it, as often as each other.
template <class T> __device__ inline T columnTotal(T v) {
	__shared__ T all[256];
	int self = threadIdx.y * blockDim.x + threadIdx.x;
	all[self] = v;
	__syncthreads();
	for (int half = blockDim.y / 2; half > 0; half /= 2) {
		if (threadIdx.y < half) all[self] += all[self + half * blockDim.x];
		__syncthreads();
	}
	v = all[self];
	__syncthreads();
	return v;
}
