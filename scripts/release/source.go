package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// versionFile is a file of the source archive with what git would say: the version, and the time of the
// commit in seconds since 1970.
const versionFile = "VERSION"

// source is a folder with all that the program is built from, modules included.
type source struct {
	folder  string
	version string
	time    time.Time // of everything in the archives
}

// openSource returns the source that the working folder has: of a source archive the folder itself, of a
// checkout the last commit with its modules, which are put into a folder below work.
func openSource(work string) (*source, error) {
	text, err := os.ReadFile(versionFile)
	if err == nil {
		return newSource(".", string(text))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := command(".", nil, "git", "diff", "--quiet", "HEAD").Run(); err != nil {
		return nil, errors.New("there are changes that are in no commit: commit them first")
	}
	version, err := output("git", "describe", "--tags", "--always", "--abbrev=12")
	if err != nil {
		return nil, err
	}
	seconds, err := output("git", "log", "-1", "--format=%ct")
	if err != nil {
		return nil, err
	}
	folder, archive := filepath.Join(work, "source"), filepath.Join(work, "head.tar")
	if err := os.Mkdir(folder, 0o777); err != nil {
		return nil, err
	}
	for _, args := range [][]string{
		{"git", "archive", "--format=tar", "--output=" + archive, "HEAD"},
		{"tar", "-x", "-f", archive, "-C", folder},
	} {
		if err := command(".", nil, args...).Run(); err != nil {
			return nil, fmt.Errorf("%s: %w", args[0], err)
		}
	}
	stamp := version + " " + seconds + "\n"
	if err := os.WriteFile(filepath.Join(folder, versionFile), []byte(stamp), 0o666); err != nil {
		return nil, err
	}
	if err := command(folder, nil, "go", "mod", "vendor").Run(); err != nil {
		return nil, fmt.Errorf("go mod vendor: %w", err)
	}
	return newSource(folder, stamp)
}

// newSource returns the source in a folder, whose version file has a text.
func newSource(folder, text string) (*source, error) {
	words := strings.Fields(text)
	if len(words) != 2 {
		return nil, fmt.Errorf("%s holds %q, not a version and a time", versionFile, text)
	}
	seconds, err := strconv.ParseInt(words[1], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", versionFile, err)
	}
	return &source{folder, words[0], time.Unix(seconds, 0).UTC()}, nil
}

// files returns all files of the source. In an unpacked archive, what the commands of this program leave
// behind is not among them.
func (s *source) files() ([]file, error) {
	var list []file
	err := filepath.WalkDir(s.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(s.folder, path)
		if err != nil {
			return err
		}
		if name == "dist" || name == ".git" {
			return fs.SkipDir
		}
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		list = append(list, file{filepath.ToSlash(name), info.Mode()&0o100 != 0, data})
		return err
	})
	return list, err
}

// build builds the program for a system.
func (s *source) build(work, system, arch string) (file, error) {
	name := "oneiro"
	if system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(work, system+"-"+arch+"-"+name)
	cmd := command(s.folder, []string{"GOOS=" + system, "GOARCH=" + arch},
		"go", "build", "-mod=vendor", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X main.release="+s.version, "-o", path, "./cmd/oneiro")
	if err := cmd.Run(); err != nil {
		return file{}, fmt.Errorf("go build for %s/%s: %w", system, arch, err)
	}
	data, err := os.ReadFile(path)
	return file{name, true, data}, err
}

// command returns a command with an environment in which settings of the person who runs it do not
// change what Go builds.
func command(folder string, env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off",
		"GOEXPERIMENT=", "GOTOOLCHAIN="+runtime.Version(),
		"GOAMD64=v1", "GOARM64=v8.0", "GORISCV64=rva20u64")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stderr = os.Stderr
	return cmd
}

func output(args ...string) (string, error) {
	cmd := command(".", nil, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(out.String()), nil
}
