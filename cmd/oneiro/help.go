package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/option"
)

// The groups of commands in the help.
const (
	groupPictures = "pictures"
	groupNetworks = "networks"
	groupComputer = "computer"
	groupOther    = "other"
)

// commandGroups are the headings of the groups.
var commandGroups = []*cobra.Group{
	{ID: groupPictures, Title: "Make pictures:"},
	{ID: groupNetworks, Title: "Look into networks:"},
	{ID: groupComputer, Title: "This computer:"},
	{ID: groupOther, Title: "Help:"},
}

// addGroup adds commands under a heading.
func addGroup(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = group
		root.AddCommand(c)
	}
}

// helpWidth is the width in columns that descriptions of flags are wrapped to.
const helpWidth = 110

// addHelpAll lets the help of a command show only its basic options unless all are asked for.
func addHelpAll(cmd *cobra.Command) {
	all := cmd.Flags().Bool("help-all", false, "help with all options")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *all {
			return cmd.Help()
		}
		return run(cmd, args)
	}
}

// flagsHelp returns the list of the flags of a command: those of options in their groups, or only the basic
// ones if the rest has to be asked for.
func flagsHelp(cmd *cobra.Command) string {
	all := cmd.Flags().Lookup("help-all")
	basic := all != nil && all.Value.String() != "true"
	lists, order, hidden := map[string]*pflag.FlagSet{}, []string{}, 0
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		group := "Flags"
		if o := optionOf(f); o != nil {
			if basic && !o.Basic {
				hidden++
				return
			}
			if group = o.Group; basic {
				group = "Options"
			}
		}
		if lists[group] == nil {
			lists[group] = pflag.NewFlagSet("", pflag.ContinueOnError)
			lists[group].SortFlags = false
			order = append(order, group)
		}
		lists[group].AddFlag(f)
	})
	var parts []string
	for _, group := range order {
		parts = append(parts, group+":\n"+strings.TrimRight(lists[group].FlagUsagesWrapped(helpWidth), " \n"))
	}
	if hidden > 0 {
		parts = append(parts, fmt.Sprintf("%s --help-all shows %d more options.", cmd.CommandPath(), hidden))
	}
	return strings.Join(parts, "\n\n")
}

// usage returns the help of an option's flag.
func usage(o *option.Option) string {
	if o.Default == "" {
		return o.Description()
	}
	return o.Description() + " (default " + o.Default + ")"
}
