#include "memory.h"

#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

#include "block.h"
#include "fiber.h"
#ifdef SIMT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#else
#define __asan_poison_memory_region(p, n)
#define __asan_unpoison_memory_region(p, n)
#endif

namespace simt {

namespace {

// An allocation ends as close to a page that nothing can touch as its alignment allows, and sentinels
// fill the rest of its pages:
//
//	page | sentinel, at least margin | bytes | sentinel, at least margin | page
struct Allocation {
	char *map;
	size_t mapped, bytes;
	char *data;
	char *first() const { return map + page; }
	char *last() const { return map + mapped - page; }

	static inline const size_t page = sysconf(_SC_PAGESIZE);
};
constexpr size_t alignment = 256, margin = 256;
constexpr char sentinel = (char)0xff; // makes NaN, for those who read it

std::map<uint64_t, Allocation> &live() {
	static auto &m = *new std::map<uint64_t, Allocation>;
	return m;
}
std::map<uint64_t, Allocation> &dead() {
	static auto &m = *new std::map<uint64_t, Allocation>;
	return m;
}
size_t in_use;

size_t up(size_t n, size_t to) { return (n + to - 1) / to * to; }

const Allocation *around(std::map<uint64_t, Allocation> &m, uint64_t p) {
	auto i = m.upper_bound(p);
	// What is before an allocation's first byte belongs to it too.
	if (i != m.end() && (uint64_t)i->second.map <= p) return &i->second;
	if (i == m.begin()) return nullptr;
	const Allocation &a = (--i)->second;
	return p < (uint64_t)a.map + a.mapped ? &a : nullptr;
}

std::string beside(const Allocation &a) {
	std::string found;
#ifndef SIMT_ADDRESS_SANITIZER // which sees it when it happens
	char *end = a.data + a.bytes;
	for (auto [lo, hi] : {std::pair(a.data - margin, a.data), std::pair(end, end + margin)}) {
		if (*lo == sentinel && memcmp(lo, lo + 1, hi - lo - 1) == 0) continue;
		char *c = lo;
		while (*c == sentinel) c++;
		if (found.empty()) found = "a thread wrote to " + describe(c);
		memset(lo, sentinel, hi - lo);
	}
#else
	(void)a;
#endif
	return found;
}

void bury(const Allocation &a) {
	__asan_unpoison_memory_region(a.map, a.mapped);
	// A new mapping, and not mprotect: the system joins those that lie side by side, as it does not join what
	// was written to, and a process may have 65530 of them.
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
	if (mmap(a.map, a.mapped, PROT_NONE, flags, -1, 0) == MAP_FAILED) mprotect(a.map, a.mapped, PROT_NONE);
	__asan_poison_memory_region(a.map, a.mapped);
	in_use -= a.bytes;
	dead()[(uint64_t)a.data] = a;
}

} // namespace

uint64_t allocate(size_t bytes) {
	Allocation a;
	a.bytes = bytes;
	a.mapped = up(margin + up(bytes, alignment) + margin, Allocation::page) + 2 * Allocation::page;
	void *p = mmap(nullptr, a.mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) return 0;
	a.map = (char *)p;
	a.data = a.last() - margin - up(bytes, alignment);
	mprotect(a.map, Allocation::page, PROT_NONE);
	mprotect(a.last(), Allocation::page, PROT_NONE);
	memset(a.first(), sentinel, a.last() - a.first());
	__asan_poison_memory_region(a.first(), a.data - a.first());
	__asan_poison_memory_region(a.data + bytes, a.last() - (a.data + bytes));
	live()[(uint64_t)a.data] = a;
	in_use += bytes;
	return (uint64_t)a.data;
}

bool release(uint64_t p) {
	auto i = live().find(p);
	if (i == live().end()) return false;
	bury(i->second);
	live().erase(i);
	return true;
}

size_t release_all() {
	size_t n = live().size();
	for (auto &[p, a] : live()) bury(a);
	live().clear();
	return n;
}

size_t allocated() { return in_use; }

bool inside(uint64_t p, size_t bytes) {
	auto i = live().upper_bound(p);
	if (i == live().begin()) return false;
	const Allocation &a = (--i)->second;
	uint64_t offset = p - (uint64_t)a.data;
	return offset <= a.bytes && bytes <= a.bytes - offset;
}

std::string describe(const void *address) {
	uint64_t p = (uint64_t)address;
	for (auto *m : {&live(), &dead()}) {
		const Allocation *a = around(*m, p);
		if (!a) continue;
		long offset = (const char *)address - a->data;
		std::string where = offset < 0 ? std::to_string(-offset) + " bytes before "
		    : offset >= (long)a->bytes ? std::to_string(offset - (long)a->bytes) + " bytes behind "
		                               : "byte " + std::to_string(offset) + " of ";
		return where + (m == &live() ? "an allocation of " : "a freed allocation of ") + std::to_string(a->bytes);
	}
	char text[64];
	snprintf(text, sizeof text, "%p, where nothing is", address);
	return text;
}

std::string trespass(uint64_t p) {
	const Allocation *a = around(live(), p);
	return a ? beside(*a) : "";
}

std::string trespass() {
	std::string found;
	for (auto &[p, a] : live())
		if (std::string here = beside(a); found.empty()) found = here;
	return found;
}

} // namespace simt
