// Fibres: stacks that one thread of the system switches between when it is told to.
#pragma once
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define SIMT_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIMT_ADDRESS_SANITIZER
#endif
#endif

namespace simt {

// Fiber is a stack that is not being used now, or the place where the one in use leaves off.
struct Fiber {
	void *sp = nullptr;
	const void *low = nullptr; // of the stack, and its size
	size_t size = 0;
	void *fake = nullptr; // the address sanitizer's
};

// prepare has the first switch to a fibre call entry, which must not return.
void prepare(Fiber &f, void (*entry)());

// abandon lets a fibre be prepared again that left and will not be gone on with.
void abandon(Fiber &f);

// arrive must be the first that entry does; from is the fibre that it was switched from.
void arrive(Fiber &from);

// leave goes on with to, until somebody switches back to from.
void leave(Fiber &from, Fiber &to);

// end goes on with to, and from is never gone on with: its stack can be prepared again. That it does not
// return is not told the compiler, because the address sanitizer does a lot before such calls.
void end(Fiber &from, Fiber &to);

} // namespace simt
