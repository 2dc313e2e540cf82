//go:build !unix

package studio

import "os/exec"

// detach does nothing where there are no signals.
func detach(*exec.Cmd) {}

// terminate closes the pipe that a child reports to. Its next report fails, upon which it saves its picture and
// a checkpoint and ends.
func terminate(c *child) { c.stdout.Close() }

func await(int) {}
