//go:build cuda

package cuda

import (
	"testing"

	"oneiro/autodiff/autodifftest"
)

// TestConformance runs on the card that there is.
func TestConformance(t *testing.T) {
	d, err := Open(Options{})
	if err != nil {
		t.Skip(err)
	}
	defer d.Close()
	autodifftest.RunDevice(t, d)
}
