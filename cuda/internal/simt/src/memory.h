// The GPU's memory. It is the processor's own, so that kernels compiled for it can use its addresses,
// with room around each allocation that nobody may touch.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace simt {

// allocate returns memory full of NaN, or 0 if the processor has no more.
uint64_t allocate(size_t bytes);

// release reports whether there was an allocation at p. Its addresses are never given out again.
bool release(uint64_t p);

// release_all releases everything, and returns how many allocations that were.
size_t release_all();

// allocated is how many bytes are allocated.
size_t allocated();

// inside reports whether bytes at p lie in one allocation.
bool inside(uint64_t p, size_t bytes);

// trespass says where something wrote beside an allocation, or nothing: beside the one that p is in, or
// any. What it finds it mends.
std::string trespass(uint64_t p);
std::string trespass();

} // namespace simt
