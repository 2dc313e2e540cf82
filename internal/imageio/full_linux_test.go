package imageio

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"oneiro/internal/atomicfile"
)

// TestWriteFullDisk lets the system itself refuse to write, by a limit on the size of files. It
// changes the whole process and so must not run beside other tests.
func TestWriteFullDisk(t *testing.T) {
	path := put(t, "a.png", []byte("old"))
	im := slope(700, 700, false)
	for i := range im.Pix { // noise, which does not compress
		im.Pix[i] = rand.Float32()
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := syscall.Rlimit{Cur: 1_000_000, Max: limit.Max} // the test's own log of files has to fit
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
	if info, err := os.Stat(path); err != nil || info.Size() < 1_000_000 {
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
