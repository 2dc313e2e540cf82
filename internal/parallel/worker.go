package parallel

import (
	"errors"
	"sync/atomic"
)

// The states of a worker. The worker itself makes idle -> parked, invited -> busy and busy -> idle;
// Run makes idle or parked -> invited, and invited -> idle when it needs no more help; Close makes
// idle or parked -> stop. A parked worker stays so until it receives from wake.
const (
	idleState uint32 = iota
	parkedState
	invitedState
	busyState
	stopState
)

type worker struct {
	state atomic.Uint32
	wake  chan struct{}
	_     line
}

// signal sets the state of a worker that is idle or parked, and wakes it if it is parked.
func (w *worker) signal(state uint32) {
	if w.state.Swap(state) == parkedState {
		w.wake <- struct{}{} // has room: sent only to a parked worker, and once
	}
}

// await returns true when the worker has accepted an invitation and false when it is to stop.
func (w *worker) await(spins int) bool {
	for {
		for i := 0; i <= spins; i++ {
			switch w.state.Load() {
			case invitedState:
				if w.state.CompareAndSwap(invitedState, busyState) {
					return true
				}
			case stopState:
				return false
			}
		}
		if w.state.CompareAndSwap(idleState, parkedState) {
			<-w.wake
		}
	}
}

// serve is the goroutine of worker i.
func (p *Pool) serve(i int) {
	stopped := false
	defer func() {
		if stopped {
			p.exited.Done()
		} else {
			go p.serve(i) // a task called runtime.Goexit
		}
	}()
	for p.workers[i].await(p.spins) {
		p.join(i)
	}
	stopped = true
}

var errGoexit = errors.New("parallel: a task called runtime.Goexit")

// join takes part in the current run as worker i. It leaves the run in order even if the task panics.
func (p *Pool) join(i int) {
	returned := false
	defer func() {
		if !returned {
			value := recover()
			if value == nil {
				value = errGoexit
			}
			p.next.Store(p.pieces)
			p.failed.CompareAndSwap(nil, &failure{value})
		}
		p.workers[i].state.Store(idleState)
		if p.pending.Add(-1) == 0 {
			p.done <- struct{}{}
		}
	}()
	p.work(i)
	returned = true
}
