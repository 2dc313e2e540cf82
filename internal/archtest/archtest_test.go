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

// list returns the packages of the project and everything that they need, tests left out, as a build with
// some tags has them. C is allowed, so that a file that needs it cannot hide behind a build without.
func list(t *testing.T, arch, tags string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-tags", tags, "-deps", "-json=ImportPath,Imports,CgoFiles,Standard,Module", "./...")
	cmd.Dir = root(t)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOARCH="+arch)
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

// root returns the folder of go.mod. It looks into every folder of the project on the way: what a
// test looks at, go test compares before it takes a result from its cache, and what go list looks at
// it does not see.
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
		for _, problem := range check(house, all) {
			t.Errorf("%v: %s", build, problem)
		}
		for _, r := range house { // a row for nothing would be a rule that nobody follows
			if _, folder := strings.CutSuffix(r.path, "/..."); !folder && !slices.ContainsFunc(all, func(p pkg) bool { return p.ImportPath == module+"/"+r.path }) {
				t.Errorf("%v: layers.go has a row for %s, which is not there", build, r.path)
			}
		}
	}
}

// TestNoC looks at everything that a default build links, other people's modules too.
func TestNoC(t *testing.T) {
	for _, p := range list(t, runtime.GOARCH, "") {
		if len(p.CgoFiles) > 0 && !p.Standard {
			t.Errorf("%s needs C for %v: the program has to build without", p.ImportPath, p.CgoFiles)
		}
	}
}

// cudaTag is the tag of builds with CUDA.
const cudaTag = "cuda"

// TestCInOnePlace looks at what a build with CUDA links.
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

// find returns the place of a package in the house, or -1.
func find(rows []row, path string) int {
	return slices.IndexFunc(rows, func(r row) bool {
		if folder, ok := strings.CutSuffix(r.path, "/..."); ok {
			return path == folder || strings.HasPrefix(path, folder+"/")
		}
		return path == r.path
	})
}

// check compares packages with the plan of the house and says what is wrong.
func check(rows []row, all []pkg) []string {
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
		at := find(rows, name)
		if at < 0 {
			problems = append(problems, name+" has no row in internal/archtest/layers.go: add one below everything "+
				"that imports it and above what it imports, with the reason why it is there")
			continue
		}
		for _, path := range p.Imports {
			if problem := forbidden(rows, at, path, modules[path]); problem != "" {
				problems = append(problems, name+" imports "+path+", but "+problem)
			}
		}
	}
	return problems
}

// forbidden says why the package of a row may not import path, which belongs to a module or, if
// that is empty, to the standard library.
func forbidden(rows []row, at int, path, from string) string {
	r := &rows[at]
	switch from {
	case module:
	case "":
		if path == "testing" && !r.testing {
			return "only packages for tests may: code that tests share belongs into one"
		}
		return ""
	default:
		if !slices.Contains(r.modules, from) {
			return "layers.go does not give it the module " + from + " (" + r.path + ": " + r.why + ")"
		}
		return ""
	}
	path = strings.TrimPrefix(path, module+"/")
	to := find(rows, path)
	switch {
	case to < 0, slices.Contains(everybody, path): // without a row it is reported by itself
		return ""
	case rows[to].testing && !r.testing:
		return "that is for tests only (" + rows[to].path + ": " + rows[to].why + ")"
	case to <= at:
		return "imports only go down, and that stands above it (" + rows[to].path + ": " + rows[to].why + ")"
	case !slices.Equal(r.may, below) && !slices.Contains(r.may, rows[to].path):
		return "layers.go does not allow it (" + r.path + ": " + r.why + ")"
	}
	return ""
}

// TestCheck gives the check what it has to find.
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
		{"render", "oneiro/cuda", ""},
		{"loss", "oneiro/cuda", "does not allow"},
		{"cuda", "oneiro/autodiff/cpu", "does not allow"},
		{"cuda", "oneiro/cuda/internal/simt", "for tests only"},
		{"cuda/internal/simt", "oneiro/internal/fixture", ""},
		{"render", "strings", ""},
		{"nowhere", "strings", "nowhere has no row"},
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
		got := strings.Join(check(house, all), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s imports %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}

// TestRows checks that the plan itself only points down.
func TestRows(t *testing.T) {
	for i, r := range house {
		if r.why == "" {
			t.Errorf("%s: no reason", r.path)
		}
		if j := find(house, r.path); j != i {
			t.Errorf("%s has two rows", r.path)
		}
		for _, path := range r.may {
			if path != below[0] && find(house, path) <= i {
				t.Errorf("%s may import %s, which does not stand below it", r.path, path)
			}
		}
	}
}
