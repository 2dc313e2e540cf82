// Command oneiro paints photographs in the style of paintings and lets networks dream.
package main

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func main() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr)) }

// execute runs one command line and returns its exit code. A signal cancels the command's context.
func execute(args []string, stdout, stderr io.Writer) int {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	out, messages := &terminal{w: stdout}, &terminal{w: stderr}
	root.SetOut(out)
	root.SetErr(messages)
	err := checkCommand(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.Canceled) {
		err = cause
	}
	if out.err != nil && (err == nil || errors.Is(err, out.err)) {
		err = &outputError{out.err}
	}
	code := reportError(messages, err)
	if code != exitDone && code < exitSignal && out.err == nil && wantsJSON(args) && !is[*answerError](err) {
		writeLine(out, newErrorEvent(err))
	}
	return code
}

// wantsJSON returns whether a command line asks for JSON, also if it cannot be parsed.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}

// exitCodes ends the help of every command.
const exitCodes = `
Exit codes:
  0    done
  1    failed
  2    wrong usage
  3    batch: pictures failed; verify: the pixels are not the same
  129  ended because the terminal was closed (SIGHUP)
  130  ended by Ctrl-C (SIGINT)
  141  ended because nobody reads the output any more (SIGPIPE)
  143  ended by SIGTERM
After the last four the picture so far was saved, and a checkpoint for oneiro resume.
`

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "oneiro",
		Short: "Style transfer and DeepDream on any computer",
		Long: `oneiro paints a photograph in the style of a painting (style), amplifies what a network sees in a
picture (dream), does both with films (film, film dream), draws what parts of a network respond
to (vis), and makes textures (texture).

It works without any file: sample pictures and a small network are built in. A trained network
makes better pictures; oneiro weights --help says where to get one.`,
		Example: `  oneiro style
  oneiro style photo.jpg painting.jpg -o painted.png
  oneiro dream clouds.jpg --weights googlenet/`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          subcommands,
	}
	version := root.Flags().Bool("version", false, "print the version, as the command version does")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *version {
			return printVersion(cmd.OutOrStdout())
		}
		return cmd.Help()
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(printUsage)
	root.AddGroup(commandGroups...)
	root.SetHelpCommand(newHelp())
	root.SetHelpCommandGroupID(groupOther)
	root.SetCompletionCommandGroupID(groupOther)
	for _, p := range pipelines() {
		if of, _, sub := strings.Cut(p.name, " "); sub {
			parent, _, _ := root.Find([]string{of}) // which comes before it
			parent.AddCommand(p.command())
			continue
		}
		addGroup(root, groupPictures, p.command())
	}
	addGroup(root, groupPictures, newBatch(), newResume(), newAgain(), newVerify(), newRecipe(), newRecolor(),
		newRegions(), newClip(), newFlow(), newRender(), newScore(), newStudio())
	addGroup(root, groupNetworks, newClassify(), newClasses(), newChannels(), newNets(), newWeights(), newTrain())
	addGroup(root, groupComputer, newPlan(), newBench(), newDevices())
	addGroup(root, groupOther, newOptions(), newLicences(), newVersion())
	return root
}
