// The engine for GPUs with units for products of small matrices of TF32 numbers, which have the range of a
// float32 and 11 bits. A factor that is split in two such numbers, high and low, keeps 22 bits: the product
// is high·high + high·low + low·high, and as good as one of float32.
#pragma once
#include "gemm.h"

#if defined(SIMT) || __CUDA_ARCH__ >= 800

// tf32 rounds to the nearest TF32 number, away from zero between two of them.
INLINE float tf32(float x) {
	union {
		float f;
		unsigned u;
	} v = {x};
	v.u = (v.u + 0x1000u) & ~0x1fffu;
	return v.f;
}

// multiplyAdd adds products of a warp, 16x8 by 8x8, to d: N of them with the same left matrix. Lane 4g+t has
// of that (g, t), (g+8, t), (g, t+4) and (g+8, t+4); of a right one (t, g) and (t+4, g); and of a sum (g, 2t),
// (g, 2t+1), (g+8, 2t) and (g+8, 2t+1). The numbers have to be TF32.
template <int N> INLINE void multiplyAdd(float (&d)[N][4], const float (&a)[4], const float (&b)[N][2]) {
#ifdef SIMT
	simt::mma(d, a, b);
#else
#pragma unroll
	for (int j = 0; j < N; j++) {
		const unsigned *u = (const unsigned *)a, *v = (const unsigned *)b[j];
		asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
			: "+f"(d[j][0]), "+f"(d[j][1]), "+f"(d[j][2]), "+f"(d[j][3])
			: "r"(u[0]), "r"(u[1]), "r"(u[2]), "r"(u[3]), "r"(v[0]), "r"(v[1]));
	}
#endif
}

// Tensor multiplies a tile with eight warps, COLS / 32 of them side by side: a warp has 32 columns of the
// result, and its rows in tiles of 16. With split factors each product is added to the rest by ordinary
// addition, since that of the units cuts off what does not fit.
template <int ROWS_, int COLS_, bool SPLIT> struct Tensor {
	static constexpr int ROWS = ROWS_, COLS = COLS_, ACROSS = COLS / 32;
	static constexpr int R = ROWS * ACROSS / (THREADS / 32) / 16, C = 4; // tiles of 16x8 for a warp
	static constexpr int BLOCKS = COLS > 64 ? 1 : 2;
	float sum[R][C][4] = {};

	INLINE static int row() { return threadIdx.x / 32 / ACROSS * 16 * R; }
	INLINE static int col() { return threadIdx.x / 32 % ACROSS * 8 * C; }

	INLINE static void split(float x, float &high, float &low) {
		high = tf32(x);
		if (SPLIT) low = tf32(x - high);
	}

	INLINE void add(const float *left, const float *right) {
		int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
#pragma unroll
		for (int k = 0; k < DEPTH; k += 8) {
			float bHigh[C][2], bLow[C][2];
#pragma unroll
			for (int j = 0; j < C; j++)
#pragma unroll
				for (int i = 0; i < 2; i++)
					split(right[cell<COLS>(k + i * 4 + t, col() + j * 8 + g)], bHigh[j][i], bLow[j][i]);
#pragma unroll
			for (int m = 0; m < R; m++) {
				float aHigh[4], aLow[4];
#pragma unroll
				for (int i = 0; i < 4; i++)
					split(left[cell<ROWS>(k + i / 2 * 4 + t, row() + m * 16 + i % 2 * 8 + g)], aHigh[i], aLow[i]);
				if (!SPLIT) {
					multiplyAdd(sum[m], aHigh, bHigh);
					continue;
				}
				float d[C][4] = {};
				multiplyAdd(d, aLow, bHigh);
				multiplyAdd(d, aHigh, bLow);
				multiplyAdd(d, aHigh, bHigh);
#pragma unroll
				for (int j = 0; j < C; j++)
#pragma unroll
					for (int i = 0; i < 4; i++) sum[m][j][i] += d[j][i];
			}
		}
	}

	INLINE void write(const Result &y, int firstRow, int firstCol) const {
		int g = threadIdx.x % 32 / 4, t = threadIdx.x % 4;
#pragma unroll
		for (int m = 0; m < R; m++)
#pragma unroll
			for (int i = 0; i < 2; i++) {
				int r = firstRow + row() + m * 16 + i * 8 + g;
				if (r >= y.rows) continue;
				int at = y.offset(r);
#pragma unroll
				for (int j = 0; j < C; j++)
					y.write(r, at, firstCol + col() + j * 8 + 2 * t, {sum[m][j][2 * i], sum[m][j][2 * i + 1]});
			}
	}
};

using WideSplit = Tensor<128, 128, true>;
using NarrowSplit = Tensor<128, 64, true>;
using SmallSplit = Tensor<64, 64, true>;
using WideTF32 = Tensor<128, 128, false>;
using NarrowTF32 = Tensor<128, 64, false>;
using SmallTF32 = Tensor<64, 64, false>;
#define EACH_TENSOR(KERNELS, name) \
	KERNELS(name##WideSplit, WideSplit) \
	KERNELS(name##NarrowSplit, NarrowSplit) \
	KERNELS(name##SmallSplit, SmallSplit) \
	KERNELS(name##WideTF32, WideTF32) \
	KERNELS(name##NarrowTF32, NarrowTF32) \
	KERNELS(name##SmallTF32, SmallTF32)
#define SMALL_TENSOR(KERNELS, name) \
	KERNELS(name##SmallSplit, SmallSplit) \
	KERNELS(name##SmallTF32, SmallTF32)
#else
#define EACH_TENSOR(KERNELS, name)
#define SMALL_TENSOR(KERNELS, name)
#endif

// EACH_ENGINE defines a kernel with every engine by the macro KERNELS.
#define EACH_ENGINE(KERNELS, name) \
	KERNELS(name##Wide, Wide) \
	KERNELS(name##Narrow, Narrow) \
	KERNELS(name##Small, Small) \
	KERNELS(name##Thin, Thin) \
	EACH_TENSOR(KERNELS, name)

// EACH_SMALL defines it with those of small tiles, which do for all sizes.
#define EACH_SMALL(KERNELS, name) \
	KERNELS(name##Small, Small) \
	KERNELS(name##Thin, Thin) \
	SMALL_TENSOR(KERNELS, name)
