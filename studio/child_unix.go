//go:build unix

package studio

import (
	"syscall"
	"time"
)

// await waits for the end of a child of an earlier server, which may be writing its checkpoint. If the process
// ID belongs to another process by now, only time is lost.
func await(pid int) {
	for end := time.Now().Add(orphanWait); pid > 1 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
	}
}

// orphanWait is how long an orphan may take to end.
const orphanWait = 20 * time.Second
