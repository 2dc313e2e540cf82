package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/nearest"
)

// subcommands is the check of the arguments of a command that only has other commands under it.
func subcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	path := strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()) + " " + quote(args[0]))
	near := nearest.Names(args[0], commandNames(cmd), 2)
	otherwise := cmd.CommandPath() + " --help lists the commands"
	if takes := map[string]string{"oneiro": "style", "weights": "info"}[cmd.Name()]; takes != "" && exists(args[0]) {
		otherwise = fmt.Sprintf("%s %s is the command for such a file", cmd.CommandPath(), takes)
	}
	return &usageError{"there is no command " + path, nearest.Hint(near, otherwise)}
}

// commandNames lists the commands under one.
func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// checkCommand reports a command that does not exist, and flags as other programs have them, before flags are
// parsed: --help after such a command would be taken for that of the command above.
func checkCommand(root *cobra.Command, args []string) error {
	root.InitDefaultHelpCmd() // which would come later, as the next two
	root.InitDefaultCompletionCmd(args...)
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args = subcommands
		}
	}
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return nil
	}
	cmd, rest, err := root.Find(args)
	if err != nil {
		return nil // the command says itself what is wrong
	}
	if cmd.LocalFlags().HasAvailableFlags() && cmd != root || !cmd.HasAvailableSubCommands() {
		return checkFlags(cmd, rest) // values of flags look like commands
	}
	for _, arg := range rest {
		if !strings.HasPrefix(arg, "-") {
			return cmd.ValidateArgs([]string{arg})
		}
	}
	return nil
}

// newHelp returns the command help.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			of, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(of), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return subcommands(of, rest)
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}
