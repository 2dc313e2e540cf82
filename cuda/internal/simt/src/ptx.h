// What can be learned of kernels from their PTX without understanding instructions.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "simt.h"

namespace simt {

// Entry is a kernel in PTX.
struct Entry {
	std::vector<Parameter> parameters;
	unsigned threads = 1024; // the most that a block may have
	size_t shared = 0;       // bytes of shared memory that the kernel declares
};

struct Ptx {
	int target = 0; // 80: at least compute capability 8.0
	std::map<std::string, Entry> entries;
};

// parse returns an error's text in problem if text is not PTX.
Ptx parse(const std::string &text, std::string &problem);

} // namespace simt
