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

// Sum adds up with the rounding errors kept (Knuth's exact sum of two numbers, whichever is larger): sums of
// numbers of both signs are wanted to the last digits, and additions in float64 are slow on most GPUs.
struct Sum {
	float sum, lost;
	__device__ inline void add(float v) {
		float next = sum + v, added = next - sum;
		lost += (sum - (next - added)) + (v - added);
		sum = next;
	}
	__device__ inline double value() const { return (double)sum + lost; }
};

// blockTotal returns to each of the first apart threads of a block of 256 the sum over itself and all that
// follow at that distance, a power of two. They are added in a tree. All threads have to call it, as often
// as each other.
__device__ inline double blockTotal(double v, int apart) {
	__shared__ double all[256];
	int self = threadIdx.y * blockDim.x + threadIdx.x;
	all[self] = v;
	__syncthreads();
	for (int half = 128; half >= apart; half /= 2) {
		if (self < half) all[self] += all[self + half];
		__syncthreads();
	}
	v = all[self];
	__syncthreads();
	return v;
}

// partial writes the sum over the threads of a block of 256 to the block's place in partials.
__device__ inline void partial(double *partials, double v) {
	v = blockTotal(v, 1);
	if (threadIdx.x == 0) partials[blockIdx.x] = v;
}

// Sums over the rows of a matrix have blocks of blockDim.x columns, up to a warp, so that a warp reads side
// by side, and blockDim.y rows; gridDim.y blocks share the rows of the same columns. COLUMN is the
// thread's column, and EACH_ROW goes through its rows.
#define COLUMN (blockIdx.x * blockDim.x + threadIdx.x)
#define EACH_ROW(r, rows) \
	for (int r = blockIdx.y * blockDim.y + threadIdx.y; r < rows; r += gridDim.y * blockDim.y)

// columnTotal returns the sum over the threads of a column to the first of them.
__device__ inline double columnTotal(double v) { return blockTotal(v, blockDim.x); }
