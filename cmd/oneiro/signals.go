package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// ending is a signal that ends a command, and the exit code that a shell makes of it.
type ending struct {
	os.Signal
	code int
}

var (
	interrupted = ending{os.Interrupt, exitInterrupted} // Ctrl-C
	terminated  = ending{syscall.SIGTERM, exitTerminated}
	hungUp      = ending{syscall.SIGHUP, exitHungUp} // the terminal was closed
)

// signalError reports the signal that ended a command. It is a context.Canceled.
type signalError struct{ ending }

func (e *signalError) Error() string { return "ended by a signal: " + e.String() }

func (e *signalError) Is(target error) bool { return target == context.Canceled }

// untilSignal returns a context that the first signal cancels, with a *signalError as its cause. From then on
// a second Ctrl-C or SIGTERM ends the process at once. The others do not: they come again whenever something
// is printed to the terminal or the pipe that was closed, and what there is has yet to be saved.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	for _, e := range endings {
		if e != hungUp || !signal.Ignored(e.Signal) { // as nohup has it
			signal.Notify(signals, e.Signal)
		}
	}
	go func() {
		select {
		case s := <-signals:
			for _, e := range endings {
				if e.Signal == s {
					cancel(&signalError{e})
				}
			}
			signal.Reset(interrupted.Signal, terminated.Signal)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
