//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oneiro/internal/sample"
)

// TestTrainSkips has a folder of pictures contain a pipe, a link to nothing, an empty file and a text: none of
// them is opened for ever or ends the training, and the first few are named.
func TestTrainSkips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, class := range []string{"cats", "dogs"} {
		if err := os.MkdirAll(filepath.Join(dir, "pets", class), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range uint64(2) {
			put(t, filepath.Join(dir, "pets", class), string(rune('a'+i))+".png", sample.Landscape(40, 36, i))
		}
	}
	cats := filepath.Join(dir, "pets", "cats")
	if err := syscall.Mkfifo(filepath.Join(cats, "pipe.jpg"), 0o666); err != nil {
		t.Skip(err)
	}
	for name, to := range map[string]string{"gone.png": "nowhere.png", "self.png": "self.png"} {
		if err := os.Symlink(to, filepath.Join(cats, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"cats/empty.png": "", "notes.txt": "not a picture"} {
		if err := os.WriteFile(filepath.Join(dir, "pets", name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	o := mustRun(t, dir, tinyTrain("--images", "pets")...)
	for _, want := range []string{
		"2 classes: 2 pictures to learn from, 2 held out for testing",
		`note: 5 files skipped: "cats/empty.png" (it is empty) "cats/gone.png" (the link leads nowhere)`,
		"of 2 pictures held out of training recognised",
	} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, o.stderr)
		}
	}
}
