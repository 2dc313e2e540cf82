// What kernels see of CUDA's language when a C++ compiler compiles them for the processor. Each thread of
// a block is a fibre, which runs until it waits for others. Everything here that waits is checked: all
// that should arrive do, at the same place.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <vector>

#define __global__ __attribute__((visibility("default")))
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __constant__ static
// A block is run by one thread of the system, whose variables these are; see Worker::forget.
#define __shared__ static thread_local

struct dim3 {
	unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) int4 { int x, y, z, w; };

namespace simt {

// Current is the thread that runs now, and its block.
struct Current {
	dim3 thread, block, block_size, grid;
	unsigned number;      // of the thread in its block
	void *shared;         // memory that the launch asked for
};
// current is the same wherever a thread asks, which compilers are told.
__attribute__((const)) const Current &current();

// barrier waits for all threads of the block. site names the place in the source.
void barrier(const char *site);

// meet waits for all lanes of the warp that the mask names, which must be all that the block has. Each
// brings at most maximum bytes. It returns what the lanes brought, stride bytes apart; that stays as it
// is until the lane's next call but one.
constexpr size_t stride = 64;
const char *meet(const char *operation, unsigned mask, const void *brought, size_t bytes);

// exchange returns what another lane of the warp brings.
template <class T> T exchange(const char *operation, unsigned mask, T mine, unsigned lane) {
	static_assert(sizeof(T) <= stride, "a lane brings too much");
	const char *all = meet(operation, mask, &mine, sizeof mine);
	T other;
	memcpy(&other, all + stride * (lane % 32), sizeof other);
	return other;
}

inline unsigned lane() { return current().number % 32; }

// mma adds products of a warp, 16x8 by 8x8, to d: N of them with the same left matrix. Each is PTX's
// mma.sync.aligned.m16n8k8, and lanes have of it what they have there.
template <int N> void mma(float (&d)[N][4], const float (&a)[4], const float (&b)[N][2]) {
	struct Parts {
		float a[4], b[2][N]; // of each right matrix the same number lies side by side
	} mine;
	memcpy(mine.a, a, sizeof a);
	for (int j = 0; j < N; j++)
		for (int i = 0; i < 2; i++) mine.b[i][j] = b[j][i];
	static_assert(sizeof mine <= stride, "a lane brings too much");
	const char *all = meet("mma", ~0u, &mine, sizeof mine);
	auto of = [all](unsigned lane) { return (const Parts *)(all + stride * lane); };
	unsigned g = lane() / 4, t = lane() % 4;
	float sum[4][N];
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < N; j++) sum[i][j] = d[j][i];
	for (unsigned k = 0; k < 8; k++) {
		const float *left = of(4 * g + k % 4)->a + k / 4 * 2;
		for (int i = 0; i < 4; i++) {
			const float *right = of(8 * t + i % 2 * 4 + k % 4)->b[k / 4];
			for (int j = 0; j < N; j++) sum[i][j] += left[i / 2] * right[j];
		}
	}
	for (int i = 0; i < 4; i++)
		for (int j = 0; j < N; j++) d[j][i] = sum[i][j];
}

// Parameter of a kernel.
struct Parameter {
	size_t size, alignment;
	bool real; // a float or a double
	bool operator==(const Parameter &o) const { return size == o.size && alignment == o.alignment && real == o.real; }
};

// Kernel is a kernel that was compiled for the processor. thread runs it as one thread; the arguments lie
// as a driver gets them.
struct Kernel {
	const char *name;
	std::vector<Parameter> parameters;
	void (*thread)(const char *arguments);
};

// add makes a kernel known.
bool add(Kernel k);

template <class T> constexpr Parameter parameter() {
	return {sizeof(T), alignof(T), std::is_floating_point<T>::value};
}

template <class T> T next(const char *arguments, size_t &at) {
	at = (at + alignof(T) - 1) / alignof(T) * alignof(T);
	T v;
	memcpy(&v, arguments + at, sizeof v);
	at += sizeof v;
	return v;
}

template <auto f> struct Signature;
template <class... P, void (*f)(P...)> struct Signature<f> {
	static std::vector<Parameter> parameters() { return {parameter<P>()...}; }
	static void thread(const char *arguments) {
		size_t at = 0;
		std::apply(f, std::tuple<P...>{next<P>(arguments, at)...}); // what is in braces goes from left to right
	}
};

} // namespace simt

#define REGISTER(name) \
	static const bool registered_##name = simt::add({#name, simt::Signature<&name>::parameters(), simt::Signature<&name>::thread});

#define threadIdx (simt::current().thread)
#define blockIdx (simt::current().block)
#define blockDim (simt::current().block_size)
#define gridDim (simt::current().grid)

#define SIMT_TEXT_(x) #x
#define SIMT_TEXT(x) SIMT_TEXT_(x)
#define __syncthreads() simt::barrier(__FILE__ ":" SIMT_TEXT(__LINE__))
#define SIMT_DYN_SHARED(T, name) T *name = (T *)simt::current().shared // extern __shared__ T name[]

inline void __syncwarp(unsigned mask = ~0u) { simt::meet("__syncwarp", mask, nullptr, 0); }
template <class T> T __shfl_sync(unsigned mask, T v, int lane) { return simt::exchange("__shfl_sync", mask, v, lane); }
template <class T> T __shfl_xor_sync(unsigned mask, T v, int bits) { return simt::exchange("__shfl_xor_sync", mask, v, simt::lane() ^ bits); }
template <class T> T __shfl_down_sync(unsigned mask, T v, unsigned by) {
	unsigned l = simt::lane();
	return simt::exchange("__shfl_down_sync", mask, v, l + by < 32 ? l + by : l);
}
template <class T> T __shfl_up_sync(unsigned mask, T v, unsigned by) {
	unsigned l = simt::lane();
	return simt::exchange("__shfl_up_sync", mask, v, l >= by ? l - by : l);
}
inline unsigned __ballot_sync(unsigned mask, int p) {
	bool mine = p != 0;
	const char *all = simt::meet("__ballot_sync", mask, &mine, sizeof mine);
	unsigned bits = 0;
	for (unsigned i = 0; i < 32; i++) bits |= unsigned(mask >> i & 1 && all[simt::stride * i]) << i;
	return bits;
}

template <class T> T __ldg(const T *p) { return *p; }
inline float rsqrtf(float x) { return 1 / sqrtf(x); }
