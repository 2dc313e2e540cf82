package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/farm/server"
)

func newServe() *cobra.Command {
	var o server.Options
	var c farm.Config
	var store amount
	var lease time.Duration
	var name string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Keep what there is to do, and the files: one machine runs this",
		Long: `Keep what there is to do, inputs, checkpoints and results in the folder --store, for workers on other
machines. It is a NATS server with JetStream in the process: nothing has to be installed. It may be
killed at any moment and started again; workers wait for it.

At the first start it makes a user and a password, and prints the URL that all others need; that is
also in the file url in the store, which only you may read. It listens on this machine alone
unless --listen says otherwise. Outside of a network that you trust, use TLS: --tls-cert, --tls-key.

An existing NATS server with JetStream does as well: then nobody runs serve, and all others name
that server with --url.`,
		Example: `  oneiro-farm serve --store farm
  oneiro-farm serve --store farm --listen 0.0.0.0:4222 --max-store 200GiB
  oneiro-farm serve --store farm --listen :4222 --tls-cert farm.pem --tls-key farm.key`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.MaxStore, c.MaxBytes, c.Lease = 0, int64(store), farm.Seconds(lease.Seconds())
			o.Log = logger{cmd.ErrOrStderr(), verbose}
			return serve(cmd, o, name, c)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.Dir, "store", "oneiro-farm", "`FOLDER` for all that the farm keeps")
	fs.StringVar(&o.Listen, "listen", "127.0.0.1:4222", "`HOST:PORT` to listen on")
	fs.StringVar(&o.TLSCert, "tls-cert", "", "`FILE` with the certificate (PEM)")
	fs.StringVar(&o.TLSKey, "tls-key", "", "`FILE` with its key (PEM)")
	fs.Var(&store, "max-store", "most bytes that inputs and results may take, and as many for checkpoints (default what the disk has)")
	fs.Int64Var(&c.MaxJobs, "max-jobs", 0, "most jobs that may wait (default no limit)")
	fs.IntVar(&c.Tries, "tries", 0, "how often a job may fail before it is set aside (default 3)")
	fs.DurationVar(&lease, "lease", 0, "after how long without a sign of life a worker's job is given to another (default 30s)")
	fs.DurationVar(&o.Sync, "sync", time.Second, "how often what was written is forced onto the disk, 0 for always: a power failure loses what came since")
	fs.StringVar(&name, "farm", farm.DefaultName, "`NAME` of the farm")
	fs.BoolVar(&verbose, "verbose", false, "print what the NATS server has to say")
	return cmd
}

// serve runs the server until the context ends.
func serve(cmd *cobra.Command, o server.Options, name string, c farm.Config) error {
	ctx := cmd.Context()
	s, err := server.Start(o)
	if err != nil {
		return err
	}
	defer s.Stop()
	f, err := farm.Connect(ctx, farm.Server{URL: s.URL, Process: s, Name: name, Client: "oneiro-farm serve"})
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Configure(ctx, c); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if s.First {
		fmt.Fprintln(out, s.URL)
		fmt.Fprintf(cmd.ErrOrStderr(), "This is for --url of all others; it is not printed again, and kept in %s.\n", s.URLFile())
	} else {
		fmt.Fprintln(out, farm.Where(s.URL))
	}
	if free, err := room(o.Dir); err == nil && free < 1<<30 {
		fmt.Fprintf(cmd.ErrOrStderr(), "warning: the disk of %s has only %d MiB left\n", o.Dir, free>>20)
	}
	go tidy(ctx, f, logger{w: cmd.ErrOrStderr()})
	<-ctx.Done()
	return nil
}

// tidy removes what killed workers have left in the store, now and then.
func tidy(ctx context.Context, f *farm.Farm, log logger) {
	for wait := time.Minute; ; wait = time.Hour {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if err := f.Tidy(ctx, time.Hour); err != nil && ctx.Err() == nil {
			log.Warnf("the store was not tidied: %v", err)
		}
	}
}

// logger prints what the NATS server has to say: only what is wrong unless it is verbose.
type logger struct {
	w interface {
		Write([]byte) (int, error)
	}
	verbose bool
}

func (l logger) print(what, format string, v []any) {
	fmt.Fprintf(l.w, "%s %s: %s\n", time.Now().UTC().Format(time.RFC3339), what, oneLine(fmt.Sprintf(format, v...)))
}

// Noticef prints a notice.
func (l logger) Noticef(format string, v ...any) {
	if l.verbose {
		l.print("notice", format, v)
	}
}

// Warnf prints a warning. That the password is known here is no news: it is in a file that nobody else may
// read.
func (l logger) Warnf(format string, v ...any) {
	if !strings.HasPrefix(format, "Plaintext passwords") {
		l.print("warning", format, v)
	}
}

// Errorf prints an error.
func (l logger) Errorf(format string, v ...any) { l.print("error", format, v) }

// Fatalf prints an error that ends the server.
func (l logger) Fatalf(format string, v ...any) {
	l.print("error", format, v)
	os.Exit(exitFailed)
}

// Debugf prints nothing.
func (l logger) Debugf(string, ...any) {}

// Tracef prints nothing.
func (l logger) Tracef(string, ...any) {}

// none is the check of the arguments of commands that take none.
func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Sprintf("%s takes no %q", cmd.Name(), args[0]), cmd.CommandPath() + " --help shows how to use it"}
	}
	return nil
}
