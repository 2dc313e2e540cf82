// Command gen compiles the kernels of package cuda, whose folder is its argument, to PTX. It needs
// clang 19, and nothing of NVIDIA's. Other versions write other files, which would differ from those that
// are there for no reason.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const compiler = "clang-19"

// targets are the oldest GPU and the oldest with units for products of matrices of TF32 numbers, each with
// the oldest version of PTX that has what kernels need of it, so that old drivers do: 6.0 has shuffles
// that name their lanes, and came with CUDA 9. A driver translates PTX for any GPU that is newer.
var targets = []struct{ gpu, version string }{{"sm_50", "ptx60"}, {"sm_80", "ptx70"}}

func main() {
	if len(os.Args) != 2 {
		fail(errors.New("usage: gen FOLDER-OF-PACKAGE-CUDA"))
	}
	for _, target := range targets {
		if err := compile(filepath.Join(os.Args[1], "kernels"), target.gpu, target.version); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "gen:", err)
	os.Exit(1)
}

// compile writes the kernels' PTX for a GPU: sm80.ptx for sm_80.
func compile(folder, gpu, version string) error {
	cmd := exec.Command(compiler, "-x", "cuda", "--cuda-device-only", "-nocudainc", "-nocudalib", "--cuda-gpu-arch="+gpu,
		"-Xclang", "-target-feature", "-Xclang", "+"+version,
		"-std=c++17", "-O3", "-Wall", "-Werror", "-S", "-o", "-", "all.cu")
	cmd.Dir = folder
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("there is no %s: on Debian and Ubuntu apt install %s", compiler, compiler)
	} else if err != nil {
		return fmt.Errorf("%s for %s: %w\n%s", compiler, gpu, err, problems.String())
	}
	name := strings.ReplaceAll(gpu, "_", "") + ".ptx"
	return os.WriteFile(filepath.Join(folder, name), tidy(out.Bytes()), 0o644)
}

// comments are those of the compiler, which say nothing that the PTX does not.
var comments = regexp.MustCompile(`(?m)[ \t]*//.*$`)

// tidy leaves the instructions alone: no comments, no empty lines, and so no path or version of the
// compiler.
func tidy(ptx []byte) []byte {
	ptx = comments.ReplaceAll(ptx, nil)
	ptx = regexp.MustCompile(`\n\s*\n+`).ReplaceAll(ptx, []byte("\n"))
	return append([]byte("// Written by cuda/_gen; DO NOT EDIT."), ptx...)
}
