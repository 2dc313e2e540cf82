package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/internal/quote"
)

func newCancel() *cobra.Command {
	var c connection
	var all bool
	cmd := &cobra.Command{
		Use:   "cancel (SET | JOB)...",
		Short: "End jobs that have not ended",
		Long: `End jobs that wait or run. SET and JOB are names that status prints, or their beginnings. Workers that
do one of the jobs hear of it within seconds. retry has them done after all.`,
		Example: `  oneiro-farm cancel 3f9a
  oneiro-farm cancel --all`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 != all {
				return &usageError{"name sets or jobs, or --all", "oneiro-farm status lists them"}
			}
			return c.change(cmd, "cancelled", func(ctx context.Context, f *farm.Farm) (int, error) { return f.Cancel(ctx, args) })
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all jobs")
	return cmd
}

func newRetry() *cobra.Command {
	var c connection
	cmd := &cobra.Command{
		Use:     "retry [SET | JOB]...",
		Short:   "Have jobs that failed, or were cancelled, done after all",
		Example: "  oneiro-farm retry\n  oneiro-farm retry 3f9a",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.change(cmd, "to be done again", func(ctx context.Context, f *farm.Farm) (int, error) { return f.Retry(ctx, args) })
		},
	}
	c.flags(cmd)
	return cmd
}

// change changes jobs and says how many.
func (c *connection) change(cmd *cobra.Command, what string, do func(context.Context, *farm.Farm) (int, error)) error {
	return c.withFarm(cmd, func(ctx context.Context, f *farm.Farm) error {
		n, err := do(ctx, f)
		if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s %s\n", quote.Count(n, "job"), what)
		}
		return err
	})
}
