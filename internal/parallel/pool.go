// Package parallel runs numbered pieces of work on a fixed set of threads.
//
// Callers split their work into a number of pieces that depends on the work alone, never on the number
// of threads. Every piece writes to its own place, and partial sums are added in the order of the pieces.
// It then does not matter which thread takes which piece: a result has the same bits on one thread and on
// sixty-four.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spins is how often an idle worker looks for work before it parks, 10 to 20 microseconds in all. The
// operations of a plan follow each other much more closely. Waking a parked worker takes several
// microseconds; a spinning one starts within a few hundred nanoseconds.
const spins = 30000

// Pool is a set of persistent workers, one of which is the goroutine that calls Run. It must be
// closed when it is no longer needed.
type Pool struct {
	running atomic.Bool
	closed  bool
	spins   int
	workers []worker // worker 0 is the caller's and has no goroutine
	exited  sync.WaitGroup

	// The run in progress; written only while no worker is busy.
	task   func(piece, worker int)
	pieces int64

	failed  atomic.Pointer[failure]
	done    chan struct{} // from the last busy worker to the parked caller
	_       line
	next    atomic.Int64 // the next piece to hand out
	_       line
	pending atomic.Int32 // invited workers that have not finished, plus one for the caller
	_       line
}

// line keeps two counters off one cache line (two lines, for the adjacent-line prefetcher).
type line [128]byte

// failure is what a task panicked with.
type failure struct{ value any }

// New returns a pool of the given number of threads, or of GOMAXPROCS threads if that is not
// positive. A pool of one thread starts no goroutine.
func New(threads int) *Pool {
	procs := runtime.GOMAXPROCS(0)
	if threads <= 0 {
		threads = procs
	}
	p := &Pool{workers: make([]worker, threads), done: make(chan struct{}, 1)}
	if threads <= procs {
		p.spins = spins // with fewer processors a spinning worker would keep a busy one from running
	}
	for i := 1; i < threads; i++ {
		p.workers[i].wake = make(chan struct{}, 1)
		p.exited.Add(1)
		go p.serve(i)
	}
	return p
}

// Threads returns the number of workers, the caller of Run included.
func (p *Pool) Threads() int { return len(p.workers) }

// Run calls task once for every piece from 0 to pieces-1 and returns when all calls have returned.
// worker, from 0 to Threads()-1, is different in concurrent calls: a task may use it to choose scratch
// memory, but its result must not depend on it. Run allocates nothing; to keep it so, build task once
// and not as a new closure for every call.
//
// If a task panics, no further pieces are started, and Run panics with the same value once every
// worker has stopped; with several such tasks it is the value of one of them. The pool can be used
// again after that. On one thread the stack trace shows the frames of the task.
//
// Run panics if the pool is already running, whether Run is called from a task or from another
// goroutine, and if it is closed.
func (p *Pool) Run(pieces int, task func(piece, worker int)) {
	if !p.running.CompareAndSwap(false, true) {
		panic("parallel: Run on a pool that is already running: it serves one caller, and a task may not call Run")
	}
	if p.closed {
		p.running.Store(false)
		panic("parallel: Run on a closed pool")
	}
	p.task, p.pieces = task, int64(pieces)
	p.next.Store(0)
	invited := max(min(len(p.workers), pieces), 1) - 1
	p.pending.Store(int32(invited) + 1)
	for i := 1; i <= invited; i++ {
		p.workers[i].signal(invitedState)
	}
	// Deferred, so that the workers are stopped and waited for when a task panics here.
	defer p.finish(invited)
	p.work(0)
}

// work runs pieces until none is left.
func (p *Pool) work(worker int) {
	for {
		piece := p.next.Add(1) - 1
		if piece >= p.pieces {
			return
		}
		p.task(int(piece), worker)
	}
}

// finish ends a run: it waits for the workers that have begun, and withdraws the invitation of those
// that have not, so that a short run never waits for a sleeping thread.
func (p *Pool) finish(invited int) {
	p.next.Store(p.pieces)
	for i := 1; i <= invited; i++ {
		if p.workers[i].state.CompareAndSwap(invitedState, idleState) {
			p.pending.Add(-1)
		}
	}
	p.wait()
	p.task = nil
	failed := p.failed.Swap(nil)
	p.running.Store(false)
	if failed != nil {
		panic(failed.value)
	}
}

// wait returns when no worker is busy.
func (p *Pool) wait() {
	for range p.spins {
		if p.pending.Load() == 1 {
			return
		}
	}
	if p.pending.Add(-1) > 0 {
		<-p.done
	}
}

// Close stops the workers and returns when they are gone. It panics if the pool is running; on a
// closed pool it does nothing.
func (p *Pool) Close() {
	if !p.running.CompareAndSwap(false, true) {
		panic("parallel: Close on a pool that is running")
	}
	defer p.running.Store(false)
	if p.closed {
		return
	}
	p.closed = true
	for i := 1; i < len(p.workers); i++ {
		p.workers[i].signal(stopState)
	}
	p.exited.Wait()
}
