package render

import (
	"testing"

	"oneiro/autodiff/cpu"
)

// TestEngineSharesThePool checks that an engine on the processor has the device's threads and no others.
func TestEngineSharesThePool(t *testing.T) {
	e, err := NewEngine(EngineOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if d := e.Device.(*cpu.Device); e.Pool != d.Pool() || e.Kernels != d.Kernels() {
		t.Error("the engine has a pool or kernels of its own")
	}
}
