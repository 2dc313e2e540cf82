// Command main writes licences.txt: the licences of the project, of the parts in folder parts, and of
// every module that the program links on any system. It runs in the folder of the package; the farm's
// package names another program, which has other modules.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// program is what the licences are of.
var program = flag.String("program", "oneiro/cmd/oneiro", "the `PACKAGE` of the program")

// home is the package that has the parts.
const home = "oneiro/internal/licences"

// systems have all modules between them.
var systems = []string{"linux", "darwin", "windows"}

// parts are what is linked or embedded and is no module.
var parts = []struct{ what, file string }{
	{"oneiro", "../../LICENSE"},
	{"the network that taught the built-in network (Collaborative Distillation, Wang et al. 2020)", "parts/network.txt"},
	{"the names of ImageNet's classes (torchvision)", "parts/imagenet.txt"},
	{"Go and its standard library", "parts/go.txt"},
	{"the font Go Mono", "parts/gofonts.txt"},
}

// module is a module as go list describes it.
type module struct {
	Path, Version, Dir string
	Main               bool
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	text, err := licences()
	if err == nil {
		err = os.WriteFile("licences.txt", text, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// licences returns all texts. What shares a text is listed above it.
func licences() ([]byte, error) {
	var order []string // of texts
	owners := map[string][]string{}
	add := func(what, file string) error {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := strings.TrimSpace(strings.ReplaceAll(string(data), "\r\n", "\n"))
		if _, known := owners[text]; !known {
			order = append(order, text)
		}
		owners[text] = append(owners[text], what)
		return nil
	}
	root, err := exec.Command("go", "list", "-f", "{{.Dir}}", home).Output()
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if err := add(p.what, filepath.Join(strings.TrimSpace(string(root)), p.file)); err != nil {
			return nil, err
		}
	}
	modules, err := linked()
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		files, err := filepath.Glob(filepath.Join(m.Dir, "[LN][IO][CT]*")) // LICENSE, LICENCE, NOTICE
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("%s has no licence", m.Path)
		}
		for _, file := range files {
			if err := add(m.Path+" "+m.Version, file); err != nil {
				return nil, err
			}
		}
	}
	var b bytes.Buffer
	for i, text := range order {
		if i > 0 {
			b.WriteString("\n\n")
		}
		width := 0
		for _, what := range owners[text] {
			fmt.Fprintln(&b, what)
			width = max(width, len(what))
		}
		fmt.Fprintf(&b, "%s\n\n%s\n", strings.Repeat("=", width), text)
	}
	return b.Bytes(), nil
}

// linked returns the modules that the program links, the project left out, in the order of their paths.
func linked() ([]module, error) {
	all := map[string]module{}
	for _, system := range systems {
		cmd := exec.Command("go", "list", "-deps", "-json=Module", *program)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, err
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct{ Module *module }
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			if p.Module != nil && !p.Module.Main && p.Module.Path != "oneiro" {
				all[p.Module.Path] = *p.Module
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b module) int { return strings.Compare(a.Path, b.Path) }), nil
}
