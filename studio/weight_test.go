package studio

import (
	"io/fs"
	"testing"
)

// TestWeight adds up what the page is made of: 250 kB are allowed.
func TestWeight(t *testing.T) {
	total := int64(0)
	err := fs.WalkDir(web, "web", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if total > 250_000 {
		t.Errorf("the page has %d bytes", total)
	}
}
