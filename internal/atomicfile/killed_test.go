//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// toWrite names the file that the test binary is to write, and never to end.
const toWrite = "ONEIRO_TEST_WRITE"

// withName has it do without files that have no name.
const withName = "ONEIRO_TEST_NAMED"

func TestMain(m *testing.M) {
	if path := os.Getenv(toWrite); path != "" {
		if os.Getenv(withName) != "" {
			createUnnamed = func(string) *os.File { return nil }
		}
		Write(path, func(w io.Writer) error {
			w.Write(make([]byte, 1<<20))
			fmt.Println("writing")
			time.Sleep(time.Hour) // select {} would be a deadlock, and end it
			return nil
		})
	}
	os.Exit(m.Run())
}

// TestKilled kills a program while it writes.
func TestKilled(t *testing.T) {
	for _, named := range []string{"", "1"} {
		testKilled(t, named)
	}
}

func testKilled(t *testing.T, named string) {
	t.Helper()
	path := put(t, "old")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), toWrite+"="+path, withName+"="+named)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.ReadFull(out, make([]byte, len("writing")))
	if err := Check(path); err != nil { // which leaves others alone
		t.Error(err)
	}
	cmd.Process.Signal(syscall.SIGKILL)
	cmd.Wait()
	if left, _ := os.ReadDir(filepath.Dir(path)); named != "" && len(left) != 2 {
		t.Errorf("nothing was left of a file with a name: %v", left)
	}
	if err := Write(path, text("new")); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, path, "new")
}

// TestStale checks whose parts are removed: those of the same target that nobody writes any more.
func TestStale(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a[1]*.bin")
	file := func(name string) (*os.File, error) {
		return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	folder := func(name string) (*os.File, error) {
		if err := os.Mkdir(name, 0o777); err != nil {
			return nil, err
		}
		os.WriteFile(filepath.Join(name, "000.bin"), []byte("x"), 0o666)
		return os.Open(name)
	}
	for _, create := range []func(string) (*os.File, error){file, folder} {
		p, err := lockedPart(path, create)
		if err != nil {
			t.Fatal(err)
		}
		other, err := lockedPart(path+"2", create)
		if err != nil {
			t.Fatal(err)
		}
		there := func(p *part) bool { _, err := os.Stat(p.name); return err == nil }
		removeStale(path)
		if !there(p) {
			t.Error("what is being written was removed")
		}
		p.Close() // as the system does when a program is killed
		other.Close()
		removeStale(path)
		if there(p) || !there(other) {
			t.Errorf("left of the file: %v, of another one: %v", there(p), there(other))
		}
	}
}

// TestReasons checks what is said to do about several reasons.
func TestReasons(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 300)+".png")
	for path, want := range map[string]string{
		long:                               hintName,
		filepath.Join(put(t, ""), "a.png"): hintNoFolder,
	} {
		err := Check(path)
		if e, ok := err.(*Error); !ok || e.Hint() != want {
			t.Errorf("%v, want the hint %q", err, want)
		}
	}
	for err, want := range map[error]string{
		syscall.ENOSPC: hintFull, syscall.EROFS: hintReadOnly, syscall.EMFILE: hintOpen,
		syscall.EFBIG: hintLimit, syscall.EIO: "choose another folder; nothing was left behind",
	} {
		if e := newError("a", &os.PathError{Op: "write", Path: "a", Err: err}); e.Hint() != want {
			t.Errorf("%v, %s", e, e.Hint())
		}
	}
}
