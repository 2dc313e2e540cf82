package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"oneiro/farm"
)

func newWork() *cobra.Command {
	var c connection
	var o farm.WorkOptions
	var cache amount
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Do jobs: any number of machines run this",
		Long: `Do jobs, with the program oneiro, until this is ended. Inputs and weights come from the farm, once
each; results go back to it.

On Ctrl-C or SIGTERM the job is saved and handed back, and another worker goes on with it; give it
half a minute. A second signal ends it at once, which loses at most a minute of work.

A worker takes jobs for the kernels and GPUs that its machine has: oneiro devices lists them. It has
to have the version of oneiro that the farm works with.`,
		Example: `  oneiro-farm work --url nats://farm:PASSWORD@server:4222
  oneiro-farm work --url farm/url --jobs 4 --threads 2 --memory 2GiB
  oneiro-farm work --once`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.CacheBytes = int64(cache)
			return work(cmd, &c, o)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	c.flags(cmd)
	c.programFlag(cmd)
	fs.StringVar(&o.Name, "name", "", "`NAME` of the worker (default the machine's, with the number of the process)")
	fs.IntVar(&o.Jobs, "jobs", 1, "jobs to do at the same time")
	fs.IntVar(&o.Threads, "threads", 0, "threads of each job (default one for each processor, divided by --jobs)")
	fs.StringVar(&o.Memory, "memory", "", "most memory of each job, such as 2GiB")
	fs.StringVar(&o.Scratch, "scratch", "", "`FOLDER` on a disk for what does not fit into memory")
	fs.StringSliceVar(&o.Classes, "kernels", nil, "take only jobs for these kernels or GPUs (default all that the machine has)")
	fs.BoolVar(&o.Once, "once", false, "end when nothing is left to do")
	fs.StringVar(&o.Dir, "dir", "", "`FOLDER` for files that come from the farm and for jobs (default one in your cache)")
	cache = 20 << 30
	fs.Var(&cache, "cache", "most bytes of files to keep for later jobs, 0 for no limit")
	fs.DurationVar(&o.Checkpoint, "checkpoint", time.Minute, "how often what a job needs to go on is sent to the farm")
	fs.DurationVar(&o.Grace, "grace", 25*time.Second, "how long a job may take to save itself when the worker is to end")
	return cmd
}

func work(cmd *cobra.Command, c *connection, o farm.WorkOptions) (err error) {
	if o.Jobs < 1 || o.Jobs > 1024 || o.Threads < 0 || o.Threads > 1024 {
		return &usageError{"--jobs must be 1 to 1024 and --threads 0 to 1024", ""}
	}
	if o.Program, err = farm.FindProgram(c.program); err != nil {
		return err
	}
	if o.Dir == "" {
		folder, err := os.UserCacheDir()
		if err != nil {
			return &usageError{"there is no folder for files", "name one with --dir"}
		}
		o.Dir = filepath.Join(folder, "oneiro-farm")
	}
	if o.Name == "" {
		host, _ := os.Hostname()
		o.Name = fmt.Sprintf("%s-%d", host, os.Getpid())
	}
	o.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil)).With("worker", o.Name)
	f, err := await(cmd.Context(), c, o.Log)
	if err != nil {
		return err
	}
	defer f.Close()
	o.Log.Info("ready", "farm", f.Where())
	return f.Work(cmd.Context(), o)
}

// await connects with a farm that may not be up yet. A wrong password is not waited for.
func await(ctx context.Context, c *connection, log *slog.Logger) (*farm.Farm, error) {
	for said := false; ; {
		f, err := c.open(ctx, "work")
		e, is := errors.AsType[*farm.ConnectError](err)
		if !is || e.Refused() {
			return f, err
		}
		if !said {
			said = true
			log.Warn("waiting for the farm", "error", err)
		}
		select {
		case <-time.After(2 * time.Second):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
