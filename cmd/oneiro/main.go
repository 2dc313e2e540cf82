// Command oneiro paints photographs in the style of paintings and lets networks dream.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"oneiro/internal/nearest"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }

// execute runs one command line and returns its exit code. The first SIGINT or SIGTERM cancels the
// command's context; the second ends the process as if nobody had listened.
func execute(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return reportError(stderr, root.ExecuteContext(ctx))
}

// exitCodes ends the help of every command.
const exitCodes = `
Exit codes:
  0    done
  1    failed
  2    wrong usage
  130  interrupted by Ctrl-C; the picture so far was saved
`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "oneiro",
		Short: "Style transfer and DeepDream on any computer",
		Long: `oneiro paints a photograph in the style of a painting (style), amplifies what a network sees in a
picture (dream), draws what parts of a network respond to (vis), and makes textures (texture).

It works without any file: sample pictures and a small network are built in. A trained network
makes better pictures; oneiro weights --help says where to get one.`,
		Example: `  oneiro style
  oneiro style photo.jpg painting.jpg -o painted.png
  oneiro dream clouds.jpg --weights googlenet/`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(printUsage)
	root.AddGroup(commandGroups...)
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	for _, p := range pipelines() {
		addGroup(root, groupPictures, p.command())
	}
	addGroup(root, groupNetworks, newClassify(), newNets(), newWeights(), newTrain())
	addGroup(root, groupComputer, newPlan(), newBench(), newDevices())
	addGroup(root, groupOther, newOptions(), newLicences(), newVersion())
	return root
}

// noSuchCommand is the check of the arguments of the root command, which has none of its own.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return &usageError{"there is no command " + quote(args[0]),
		nearest.Hint(nearest.Names(args[0], names, 2), "oneiro --help lists the commands")}
}
