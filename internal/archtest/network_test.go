package archtest

import (
	"slices"
	"testing"
)

// network lists the packages that open connections, with who may import each all the same.
var network = map[string][]string{
	"net/http":   nil,
	"crypto/tls": nil,
	// for flags that are addresses and for types of the system, neither of which we use
	"net": {"github.com/spf13/pflag", "golang.org/x/sys/windows"},
}

// TestOffline checks that the program links nothing that opens a network connection.
func TestOffline(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		all := goList(t, []string{"CGO_ENABLED=0", "GOOS=" + system}, "./cmd/oneiro")
		if len(all) < 50 {
			t.Fatalf("%s: go list knows only %d packages", system, len(all))
		}
		for _, p := range all {
			for _, path := range p.Imports {
				if allowed, bad := network[path]; bad && !slices.Contains(allowed, p.ImportPath) {
					t.Errorf("%s: %s imports %s, but the program has to work offline: find another library", system, p.ImportPath, path)
				}
			}
		}
	}
}
