package main

import (
	"fmt"
	"io"
	"strings"

	"oneiro/internal/option"
)

// printOptions prints the options of commands as Markdown, which is docs/options.md.
func printOptions(w io.Writer, commands []*pipeline) error {
	for i, p := range commands {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "## oneiro %s\n\n%s.\n", p.name, p.short)
		group := ""
		for _, set := range p.sets(new(jobOptions)) {
			for k := range set.Table {
				o := &set.Table[k]
				if o.Group != group {
					group = o.Group
					fmt.Fprintf(w, "\n### %s\n\n| option | default | values | what it does |\n|---|---|---|---|\n", group)
				}
				v := o.Of(set.defaults)
				fmt.Fprintf(w, "| %s | %s | %s | %s |\n", optionTitle(o, v), defaultOf(o, v), bounds(o, v), effect(o))
			}
		}
	}
	return nil
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

func bounds(o *option.Option, v option.Value) string {
	switch {
	case len(o.Choices) > 0:
		return o.Allowed()
	case v.IsBool():
		return "on or off"
	case v.IsNumber():
		return o.Bounds()
	}
	return ""
}

// effect is what the option does; its choices have a column of their own.
func effect(o *option.Option) string {
	s := o.Help
	if o.Zero != "" {
		s += "; 0 " + o.Zero
	}
	return strings.ReplaceAll(s, "|", "\\|")
}
