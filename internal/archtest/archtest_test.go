package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const module = "oneiro"

// pkg is what go list says about a package.
type pkg struct {
	ImportPath string
	Imports    []string
	CgoFiles   []string
	Standard   bool
	Module     *struct{ Path string }
}

// list returns the packages of the project and their dependencies, without tests, as a build with some
// tags has them. Cgo is on, so that no file that needs C is missed.
func list(t *testing.T, arch, tags string) []pkg {
	t.Helper()
	return goList(t, []string{"CGO_ENABLED=1", "GOARCH=" + arch}, "-tags", tags, "./...")
}

// goList returns what go list -deps says with some environment and arguments.
func goList(t *testing.T, env []string, args ...string) []pkg {
	t.Helper()
	args = append([]string{"list", "-deps", "-json=ImportPath,Imports,CgoFiles,Standard,Module"}, args...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// root returns the folder of go.mod. It walks through every folder of the project, so that go test does
// not reuse a cached result after a change: it knows what a test reads, but not what go list does.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && path != dir && strings.ContainsAny(d.Name()[:1], "._") {
			return fs.SkipDir
		}
		if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImports(t *testing.T) {
	for _, build := range []struct{ arch, tags string }{{"amd64", ""}, {"arm64", ""}, {"amd64", cudaTag}} {
		all := list(t, build.arch, build.tags)
		for _, problem := range check(layers, all) {
			t.Errorf("%v: %s", build, problem)
		}
		for _, r := range layers {
			if _, folder := strings.CutSuffix(r.path, "/..."); !folder && !slices.ContainsFunc(all, func(p pkg) bool { return p.ImportPath == module+"/"+r.path }) {
				t.Errorf("%v: layers.go has a rule for %s, which does not exist", build, r.path)
			}
		}
	}
}

// TestNoC checks that a default build needs no C, third-party modules included.
func TestNoC(t *testing.T) {
	for _, p := range list(t, runtime.GOARCH, "") {
		if len(p.CgoFiles) > 0 && !p.Standard {
			t.Errorf("%s needs C for %v: the program has to build without it", p.ImportPath, p.CgoFiles)
		}
	}
}

// cudaTag is the tag of builds with CUDA.
const cudaTag = "cuda"

// TestCInOnePlace checks that in a build with CUDA only package cuda needs C.
func TestCInOnePlace(t *testing.T) {
	found := false
	for _, p := range list(t, runtime.GOARCH, cudaTag) {
		switch {
		case len(p.CgoFiles) == 0 || p.Standard:
		case p.ImportPath == module+"/cuda":
			found = true
		default:
			t.Errorf("%s needs C for %v: only cuda may", p.ImportPath, p.CgoFiles)
		}
	}
	if !found {
		t.Error("with the tag " + cudaTag + ", cuda has no C")
	}
}

// find returns the index of the rule for a package, or -1.
func find(rules []rule, path string) int {
	return slices.IndexFunc(rules, func(r rule) bool {
		if folder, ok := strings.CutSuffix(r.path, "/..."); ok {
			return path == folder || strings.HasPrefix(path, folder+"/")
		}
		return path == r.path
	})
}

// check compares packages with the rules and returns what is wrong.
func check(rules []rule, all []pkg) []string {
	var problems []string
	modules := map[string]string{}
	for _, p := range all {
		if p.Module != nil {
			modules[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range all {
		if modules[p.ImportPath] != module {
			continue
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		at := find(rules, name)
		if at < 0 {
			problems = append(problems, name+" has no rule in internal/archtest/layers.go: add one below everything "+
				"that imports it and above what it imports, and say what it is for")
			continue
		}
		for _, path := range p.Imports {
			if problem := forbidden(rules, at, path, modules[path]); problem != "" {
				problems = append(problems, name+" imports "+path+", but "+problem)
			}
		}
	}
	return problems
}

// forbidden returns why the package of rule number at may not import path, or "". path belongs to the
// module from or, if that is empty, to the standard library.
func forbidden(rules []rule, at int, path, from string) string {
	r := &rules[at]
	switch from {
	case module:
	case "":
		if path == "testing" && !r.testing {
			return "only packages for tests may: put code that tests share into one"
		}
		return ""
	default:
		if !slices.Contains(r.modules, from) {
			return "layers.go does not give it the module " + from + " (" + r.path + ": " + r.why + ")"
		}
		return ""
	}
	path = strings.TrimPrefix(path, module+"/")
	to := find(rules, path)
	switch {
	case to < 0, slices.Contains(leaves, path): // without a rule it is reported by itself
		return ""
	case rules[to].testing && !r.testing:
		return "that is for tests only (" + rules[to].path + ": " + rules[to].why + ")"
	case to <= at:
		return "imports only go down, and that is above it (" + rules[to].path + ": " + rules[to].why + ")"
	case !slices.Equal(r.may, below) && !slices.Contains(r.may, rules[to].path):
		return "layers.go does not allow it (" + r.path + ": " + r.why + ")"
	}
	return ""
}

// TestCheck gives check what it has to find.
func TestCheck(t *testing.T) {
	mine, other := &struct{ Path string }{module}, &struct{ Path string }{"example.org/other"}
	for _, c := range []struct{ from, to, want string }{
		{"nn", "oneiro/autodiff", ""},
		{"nn", "oneiro/internal/nearest", ""},
		{"cmd/oneiro", "oneiro/simd", ""},
		{"bench/peers", "oneiro/render", ""},
		{"nn", "oneiro/weights", "does not allow"},
		{"weights", "oneiro/nn", "only go down"},
		{"weights", "oneiro/autodiff", "does not allow"},
		{"simd", "oneiro/internal/parallel", "does not allow"},
		{"autodiff", "oneiro/autodiff/cpu", "only go down"},
		{"loss", "oneiro/render", "only go down"},
		{"render", "oneiro/bench", "only go down"},
		{"render", "oneiro/bench/peers", "only go down"},
		{"cmd/oneiro", "oneiro/autodiff/conformance", "for tests only"},
		{"autodiff/conformance", "testing", ""},
		{"render", "testing", "only packages for tests"},
		{"render", "example.org/other", "the module example.org/other"},
		{"render", "oneiro/cuda", "does not allow"},
		{"render", "oneiro/autodiff/cpu", "does not allow"},
		{"cmd/oneiro", "oneiro/cuda", ""},
		{"loss", "oneiro/cuda", "does not allow"},
		{"cuda", "oneiro/autodiff/cpu", "does not allow"},
		{"cuda", "oneiro/cuda/internal/simt", "for tests only"},
		{"cuda/internal/simt", "oneiro/internal/fixture", ""},
		{"render", "strings", ""},
		{"nowhere", "strings", "nowhere has no rule"},
	} {
		all := []pkg{{ImportPath: module + "/" + c.from, Imports: []string{c.to}, Module: mine}}
		switch {
		case strings.HasPrefix(c.to, module+"/"):
			all = append(all, pkg{ImportPath: c.to, Module: mine})
		case strings.Contains(c.to, "."):
			all = append(all, pkg{ImportPath: c.to, Module: other})
		default:
			all = append(all, pkg{ImportPath: c.to, Standard: true})
		}
		got := strings.Join(check(layers, all), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s imports %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// TestRules checks that the rules themselves only point down.
func TestRules(t *testing.T) {
	for i, r := range layers {
		if r.why == "" {
			t.Errorf("%s: no reason", r.path)
		}
		if j := find(layers, r.path); j != i {
			t.Errorf("%s has two rules", r.path)
		}
		for _, path := range r.may {
			if path != below[0] && find(layers, path) <= i {
				t.Errorf("%s may import %s, which is not below it", r.path, path)
			}
		}
	}
}
