package disk

import (
	"errors"
	"path/filepath"
	"testing"
)

func TestFree(t *testing.T) {
	dir := t.TempDir()
	free, err := Free(dir)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil || free <= 0 {
		t.Errorf("%d bytes are free, %v", free, err)
	}
	if free, err := Free(filepath.Join(dir, "none")); err == nil {
		t.Errorf("a folder that is not there has %d bytes free", free)
	}
}
