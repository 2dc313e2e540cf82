#include "fiber.h"

#include <cstring>

#ifdef SIMT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

// simt_switch pushes the registers that a function has to keep, leaves the stack pointer in *from, takes
// to for it and pops the registers of the other side.
extern "C" void simt_switch(void **from, void *to);

#if defined(__x86_64__)
asm(R"(
	.text
	.type simt_switch, @function
	.hidden simt_switch
	.globl simt_switch
simt_switch:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	.size simt_switch, .-simt_switch
)");
// The address to return to lies above six registers, and above it, where a caller's frame would end, is
// room that keeps the stack on its alignment.
constexpr size_t saved = 8 * 8, return_at = 6 * 8;
#elif defined(__aarch64__)
asm(R"(
	.text
	.type simt_switch, %function
	.hidden simt_switch
	.globl simt_switch
simt_switch:
	sub sp, sp, #160
	stp x29, x30, [sp]
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	stp d8, d9, [sp, #96]
	stp d10, d11, [sp, #112]
	stp d12, d13, [sp, #128]
	stp d14, d15, [sp, #144]
	mov x9, sp
	str x9, [x0]
	mov sp, x1
	ldp x29, x30, [sp]
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldp x23, x24, [sp, #48]
	ldp x25, x26, [sp, #64]
	ldp x27, x28, [sp, #80]
	ldp d8, d9, [sp, #96]
	ldp d10, d11, [sp, #112]
	ldp d12, d13, [sp, #128]
	ldp d14, d15, [sp, #144]
	add sp, sp, #160
	ret
	.size simt_switch, .-simt_switch
)");
constexpr size_t saved = 160, return_at = 8;
#else
#error "fiber.cpp knows x86-64 and arm64"
#endif

namespace simt {

void abandon(Fiber &f) {
#ifdef SIMT_ADDRESS_SANITIZER
	__asan_unpoison_memory_region(f.low, f.size);
#else
	(void)f;
#endif
}

void prepare(Fiber &f, void (*entry)()) {
	char *sp = (char *)f.low + f.size - saved;
	memset(sp, 0, saved);
	memcpy(sp + return_at, &entry, sizeof entry);
	f.sp = sp;
	f.fake = nullptr;
}

void arrive(Fiber &from) {
#ifdef SIMT_ADDRESS_SANITIZER
	__sanitizer_finish_switch_fiber(nullptr, &from.low, &from.size);
#else
	(void)from;
#endif
}

void leave(Fiber &from, Fiber &to) {
#ifdef SIMT_ADDRESS_SANITIZER
	__sanitizer_start_switch_fiber(&from.fake, to.low, to.size);
#endif
	simt_switch(&from.sp, to.sp);
#ifdef SIMT_ADDRESS_SANITIZER
	__sanitizer_finish_switch_fiber(from.fake, nullptr, nullptr);
#endif
}

void end(Fiber &from, Fiber &to) {
#ifdef SIMT_ADDRESS_SANITIZER
	__sanitizer_start_switch_fiber(nullptr, to.low, to.size);
#endif
	simt_switch(&from.sp, to.sp);
}

} // namespace simt
