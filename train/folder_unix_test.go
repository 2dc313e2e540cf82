//go:build unix

package train

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestFolderPipe skips a named pipe, which nobody writes to.
func TestFolderPipe(t *testing.T) {
	dir := writeFolder(t, map[string]int{"cats": 3})
	if err := syscall.Mkfifo(filepath.Join(dir, "cats", "pipe.png"), 0o666); err != nil {
		t.Skip(err)
	}
	photos, err := new(Folder).readPhotos(t.Context(), filepath.Join(dir, "cats"), 16)
	if err != nil || len(photos) != 3 {
		t.Errorf("%d photos, %v", len(photos), err)
	}
}
