package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oneiro/weights"
	"oneiro/zoo"
)

func newWeightsVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a weights file",
		Long: `Read every tensor of a weights file, and check that its bytes are all there, that its checksum
is right if the file has one, and that every number is finite. If something is wrong, the exit code
is 1.`,
		Example:           `  oneiro weights verify vgg19-dcbb9e9d.pth`,
		Args:              oneFile,
		ValidArgsFunction: completeFiles(1, weightsEndings),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runWeightsVerify(cmd.Context(), args[0], cmd.OutOrStdout())
		},
	}
}

// brokenError reports a file with tensors that cannot be used. It wraps the error of the first.
type brokenError struct {
	error
	file          string
	broken, whole int
}

func (e *brokenError) Unwrap() error { return e.error }

func (e *brokenError) Error() string {
	return fmt.Sprintf("%s: %d of %d tensors cannot be used; %v", shown(e.file), e.broken, e.broken+e.whole, e.error)
}

func runWeightsVerify(ctx context.Context, path string, w io.Writer) error {
	f, err := zoo.OpenParams(path)
	if err != nil {
		return err
	}
	defer f.Close()
	e := &brokenError{file: path}
	var numbers int64
	others := 0
	for _, t := range f.Tensors() {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch _, err := f.Stats(t.Name); {
		case is[*weights.TypeError](err):
			others++ // such as counters, which no network reads
		case err != nil:
			fmt.Fprintln(w, oneLine(err.Error()))
			e.broken++
			if e.error == nil {
				e.error = err
			}
		default:
			e.whole++
			numbers += t.Len()
		}
	}
	if e.broken > 0 {
		return e
	}
	known, err := f.Known()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s: %s, %d tensors with %s numbers, all finite", shown(path), f.Format(), e.whole,
		thousands(numbers))
	if others > 0 {
		fmt.Fprintf(w, "; %d more tensors are not floating point", others)
	}
	if known != "" {
		fmt.Fprintf(w, "; it is %s", known)
	}
	fmt.Fprintln(w)
	return nil
}
