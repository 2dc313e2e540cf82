package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"oneiro/farm"
	"oneiro/internal/quote"
)

// The exit codes, which the help of every command lists. They mean what they do in oneiro.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitPartly = 3
	exitSignal = 128
)

// usageError reports a mistake on the command line.
type usageError struct{ problem, hint string }

func (e *usageError) Error() string { return e.problem }

// Hint says how to correct it.
func (e *usageError) Hint() string { return e.hint }

// answerError ends a command whose answer, which is printed already, has an exit code of its own.
type answerError struct{ code int }

func (e *answerError) Error() string { return "it came out otherwise than wished" }

// signalError reports the signal that ended a command.
type signalError struct{ syscall.Signal }

func (e *signalError) Error() string { return "ended by a signal: " + e.String() }

// Is says that it is a context.Canceled.
func (e *signalError) Is(target error) bool { return target == context.Canceled }

// untilSignal returns a context that the first signal cancels. A second one ends the process at once.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			cancel(&signalError{s.(syscall.Signal)})
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

// reportError prints an error in one line, and perhaps a hint in another, and returns the exit code.
func reportError(w io.Writer, err error) int {
	if e, is := errors.AsType[*signalError](err); is {
		return exitSignal + int(e.Signal)
	}
	if e, is := errors.AsType[*answerError](err); is {
		return e.code
	}
	if err == nil || errors.Is(err, context.Canceled) { // which stop calls
		return exitDone
	}
	fmt.Fprintf(w, "oneiro-farm: %s\n", oneLine(err.Error()))
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		fmt.Fprintf(w, "hint: %s\n", oneLine(h.Hint()))
	}
	if is[*usageError](err) || is[*farm.UsageError](err) {
		return exitUsage
	}
	if e, is := errors.AsType[*farm.ProgramError](err); is && e.Kind == "usage" {
		return exitUsage
	}
	return exitFailed
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// oneLine makes text safe for a line of a terminal.
func oneLine(text string) string {
	text = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(text)
	return string(quote.Visible([]byte(text)))
}
