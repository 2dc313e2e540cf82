package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/internal/quote"
)

func newFetch() *cobra.Command {
	var c connection
	var o farm.FetchOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "fetch [SET...]",
		Short: "Get the results",
		Long: `Get the results of sets, or of all, under the names that the commands gave them, into this folder or
--output. What is there already stays; a file that is there and is another one is not replaced.
Shots of a film are put together when the last one is there.

It may be called while the farm works, and gets what there is.`,
		Example: `  oneiro-farm fetch
  oneiro-farm fetch 3f9a -o results/
  oneiro-farm fetch --forget`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Sets = args
			o.Program, _ = farm.FindProgram(c.program) // only films need it
			o.Told = func(path string) {
				if !asJSON {
					fmt.Fprintln(cmd.OutOrStdout(), quote.Path(path))
				}
			}
			return c.withFarm(cmd, func(ctx context.Context, f *farm.Farm) error {
				r, err := f.Fetch(ctx, o)
				if err != nil {
					return err
				}
				return said(cmd, r, asJSON)
			})
		},
	}
	c.flags(cmd)
	c.programFlag(cmd)
	fs := cmd.Flags()
	fs.StringVarP(&o.Dir, "output", "o", ".", "`FOLDER` to write to")
	fs.BoolVar(&o.Replace, "replace", false, "replace files that are other ones")
	fs.BoolVar(&o.Forget, "forget", false, "remove sets from the farm whose results are all here")
	fs.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// said says what was fetched.
func said(cmd *cobra.Command, r *farm.Fetched, asJSON bool) error {
	if asJSON {
		if err := writeLine(cmd.OutOrStdout(), r); err != nil {
			return err
		}
	} else {
		w := cmd.ErrOrStderr()
		fmt.Fprintf(w, "%s written, %d there already", quote.Count(r.Written, "file"), r.There)
		if r.Left > 0 {
			fmt.Fprintf(w, ", %s not done yet", quote.Count(r.Left, "job"))
		}
		if r.Failed > 0 {
			fmt.Fprintf(w, ", %s without a result", quote.Count(r.Failed, "job"))
		}
		fmt.Fprintln(w)
		for _, path := range r.Others {
			fmt.Fprintf(w, "not replaced: %s\n", quote.Path(path))
		}
		if len(r.Others) > 0 {
			fmt.Fprintln(w, "hint: --replace replaces them, --output chooses another folder")
		}
	}
	if r.Left > 0 || r.Failed > 0 || len(r.Others) > 0 {
		return &answerError{exitPartly}
	}
	return nil
}
