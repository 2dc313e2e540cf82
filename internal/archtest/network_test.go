package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// network lists the packages that know of connections, with who may import each.
var network = map[string][]string{
	"net/http":   {"oneiro/studio"},
	"crypto/tls": {"net/http"},
	// also for flags that are addresses and for types of the system, neither of which we use
	"net": {"oneiro/studio", "oneiro/cmd/oneiro", "github.com/spf13/pflag", "golang.org/x/sys/windows"},
}

// TestOffline checks that only the studio knows of connections.
func TestOffline(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		all := goList(t, []string{"CGO_ENABLED=0", "GOOS=" + system}, "./cmd/oneiro")
		if len(all) < 50 {
			t.Fatalf("%s: go list knows only %d packages", system, len(all))
		}
		for _, p := range all {
			for _, path := range p.Imports {
				if allowed, bad := network[path]; bad && !p.Standard && !slices.Contains(allowed, p.ImportPath) {
					t.Errorf("%s: %s imports %s, but the program has to work offline: find another library", system, p.ImportPath, path)
				}
			}
		}
	}
}

// answering lists what those who know of connections may use of these packages: what listens and answers.
// Nothing of it opens a connection to anybody.
var answering = map[string][]string{
	"net": {
		"Listen", "Listener", "Addr", "TCPAddr", "IP", "ParseIP", "SplitHostPort", "JoinHostPort", "OpError",
	},
	"net/http": {
		"Server", "ServeMux", "NewServeMux", "Handler", "HandlerFunc", "ResponseWriter", "Request", "Cookie", "SetCookie",
		"SameSiteStrictMode", "Redirect", "ServeContent", "FileServerFS", "NewResponseController",
		"NewCrossOriginProtection", "MaxBytesReader", "MaxBytesError", "MethodGet",
	},
}

// TestListensOnly checks that the program opens no connection: it answers those that others open.
func TestListensOnly(t *testing.T) {
	seen := 0
	for _, folder := range []string{"studio", "cmd/oneiro"} {
		files, err := filepath.Glob(filepath.Join(root(t), folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			used, problems := uses(file)
			seen += used
			for _, problem := range problems {
				t.Errorf("%s uses %s: the program answers connections, and opens none", name, problem)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d uses of packages that know of connections were found", seen)
	}
}

// uses returns how often a file uses what answering is about, and what of that is not listed.
func uses(file *ast.File) (used int, problems []string) {
	names := map[string][]string{} // of packages in the file
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		allowed, about := answering[path]
		if !about {
			continue
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = allowed
	}
	ast.Inspect(file, func(n ast.Node) bool {
		s, is := n.(*ast.SelectorExpr)
		if !is {
			return true
		}
		of, is := s.X.(*ast.Ident)
		if !is || of.Obj != nil { // a variable of that name
			return true
		}
		if allowed, about := names[of.Name]; about {
			used++
			if !slices.Contains(allowed, s.Sel.Name) && !strings.HasPrefix(s.Sel.Name, "Status") {
				problems = append(problems, of.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return used, problems
}

// TestUses gives uses what it has to find.
func TestUses(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "", `package p
import ("net"; web "net/http")
func f() { net.Dial("tcp", ""); web.Get(""); _ = web.StatusOK; _ = &web.Client{}; _ = net.ParseIP("") }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if used, problems := uses(file); used != 5 || !slices.Equal(problems, []string{"net.Dial", "web.Get", "web.Client"}) {
		t.Errorf("%d uses, of which %v should not be", used, problems)
	}
}
