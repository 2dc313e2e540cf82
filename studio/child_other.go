//go:build !unix

package studio

import "os/exec"

// detach does nothing where there are no signals.
func detach(*exec.Cmd) {}

// terminate ends a child by no longer listening: its next report fails, and it saves its picture and a
// checkpoint, as with any pipe that nobody reads.
func terminate(c *child) { c.stdout.Close() }

func await(int) {}
