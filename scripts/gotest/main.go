// Command gotest runs go test with its arguments, prints what that prints, and after it how many tests
// were skipped and why:
//
//	go run ./scripts/gotest ./...
//
// It fails if go test does. It also fails if the folder shared is beside the checkout and a test was
// skipped because a file of it is missing: such a test would be skipped forever, and nobody would notice.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	code, err := run(os.Args[1:], os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "gotest:", err)
		code = 1
	}
	os.Exit(code)
}

// run runs go test and returns its exit code.
func run(args []string, w io.Writer) (int, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	s := newSummary(w)
	for d := json.NewDecoder(out); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, fmt.Errorf("go test -json: %w", err)
		}
		s.add(e)
	}
	code := 0
	if err := cmd.Wait(); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			return 0, err
		}
		code = exit.ExitCode()
	}
	s.print()
	if _, err := os.Stat(filepath.Join("..", "shared")); err == nil {
		if missing := s.missing(); len(missing) > 0 {
			return 0, fmt.Errorf("../shared is there, but these tests do not find a file of it: %v", missing)
		}
	}
	return code, nil
}
