package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/train"
)

// scoreOptions are the flags of train score.
type scoreOptions struct {
	modelOptions
	engineOptions
	seed     uint64
	pictures int
	json     bool
}

func newTrainScore() *cobra.Command {
	var o scoreOptions
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Test how well a network classifies motifs that it has never seen",
		Long: `Draw motifs that no training with another seed has seen, and count how many of them the
built-in network, or the one in --weights, classifies correctly.`,
		Example: `  oneiro train score
  oneiro train score --weights net.safetensors --seed 7 --pictures 10000`,
		Args: none,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTrainScore(cmd.Context(), o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.Weights, "weights", "", "`FILE` that oneiro train wrote (default the built-in network)")
	fs.Uint64Var(&o.seed, "seed", 1000, "random `SEED` of the pictures")
	fs.IntVar(&o.pictures, "pictures", 5000, "`NUMBER` of pictures")
	o.kernelFlags(fs)
	fs.BoolVar(&o.json, "json", false, "print JSON, with the confusion matrix")
	addCompletions(cmd, new(modelOptions))
	return cmd
}

func runTrainScore(ctx context.Context, o scoreOptions, w, stderr io.Writer) error {
	if o.pictures < 1 || o.pictures > maxTestPictures {
		return &usageError{fmt.Sprintf("--pictures must be 1 to %d, not %d", maxTestPictures, o.pictures),
			"for example: --pictures 5000"}
	}
	net, err := o.network()
	if err != nil {
		return err
	}
	source := train.Motifs{Seed: o.seed}
	if net.Name != builtin || net.Classes != len(source.Classes()) {
		return &usageError{o.Weights + " does not classify motifs",
			"give a file that oneiro train wrote without --images"}
	}
	file, err := o.modelOptions.open()
	if err != nil {
		return err
	}
	defer file.Close()
	engine, _, err := o.engineOptions.open()
	if err != nil {
		return err
	}
	defer engine.Close()
	score, err := train.Test(ctx, train.TestOptions{
		Device: engine.Device, Pool: engine.Pool, Network: net, Params: file,
		Source: source, Size: net.InputSize, Pictures: o.pictures, OnProgress: newTaskProgress(stderr).show,
	})
	if err != nil {
		return mismatch(err, file, net)
	}
	if o.json {
		return writeLine(w, scoreLine{
			Pictures: score.Pictures, Accuracy: score.Accuracy(),
			Classes: source.Classes(), Confusion: score.Confusion,
		})
	}
	printScore(w, score, source.Classes())
	return nil
}

// printScore prints a line for each class: how many of its pictures were classified correctly, and the
// classes that others were mistaken for.
func printScore(w io.Writer, s *train.Score, classes []string) {
	t := newTable(w)
	for class, counts := range s.Confusion {
		of := 0
		for _, n := range counts {
			of += n
		}
		var others []string
		for _, m := range s.Mistakes(len(classes) * len(classes)) {
			if m.Class == class && len(others) < 3 {
				others = append(others, fmt.Sprintf("%s %d", classes[m.For], m.Count))
			}
		}
		row(t, classes[class], fmt.Sprintf("%d of %d", counts[class], of), strings.Join(others, ", "))
	}
	t.Flush()
	fmt.Fprintf(w, "\n%.1f %% of %d\n", 100*s.Accuracy(), s.Pictures)
}
