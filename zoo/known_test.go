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
		files := Suggestions(net.Name)
		if none := len(files) == 0; none != (net.Name == builtinName) {
			t.Errorf("%s: the files %q", net.Name, files)
		}
	}
	for _, f := range KnownFiles("") {
		if !slices.Contains(networks, f.Network) {
			t.Errorf("package nn has no network %s", f.Network)
		}
		if f.Bytes == 0 && f.SHA256 == "" || f.Name == "" || f.About == "" || f.Publisher == "" || f.Licence == "" {
			t.Errorf("not enough is known of %+v", f)
		}
		if strings.Contains(f.Name+f.About+f.Publisher, "://") {
			t.Errorf("%s: addresses change", f.Name)
		}
	}
	for network := range sources {
		if !slices.Contains(networks, network) {
			t.Errorf("package nn has no network %s", network)
		}
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
	all := knownFiles
	defer func() { knownFiles = all }()
	knownFiles = append(slices.Clone(all), KnownFile{Network: "vgg16", Name: "a.npy", About: "an array",
		Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:4])})
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
