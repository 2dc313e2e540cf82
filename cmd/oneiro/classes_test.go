package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"oneiro/train/motif"
)

// TestClasses lists the classes of the built-in network.
func TestClasses(t *testing.T) {
	dir := t.TempDir()
	motifs := motif.Names()
	all := mustRun(t, dir, "classes").stdout
	if lines := strings.Split(strings.TrimSpace(all), "\n"); len(lines) != len(motifs) {
		t.Errorf("%d lines for %d classes", len(lines), len(motifs))
	}
	for i, name := range motifs {
		if !slices.Contains(strings.Split(all, "\n"), fmt.Sprintf("%-2d  %s", i, name)) {
			t.Errorf("%d %s is missing in\n%s", i, name, all)
		}
	}
	some := decoded[[]classInfo](t, mustRun(t, dir, "classes", "spi", "--json").stdout)
	if len(some) != 1 || some[0].Names[0] != "spiral" || motifs[some[0].Class] != "spiral" {
		t.Errorf("spi finds %+v", some)
	}
	refuses(t, dir, []refusal{
		{"classes spirl", exitUsage, "did you mean spiral"},
		{"classes dog", exitUsage, "oneiro classes lists those of the built-in network"},
		{"classes 99999", exitUsage, "no class has \"99999\" in a name"},
		{"classes a b", exitUsage, "put quotes around words"},
		{"dream --class dog", exitUsage, "oneiro classes lists those of the built-in network"},
		{"dream --class spi", exitUsage, "did you mean spiral"},
	})
}
