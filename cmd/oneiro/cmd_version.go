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
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version, and what this computer can run",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printVersion(cmd.OutOrStdout())
		},
	}
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{cmd.Name() + " takes no " + quote(args[0]), cmd.CommandPath() + " --help shows how it is used"}
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
		version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, processor(), runtime.NumCPU(), strings.Join(kernels, ", "), used.source)
	return err
}

// version returns the version of the module, or else the commit that the program was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	v := "development"
	if revision := settings["vcs.revision"]; revision != "" {
		v += " " + revision[:min(12, len(revision))]
	}
	if settings["vcs.modified"] == "true" {
		v += " (changed)"
	}
	return v
}
