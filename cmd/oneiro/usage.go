package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// printUsage prints the usage of a command as cobra does, with its flags in groups, and then the exit codes.
// It is code and no template: package text/template reaches methods by name, so that the linker would
// keep every exported method of every type, 1.7 MB in all.
func printUsage(c *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:")
	if c.Runnable() {
		fmt.Fprintf(&b, "\n  %s", c.UseLine())
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n  %s [command]", c.CommandPath())
	}
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\n\nAliases:\n  %s", c.NameAndAliases())
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\n\nExamples:\n%s", c.Example)
	}
	if c.HasAvailableSubCommands() {
		listCommands(&b, c)
	}
	fmt.Fprintf(&b, "\n\n%s", flagsHelp(c))
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n\nUse \"%s [command] --help\" for more information about a command.", c.CommandPath())
	}
	b.WriteString("\n" + exitCodes)
	_, err := io.WriteString(c.OutOrStderr(), b.String())
	return err
}

// listCommands writes the commands of a command, in groups if it has any.
func listCommands(b *strings.Builder, c *cobra.Command) {
	groups := c.Groups()
	if len(groups) == 0 {
		groups = []*cobra.Group{{Title: "Available Commands:"}}
	}
	for _, group := range groups {
		fmt.Fprintf(b, "\n\n%s", group.Title)
		for _, sub := range c.Commands() {
			if sub.GroupID == group.ID && (sub.IsAvailableCommand() || sub.Name() == "help") {
				fmt.Fprintf(b, "\n  %-*s %s", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
}
