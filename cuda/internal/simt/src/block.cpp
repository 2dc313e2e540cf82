#include "block.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
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
	enum { ready, in_barrier, in_warp, done } state;
	const char *waits_for; // the site of the barrier, or the warp's operation
	unsigned mask;
	dim3 index;
	bool odd; // which of its two places of Worker::brought the thread used last
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
	std::vector<unsigned> order;
	std::mt19937 random;
	char *shared; // most_shared bytes and a sentinel
	char *variables = nullptr;
	size_t variables_size = 0;
	char brought[2][largest_block][stride];

	Worker();
	void work();
	void block();
	bool release();
	void wait(const char *what, unsigned mask, bool warp);
	void forget();
	void give_up(const std::string &problem);
	void fail(const std::string &problem);
};

// The one variable of a thread that must outlive Worker::forget.
thread_local Worker *worker;

#ifdef SIMT_ADDRESS_SANITIZER
constexpr size_t stack_size = 256 << 10;
#else
constexpr size_t stack_size = 64 << 10;
#endif
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
	arrive(w->home);
	w->job->launch.kernel->thread(w->job->launch.arguments);
	w->threads[w->now.number].state = Thread::done;
	end(w->threads[w->now.number], w->home);
}

void Worker::wait(const char *what, unsigned mask, bool warp) {
	Thread &t = threads[now.number];
	t.state = warp ? Thread::in_warp : Thread::in_barrier;
	t.waits_for = what;
	t.mask = mask;
	leave(t, home);
}

void Worker::block() {
	const Launch &l = job->launch;
	unsigned n = l.block.x * l.block.y * l.block.z;
	while (threads.size() < n) {
		char *low = (char *)map(guard + stack_size);
		mprotect(low, guard, PROT_NONE);
		Thread t{};
		t.low = low + guard;
		t.size = stack_size;
		threads.push_back(t);
	}
	forget();
	if (job->failed) return;
	order.resize(n);
	std::iota(order.begin(), order.end(), 0u);
	if (l.schedule == 1) std::reverse(order.begin(), order.end());
	for (unsigned i = 0; i < n; i++) {
		Thread &t = threads[i];
		t.state = Thread::ready;
		t.index = {i % l.block.x, i / l.block.x % l.block.y, i / (l.block.x * l.block.y)};
		prepare(t, thread_main);
	}
	do {
		if (l.schedule > 1) std::shuffle(order.begin(), order.end(), random);
		for (unsigned i : order) {
			Thread &t = threads[i];
			if (t.state != Thread::ready) continue;
			now.thread = t.index;
			now.number = i;
			leave(home, t);
			if (job->failed) break;
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

// release lets threads go on that have waited for each other, when none can run. It reports whether there
// are any that could.
bool Worker::release() {
	if (job->failed) return false;
	unsigned n = order.size(), done = 0, in_barrier = 0;
	bool released = false;
	auto accuse = [&](unsigned i, const std::string &problem) {
		now.thread = threads[i].index;
		fail(problem);
		return false;
	};
	for (unsigned low = 0; low < n; low += 32) {
		unsigned high = std::min(low + 32, n), all = high - low == 32 ? ~0u : (1u << (high - low)) - 1, waiting = 0, some = n;
		for (unsigned i = low; i < high; i++) {
			done += threads[i].state == Thread::done;
			in_barrier += threads[i].state == Thread::in_barrier;
			if (threads[i].state == Thread::in_warp) {
				waiting |= 1u << (i - low);
				some = i;
			}
		}
		if (!waiting) continue;
		const Thread &first = threads[some];
		std::string what = first.waits_for;
		if (waiting != all) return accuse(some, what + " is not reached by all lanes of the warp");
		for (unsigned i = low; i < high; i++) {
			Thread &t = threads[i];
			if (t.waits_for != first.waits_for && t.waits_for != what) return accuse(some, "a warp meets for " + what + " and for " + t.waits_for);
			if ((t.mask & all) != all) return accuse(i, what + " with a mask that leaves out lanes of the warp, which is not emulated");
			t.state = Thread::ready;
		}
		released = true;
	}
	if (released || done == n) return released;
	const char *site = nullptr;
	for (unsigned i = 0; i < n; i++) {
		Thread &t = threads[i];
		if (t.state != Thread::in_barrier) continue;
		if (in_barrier < n) return accuse(i, "the barrier at " + std::string(t.waits_for) + " is not reached by all threads of the block");
		if (site && site != t.waits_for && std::string(site) != t.waits_for) return accuse(i, "threads of one block wait at the barriers " + std::string(site) + " and " + t.waits_for);
		site = t.waits_for;
		t.state = Thread::ready;
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
// Faults turns the processor's exceptions in kernels into failures of their launch, as a card does, for
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

void barrier(const char *site) { worker->wait(site, 0, false); }

const char *meet(const char *operation, unsigned mask, const void *brought, size_t bytes) {
	Worker *w = worker;
	unsigned i = w->now.number;
	bool odd = w->threads[i].odd = !w->threads[i].odd;
	if (bytes > 0) memcpy(w->brought[odd][i], brought, bytes);
	w->wait(operation, mask, true);
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
