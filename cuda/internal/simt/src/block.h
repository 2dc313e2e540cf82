// Runs kernels: the blocks of a grid on as many threads of the system as there are cores, the threads of
// a block as fibres.
#pragma once
#include <string>

#include "simt.h"

namespace simt {

constexpr int largest_block = 1024, most_shared = 48 << 10;

// Launch is a kernel to run.
struct Launch {
	const Kernel *kernel;
	dim3 grid, block;
	size_t fixed_shared, shared; // bytes of shared memory: those of the kernel's variables, those on top
	const char *arguments;
	unsigned schedule; // order of blocks and threads: 0 forward, 1 backward, others shuffle
};

// run returns what went wrong, or nothing. After a mistake blocks are abandoned where they are.
std::string run(const Launch &l);

// find returns the kernel of a name, or null.
const Kernel *find(const std::string &name);

// describe says what is at an address, for messages. It is memory.cpp's.
std::string describe(const void *address);

} // namespace simt
