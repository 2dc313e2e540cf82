package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"oneiro/internal/sample"
)

// emptyPNG writes a PNG of w x h pixels without anything in it: a few kilobytes for hundreds of megabytes.
func emptyPNG(t *testing.T, path string, w, h int, depth, colour byte, bits int) {
	t.Helper()
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	row := make([]byte, 1+(w*bits+7)/8)
	for range h {
		z.Write(row)
	}
	z.Close()
	var out bytes.Buffer
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, body []byte) {
		binary.Write(&out, binary.BigEndian, uint32(len(body)))
		body = append([]byte(kind), body...)
		out.Write(body)
		binary.Write(&out, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	chunk("IHDR", append(size, depth, colour, 0, 0, 0))
	chunk("IDAT", data.Bytes())
	chunk("IEND", nil)
	if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

var leastMemory = regexp.MustCompile(`--memory (\d+)MiB is the least that will do`)

// TestMemoryHolds runs with the least memory that is named when there is too little, on pictures that have
// far more pixels than the result and on ones that have not: the process must not take more, by the system's
// own account.
func TestMemoryHolds(t *testing.T) {
	dir := t.TempDir()
	emptyPNG(t, filepath.Join(dir, "bits.png"), 4000, 4000, 1, 0, 1)   // 192 MB as floats
	emptyPNG(t, filepath.Join(dir, "deep.png"), 3000, 2000, 16, 2, 48) // 72 MB
	put(t, dir, "photo.png", sample.Landscape(120, 90, 1))
	for _, args := range [][]string{
		{"style", "bits.png", "photo.png"}, {"style", "photo.png", "bits.png"}, {"style", "deep.png", "deep.png"},
		{"style", "photo.png", "photo.png", "--style-scale", "4"}, {"style", "photo.png", "--init", "bits.png"},
		{"style", "photo.png", "photo.png", "bits.png", "deep.png", "--optimizer", "adam"},
		{"dream", "bits.png"}, {"dream", "deep.png", "--octaves", "3"}, {"vis"},
		{"texture", "bits.png"}, {"texture", "deep.png"},
	} {
		args = append(args, "--size", "96", "--iterations", "2", "--json", "-o", "out.png")
		refused := run(t, dir, append(args, "--memory", "1MiB")...)
		m := leastMemory.FindStringSubmatch(refused.stderr)
		if refused.code != exitFailed || m == nil {
			t.Fatalf("%q: exit code %d\n%s", args, refused.code, refused.stderr)
		}
		least, err := strconv.Atoi(m[1])
		if err != nil || least > 200 {
			t.Errorf("%q: %d MiB are the least (%v)", args, least, err)
		}
		done := events(t, mustRun(t, dir, append(args, "--memory", m[1]+"MiB")...).stdout)
		if peak := done[len(done)-1]["peak_bytes"].(float64); !(peak > 0 && peak <= float64(least<<20)) {
			t.Errorf("%q takes %.1f MiB, and %d are allowed", args, peak/(1<<20), least)
		}
	}
}
