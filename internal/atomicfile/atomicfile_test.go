package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/quote"
)

// text writes a string, as a fill function of Write.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func put(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.bin")
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkError fails unless err is an Error for a reason, on one line that names path once.
func checkError(t *testing.T, path string, err, reason error) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, reason) {
		t.Fatalf("got %#v, want %v", err, reason)
	}
	if e.Hint() == "" || strings.ContainsAny(e.Error()+e.Hint(), "\n\r") || strings.Count(e.Error(), quote.Path(path)) != 1 {
		t.Errorf("%q, %q", e.Error(), e.Hint())
	}
}

// checkOnly fails unless the folder of path holds nothing else, and path has this content.
func checkOnly(t *testing.T, path, content string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Errorf("%s has %d bytes, %v", path, len(got), err)
	}
}

func TestWrite(t *testing.T) {
	path := put(t, "old")
	long := strings.Repeat("a new content, longer than any buffer\n", 10000)
	if err := Write(path, text(long)); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, path, long)
}

func TestWriteJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "a.json")
	if err := WriteJSON(path, map[string]int{"one": 1}); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, path, "{\n  \"one\": 1\n}\n")
	err := WriteJSON(filepath.Join(path, "b.json"), 1) // a file where a folder should be
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("got %#v", err)
	}
	if err := WriteJSON(path, func() {}); err == nil {
		t.Error("a function became JSON")
	}
	checkOnly(t, path, "{\n  \"one\": 1\n}\n")
}

// TestWriteFailing has the content fail after every number of buffers.
func TestWriteFailing(t *testing.T) {
	path := put(t, "old")
	full := errors.New("no space left")
	for size := 0; size < 1<<18; size += 1 << 15 {
		err := Write(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, size)); err != nil {
				return err
			}
			return full
		})
		checkError(t, path, err, full)
		checkOnly(t, path, "old")
	}
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	for path, reason := range map[string]error{
		dir:                                    ErrFolder,
		filepath.Join(dir, "missing", "a.bin"): fs.ErrNotExist,
		filepath.Join(dir, "missing", "a\nb"):  fs.ErrNotExist,
	} {
		checkError(t, path, Check(path), reason)
		checkError(t, path, Write(path, text("new")), reason)
	}
	if runtime.GOOS == "linux" {
		checkError(t, "/dev/null", Check("/dev/null"), ErrNotRegular)
		checkError(t, "/dev/null", Write("/dev/null", text("new")), ErrNotRegular)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestUnwritableFolder(t *testing.T) {
	path := filepath.Join(fixture.UnwritableFolder(t), "a.bin")
	checkError(t, path, Check(path), fs.ErrPermission)
	checkError(t, path, Write(path, text("new")), fs.ErrPermission)
}

func TestCheckLeavesNothing(t *testing.T) {
	path := put(t, "old")
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), "new.bin")} {
		if err := Check(name); err != nil {
			t.Fatal(err)
		}
		checkOnly(t, path, "old")
	}
}

func TestWriteThroughLink(t *testing.T) {
	file := put(t, "old")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	if err := Write(link, text("new")); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, file, "new")
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}

// TestWriteNamed has content written by name, through a link, over an old file, and not at all.
func TestWriteNamed(t *testing.T) {
	path := put(t, "old")
	by := func(content string, err error) func(name string) error {
		return func(name string) error {
			if got, read := os.ReadFile(name); read != nil || len(got) != 0 || filepath.Dir(name) != filepath.Dir(path) {
				t.Errorf("%s: %q, %v", name, got, read)
			}
			if written := os.WriteFile(name, []byte(content), 0o666); written != nil {
				return written
			}
			return err
		}
	}
	full := errors.New("no space left")
	checkError(t, path, WriteNamed(path, by("part", full)), full)
	checkOnly(t, path, "old")
	if err := WriteNamed(path, by("new", nil)); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, path, "new")
	checkError(t, filepath.Dir(path), WriteNamed(filepath.Dir(path), by("new", nil)), ErrFolder)
	missing := filepath.Join(filepath.Dir(path), "missing", "a.bin")
	checkError(t, missing, WriteNamed(missing, by("new", nil)), fs.ErrNotExist)
}

func TestWriteFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	one := func(dir string) error { return os.WriteFile(filepath.Join(dir, "a.bin"), []byte("a"), 0o666) }
	if err := WriteFolder(path, func(dir string) error { one(dir); return hinted{} }); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := WriteFolder(path, one); err != nil {
		t.Fatal(err)
	}
	checkOnly(t, filepath.Join(path, "a.bin"), "a")
	checkError(t, path, WriteFolder(path, one), os.ErrExist)
}

// TestNamed writes as is done where files need a name.
func TestNamed(t *testing.T) {
	before := createUnnamed
	createUnnamed = func(string) *os.File { return nil }
	defer func() { createUnnamed = before }()
	for name, test := range map[string]func(*testing.T){
		"write": TestWrite, "failing": TestWriteFailing, "places": TestPlaces, "unwritable": TestUnwritableFolder,
		"check": TestCheckLeavesNothing, "link": TestWriteThroughLink,
	} {
		t.Run(name, test)
	}
}

// hinted is an error of the content, which knows what to do.
type hinted struct{}

func (hinted) Error() string { return "the content is wrong" }
func (hinted) Hint() string  { return "change the content" }

func TestHintOfContent(t *testing.T) {
	path := put(t, "old")
	err := Write(path, func(io.Writer) error { return hinted{} })
	checkError(t, path, err, hinted{})
	if e, ok := errors.AsType[*Error](err); !ok || e.Hint() != "change the content" {
		t.Errorf("got %#v", err)
	}
}

// unreadable is an error of the content that is written: something that it is made from cannot be read.
type unreadable struct{ error }

func (unreadable) Hint() string    { return "look for a.bin" }
func (u unreadable) Unwrap() error { return u.error }

// TestContentError wants what is wrong with the content reported, not a missing folder of the file written.
func TestContentError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "b.bin")
	cause := unreadable{&fs.PathError{Op: "open", Path: "a.bin", Err: fs.ErrNotExist}}
	err := Write(path, func(io.Writer) error { return cause })
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.Error(), "a.bin") || e.Hint() != cause.Hint() {
		t.Errorf("%v", err)
	}
}
