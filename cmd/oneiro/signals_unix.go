//go:build unix

package main

import (
	"errors"
	"os/signal"
	"syscall"
)

// endings are the signals that end a command. The last is for a pipe that nobody reads any more.
var endings = []ending{interrupted, terminated, hungUp, {syscall.SIGPIPE, exitPipe}}

// isBrokenPipe reports whether something could not be written because nobody reads any more.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }

// keepOnBrokenPipes lets a server go on when somebody closes a connection. A program that asks for SIGPIPE gets
// it for sockets, too (os/signal); one that does not only gets an error.
func keepOnBrokenPipes() { signal.Reset(syscall.SIGPIPE) }
