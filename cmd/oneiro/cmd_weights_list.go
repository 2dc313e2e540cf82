package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/nn"
	"oneiro/zoo"
)

func newWeightsList() *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:   "list [NETWORK]",
		Short: "List well-known files of weights and who publishes them",
		Long: `List well-known files of weights, all or those of one network: what they are good for, who
publishes them, and under which licence. The files are not part of oneiro. Search for the
name of the file and its publisher, then check what you got with oneiro weights verify.
--json adds their SHA-256, as far as it is on record.`,
		Example: `  oneiro weights list
  oneiro weights list vgg19 --json`,
		ValidArgsFunction: completeOne(networkNames),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{"weights list takes one network", "oneiro nets lists them"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			network := first(args)
			if network != "" {
				if _, err := nn.Get(network); err != nil {
					return err
				}
			}
			return runWeightsList(cmd.OutOrStdout(), network, json)
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print JSON, a line for each file")
	return cmd
}

func runWeightsList(w io.Writer, network string, json bool) error {
	files := zoo.KnownFiles(network)
	if json {
		for _, f := range files {
			if err := writeLine(w, f); err != nil {
				return err
			}
		}
		return nil
	}
	table := newTable(w)
	row(table, "network", "file", "MB", "good for", "publisher", "licence")
	for _, f := range files {
		row(table, f.Network, f.Name, megabytes(f.Bytes), zoo.Uses(f.Network), f.Publisher, f.Licence)
	}
	return table.Flush()
}

// megabytes rounds the length of a file, or says that it is not on record.
func megabytes(bytes int64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f", float64(bytes)/1e6)
}

// weightsTable is the table of well-known files in docs/weights.md, in Markdown.
func weightsTable() string {
	var b strings.Builder
	b.WriteString("| network | file | what it is | good for | bytes | SHA-256 | publisher | licence |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, f := range zoo.KnownFiles("") {
		size, sum := "", f.SHA256
		if f.Bytes > 0 {
			size = thousands(f.Bytes)
		}
		if sum != "" {
			if len(sum) < 64 {
				sum += "..."
			}
			sum = "`" + sum + "`"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s | %s |\n",
			f.Network, f.Name, f.About, zoo.Uses(f.Network), size, sum, f.Publisher, f.Licence)
	}
	return b.String()
}
