// The engine of all products of matrices, to which convolutions belong. A block of 256 threads computes a
// tile of the result: it goes through the depth, the length of the sums, in steps of 16, for each of which
// it has a tile of either operand in shared memory. There are two of each: while one pair is multiplied,
// the next is on its way, from memory to registers and from there to the other pair, so that there is one
// barrier in a step.
//
// An operand is a Side, which knows how its tile is read; an engine knows how tiles are multiplied, and
// Result what becomes of the sums. No value has 2^31 numbers or more: an int is enough for a place in it.
#pragma once
#include "kernel.h"

constexpr int THREADS = 256, DEPTH = 16;

// cell returns where number i of row k of an operand's tile lies. Bits of the row are mixed in, so that
// threads that read or write i..i+7 of rows of different k & 3 or of different k / 4 find them in
// different banks. Eight neighbours from a multiple of eight on stay together.
template <int LENGTH> INLINE int cell(int k, int i) {
	return k * LENGTH + (i ^ (((k + (k >> 2)) & 3) << 3 & (LENGTH - 1)));
}

struct alignas(8) Two {
	float x, y;
};

INLINE float4 quad(const float *p) { return *(const float4 *)p; }

// quadAt returns up to four numbers from a row of n, from number i on, and zeros beyond. Whether they are
// read at once depends on whether n is a multiple of four.
INLINE float4 quadAt(const float *row, int i, int n) {
	if (!(n & 3)) return i < n ? quad(row + i) : float4{0, 0, 0, 0};
	float4 v = {0, 0, 0, 0};
	if (i < n) v.x = row[i];
	if (i + 1 < n) v.y = row[i + 1];
	if (i + 2 < n) v.z = row[i + 2];
	if (i + 3 < n) v.w = row[i + 3];
	return v;
}

// Along is how the threads share a tile whose operand is contiguous along the depth: four numbers of that
// for each, so that the four threads next to each other read 64 bytes, and eight rows a warp. They write
// to eight banks in each of four rows.
template <int LENGTH> struct Along {
	static constexpr int COUNT = (LENGTH * 4 + THREADS - 1) / THREADS; // of quads for a thread
	float4 held[COUNT];

	INLINE static int row(int j) { return (threadIdx.x >> 2) + j * (THREADS / 4); }
	INLINE static int depth() { return (threadIdx.x & 3) * 4; }
	INLINE void store(float *tile) const {
#pragma unroll
		for (int j = 0; j < COUNT; j++) {
			if (LENGTH * 4 % THREADS && row(j) >= LENGTH) break;
			tile[cell<LENGTH>(depth(), row(j))] = held[j].x;
			tile[cell<LENGTH>(depth() + 1, row(j))] = held[j].y;
			tile[cell<LENGTH>(depth() + 2, row(j))] = held[j].z;
			tile[cell<LENGTH>(depth() + 3, row(j))] = held[j].w;
		}
	}
};

// Across is the same for an operand that is contiguous the other way.
template <int LENGTH> struct Across {
	static constexpr int COUNT = (LENGTH * 4 + THREADS - 1) / THREADS;
	float4 held[COUNT];

	INLINE static int row() { return threadIdx.x % (LENGTH / 4) * 4; }
	INLINE static int depth(int j) { return threadIdx.x / (LENGTH / 4) + j * (THREADS * 4 / LENGTH); }
	INLINE void store(float *tile) const {
#pragma unroll
		for (int j = 0; j < COUNT; j++)
			if (depth(j) < DEPTH) *(float4 *)(tile + cell<LENGTH>(depth(j), row())) = held[j];
	}
};

// Rows is a matrix whose rows are those of the result. n is their length.
template <int LENGTH> struct Rows : Along<LENGTH> {
	const float *x;
	int first, rows, n;

	INLINE Rows(const float *x, int first, int rows, int n) : x(x), first(first), rows(rows), n(n) {}
	INLINE void fetch(int k) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int r = first + this->row(j);
			this->held[j] = r < rows ? quadAt(x + r * n, k + this->depth(), n) : float4{0, 0, 0, 0};
		}
	}
};

// Columns is a matrix of so many rows, the depth, whose columns are the result's rows or columns. n is
// the length of its rows.
template <int LENGTH> struct Columns : Across<LENGTH> {
	const float *x;
	int first, rows, n;

	INLINE Columns(const float *x, int first, int rows, int n) : x(x), first(first), rows(rows), n(n) {}
	INLINE void fetch(int k) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int r = k + this->depth(j);
			bool inside = r < rows && this->depth(j) < DEPTH;
			this->held[j] = inside ? quadAt(x + r * n, first + this->row(), n) : float4{0, 0, 0, 0};
		}
	}
};

// Tap is an element of the row of numbers that a kernel sees of a picture: a pixel and a channel. It lies
// so many numbers after the kernel's corner; the upper half of at is its row in the kernel, the lower one
// its column. A table of taps ends with some whose row is negative: they are in no picture.
struct alignas(8) Tap {
	int offset, at;
};

// ConvSource says which pixels of a picture of h x w pixels of c channels a convolution reads for a pixel of
// its result, which are counted through gridH x gridW of them and then through all pictures.
struct ConvSource {
	const float *x;
	const Tap *taps;
	int h, w, c, gridH, gridW, strideH, strideW, padTop, padLeft;
};

// Corner is where a kernel begins in its picture, and where that lies among the numbers.
struct Corner {
	int y, x, base;

	INLINE void at(const ConvSource &g, int picture, int row, int column) {
		y = row * g.strideH - g.padTop;
		x = column * g.strideW - g.padLeft;
		base = ((picture * g.h + y) * g.w + x) * g.c;
	}
	INLINE bool sees(const ConvSource &g, Tap t) const {
		return (unsigned)(y + (t.at >> 16)) < (unsigned)g.h && (unsigned)(x + (t.at & 0xffff)) < (unsigned)g.w;
	}
	INLINE float read(const ConvSource &g, Tap t) const { return sees(g, t) ? g.x[base + t.offset] : 0; }
};

// Windows is the matrix of a convolution: a row for each pixel of the result, and a column for each tap.
template <int LENGTH> struct Windows : Along<LENGTH> {
	const ConvSource g;
	Corner corner[Along<LENGTH>::COUNT];

	INLINE Windows(const ConvSource &g, int first, int rows) : g(g) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int r = first + this->row(j), line = r / g.gridW, picture = line / g.gridH;
			corner[j].at(g, picture, line - picture * g.gridH, r - line * g.gridW);
			if (r >= rows) corner[j].y = -(1 << 24); // so that it sees nothing
		}
	}
	INLINE void fetch(int k) {
		const Tap *t = g.taps + k + this->depth();
		if (g.c & 3) {
			Tap t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3];
#pragma unroll
			for (int j = 0; j < this->COUNT; j++)
				this->held[j] = {corner[j].read(g, t0), corner[j].read(g, t1), corner[j].read(g, t2), corner[j].read(g, t3)};
			return;
		}
		Tap t0 = t[0]; // and the three channels after it
#pragma unroll
		for (int j = 0; j < this->COUNT; j++)
			this->held[j] = corner[j].sees(g, t0) ? quad(g.x + corner[j].base + t0.offset) : float4{0, 0, 0, 0};
	}
};

// TurnedWindows is the transpose of that matrix. It is read from beginning to end.
template <int LENGTH> struct TurnedWindows : Across<LENGTH> {
	const ConvSource g;
	const int pictures;
	Tap tap[4];
	int picture[Across<LENGTH>::COUNT], line[Across<LENGTH>::COUNT], column[Across<LENGTH>::COUNT];

	INLINE TurnedWindows(const ConvSource &g, int pictures, int first, int k) : g(g), pictures(pictures) {
#pragma unroll
		for (int i = 0; i < 4; i++) tap[i] = g.taps[first + this->row() + i];
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			int pixel = k + this->depth(j), lines = pixel / g.gridW;
			picture[j] = lines / g.gridH;
			line[j] = lines - picture[j] * g.gridH;
			column[j] = pixel - lines * g.gridW;
		}
	}
	INLINE void fetch(int) {
#pragma unroll
		for (int j = 0; j < this->COUNT; j++) {
			Corner p;
			p.at(g, picture[j], line[j], column[j]);
			if (picture[j] >= pictures || this->depth(j) >= DEPTH)
				this->held[j] = {0, 0, 0, 0};
			else if (g.c & 3)
				this->held[j] = {p.read(g, tap[0]), p.read(g, tap[1]), p.read(g, tap[2]), p.read(g, tap[3])};
			else
				this->held[j] = p.sees(g, tap[0]) ? quad(g.x + p.base + tap[0].offset) : float4{0, 0, 0, 0};
			for (column[j] += DEPTH; column[j] >= g.gridW; column[j] -= g.gridW)
				if (++line[j] == g.gridH) line[j] = 0, picture[j]++;
		}
	}
};

// Result takes the sums: it multiplies them by scale, adds a vector over the columns and a matrix, and clamps;
// where a bit of the mask is not set it has 0. Each of these may be null. The matrix may be the result itself,
// and a row has so many words of the mask as its columns need. Rows follow each other; or, if picture is not
// 0, they are the pixels of a grid of gridH x gridW in pictures, which are so many numbers apart from picture
// to picture, line to line, and pixel to pixel.
struct Result {
	float *y;
	int rows, cols;
	float scale;
	const float *bias, *plus;
	int relu;
	const unsigned *mask;
	int gridH, gridW, picture, line, pixel;

	INLINE int offset(int row) const {
		if (!picture) return row * cols;
		int v = row / gridW, p = v / gridH;
		return p * picture + (v - p * gridH) * line + (row - v * gridW) * pixel;
	}
	INLINE float finish(float v, int at, int col) const {
		v *= scale;
		if (bias) v += bias[col];
		if (plus) v += plus[at + col];
		return relu && !(v > 0) ? 0 : v;
	}
	// kept returns bits, from a column of a row on to the end of its word.
	INLINE unsigned kept(int row, int col) const { return mask ? mask[row * ((cols + 31) / 32) + col / 32] >> col % 32 : ~0u; }

	// write writes numbers of a row that begins at a place, from a column on that is a multiple of N.
	template <int N> INLINE void write(int row, int at, int col, const float (&v)[N]) const {
		if (col >= cols) return;
		unsigned bits = kept(row, col);
		float out[N];
#pragma unroll
		for (int i = 0; i < N; i++)
			if (col + i < cols) out[i] = bits >> i & 1 ? finish(v[i], at, col + i) : 0;
		float *to = y + at + col;
		if (col + N <= cols && !(cols & (N - 1))) {
			if constexpr (N == 4)
				*(float4 *)to = {out[0], out[1], out[2], out[3]};
			else
				*(Two *)to = {out[0], out[1]};
			return;
		}
#pragma unroll
		for (int i = 0; i < N; i++)
			if (col + i < cols) to[i] = out[i];
	}
};

// Plain multiplies with the ordinary units: ROWS x COLS numbers in 256 threads, R x C for each, which lie
// in groups of 4 x 4 so that a group is read at once.
template <int ROWS_, int COLS_, int R, int C> struct Plain {
	static constexpr int ROWS = ROWS_, COLS = COLS_;
	static constexpr int BLOCKS = 2; // that a processor is to have registers for
	static_assert(ROWS * COLS == THREADS * R * C, "a number for each thread");
	float sum[R][C] = {};

	INLINE static int row(int i) { return threadIdx.x / (COLS / C) * 4 + i / 4 * (ROWS * 4 / R) + i % 4; }
	INLINE static int col(int i) { return threadIdx.x % (COLS / C) * 4 + i / 4 * (COLS * 4 / C) + i % 4; }

	INLINE void add(const float *left, const float *right) {
#pragma unroll 4
		for (int k = 0; k < DEPTH; k++) {
			float a[R], b[C];
#pragma unroll
			for (int i = 0; i < R; i += 4) {
				float4 v = quad(left + cell<ROWS>(k, row(i)));
				a[i] = v.x, a[i + 1] = v.y, a[i + 2] = v.z, a[i + 3] = v.w;
			}
#pragma unroll
			for (int i = 0; i < C; i += 4) {
				float4 v = quad(right + cell<COLS>(k, col(i)));
				b[i] = v.x, b[i + 1] = v.y, b[i + 2] = v.z, b[i + 3] = v.w;
			}
#pragma unroll
			for (int i = 0; i < R; i++)
#pragma unroll
				for (int j = 0; j < C; j++) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
		}
	}
	INLINE void write(const Result &y, int firstRow, int firstCol) const {
#pragma unroll
		for (int i = 0; i < R; i++) {
			int r = firstRow + row(i);
			if (r >= y.rows) continue;
			int at = y.offset(r);
#pragma unroll
			for (int j = 0; j < C; j += 4) y.write(r, at, firstCol + col(j), {sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]});
		}
	}
};

// The tiles that there are. The first does the most with what it reads; the next are for results of few
// columns, of few rows or so few numbers that there would not be a tile for each processor, and of
// pictures' colours.
using Wide = Plain<128, 128, 8, 8>;
using Narrow = Plain<128, 64, 8, 4>;
using Small = Plain<64, 64, 4, 4>;
using Thin = Plain<256, 16, 4, 4>;

// product computes the tile whose first row and column in the result are given, summing over k0..k1-1.
// k0 is a multiple of DEPTH.
template <class Engine, class Left, class Right>
INLINE void product(const Result &y, int row, int col, int k0, int k1, Left left, Right right) {
	alignas(16) __shared__ float tiles[2][DEPTH * (Engine::ROWS + Engine::COLS)];
	Engine engine;
	left.fetch(k0);
	right.fetch(k0);
	left.store(tiles[0]);
	right.store(tiles[0] + DEPTH * Engine::ROWS);
	__syncthreads();
	for (int k = k0, now = 0; k < k1; k += DEPTH, now ^= 1) {
		bool more = k + DEPTH < k1;
		if (more) {
			left.fetch(k + DEPTH);
			right.fetch(k + DEPTH);
		}
		engine.add(tiles[now], tiles[now] + DEPTH * Engine::ROWS);
		if (more) {
			left.store(tiles[now ^ 1]);
			right.store(tiles[now ^ 1] + DEPTH * Engine::ROWS);
		}
		__syncthreads();
	}
	engine.write(y, row, col);
}

// Each block of a grid computes one tile: x counts those of the rows, y those of the columns, and z parts
// of the depth of so many numbers, whose sums follow each other in the result, and then products.
template <class Engine> struct Block {
	int row, col, part, k0, k1;

	INLINE Block(int depth, int span) {
		int parts = (depth + span - 1) / span;
		row = blockIdx.x * Engine::ROWS;
		col = blockIdx.y * Engine::COLS;
		part = blockIdx.z % parts;
		k0 = part * span;
		k1 = depth < k0 + span ? depth : k0 + span;
	}
};

// resultOf is where the sums of a block go, of several results that follow each other.
INLINE Result resultOf(float *y, const float *plus, const unsigned *mask, int rows, int cols, float scale) {
	int n = rows * cols * blockIdx.z, words = rows * ((cols + 31) / 32) * blockIdx.z;
	return {y + n, rows, cols, scale, nullptr, plus ? plus + n : nullptr, 0, mask ? mask + words : nullptr, 0, 0, 0, 0, 0};
}
