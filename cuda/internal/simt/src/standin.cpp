// The driver's functions as driver.h declares them, on a GPU that is the processor. What a program may
// not do is told on the standard error stream, and fails as the driver would have it fail.
//
// The environment says what GPU it is and what goes wrong. It is read by cuInit:
//
//	SIMT_SCHEDULE  order of blocks and threads: 0 forward, 1 backward, other numbers are seeds to shuffle by
//	SIMT_MAJOR     compute capability: 8 stands for 8.0
//	SIMT_MEMORY    the GPU's memory in MiB
//	SIMT_FAIL      calls that fail, as function:time:code,...; the first time is 1
extern "C" {
#include "../../../driver.h"
}

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>

#include "block.h"
#include "memory.h"
#include "ptx.h"

namespace {

// the driver's codes, with the names that it has for them
#define RESULTS(X) \
	X(SUCCESS, 0) \
	X(ERROR_INVALID_VALUE, 1) \
	X(ERROR_OUT_OF_MEMORY, 2) \
	X(ERROR_NOT_INITIALIZED, 3) \
	X(ERROR_NO_DEVICE, 100) \
	X(ERROR_INVALID_DEVICE, 101) \
	X(ERROR_INVALID_CONTEXT, 201) \
	X(ERROR_NO_BINARY_FOR_GPU, 209) \
	X(ERROR_INVALID_PTX, 218) \
	X(ERROR_INVALID_HANDLE, 400) \
	X(ERROR_NOT_FOUND, 500) \
	X(ERROR_ILLEGAL_ADDRESS, 700) \
	X(ERROR_LAUNCH_OUT_OF_RESOURCES, 701) \
	X(ERROR_LAUNCH_TIMEOUT, 702) \
	X(ERROR_LAUNCH_FAILED, 719) \
	X(ERROR_UNKNOWN, 999)
enum Result {
#define CODE(name, code) name = code,
	RESULTS(CODE)
#undef CODE
};

// loses reports whether a context is lost after the error.
bool loses(CUresult r) { return r == ERROR_ILLEGAL_ADDRESS || r == ERROR_LAUNCH_TIMEOUT || r == ERROR_LAUNCH_FAILED || r == ERROR_UNKNOWN; }

using Clock = std::chrono::steady_clock;

struct Function {
	const simt::Kernel *kernel;
	simt::Entry entry;
	struct Module *module;
};
struct Module {
	simt::Ptx ptx;
	std::map<std::string, Function> functions;
};
struct Event {
	bool recorded = false;
	Clock::time_point at;
};

// Fault is a call that is to fail.
struct Fault {
	std::string function;
	int time;
	CUresult code;
};

struct State {
	std::mutex lock;
	bool initialised = false;
	int retained = 0; // how often the context is
	CUresult lost = SUCCESS;
	unsigned schedule;
	int major;
	size_t memory;
	std::vector<Fault> faults;
	std::map<std::string, int> calls;
	std::set<Module *> modules;
	std::set<Function *> functions;
	std::set<Event *> events;
};
State &state = *new State;

// What cuCtxSetCurrent was given on this thread.
thread_local CUcontext current_context;
CUcontext const context = &state;

long number(const char *variable, long otherwise) {
	const char *v = getenv(variable);
	return v && *v ? atol(v) : otherwise;
}

CUresult misuse(CUresult r, const char *format, ...) {
	va_list args;
	va_start(args, format);
	fputs("simt: ", stderr);
	vfprintf(stderr, format, args);
	fputs("\n", stderr);
	va_end(args);
	return r;
}

enum Needs { nothing, initialised, in_context };

// enter is what every call begins with: it reports what fails before the function itself could.
CUresult enter(const char *function, Needs needs) {
	int time = ++state.calls[function];
	for (const Fault &f : state.faults) {
		if (f.function != function || f.time != time) continue;
		if (needs == in_context && loses(f.code)) state.lost = f.code;
		return f.code;
	}
	if (needs >= initialised && !state.initialised) return misuse(ERROR_NOT_INITIALIZED, "%s before cuInit", function);
	if (needs < in_context) return SUCCESS;
	if (state.lost) return state.lost;
	if (state.retained == 0 || current_context != context) return misuse(ERROR_INVALID_CONTEXT, "%s on a thread without the context", function);
	return SUCCESS;
}

#define ENTER(needs) \
	std::lock_guard<std::mutex> held(state.lock); \
	if (CUresult r = enter(__func__, needs)) return r

bool no_device(CUdevice d) { return d != 0; }

} // namespace

#pragma GCC visibility push(default)
extern "C" {

CUresult cuInit(unsigned flags) {
	std::lock_guard<std::mutex> held(state.lock);
	state.calls.clear();
	state.faults.clear();
	std::istringstream list(getenv("SIMT_FAIL") ? getenv("SIMT_FAIL") : "");
	for (std::string one; std::getline(list, one, ',');) {
		char name[64];
		Fault f;
		if (sscanf(one.c_str(), "%63[^:]:%d:%d", name, &f.time, &f.code) != 3) return misuse(ERROR_INVALID_VALUE, "SIMT_FAIL has %s, not function:time:code", one.c_str());
		f.function = name;
		state.faults.push_back(f);
	}
	state.schedule = number("SIMT_SCHEDULE", 0);
	state.major = number("SIMT_MAJOR", 8);
	state.memory = (size_t)number("SIMT_MEMORY", 8192) << 20;
	if (CUresult r = enter(__func__, nothing)) return r;
	if (flags != 0) return ERROR_INVALID_VALUE;
	state.initialised = true;
	return SUCCESS;
}

CUresult cuDriverGetVersion(int *version) {
	ENTER(nothing);
	*version = 12040;
	return SUCCESS;
}

CUresult cuGetErrorName(CUresult r, const char **name) {
	switch (r) {
#define NAME(n, code) \
	case code: \
		*name = "CUDA_" #n; \
		return SUCCESS;
		RESULTS(NAME)
#undef NAME
	}
	*name = nullptr;
	return ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetCount(int *count) {
	ENTER(initialised);
	*count = 1;
	return SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int index) {
	ENTER(initialised);
	if (no_device(index)) return ERROR_INVALID_DEVICE;
	*device = index;
	return SUCCESS;
}

CUresult cuDeviceGetName(char *name, int len, CUdevice device) {
	ENTER(initialised);
	if (no_device(device)) return ERROR_INVALID_DEVICE;
	snprintf(name, len, "stand-in for a GPU");
	return SUCCESS;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device) {
	ENTER(initialised);
	if (no_device(device)) return ERROR_INVALID_DEVICE;
	static const std::map<int, int> attributes = {
	    {1, simt::largest_block}, // threads of a block
	    {8, simt::most_shared},   // bytes of shared memory of a block
	    {10, 32},                 // threads of a warp
	    {13, 1000000},            // clock in kHz
	    {16, 2},                  // multiprocessors
	    {36, 1000000},            // memory's clock in kHz
	    {37, 128},                // width of the memory's bus in bits
	    {76, 0},                  // minor compute capability
	    {97, 96 << 10},           // bytes of shared memory that a kernel may be allowed
	};
	if (attribute == 75) {
		*value = state.major;
		return SUCCESS;
	}
	auto i = attributes.find(attribute);
	if (i == attributes.end()) return misuse(ERROR_INVALID_VALUE, "attribute %d of a GPU is not known here: add it to standin.cpp", attribute);
	*value = i->second;
	return SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device) {
	ENTER(initialised);
	if (no_device(device)) return ERROR_INVALID_DEVICE;
	*bytes = state.memory;
	return SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *c, CUdevice device) {
	ENTER(initialised);
	if (no_device(device)) return ERROR_INVALID_DEVICE;
	if (state.lost) return state.lost;
	state.retained++;
	*c = context;
	return SUCCESS;
}

// It releases even if it is told to fail: the next test begins with a new context.
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
	std::lock_guard<std::mutex> held(state.lock);
	CUresult failed = enter(__func__, initialised);
	if (no_device(device)) return ERROR_INVALID_DEVICE;
	if (state.retained == 0) return misuse(ERROR_INVALID_CONTEXT, "the context is released more often than it is retained");
	if (--state.retained > 0) return failed ? failed : state.lost;
	size_t left = simt::release_all();
	CUresult lost = state.lost;
	state.lost = SUCCESS;
	state.modules.clear(); // what they pointed to stays, so that old handles are never new ones
	state.functions.clear();
	state.events.clear();
	if (failed || lost) return failed ? failed : lost;
	if (left > 0) return misuse(ERROR_INVALID_VALUE, "%zu allocations were never freed", left);
	return SUCCESS;
}

CUresult cuCtxSetCurrent(CUcontext c) {
	ENTER(initialised);
	if (c && (c != context || state.retained == 0)) return ERROR_INVALID_CONTEXT;
	current_context = c;
	return SUCCESS;
}

CUresult cuCtxSynchronize(void) {
	ENTER(in_context);
	std::string problem = simt::trespass();
	if (problem.empty()) return SUCCESS;
	return state.lost = misuse(ERROR_LAUNCH_FAILED, "a kernel since cuCtxSynchronize was called: %s", problem.c_str());
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
	ENTER(in_context);
	std::string problem;
	auto *m = new Module{simt::parse((const char *)image, problem), {}};
	CUresult r = SUCCESS;
	if (!problem.empty()) r = misuse(ERROR_INVALID_PTX, "%s", problem.c_str());
	else if (m->ptx.target > 10 * state.major) r = misuse(ERROR_NO_BINARY_FOR_GPU, "PTX for sm_%d on a GPU of sm_%d0", m->ptx.target, state.major);
	if (r) {
		delete m;
		return r;
	}
	state.modules.insert(m);
	*module = m;
	return SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
	ENTER(in_context);
	auto *m = (Module *)module;
	if (!state.modules.erase(m)) return misuse(ERROR_INVALID_HANDLE, "a module is unloaded that is not loaded");
	for (auto &[name, f] : m->functions) state.functions.erase(&f);
	return SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
	ENTER(in_context);
	auto *m = (Module *)module;
	if (!state.modules.count(m)) return misuse(ERROR_INVALID_HANDLE, "%s of a module that is not loaded", name);
	auto e = m->ptx.entries.find(name);
	const simt::Kernel *k = simt::find(name);
	if (e == m->ptx.entries.end()) return misuse(ERROR_NOT_FOUND, "%s is not in the PTX", name);
	if (!k) return misuse(ERROR_NOT_FOUND, "%s is in the PTX, but no kernel of the stand-in", name);
	if (!(e->second.parameters == k->parameters)) return misuse(ERROR_NOT_FOUND, "%s has other parameters in the PTX than in its source", name);
	auto &f = m->functions[name] = {k, e->second, m};
	state.functions.insert(&f);
	*function = &f;
	return SUCCESS;
}

CUresult cuMemGetInfo_v2(size_t *free, size_t *total) {
	ENTER(in_context);
	*total = state.memory;
	*free = state.memory - simt::allocated();
	return SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *p, size_t bytes) {
	ENTER(in_context);
	if (bytes == 0) return misuse(ERROR_INVALID_VALUE, "no bytes are asked for");
	if (bytes > state.memory - simt::allocated()) return ERROR_OUT_OF_MEMORY;
	*p = simt::allocate(bytes);
	return *p ? SUCCESS : ERROR_OUT_OF_MEMORY;
}

// What both sides may use is as all memory is here.
CUresult cuMemAllocManaged(CUdeviceptr *p, size_t bytes, unsigned flags) {
	ENTER(in_context);
	if (bytes == 0 || flags != 1) return misuse(ERROR_INVALID_VALUE, "%zu bytes with the flags %u are asked for", bytes, flags);
	if (bytes > state.memory - simt::allocated()) return ERROR_OUT_OF_MEMORY;
	*p = simt::allocate(bytes);
	return *p ? SUCCESS : ERROR_OUT_OF_MEMORY;
}

CUresult cuMemFree_v2(CUdeviceptr p) {
	ENTER(in_context);
	if (p == 0 || simt::release(p)) return SUCCESS;
	return misuse(ERROR_INVALID_VALUE, "cuMemFree of %s", simt::describe((void *)p).c_str());
}

CUresult cuMemcpyHtoD_v2(CUdeviceptr dst, const void *src, size_t bytes) {
	ENTER(in_context);
	if (!simt::inside(dst, bytes)) return misuse(ERROR_INVALID_VALUE, "%zu bytes are copied to %s", bytes, simt::describe((void *)dst).c_str());
	memcpy((void *)dst, src, bytes);
	return SUCCESS;
}

CUresult cuMemcpyDtoH_v2(void *dst, CUdeviceptr src, size_t bytes) {
	ENTER(in_context);
	if (!simt::inside(src, bytes)) return misuse(ERROR_INVALID_VALUE, "%zu bytes are copied from %s", bytes, simt::describe((void *)src).c_str());
	memcpy(dst, (const void *)src, bytes);
	return SUCCESS;
}

CUresult cuMemcpyDtoD_v2(CUdeviceptr dst, CUdeviceptr src, size_t bytes) {
	ENTER(in_context);
	if (!simt::inside(dst, bytes)) return misuse(ERROR_INVALID_VALUE, "%zu bytes are copied to %s", bytes, simt::describe((void *)dst).c_str());
	if (!simt::inside(src, bytes)) return misuse(ERROR_INVALID_VALUE, "%zu bytes are copied from %s", bytes, simt::describe((void *)src).c_str());
	memmove((void *)dst, (const void *)src, bytes);
	return SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned shared, CUstream stream, void **params, void **extra) {
	ENTER(in_context);
	auto *f = (Function *)function;
	if (!state.functions.count(f)) return misuse(ERROR_INVALID_HANDLE, "a launch of a function whose module is not loaded");
	const char *name = f->kernel->name;
	if (stream || params || !extra) return misuse(ERROR_INVALID_VALUE, "%s: arguments that are not one buffer, or a stream", name);
	if (!gx || !gy || !gz || gx > 0x7fffffff || gy > 65535 || gz > 65535) return misuse(ERROR_INVALID_VALUE, "%s: no GPU has a grid of %u x %u x %u blocks", name, gx, gy, gz);
	if (!bx || !by || !bz || bz > 64 || (uint64_t)bx * by * bz > f->entry.threads) return misuse(ERROR_INVALID_VALUE, "%s: a block of %u x %u x %u, and it may have %u threads", name, bx, by, bz, f->entry.threads);
	if (f->entry.shared + shared > simt::most_shared) return misuse(ERROR_INVALID_VALUE, "%s: a block wants %zu + %u bytes of shared memory, and may have %u", name, f->entry.shared, shared, simt::most_shared);
	const char *arguments = nullptr;
	size_t given = 0, wanted = 0;
	for (int i = 0; extra[i]; i += 2) {
		if (extra[i] == (void *)1) arguments = (const char *)extra[i + 1];
		else if (extra[i] == (void *)2) given = *(size_t *)extra[i + 1];
		else return misuse(ERROR_INVALID_VALUE, "%s: an option of a launch that is not known here", name);
	}
	for (auto &p : f->kernel->parameters) wanted = (wanted + p.alignment - 1) / p.alignment * p.alignment + p.size;
	if (given != wanted) return misuse(ERROR_INVALID_VALUE, "%s: %zu bytes of arguments, and its parameters have %zu", name, given, wanted);
	std::string problem = simt::run({f->kernel, {gx, gy, gz}, {bx, by, bz}, f->entry.shared, shared, arguments, state.schedule});
	// Most mistakes are near what a kernel was given. Others are found when all of the memory is looked at.
	for (size_t at = 0; at + sizeof(uint64_t) <= wanted && problem.empty(); at += sizeof(uint64_t)) {
		uint64_t p;
		memcpy(&p, arguments + at, sizeof p);
		problem = simt::trespass(p);
	}
	if (problem.empty()) return SUCCESS;
	// A launch is over before its kernel is: the next call is the first that can fail.
	state.lost = misuse(ERROR_LAUNCH_FAILED, "%s: %s", name, problem.c_str());
	return SUCCESS;
}

CUresult cuEventCreate(CUevent *event, unsigned) {
	ENTER(in_context);
	auto *e = new Event;
	state.events.insert(e);
	*event = e;
	return SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream) {
	ENTER(in_context);
	auto *e = (Event *)event;
	if (!state.events.count(e)) return misuse(ERROR_INVALID_HANDLE, "an event that there is not");
	e->recorded = true;
	e->at = Clock::now();
	return SUCCESS;
}

CUresult cuEventSynchronize(CUevent event) {
	ENTER(in_context);
	return state.events.count((Event *)event) ? SUCCESS : misuse(ERROR_INVALID_HANDLE, "an event that there is not");
}

CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
	ENTER(in_context);
	auto *a = (Event *)start, *b = (Event *)end;
	if (!state.events.count(a) || !state.events.count(b) || !a->recorded || !b->recorded) return misuse(ERROR_INVALID_HANDLE, "the time between events of which one was not recorded");
	*milliseconds = std::chrono::duration<float, std::milli>(b->at - a->at).count();
	return SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) {
	ENTER(in_context);
	auto *e = (Event *)event;
	if (!state.events.erase(e)) return misuse(ERROR_INVALID_HANDLE, "an event that there is not");
	delete e;
	return SUCCESS;
}

} // extern "C"
#pragma GCC visibility pop

// Every function that the program looks for is here, with the type that it has there.
#define SAME(name, field, params) static_assert(std::is_same<decltype(&name), decltype(driver::field)>::value, #name);
DRIVER_FUNCTIONS(SAME)
