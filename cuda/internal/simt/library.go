package simt

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"oneiro/internal/fixture"

	"github.com/klauspost/cpuid/v2"
)

// Options choose a library. The zero value is the kernels of package cuda.
type Options struct {
	Kernels  string // a .cu file of others
	Sanitize bool   // with the address and the undefined behaviour sanitizer; see Environment
}

var (
	flags = []string{
		"-std=c++17", "-O3", "-g1", "-fPIC", "-shared", "-pthread", "-ffp-contract=off", "-fvisibility=hidden", "-DSIMT",
	}
	// -fno-sanitize=vptr: what kernels cannot do needs no library.
	sanitizers = []string{"-fsanitize=address,undefined", "-fno-sanitize=vptr", "-fno-sanitize-recover=all"}
)

const preload = "LD_PRELOAD="

// Library returns the path of a stand-in for the driver's library. It is built once and lies in the
// user's cache. The test is skipped if there is no compiler.
func Library(t testing.TB, o Options) string {
	t.Helper()
	compiler := compiler(t)
	project := fixture.Root(t)
	source := filepath.Join(project, "cuda", "internal", "simt", "src")
	include := filepath.Join(project, "cuda", "kernels")
	args := append(slices.Clone(flags), "-I"+source, "-I"+include)
	if cpuid.CPU.X64Level() >= 3 { // without it each fmaf is a call
		args = append(args, "-march=x86-64-v3")
	}
	if o.Sanitize {
		args = append(args, sanitizers...)
	}
	kernels := []string{o.Kernels}
	if o.Kernels == "" {
		kernels = glob(t, filepath.Join(include, "*.cu"))
		kernels = slices.DeleteFunc(kernels, func(file string) bool { return filepath.Base(file) == "all.cu" })
	}
	files := append(glob(t, filepath.Join(source, "*.cpp")), kernels...)

	key := sha256.New()
	version, err := exec.Command(compiler, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(key, "%s %s %q\n", compiler, version, args)
	for _, file := range slices.Concat(files, glob(t, filepath.Join(source, "*.h")), glob(t, filepath.Join(include, "*.h")),
		[]string{filepath.Join(project, "cuda", "driver.h")}) {
		add(t, key, file)
	}
	folder := cache(t)
	library := filepath.Join(folder, hex.EncodeToString(key.Sum(nil)[:12])+".so")
	if _, err := os.Stat(library); err == nil {
		return library
	}
	part, err := os.MkdirTemp(folder, "part") // others may be building the same
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(part)
	built := filepath.Join(part, "library.so")
	if err := build(compiler, args, files, part, built); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(built, library); err != nil {
		t.Fatal(err)
	}
	return library
}

// build compiles files, as many at a time as there are processors, and links them. Objects lie in a folder.
func build(compiler string, args, files []string, folder, library string) error {
	run := func(more ...string) error {
		cmd := exec.Command(compiler, slices.Concat(args, more)...)
		slow := func(v string) bool { return strings.HasPrefix(v, preload) } // the compiler would be
		cmd.Env = slices.DeleteFunc(os.Environ(), slow)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", compiler, err, out)
		}
		return nil
	}
	objects, errs := make([]string, len(files)), make([]error, len(files))
	var group sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, file := range files {
		objects[i] = filepath.Join(folder, filepath.Base(file)+".o")
		group.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			errs[i] = run("-c", "-x", "c++", file, "-o", objects[i])
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return run(append(objects, "-o", library)...)
}

// Environment returns what a process has to have in its environment from its beginning to open a library
// with sanitizers. The test is skipped if they are not there.
func Environment(t testing.TB) []string {
	t.Helper()
	// A compiler that does not have the file returns its name alone.
	out, err := exec.Command(compiler(t), "-print-file-name=libasan.so").Output()
	path := strings.TrimSpace(string(out))
	if err != nil || !filepath.IsAbs(path) {
		t.Skip("there is no address sanitizer: install g++")
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		t.Fatal(err)
	}
	return []string{preload + path, "ASAN_OPTIONS=detect_leaks=0", "UBSAN_OPTIONS=print_stacktrace=1"}
}

// compiler returns a C++ compiler.
func compiler(t testing.TB) string {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("the stand-in for the driver is for Linux on amd64 and arm64")
	}
	for _, name := range []string{os.Getenv("CXX"), "g++", "clang++", "c++"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no C++ compiler for the stand-in: install g++")
	return ""
}

// cache returns the folder for libraries.
func cache(t testing.TB) string {
	t.Helper()
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	dir = filepath.Join(dir, "oneiro", "simt")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return files
}

// add puts a file's name and contents into a hash.
func add(t testing.TB, w io.Writer, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, "%s %d\n%s", filepath.Base(file), len(data), data)
}
