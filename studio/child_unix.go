//go:build unix

package studio

import (
	"syscall"
	"time"
)

// terminate asks a child to end: it saves its picture and a checkpoint.
func terminate(c *child) { c.cmd.Process.Signal(syscall.SIGTERM) }

// await waits until a process that a server before this one has left behind is gone: it may be writing its
// checkpoint. A number that is somebody else's by now costs the wait, no more.
func await(pid int) {
	for end := time.Now().Add(orphanWait); pid > 1 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
	}
}

// orphanWait is how long an orphan may take to end.
const orphanWait = 20 * time.Second
