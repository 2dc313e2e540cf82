// Command oneiro-farm has many machines make pictures and films with the program oneiro.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// execute runs one command line and returns its exit code. A signal cancels the command's context.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause // also of a worker, which ends well when it is told to
	}
	return reportError(stderr, err)
}

// exitCodes ends the help of every command.
const exitCodes = `
Exit codes:
  0    done
  1    failed
  2    wrong usage
  3    fetch: not all results are there; status: jobs failed, or results that were made twice differ
  130  ended by Ctrl-C (SIGINT)
  143  ended by SIGTERM
`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "oneiro-farm",
		Short: "Make pictures and films with oneiro on many machines",
		Long: `oneiro-farm has many machines make pictures and films with oneiro. One runs serve, which keeps what
there is to do; any number of others run work; submit, status and fetch work from anywhere.

A worker may vanish at any moment: another one goes on from its last checkpoint. Every picture has
the bytes that oneiro would have given it on one machine.`,
		Example: `  oneiro-farm serve --store farm --listen 0.0.0.0:4222
  oneiro-farm work --url nats://farm:PASSWORD@server:4222
  oneiro-farm submit -- batch style photos/ --styles paintings/ -o out/{content}-{style}.png
  oneiro-farm status
  oneiro-farm fetch`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          subcommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err.Error(), cmd.CommandPath() + " --help lists the flags"}
	})
	root.SetHelpTemplate(root.HelpTemplate() + exitCodes)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newServe(), newWork(), newSubmit(), newStatus(), newFetch(), newCancel(), newRetry(), newLicences())
	return root
}

// subcommands is the check of the arguments of the root.
func subcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return &usageError{fmt.Sprintf("there is no command %q", args[0]), "choose " + strings.Join(names, ", ")}
}
