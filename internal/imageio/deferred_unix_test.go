//go:build unix

package imageio

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOpenPipe opens a picture that can be read only once.
func TestOpenPipe(t *testing.T) {
	dir := t.TempDir()
	whole := ramp(t, filepath.Join(dir, "ramp.png"))
	data, err := os.ReadFile(filepath.Join(dir, "ramp.png"))
	if err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	go os.WriteFile(pipe, data, 0)
	im, err := Open(pipe, ReadOptions{})
	if err != nil || im.IsDeferred() || !slices.Equal(im.Pix, whole.Pix) {
		t.Errorf("a pipe: %v", err)
	}
}
