package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/simd"
)

func newVersion() *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the processor and the kernels it can run",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if json {
				return writeLine(cmd.OutOrStdout(), versionInfo{version(), runtime.Version(), runtime.GOOS, runtime.GOARCH})
			}
			return printVersion(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print the version as JSON")
	return cmd
}

// versionInfo is what version --json prints.
type versionInfo struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	System  string `json:"system"`
	Machine string `json:"machine"`
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{cmd.Name() + " takes no " + quote(args[0]),
			cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}

func printVersion(w io.Writer) error {
	var kernels []string
	for _, k := range simd.Available() {
		kernels = append(kernels, k.Name)
	}
	used, problem := findTiles("", simd.Best().Name)
	if problem != nil {
		used.source = problem.Error()
	}
	_, err := fmt.Fprintf(w, "oneiro %s\n%s %s/%s\nprocessor: %s, %d threads\nkernels: %s\ntiles: %s\n",
		version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, processor(), runtime.NumCPU(),
		strings.Join(kernels, ", "), used.source)
	return err
}

// release is the version that scripts/release builds, set by the linker.
var release string

// version returns the version of the release or of the module, or else the commit that the program was
// built from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	v := "development"
	if c := commit(); c != "" {
		v += " " + strings.TrimSuffix(c, "+")[:min(12, len(c))]
	}
	if strings.HasSuffix(commit(), "+") {
		v += " (changed)"
	}
	return v
}

// commit returns the commit that the program was built from, followed by + if files had been changed, or ""
// if that is not known.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	revision, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return revision + changed
}
