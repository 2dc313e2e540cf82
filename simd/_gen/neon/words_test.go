package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// disassembled is a line of go tool objdump -gnu: source line, and the instruction as Arm writes it.
var disassembled = regexp.MustCompile(`(?m)^\s*\S+\.s:(\d+)\s+0x\S+\s+[0-9a-f]{8}\s.*// (.*?)\s*$`)

// TestWords disassembles every file and compares what each word is with what it is said to be.
func TestWords(t *testing.T) {
	for name, text := range generate() {
		if !strings.HasSuffix(name, ".s") {
			continue
		}
		is := disassemble(t, name, text)
		words := 0
		for i, line := range strings.Split(string(text), "\n") {
			if !strings.HasPrefix(line, "\tWORD\t") {
				continue
			}
			words++
			_, said, _ := strings.Cut(line, " // ")
			if said != is[i+1] {
				t.Errorf("%s:%d: said to be %q, is %q", name, i+1, said, is[i+1])
			}
		}
		if words == 0 {
			t.Errorf("%s: no words: the test looks for the wrong thing", name)
		}
	}
}

// disassemble returns the instructions of an assembly file by line.
func disassemble(t *testing.T, name string, text []byte) map[int]string {
	dir := t.TempDir()
	source, object := filepath.Join(dir, name), filepath.Join(dir, "out.o")
	if err := os.WriteFile(source, text, 0o644); err != nil {
		t.Fatal(err)
	}
	include := filepath.Join(strings.TrimSpace(command(t, "go", "env", "GOROOT")), "pkg", "include")
	command(t, "go", "tool", "asm", "-p", "simd", "-I", include, "-o", object, source)
	is := map[int]string{}
	dump := command(t, "go", "tool", "objdump", "-gnu", object)
	for _, m := range disassembled.FindAllStringSubmatch(dump, -1) {
		line, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		is[line] = m[2]
	}
	return is
}

func command(t *testing.T, name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GOARCH=arm64", "GOOS="+runtime.GOOS)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// TestGenerated wants the files of package simd to be what this generator writes.
func TestGenerated(t *testing.T) {
	for name, want := range generate() {
		have, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != string(want) {
			t.Errorf("%s is not what the generator writes: run go generate in package simd", name)
		}
	}
}
