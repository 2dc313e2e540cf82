// What every file of kernels begins with. One source has two uses: clang compiles it to PTX, without any
// header of NVIDIA's, and with SIMT defined a C++ compiler makes a library of it that runs kernels on the
// processor, for tests.
//
// Values are as the engine has them: pictures are N x H x W x C, filters kernel height x kernel width x
// input channels x output channels, matrices rows x columns. Results may take the place of operands where
// autodiff.Op.InPlace says so; those parameters are not __restrict__.
#pragma once

#ifdef SIMT
#include "simt.h"
using std::max;
using std::min;
#else

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#include <__clang_cuda_builtin_vars.h>

struct alignas(16) float4 { float x, y, z, w; };

__device__ inline float __shfl_down_sync(unsigned m, float v, int o) { return __nvvm_shfl_sync_down_f32(m, v, o, 0x1f); }
__device__ inline unsigned __ballot_sync(unsigned m, int p) { return __nvvm_vote_ballot_sync(m, p); }
__device__ inline float __shfl_xor_sync(unsigned m, float v, int o) { return __nvvm_shfl_sync_bfly_f32(m, v, o, 0x1f); }
__device__ inline int min(int a, int b) { return a < b ? a : b; }
__device__ inline int max(int a, int b) { return a > b ? a : b; }
__device__ inline float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
__device__ inline float sqrtf(float x) { return __nvvm_sqrt_rn_f(x); }
__device__ inline float fabsf(float x) { return __builtin_fabsf(x); }
__device__ inline float copysignf(float x, float sign) { return __builtin_copysignf(x, sign); }

// expf and logf are right to a few units of the last place, from approximations that are right to some
// more: x·log2(e) has a second part, and a logarithm is corrected by the exponential that it belongs to.
__device__ inline float expf(float x) {
	x = x < -200 ? -200 : x > 200 ? 200 : x;
	float t = x * 1.44269504f;
	float rest = fmaf(x, 1.44269504f, -t) + x * 1.92596303e-8f;
	return __nvvm_ex2_approx_f(t) * fmaf(rest, 0.693147181f, 1);
}
__device__ inline float logf(float x) {
	float y = __nvvm_lg2_approx_f(x) * 0.693147181f;
	return y + fmaf(x, expf(-y), -1);
}

#define REGISTER(name)
#endif

// INLINE is for functions whose variables have to stay in registers.
#define INLINE __device__ inline __attribute__((always_inline))

// KERNEL(name, (parameters)) { ... } defines a kernel, which other functions know as oneiro_name.
// Parameters are pointers, int and float. What may follow are attributes: __launch_bounds__.
#define KERNEL(name, parameters, ...) \
	extern "C" __global__ __VA_ARGS__ void oneiro_##name parameters; \
	REGISTER(oneiro_##name) \
	extern "C" __global__ __VA_ARGS__ void oneiro_##name parameters

// INDEX is the number of the thread among all of the grid, of which x is the only side.
#define INDEX (blockIdx.x * blockDim.x + threadIdx.x)

// Quad is four numbers that lie side by side: a thread reads and writes them at once. It is a vector of the
// compiler's, as one would take a struct apart and read its parts.
typedef float Quad __attribute__((vector_size(16)));

// load returns the numbers i..i+3 of n, zeros after the last; store writes them. i is a multiple of four.
// The loops have a fixed length: what a variable one indexes would not stay in registers.
__device__ inline Quad load(const float *x, int i, int n) {
	if (i + 4 <= n) return *(const Quad *)(x + i);
	Quad q;
	for (int k = 0; k < 4; k++) q[k] = i + k < n ? x[i + k] : 0;
	return q;
}

__device__ inline void store(float *y, int i, int n, Quad q) {
	if (i + 4 <= n) {
		*(Quad *)(y + i) = q;
		return;
	}
	for (int k = 0; k < 4; k++)
		if (i + k < n) y[i + k] = q[k];
}
