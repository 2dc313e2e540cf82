//go:build !cuda

package cuda

import (
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestNotBuilt(t *testing.T) {
	var e *UnavailableError
	if _, err := Open(Options{}); !errors.As(err, &e) || !strings.Contains(e.Hint(), "-tags cuda") {
		t.Errorf("Open returns %v", err)
	}
	if _, err := List(); !errors.As(err, &e) {
		t.Errorf("List returns %v", err)
	}
}

// TestDefaultBuildHasNoCUDA looks at a program for Linux as everybody builds it: no cgo, no library that
// it is linked with, and neither a function of the driver nor a kernel in it.
func TestDefaultBuildHasNoCUDA(t *testing.T) {
	program := filepath.Join(t.TempDir(), "oneiro")
	cmd := exec.Command("go", "build", "-o", program, "oneiro/cmd/oneiro")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	cgo := ""
	for _, s := range info.Settings {
		if s.Key == "CGO_ENABLED" {
			cgo = s.Value
		}
		if s.Key == "-tags" && strings.Contains(s.Value, "cuda") {
			t.Errorf("built with the tags %s", s.Value)
		}
	}
	if cgo != "0" {
		t.Errorf("built with CGO_ENABLED=%q", cgo)
	}
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("linked with %v, %v", libraries, err)
	}
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		if strings.Contains(s.Name, "oneiro/cuda.openDriver") || strings.Contains(s.Name, "oneiro/cuda._C") ||
			strings.HasPrefix(s.Name, "driver_") {
			t.Errorf("it has the symbol %s", s.Name)
		}
	}
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"cuLaunchKernel", "libcuda.so", ".visible .entry oneiro_"} {
		if strings.Contains(string(data), word) {
			t.Errorf("it has the word %s", word)
		}
	}
}
