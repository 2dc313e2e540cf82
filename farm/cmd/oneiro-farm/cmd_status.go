package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/internal/quote"
)

func newStatus() *cobra.Command {
	var c connection
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status [SET...]",
		Short: "Say how far the farm has come, and what failed",
		Long: `Say how far the farm has come: sets with their jobs by state, what runs and where, how long the rest
takes, what failed and why, results that were made twice and differ, and the workers.`,
		Example: `  oneiro-farm status
  oneiro-farm status 3f9a --json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withFarm(cmd, func(ctx context.Context, f *farm.Farm) error {
				s, err := f.Status(ctx, args)
				if err != nil {
					return err
				}
				if asJSON {
					err = writeLine(cmd.OutOrStdout(), s)
				} else {
					err = printStatus(cmd.OutOrStdout(), s)
				}
				if err == nil && (s.Total.Failed > 0 || len(s.Apart) > 0) {
					return &answerError{exitPartly}
				}
				return err
			})
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// most is how many jobs of a kind are listed for people.
const most = 20

func printStatus(w io.Writer, s *farm.Status) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SET\tJOBS\tWAITING\tRUNNING\tDONE\tFAILED\tCANCELLED\tWHAT")
	for _, set := range s.Sets {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", set.ID, set.Jobs, set.Waiting+set.Missing, set.Running, set.Done,
			set.Failed, set.Cancelled, oneLine(cut(set.Line)))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if s.Rate > 0 {
		fmt.Fprintf(w, "\n%.3g jobs a minute", 60*s.Rate)
		if s.Left > 0 {
			fmt.Fprintf(w, ", the rest in about %s", roughly(s.Left.Duration()))
		}
		fmt.Fprintln(w)
	}
	if len(s.Running) > 0 {
		fmt.Fprintln(w, "\nrunning:")
		for i, j := range s.Running {
			if i == most {
				fmt.Fprintf(w, "  and %d more\n", len(s.Running)-most)
				break
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", farm.Short(j.ID), j.Command, oneLine(j.Worker), howFar(j))
		}
		t.Flush()
	}
	if len(s.Failed) > 0 {
		fmt.Fprintln(w, "\nfailed:")
		for i, j := range s.Failed {
			if i == most {
				fmt.Fprintf(w, "  and %d more\n", len(s.Failed)-most)
				break
			}
			last := j.Failures[len(j.Failures)-1]
			fmt.Fprintf(w, "  %s  %s, %s, on %s: %s\n", farm.Short(j.ID), j.Command, quote.Count(len(j.Failures), "try"),
				oneLine(last.Worker), oneLine(last.Message))
		}
	}
	for _, a := range s.Apart {
		fmt.Fprintf(w, "\nnot the same: job %s on %s and %s\n", farm.Short(a.Job), oneLine(a.Workers[0]), oneLine(a.Workers[1]))
	}
	if s.Audited > 0 && len(s.Apart) == 0 {
		fmt.Fprintf(w, "\n%s made twice, all the same\n", quote.Count(s.Audited, "result"))
	}
	for _, class := range slices.Sorted(maps.Keys(s.Stuck)) {
		fmt.Fprintf(w, "\n%s for %s: no worker has that\n", quote.Count(s.Stuck[class], "job"), class)
	}
	fmt.Fprintf(w, "\n%s:\n", quote.Count(len(s.Workers), "worker"))
	for _, o := range s.Workers {
		fmt.Fprintf(t, "  %s\t%s\t%s\t%d running\t%d done\n", oneLine(o.Name), o.Version, quote.Count(o.Threads, "thread"),
			len(o.Jobs), o.Done)
	}
	return t.Flush()
}

func howFar(j *farm.Job) string {
	text := "begun"
	if j.Step > 0 {
		text = fmt.Sprintf("step %d", j.Step)
		if j.Steps > 0 {
			text += fmt.Sprintf("/%d", j.Steps)
		}
	}
	if j.Left > 0 {
		text += ", " + roughly(j.Left.Duration()) + " to go"
	}
	return text
}

func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return d.Round(time.Second).String()
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// cut shortens a line for a table.
func cut(line string) string {
	runes := []rune(line)
	if len(runes) > 60 {
		return string(runes[:57]) + "..."
	}
	return line
}
