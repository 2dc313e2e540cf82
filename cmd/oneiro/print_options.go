package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"oneiro/internal/option"
)

//go:generate go test -run TestOptionsDocument -count 1 . -args -update

// optionsHeader begins docs/options.md, which go generate writes.
const optionsHeader = "# Options\n\n" +
	"All options of the commands that make pictures, as `oneiro options` prints them. `oneiro options --json`\n" +
	"prints a JSON Schema. Bold options are those that `--help` shows; `--help-all` shows all.\n\n"

// printOptions prints the options of commands as Markdown. What several have in common comes once, at the
// end.
func printOptions(w io.Writer, commands []*pipeline) {
	for _, p := range commands {
		fmt.Fprintf(w, "## oneiro %s\n\n%s.\n", p.name, p.short)
		printGroups(w, append(slices.Clip(p.options), p.beside(new(jobOptions))...))
		fmt.Fprintln(w)
	}
	common := commands[0]
	if len(commands) > 1 {
		common = &pipeline{output: "oneiro-COMMAND.png", reads: true}
	}
	fmt.Fprint(w, "## All commands that make pictures\n")
	printGroups(w, common.common(new(jobOptions)))
	if len(commands) > 1 {
		fmt.Fprint(w, "\n## oneiro batch, beside those of its command\n")
		printGroups(w, []optionSet{{batchTable, &batchOptions{Jobs: 1}}})
		fmt.Fprint(w, "\n## oneiro again and verify\n")
		printGroups(w, []optionSet{{findTable, new(findOption)}})
	}
}

// printGroups prints a table for each group of options.
func printGroups(w io.Writer, sets []optionSet) {
	group := ""
	for _, set := range sets {
		for i := range set.Table {
			o := &set.Table[i]
			if o.Group != group {
				group = o.Group
				fmt.Fprintf(w, "\n### %s\n\n| option | default | values | what it does |\n|---|---|---|---|\n", group)
			}
			v := o.Of(set.defaults)
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", optionTitle(o, v), defaultOf(o, v), bounds(o, v), o.Summary())
		}
	}
}

// optionTitle is the option as one writes it, in bold if it is a basic one.
func optionTitle(o *option.Option, v option.Value) string {
	s := "`--" + o.Name
	if !v.IsBool() && o.Unit != "" {
		s += " " + strings.ToUpper(o.Unit)
	}
	s += "`"
	if o.Basic {
		s = "**" + s + "**"
	}
	return s
}

// defaultOf returns the value of an option that is not given.
func defaultOf(o *option.Option, v option.Value) string {
	switch s := v.String(); {
	case o.Default != "":
		return o.Default
	case s == "" || v.IsBool():
		return "-"
	default:
		return "`" + s + "`"
	}
}

// bounds returns which values an option can have, if that is not obvious.
func bounds(o *option.Option, v option.Value) string {
	switch {
	case len(o.Choices) > 0:
		return o.Allowed()
	case v.IsBool():
		return "on or off"
	case o.Names == option.Class && v.IsNumber():
		return "a name or a number"
	case v.IsNumber():
		return o.Bounds()
	}
	return ""
}
