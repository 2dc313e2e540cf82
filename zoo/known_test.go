package zoo

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/nn"
)

// TestKnownFiles wants every network but the built-in one to have a file to recommend, and every file a
// network.
func TestKnownFiles(t *testing.T) {
	var networks []string
	for _, net := range nn.All() {
		networks = append(networks, net.Name)
		files := KnownFiles(net.Name)
		if none := len(files) == 0; none != (net.Name == builtinName) {
			t.Errorf("%s: the files %q", net.Name, files)
		}
		for _, f := range files {
			if strings.TrimSpace(f) == "" || strings.ContainsAny(f, "\n") {
				t.Errorf("%s: a file is called %q", net.Name, f)
			}
		}
	}
	for network, files := range knownFiles {
		if !slices.Contains(networks, network) {
			t.Errorf("package nn has no network %s", network)
		}
		for _, f := range files {
			if f.size == 0 && f.sha256 == "" {
				t.Errorf("nothing is known of %s", f.name)
			}
		}
	}
	for network := range sources {
		if !slices.Contains(networks, network) {
			t.Errorf("package nn has no network %s", network)
		}
	}
}

// TestAddresses wants the addresses to be those of known files, and those of the documentation.
func TestAddresses(t *testing.T) {
	const path = "../docs/weights.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, net := range nn.All() {
		files = append(files, KnownFiles(net.Name)...)
	}
	for file := range addresses {
		if !slices.Contains(files, file) || !strings.Contains(string(text), "[`"+file+"`]("+Address(file)+")") {
			t.Errorf("%s is no known file, or %s lacks its address", file, path)
		}
	}
	if a := Address("other.pth"); a != "" {
		t.Errorf("a file that nobody knows is at %s", a)
	}
}

// TestKnown recognises a file by its length and its sum.
func TestKnown(t *testing.T) {
	data := weightstest.NPY([]int{2}, 1, 2)
	path := weightstest.Write(t, filepath.Join(t.TempDir(), "a.npy"), data)
	if known, err := open(t, path).Known(); known != "" || err != nil {
		t.Errorf("%q, %v", known, err)
	}
	sum := sha256.Sum256(data)
	entry := knownFile{int64(len(data)), hex.EncodeToString(sum[:4]), "a.npy", "an array"}
	knownFiles["vgg16"] = append(knownFiles["vgg16"], entry)
	defer func() {
		knownFiles["vgg16"] = slices.DeleteFunc(knownFiles["vgg16"],
			func(k knownFile) bool { return k == entry })
	}()
	if known, err := open(t, path).Known(); known != "a.npy, an array" || err != nil {
		t.Errorf("%q, %v", known, err)
	}
	p := open(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Known(); err == nil {
		t.Error("a file that is gone has no error")
	}
}
