package parallel

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var threadCounts = []int{1, 2, 3, 8}

func TestRunCallsEveryPieceOnce(t *testing.T) {
	for _, threads := range threadCounts {
		p := New(threads)
		for _, pieces := range []int{0, 1, 2, 7, 100, 5000} {
			for round := range 20 {
				count := make([]int, pieces) // unguarded: the race detector sees a piece that runs twice at once
				p.Run(pieces, func(piece, _ int) { count[piece]++ })
				for piece, c := range count {
					if c != 1 {
						t.Fatalf("threads %d, pieces %d, round %d: piece %d ran %d times", threads, pieces, round, piece, c)
					}
				}
			}
		}
		p.Close()
	}
}

func TestWorkerIsExclusive(t *testing.T) {
	for _, threads := range threadCounts {
		p := New(threads)
		busy := make([]atomic.Bool, threads)
		scratch := make([]int, threads)
		for range 50 {
			p.Run(64, func(_, worker int) {
				if !busy[worker].CompareAndSwap(false, true) {
					panic(fmt.Sprintf("two concurrent tasks have worker %d", worker))
				}
				scratch[worker]++
				busy[worker].Store(false)
			})
		}
		total := 0
		for _, s := range scratch {
			total += s
		}
		if total != 50*64 {
			t.Errorf("threads %d: %d tasks ran, want %d", threads, total, 50*64)
		}
		p.Close()
	}
}

// Two tasks that each wait for the other can only end on two threads. Half a minute is far more than even
// a loaded machine needs to start one.
func TestTasksRunAtTheSameTime(t *testing.T) {
	p := New(2)
	defer p.Close()
	deadline := time.Now().Add(30 * time.Second)
	for round := range 50 {
		if round%10 == 0 {
			time.Sleep(time.Millisecond) // let the worker park
		}
		var arrived, alone atomic.Int32
		p.Run(2, func(_, _ int) {
			arrived.Add(1)
			for arrived.Load() < 2 {
				if time.Now().After(deadline) {
					alone.Add(1)
					return
				}
				runtime.Gosched()
			}
		})
		if alone.Load() > 0 {
			t.Fatalf("round %d: one task waited in vain for the other", round)
		}
	}
}

func TestOneThreadRunsInOrderWithoutGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	p := New(1)
	defer p.Close()
	var order []int
	p.Run(5, func(piece, worker int) { order = append(order, piece*10+worker) })
	if want := []int{0, 10, 20, 30, 40}; !slices.Equal(order, want) {
		t.Errorf("piece*10+worker = %v, want %v", order, want)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}

func TestThreads(t *testing.T) {
	for _, threads := range []int{-1, 0, 1, 5} {
		p := New(threads)
		want := threads
		if threads <= 0 {
			want = runtime.GOMAXPROCS(0)
		}
		if p.Threads() != want {
			t.Errorf("New(%d).Threads() = %d, want %d", threads, p.Threads(), want)
		}
		p.Close()
	}
}

// recovered returns what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func TestPanicIsRaisedInTheCaller(t *testing.T) {
	boom := errors.New("boom")
	for _, threads := range threadCounts {
		p := New(threads)
		var active atomic.Int32
		for bad := range 16 { // some are taken by the caller, some by the workers
			got := recovered(func() {
				p.Run(16, func(piece, _ int) {
					active.Add(1)
					defer active.Add(-1)
					runtime.Gosched()
					if piece == bad {
						panic(boom)
					}
				})
			})
			if got != boom {
				t.Fatalf("threads %d: recovered %v, want %v", threads, got, boom)
			}
			if n := active.Load(); n != 0 {
				t.Fatalf("threads %d: %d tasks still ran after Run panicked", threads, n)
			}
		}
		ran := make([]int, 100)
		p.Run(100, func(piece, _ int) { ran[piece]++ })
		if slices.Contains(ran, 0) {
			t.Errorf("threads %d: the pool lost pieces after a panic", threads)
		}
		p.Close()
	}
}

// onWorker runs f on worker 1 of a pool of two, while the caller's task waits for it to begin.
func onWorker(p *Pool, f func()) {
	begun := make(chan struct{})
	p.Run(2, func(_, worker int) {
		if worker == 0 {
			<-begun
			return
		}
		close(begun)
		f()
	})
}

func TestPanicOnAWorker(t *testing.T) {
	p := New(2)
	defer p.Close()
	if got := recovered(func() { onWorker(p, func() { panic("boom") }) }); got != "boom" {
		t.Errorf("recovered %v, want boom", got)
	}
}

func TestGoexitOnAWorker(t *testing.T) {
	p := New(2)
	defer p.Close()
	for range 3 { // the worker must come back
		if got := recovered(func() { onWorker(p, runtime.Goexit) }); got != errGoexit {
			t.Fatalf("recovered %v, want %v", got, errGoexit)
		}
	}
}

func TestMisusePanics(t *testing.T) {
	for _, threads := range []int{1, 2} {
		p := New(threads)
		none := func(_, _ int) {}
		nested := recovered(func() { p.Run(4, func(_, _ int) { p.Run(2, none) }) })
		closing := recovered(func() { p.Run(4, func(_, _ int) { p.Close() }) })
		p.Close()
		p.Close()
		late := recovered(func() { p.Run(1, none) })
		for what, got := range map[string]any{"already running": nested, "Close on": closing, "closed pool": late} {
			if s, _ := got.(string); !strings.Contains(s, what) {
				t.Errorf("threads %d: recovered %v, want a message with %q", threads, got, what)
			}
		}
	}
}

func TestCloseEndsTheWorkers(t *testing.T) {
	before := runtime.NumGoroutine()
	p := New(6)
	p.Run(100, func(_, _ int) {})
	p.Close()
	// Done is called by a worker's last deferred function: give it the time to return.
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// A sum of partial sums in piece order, the use this package is for.
func TestSameBitsOnAnyNumberOfThreads(t *testing.T) {
	x := make([]float32, 10007)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)) * 1e3)
	}
	sum := func(threads int) float32 {
		p := New(threads)
		defer p.Close()
		var partial [37]float32
		p.Run(len(partial), func(piece, _ int) {
			lo, hi := Split(len(x), len(partial), piece)
			for _, v := range x[lo:hi] {
				partial[piece] += v
			}
		})
		var total float32
		for _, s := range partial {
			total += s
		}
		return total
	}
	want := sum(1)
	for _, threads := range threadCounts {
		if got := sum(threads); math.Float32bits(got) != math.Float32bits(want) {
			t.Errorf("threads %d: %v, want %v", threads, got, want)
		}
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, threads := range threadCounts {
		p := New(threads)
		task := func(_, _ int) {}
		if n := testing.AllocsPerRun(200, func() { p.Run(16, task) }); n != 0 {
			t.Errorf("threads %d: %v allocations a run", threads, n)
		}
		p.Close()
	}
}

func TestSplit(t *testing.T) {
	for _, n := range []int{0, 1, 5, 64, 1000, math.MaxInt / 2} {
		for _, pieces := range []int{1, 2, 3, 7, 100} {
			end, shortest, longest := 0, math.MaxInt, 0
			for piece := range pieces {
				lo, hi := Split(n, pieces, piece)
				if lo != end || hi < lo {
					t.Fatalf("Split(%d, %d, %d) = %d, %d; the piece before ends at %d", n, pieces, piece, lo, hi, end)
				}
				end, shortest, longest = hi, min(shortest, hi-lo), max(longest, hi-lo)
			}
			if end != n || longest-shortest > 1 {
				t.Errorf("Split(%d, %d, ...) ends at %d, lengths from %d to %d", n, pieces, end, shortest, longest)
			}
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, threads := range []int{1, 2} {
		for _, pieces := range []int{1, 2, 16} {
			b.Run(fmt.Sprintf("threads=%d/pieces=%d", threads, pieces), func(b *testing.B) {
				p := New(threads)
				defer p.Close()
				task := func(_, _ int) {}
				b.ReportAllocs()
				for b.Loop() {
					p.Run(pieces, task)
				}
			})
		}
	}
}

// BenchmarkHandOff is a run that cannot end before the worker has taken its piece: the time to
// reach another thread and back. In the parked case the worker sleeps before every run.
func BenchmarkHandOff(b *testing.B) {
	for _, parked := range []bool{false, true} {
		b.Run(fmt.Sprintf("parked=%v", parked), func(b *testing.B) {
			p := New(2)
			defer p.Close()
			var arrived atomic.Int32
			task := func(_, _ int) {
				arrived.Add(1)
				for spin := 0; arrived.Load() < 2; spin++ {
					if spin > 10000 {
						runtime.Gosched()
					}
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if parked {
					b.StopTimer()
					for p.workers[1].state.Load() != parkedState {
						runtime.Gosched()
					}
					b.StartTimer()
				}
				arrived.Store(0)
				p.Run(2, task)
			}
		})
	}
}
