package main

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"oneiro/internal/sample"
)

// hostile is what a file may call itself, or something in it: sequences that terminals obey, and line breaks
// that would let it speak for the program.
const hostile = "\x1b[2J\x1b]0;title\x07 \u009b31m \u202e \r\b\x7f x"

// hostileWeights writes the built-in network with hostile names.
func hostileWeights(t *testing.T, path string) {
	t.Helper()
	data := readFile(t, "../../zoo/builtin/net.safetensors")
	size := binary.LittleEndian.Uint64(data)
	header := map[string]map[string]any{}
	if err := json.Unmarshal(data[8:8+size], &header); err != nil {
		t.Fatal(err)
	}
	meta := header["__metadata__"]
	classes := strings.Split(meta["oneiro.classes"].(string), "\n")
	classes[0] = hostile
	for i := range classes[:5] {
		classes[i] = hostile + classes[i]
	}
	meta["oneiro.classes"] = strings.Join(classes, "\n")
	meta["oneiro.teacher"], meta["note"+hostile] = hostile+"\nFAKE: line", hostile+"\nFAKE: line"
	body := append(data[8+size:], 0, 0, 0, 0)
	header["more"+hostile+"\nFAKE: line"] = map[string]any{
		"dtype": "F32", "shape": []int{1}, "data_offsets": []int{len(body) - 4, len(body)}}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	if err := os.WriteFile(path, append(append(out, text...), body...), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestHostileNames runs all commands that read files on ones with hostile names. What they print may hold no
// character that a terminal obeys, and no line of the file's own.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "a"+hostile+"\nFAKE")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Skip(err) // not every system has such names
	}
	weights, photo := filepath.Join(folder, "net.safetensors"), filepath.Join(folder, "photo.png")
	hostileWeights(t, weights)
	if err := os.Rename(filepath.Join(dir, put(t, dir, "photo.png", sample.Landscape(48, 36, 1))), photo); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "missing")
	small := []string{"--size", "32", "--iterations", "1", "--weights", weights, "-o", filepath.Join(folder, "out.png")}
	pictured := func(command string, more ...string) []string {
		return append(append([]string{command}, small...), more...)
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"weights", "info", weights}},
		{0, []string{"weights", "info", "--json", weights}},
		{0, []string{"weights", "verify", weights}},
		{1, []string{"weights", "verify", missing}},
		{0, []string{"weights", "convert", weights, "-o", filepath.Join(folder, "copy.safetensors")}},
		{0, []string{"classify", photo, "--weights", weights, "--top", "99"}},
		{0, []string{"classify", photo, "--weights", weights, "--top", "99", "--json"}},
		{1, []string{"classify", missing}},
		{0, []string{"classes", "--weights", weights}},
		{0, []string{"classes", "--weights", weights, "--json"}},
		{0, []string{"plan", photo, "--weights", weights, "--size", "64"}},
		{2, []string{"plan", photo, "--weights", weights, "--size", "64", "--preset", hostile}},
		{0, pictured("style", photo)},
		{0, pictured("style", photo, "--json")},
		{0, pictured("dream", photo)},
		{2, pictured("dream", photo, "--class", "x")},
		{2, pictured("dream", photo, "--layers", hostile)},
		{0, pictured("vis", "--classes", "0,1,2")},
		{0, pictured("texture", photo)},
		{0, []string{"train", "sheet", "-o", filepath.Join(folder, "sheet.png")}},
		{2, pictured("texture", photo, "--preset", hostile)},
		{1, pictured("style", missing)},
		{2, []string{hostile}},
		{2, []string{"help", hostile}},
		{2, []string{"style", "--" + hostile}},
		{2, []string{"style", "-" + hostile}},
		{2, []string{"style", "--winograd", missing}},
		{2, []string{"nets", hostile}},
		{0, []string{"__complete", "dream", "--weights", weights, "--class", ""}},
	} {
		o := run(t, dir, c.args...)
		if o.code != c.code {
			t.Errorf("%q: exit code %d\n%s", c.args, o.code, o.stderr)
		}
		for line := range strings.Lines(o.stdout + o.stderr) {
			bad := func(r rune) bool { return !unicode.IsGraphic(r) && r != '\n' && r != '\t' }
			if strings.ContainsFunc(line, bad) || strings.HasPrefix(line, "FAKE") {
				t.Errorf("%q prints %q", c.args, line)
			}
		}
	}
}
