package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/internal/option"
)

func newOptions() *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:   "options [COMMAND]",
		Short: "List all options of the commands that make pictures",
		Long: "List all options of the commands that make pictures (" + strings.Join(pipelineNames(), ", ") + `),
or of one of them, with their ranges and defaults.
With --json it is a JSON Schema (draft 2020-12) for programs: each option is a property with type,
default, bounds and choices. Members that begin with x- are oneiro's own: x-group, x-unit,
x-names (what the value names: a file, network, layer, class, device or kernels), x-basic (whether
--help shows it), x-changes-result and x-changes-memory.`,
		Example: `  oneiro options style
  oneiro options dream --json`,
		ValidArgs: pipelineNames(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{"options takes one command", "oneiro options lists the options of all"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runOptions(cmd.OutOrStdout(), first(args), json)
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print JSON Schema")
	return cmd
}

// runOptions lists the options of a command, or of all if it is empty.
func runOptions(w io.Writer, command string, json bool) error {
	chosen := pipelines()
	if command != "" {
		p, err := pipelineOf(command)
		if err != nil {
			return err
		}
		if chosen = []*pipeline{p}; json {
			return writeLine(w, p.schema())
		}
	}
	if !json {
		printOptions(w, chosen)
		return nil
	}
	schemas := map[string]*option.Schema{}
	for _, p := range chosen {
		schemas[p.name] = p.schema()
	}
	return writeLine(w, schemas)
}

// schema describes the options of the pipeline for programs.
func (p *pipeline) schema() *option.Schema {
	s := option.NewSchema("oneiro "+p.name, p.short)
	for _, set := range p.sets(new(jobOptions)) {
		s.Add(set.Table, set.defaults)
	}
	return s
}
