#include "block.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <link.h>
#include <map>
#include <mutex>
#include <numeric>
#include <random>
#include <sys/mman.h>
#include <thread>

#include "fiber.h"
#ifdef SIMT_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace simt {

namespace {

// Thread is one of a block.
struct Thread : Fiber {
	const char *waits_for; // the site of the barrier, or the warp's operation
	unsigned mask;         // of the operation
	dim3 index;
	bool odd; // which of its two places of Worker::brought the thread used last
};

constexpr unsigned lanes = 32;

// Warp is up to 32 threads, from number first on. Each set has a bit for each of them.
struct Warp {
	unsigned first, all; // the set of those that there are
	unsigned ready, in_meeting, in_barrier;
};

// Order goes through 32 numbers, each once.
struct Order {
	unsigned start, stride; // which is odd

	unsigned operator[](unsigned i) const { return (start + i * stride) % lanes; }
};

// Job is a launch that is being worked on.
struct Job {
	const Launch &launch;
	const unsigned blocks;
	std::vector<unsigned> order{}; // of blocks, if it is neither forward nor backward
	std::atomic<unsigned> next{0};
	std::atomic<bool> failed{false};
	std::mutex lock{};
	std::string problem{};
};

// Worker is a thread of the system that runs blocks.
struct Worker {
	Current now;
	Job *job;
	Fiber home;
	std::vector<Thread> threads;
	std::vector<Warp> warps;
	// The warp that runs, those of its lanes that have not had their turn, and what their order is.
	Warp *warp;
	unsigned turns, turn;
	Order order;
	Fiber *previous; // that ran before the one that does
	std::minstd_rand random;
	char *shared; // most_shared bytes and a sentinel
	char *variables = nullptr;
	size_t variables_size = 0;
	char brought[2][largest_block][stride];

	Worker();
	void work();
	void block();
	Order any();
	Fiber &next();
	void run(Warp &w);
	bool release(Warp &w);
	bool release();
	void wait(const char *what, unsigned mask, unsigned Warp::*set);
	void forget();
	void give_up(const std::string &problem);
	void fail(const std::string &problem);
	bool accuse(unsigned number, const std::string &problem);
};

// The one variable of a thread that must outlive Worker::forget.
thread_local Worker *worker;

constexpr size_t stack_size = 256 << 10;
// Stacks of a warp begin so many bytes after each other's place: what lies at the same place of many pages
// would share a few lines of the processor's caches.
constexpr size_t colour = 4096 + 64;
constexpr size_t guard = 64 << 10; // below each stack; also the largest page that there is
constexpr size_t shared_sentinel = 4096;

void *map(size_t size) {
	void *p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED) throw std::bad_alloc();
	return p;
}

Worker::Worker() : shared((char *)map(most_shared + shared_sentinel)) {
	worker = this;
	// The variables of this library that each thread of the system has its own of.
	dl_iterate_phdr([](dl_phdr_info *info, size_t, void *to) {
		Worker *w = (Worker *)to;
		for (int i = 0; i < info->dlpi_phnum; i++) {
			const auto &h = info->dlpi_phdr[i];
			char *data = (char *)info->dlpi_tls_data;
			if (h.p_type == PT_TLS && data && data <= (char *)&worker && (char *)&worker < data + h.p_memsz) {
				w->variables = data;
				w->variables_size = h.p_memsz;
			}
		}
		return 0;
	}, this);
}

// forget fills shared memory with NaN: CUDA does not say what is there when a block begins.
void Worker::forget() {
	const Launch &l = job->launch;
	if (l.fixed_shared > variables_size) return fail("the shared memory of kernels was not found");
	if (l.fixed_shared > 0) {
		Worker *keep = worker;
		memset(variables, 0xff, variables_size);
		worker = keep;
	}
#ifdef SIMT_ADDRESS_SANITIZER
	__asan_unpoison_memory_region(shared, most_shared + shared_sentinel);
	memset(shared, 0xff, l.shared);
	__asan_poison_memory_region(shared + l.shared, most_shared + shared_sentinel - l.shared);
#else
	memset(shared, 0xff, l.shared + shared_sentinel);
#endif
}

void Worker::fail(const std::string &problem) {
	auto at = [](dim3 d) { return std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z); };
	std::lock_guard<std::mutex> held(job->lock);
	if (!job->failed) job->problem = "block " + at(now.block) + " thread " + at(now.thread) + ": " + problem;
	job->failed = true;
}

// give_up leaves the block for good, from one of its threads.
void Worker::give_up(const std::string &problem) {
	fail(problem);
	end(threads[now.number], home);
}

void thread_main() {
	Worker *w = worker;
	arrive(*w->previous);
	w->job->launch.kernel->thread(w->job->launch.arguments);
	Fiber &me = w->threads[w->now.number];
	end(me, w->next());
}

// any is an order that the schedule has.
Order Worker::any() {
	switch (job->launch.schedule) {
	case 0: return {0, 1};
	case 1: return {lanes - 1, lanes - 1};
	}
	return {unsigned(random()), unsigned(random()) | 1};
}

// next is the thread of the warp whose turn it is, or home.
Fiber &Worker::next() {
	previous = &threads[now.number];
	while (turns) {
		unsigned lane = order[turn++];
		if (!(turns >> lane & 1)) continue;
		turns &= ~(1u << lane);
		now.number = warp->first + lane;
		now.thread = threads[now.number].index;
		return threads[now.number];
	}
	return home;
}

// run lets the threads of a warp that can run until they wait or are done.
void Worker::run(Warp &w) {
	warp = &w;
	turns = w.ready;
	turn = w.ready = 0;
	order = any();
	Fiber &first = next();
	previous = &home;
	leave(home, first);
}

void Worker::wait(const char *what, unsigned mask, unsigned Warp::*set) {
	Thread &t = threads[now.number];
	warp->*set |= 1u << (now.number - warp->first);
	t.waits_for = what;
	t.mask = mask;
	leave(t, next());
}

void Worker::block() {
	const Launch &l = job->launch;
	unsigned n = l.block.x * l.block.y * l.block.z;
	while (threads.size() < n) {
		char *low = (char *)map(guard + stack_size);
		mprotect(low, guard, PROT_NONE);
		Thread t{};
		t.low = low + guard;
		t.size = stack_size - threads.size() % lanes * colour;
		threads.push_back(t);
	}
	forget();
	if (job->failed) return;
	warps.clear();
	for (unsigned i = 0; i < n; i += lanes) {
		unsigned all = n - i < lanes ? (1u << (n - i)) - 1 : ~0u;
		warps.push_back({i, all, all, 0, 0});
	}
	for (unsigned i = 0; i < n; i++) {
		threads[i].index = {i % l.block.x, i / l.block.x % l.block.y, i / (l.block.x * l.block.y)};
		prepare(threads[i], thread_main);
	}
	do {
		Order order = any();
		for (unsigned i = 0; i < lanes && !job->failed; i++) {
			if (order[i] >= warps.size()) continue;
			Warp &w = warps[order[i]];
			// A warp does not wait for others, but when orders are shuffled they sometimes come between.
			while (w.ready) {
				run(w);
				if (!release(w) || (l.schedule > 1 && random() % 8 == 0)) break;
			}
		}
	} while (release());
	if (job->failed) {
		for (Thread &t : threads) abandon(t);
		return;
	}
#ifndef SIMT_ADDRESS_SANITIZER
	for (size_t i = l.shared; i < l.shared + shared_sentinel; i++)
		if (shared[i] != (char)0xff) return fail("a thread wrote " + std::to_string(i - l.shared) + " bytes behind the shared memory that was asked for");
#endif
}

// accuse fails because of what a thread did that does not run.
bool Worker::accuse(unsigned number, const std::string &problem) {
	now.thread = threads[number].index;
	fail(problem);
	return false;
}

// release lets the threads of a warp go on that have met. It reports whether there are any.
bool Worker::release(Warp &w) {
	if (job->failed || !w.in_meeting) return false;
	unsigned first = w.first + __builtin_ctz(w.in_meeting);
	const char *what = threads[first].waits_for;
	if (w.in_meeting != w.all) return accuse(first, std::string(what) + " is not reached by all lanes of the warp");
	for (unsigned i = first; i < w.first + lanes && w.all >> (i - w.first) & 1; i++) {
		const Thread &t = threads[i];
		if (t.waits_for != what && strcmp(t.waits_for, what) != 0) return accuse(first, std::string("a warp meets for ") + what + " and for " + t.waits_for);
		if ((t.mask & w.all) != w.all) return accuse(i, std::string(what) + " with a mask that leaves out lanes of the warp, which is not emulated");
	}
	w.ready = w.in_meeting;
	w.in_meeting = 0;
	return true;
}

// release lets the threads of the block go on if all wait at a barrier. It reports whether any can run.
bool Worker::release() {
	if (job->failed) return false;
	bool ready = false, some = false, all = true;
	for (const Warp &w : warps) {
		ready |= w.ready != 0;
		some |= w.in_barrier != 0;
		all &= w.in_barrier == w.all;
	}
	if (ready || !some) return ready;
	const char *site = nullptr;
	for (Warp &w : warps) {
		for (unsigned set = w.in_barrier; set; set &= set - 1) {
			unsigned i = w.first + __builtin_ctz(set);
			const char *here = threads[i].waits_for;
			if (!all) return accuse(i, std::string("the barrier at ") + here + " is not reached by all threads of the block");
			if (site && site != here && strcmp(site, here) != 0) return accuse(i, std::string("threads of one block wait at the barriers ") + site + " and " + here);
			site = here;
		}
		w.ready = w.in_barrier;
		w.in_barrier = 0;
	}
	return true;
}

void Worker::work() {
	const Launch &l = job->launch;
	now.block_size = l.block;
	now.grid = l.grid;
	now.shared = shared;
	for (unsigned i; !job->failed && (i = job->next++) < job->blocks;) {
		unsigned b = l.schedule == 0 ? i : l.schedule == 1 ? job->blocks - 1 - i : job->order[i];
		now.block = {b % l.grid.x, b / l.grid.x % l.grid.y, b / (l.grid.x * l.grid.y)};
		random.seed(l.schedule + b);
		block();
	}
}

// Pool is the workers. It is never taken apart: its threads end with the process.
struct Pool {
	std::mutex lock;
	std::condition_variable begin, finished;
	Job *job = nullptr;
	unsigned wanted = 0, busy = 0, size; // threads that are to join in the job, those that are in it

	Pool() : size(std::clamp(std::thread::hardware_concurrency(), 1u, 16u)) {
		for (unsigned i = 0; i < size; i++) std::thread([this] { loop(); }).detach();
	}

	void loop() {
		// Signals are the business of the program's own threads, but for those that a kernel's mistakes raise.
		sigset_t all;
		sigfillset(&all);
		for (int s : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) sigdelset(&all, s);
		pthread_sigmask(SIG_SETMASK, &all, nullptr);
		stack_t alternative{};
		alternative.ss_size = 64 << 10;
		alternative.ss_sp = map(alternative.ss_size);
		sigaltstack(&alternative, nullptr);
		Worker *w = new Worker;
		std::unique_lock<std::mutex> held(lock);
		for (;;) {
			begin.wait(held, [&] { return wanted > 0; });
			wanted--;
			w->job = job;
			held.unlock();
			w->work();
			held.lock();
			if (--busy == 0) finished.notify_one();
		}
	}

	void run(Job &j) {
		std::unique_lock<std::mutex> held(lock);
		job = &j;
		// What is done before a second thread wakes up needs none.
		unsigned threads = j.launch.block.x * j.launch.block.y * j.launch.block.z;
		busy = wanted = std::clamp(unsigned(uint64_t(threads) * j.blocks / 2048), 1u, std::min(size, j.blocks));
		for (unsigned i = 0; i < wanted; i++) begin.notify_one();
		finished.wait(held, [&] { return busy == 0; });
	}
};

#ifndef SIMT_ADDRESS_SANITIZER
// Faults turns the processor's exceptions in kernels into failures of their launch, as a GPU does, for
// as long as it lives. Others go where they would have gone.
struct Faults {
	static constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static inline std::map<int, struct sigaction> before;

	static void handle(int signal, siginfo_t *info, void *context) {
		if (worker) {
			if (signal == SIGSEGV || signal == SIGBUS) worker->give_up("a thread reads or writes at " + describe(info->si_addr));
			worker->give_up(strsignal(signal));
		}
		const auto &old = before[signal];
		if (old.sa_flags & SA_SIGINFO) return old.sa_sigaction(signal, info, context);
		if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN) return old.sa_handler(signal);
		sigaction(signal, &old, nullptr); // and the instruction is tried again
	}
	Faults() {
		for (int s : signals) {
			struct sigaction a {};
			a.sa_sigaction = handle;
			a.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
			sigaction(s, &a, &before[s]);
		}
	}
	~Faults() {
		for (int s : signals) sigaction(s, &before[s], nullptr);
	}
};
#endif

std::map<std::string, Kernel> &kernels() {
	static auto &k = *new std::map<std::string, Kernel>;
	return k;
}

} // namespace

const Current &current() { return worker->now; }

void barrier(const char *site) { worker->wait(site, 0, &Warp::in_barrier); }

const char *meet(const char *operation, unsigned mask, const void *brought, size_t bytes) {
	Worker *w = worker;
	unsigned i = w->now.number;
	bool odd = w->threads[i].odd = !w->threads[i].odd;
	if (bytes > 0) memcpy(w->brought[odd][i], brought, bytes);
	w->wait(operation, mask, &Warp::in_meeting);
	return w->brought[odd][i & ~31u];
}

bool add(Kernel k) { return kernels().emplace(k.name, k).second; }

const Kernel *find(const std::string &name) {
	auto i = kernels().find(name);
	return i == kernels().end() ? nullptr : &i->second;
}

std::string run(const Launch &l) {
	static Pool &pool = *new Pool;
#ifndef SIMT_ADDRESS_SANITIZER
	Faults faults;
#endif
	Job job{l, l.grid.x * l.grid.y * l.grid.z};
	if (l.schedule > 1) {
		job.order.resize(job.blocks);
		std::iota(job.order.begin(), job.order.end(), 0u);
		std::shuffle(job.order.begin(), job.order.end(), std::mt19937(l.schedule));
	}
	pool.run(job);
	return job.problem;
}

} // namespace simt
