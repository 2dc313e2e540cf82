package weights

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/container"
)

func TestFolderOfTooManyFiles(t *testing.T) {
	dir := t.TempDir()
	for i := range container.MaxFolderFiles {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.txt", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(dir)
	weightstest.Refused[*FormatError](t, err)
}
