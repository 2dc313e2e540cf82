package imageio

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"oneiro/internal/atomicfile"
)

// TestWriteFullDisk lets the system itself refuse to write, by a limit on the size of files. That is one of the
// whole process, in which the log of the files that tests open would not fit either: it has one of its own.
func TestWriteFullDisk(t *testing.T) {
	const own = "ONEIRO_TEST_FULL_DISK"
	if os.Getenv(own) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestWriteFullDisk$")
		cmd.Env = append(os.Environ(), own+"=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	path := put(t, "a.png", []byte("old"))
	im := slope(300, 300, false)
	for i := range im.Pix { // noise, which does not compress
		im.Pix[i] = rand.Float32()
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := syscall.Rlimit{Cur: 100_000, Max: limit.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	err := Write(path, im, Meta{})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	checkError(t, path, err)
	if _, ok := errors.AsType[*atomicfile.Error](err); !ok || !errors.Is(err, syscall.EFBIG) {
		t.Errorf("got %#v", err)
	}
	checkUntouched(t, path)
	if err := Write(path, im, Meta{}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() < 100_000 {
		t.Errorf("the picture does not exceed the limit: %v", err)
	}
}

// TestSystemHints checks that what the system says of a file is told apart from a bad disk.
func TestSystemHints(t *testing.T) {
	for err, want := range map[error]string{
		syscall.EMFILE: "ulimit -n", syscall.ENOTDIR: "no folder", syscall.EIO: "local disk",
	} {
		if hint := (&FileError{"a.png", err}).Hint(); !strings.Contains(hint, want) {
			t.Errorf("%v: %s", err, hint)
		}
	}
}
