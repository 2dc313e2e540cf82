package filelock

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// needsLocks skips a test on systems without locks.
func needsLocks(t *testing.T) {
	t.Helper()
	switch runtime.GOOS {
	case "plan9", "solaris", "aix", "js", "wasip1":
		t.Skip("the system has no locks")
	}
}

func TestTake(t *testing.T) {
	needsLocks(t)
	path := filepath.Join(t.TempDir(), "a.lock")
	release, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Take(path)
	held, ok := errors.AsType[*HeldError](err)
	if !ok || held.Process != strconv.Itoa(os.Getpid()) || held.Hint() == "" {
		t.Errorf("taken twice: %v", err)
	}
	release()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	if release, err = Take(path); err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := Take(filepath.Join(path, "b", "c.lock")); err == nil {
		t.Error("a lock in no folder")
	}
}

// TestStale takes a lock whose file was left behind by a process that was killed.
func TestStale(t *testing.T) {
	needsLocks(t)
	path := filepath.Join(t.TempDir(), "a.lock")
	const name = "FILELOCK_TEST_HOLDER"
	if held := os.Getenv(name); held != "" {
		if _, err := Take(held); err != nil {
			os.Exit(3)
		}
		os.Exit(0) // without release, as when killed
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	holder := exec.Command(exe, "-test.run", "^TestStale$")
	holder.Env = append(os.Environ(), name+"="+path)
	if out, err := holder.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("nothing was left behind: %v", err)
	}
	release, err := Take(path)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// TestOneAtATime has many take a lock and give it back as fast as they can: two never have it at once.
func TestOneAtATime(t *testing.T) {
	needsLocks(t)
	path := filepath.Join(t.TempDir(), "a.lock")
	var inside, taken atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				release, err := Take(path)
				if errors.As(err, new(*HeldError)) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					t.Error("two have the lock")
				}
				taken.Add(1)
				inside.Add(-1)
				release()
			}
		})
	}
	all.Wait()
	if taken.Load() == 0 {
		t.Error("nobody ever had the lock")
	}
}
