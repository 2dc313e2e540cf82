package main

import (
	"io"

	"github.com/spf13/cobra"

	"oneiro/farm/internal/licences"
)

func newLicences() *cobra.Command {
	return &cobra.Command{
		Use:   "licences",
		Short: "Print the licences of the program and of everything in it",
		Args:  none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), licences.Text)
			return err
		},
	}
}
