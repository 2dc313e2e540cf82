package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"oneiro/internal/imageio"
	"oneiro/internal/sheet"
	"oneiro/train/motif"
)

// sheetOptions are the flags of train sheet.
type sheetOptions struct {
	output        string
	seed          uint64
	size, columns int
}

func newTrainSheet() *cobra.Command {
	var o sheetOptions
	cmd := &cobra.Command{
		Use:   "sheet",
		Short: "Draw some pictures of each class that train learns from",
		Long: `Draw some pictures of each class of motifs that train learns from on one sheet, with the names
of the classes. With a network trained on them, such as the built-in one, dream and vis take these
names as --class.`,
		Example: `  oneiro train sheet -o sheet.png
  oneiro train sheet -o sheet.png --size 128 --columns 6 --seed 7`,
		Args: none,
		RunE: func(cmd *cobra.Command, args []string) error { return runTrainSheet(o, cmd.OutOrStdout()) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVarP(&o.output, "output", "o", "oneiro-sheet.png", "`FILE` to write, .png, .jpg or .tif")
	fs.Uint64Var(&o.seed, "seed", 1, "random `SEED` of the pictures")
	fs.IntVar(&o.size, "size", 64, "side of a picture in `PIXELS`")
	fs.IntVar(&o.columns, "columns", 8, "`PICTURES` per class")
	return cmd
}

func runTrainSheet(o sheetOptions, stdout io.Writer) error {
	if o.size < 16 || o.size > 512 || o.columns < 1 || o.columns > 100 {
		return &usageError{
			fmt.Sprintf("--columns %d with --size %d is not possible", o.columns, o.size),
			"choose 1 to 100 pictures per class, of 16 to 512 pixels"}
	}
	if err := imageio.CheckOutput(o.output); err != nil {
		return err
	}
	// Classes lie side by side in pairs, so that the sheet is not much higher than wide.
	const pairs = 3
	var tiles []sheet.Tile
	for class, name := range motif.Names() {
		row := imageio.New(o.size*o.columns, o.size)
		one := make([]float32, o.size*o.size*3)
		for i := range o.columns {
			motif.Draw(one, o.size, class, o.seed, uint64(class*o.columns+i))
			for y := range o.size {
				copy(row.Pix[(y*row.W+i*o.size)*3:], one[y*o.size*3:(y+1)*o.size*3])
			}
		}
		tiles = append(tiles, sheet.Tile{Picture: row, Label: name})
	}
	if err := imageio.Write(o.output, sheet.Draw(tiles, pairs), imageio.Meta{}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d classes\n", shown(o.output), len(tiles))
	return nil
}
