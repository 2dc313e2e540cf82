//go:build !unix

package main

// endings are the signals that end a command.
var endings = []ending{interrupted, terminated, hungUp}

func isBrokenPipe(error) bool { return false }

func keepOnBrokenPipes() {}
