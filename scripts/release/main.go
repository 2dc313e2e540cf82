// Command release makes the archives of a release: a static, stripped program for each system, the source
// with all modules that it needs, and their SHA-256 sums. It needs Go, and in a checkout git; no
// network once the modules are in Go's cache.
//
//	go run ./scripts/release            # everything, into dist
//	go run ./scripts/release -targets linux/amd64
//
// The archives depend on the commit and on the version of Go only. All programs are built from what is in
// the source archive, so that anybody who unpacks it can run the same command there, without git or
// network, and compare the sums.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const allTargets = "linux/amd64,linux/arm64,linux/riscv64,darwin/amd64,darwin/arm64,windows/amd64"

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	out := flag.String("o", "dist", "`FOLDER` to write to")
	targets := flag.String("targets", allTargets, "`SYSTEMS` to build for, as GOOS/GOARCH with commas between")
	flag.Parse()
	if flag.NArg() > 0 {
		log.Fatalf("unknown argument %q", flag.Arg(0))
	}
	if err := run(*out, strings.Split(*targets, ",")); err != nil {
		log.Fatal(err)
	}
}

func run(out string, targets []string) error {
	work, err := os.MkdirTemp("", "oneiro-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	src, err := openSource(work)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	fmt.Printf("oneiro %s, built with %s\n", src.version, runtime.Version())

	var archives []string
	write := func(name string, files []file) error {
		data, err := pack(name, files, src.time)
		if err == nil {
			err = os.WriteFile(filepath.Join(out, name), data, 0o666)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Printf("%9d  %s\n", len(data), name)
		archives = append(archives, name)
		return nil
	}
	root := "oneiro-" + src.version
	files, err := src.files()
	if err != nil {
		return err
	}
	if err := write(root+"-source.tar.gz", under(root, files)); err != nil {
		return err
	}
	for _, target := range targets {
		system, arch, ok := strings.Cut(target, "/")
		if !ok {
			return fmt.Errorf("%q is not of the form GOOS/GOARCH", target)
		}
		program, err := src.build(work, system, arch)
		if err != nil {
			return err
		}
		name, ending := root+"-"+system+"-"+arch, ".tar.gz"
		if system == "windows" {
			ending = ".zip"
		}
		if err := write(name+ending, under(name, append(papers(files), program))); err != nil {
			return err
		}
	}
	return writeSums(out, archives)
}

// papers are the files that go with the program.
func papers(source []file) []file {
	var list []file
	for _, f := range source {
		switch {
		case f.name == "internal/licences/licences.txt":
			f.name = "licences.txt"
		case f.name == "README.md", f.name == "LICENSE", filepath.Dir(f.name) == "docs" && filepath.Ext(f.name) == ".md":
		default:
			continue
		}
		list = append(list, f)
	}
	return list
}

// writeSums writes SHA256SUMS, which sha256sum -c and shasum -c read.
func writeSums(folder string, names []string) error {
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(data), name)
	}
	return os.WriteFile(filepath.Join(folder, "SHA256SUMS"), []byte(text.String()), 0o666)
}
