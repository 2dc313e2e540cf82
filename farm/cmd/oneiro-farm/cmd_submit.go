package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/farm"
	"oneiro/internal/quote"
)

// submission has the flags of submit.
type submission struct {
	connection
	priority, audit string
	find            []string
	renew, json     bool
}

func newSubmit() *cobra.Command {
	var s submission
	cmd := &cobra.Command{
		Use:   "submit (PICTURE... | FILE | - | -- COMMAND...)",
		Short: "Give the farm something to do",
		Long: `Give the farm something to do: a command of oneiro after --, pictures that oneiro made and whose recipe
is to be done (again), or lines that oneiro ... --dry-run recipe --json has printed, in a FILE that
ends in .jsonl, or - for the standard input.

A batch becomes a job for each picture, and a film a job for each shot. All options of the command
work, but for those of the machine (threads, memory). Kernels and tiles are those of this machine
unless the command names others (--kernels), so that every worker makes the same bytes.

Inputs and weights are sent once. What the farm has done already is not done again: the same command
may be given twice. The answer is the name of the set, for status, fetch and cancel.`,
		Example: `  oneiro-farm submit -- style photo.jpg painting.jpg --size 2048 -o painted.png
  oneiro-farm submit -- batch style photos/ --styles paintings/ -o out/{content}-{style}.png
  oneiro-farm submit --priority high --audit 1% -- film clip.mp4 painting.jpg -o painted.mp4
  oneiro-farm submit -- again small.png --size 6000 -o large.png
  oneiro-farm submit painted.png --find ~/Pictures`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return submit(cmd, &s, args, cmd.ArgsLenAtDash())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	s.flags(cmd)
	s.programFlag(cmd)
	fs.StringVar(&s.priority, "priority", "normal", "high, normal or low: what is done first")
	fs.StringVar(&s.audit, "audit", "", "share of the jobs to do twice and compare, such as 1%")
	fs.StringSliceVar(&s.find, "find", nil, "`FOLDER` to look for the inputs of pictures in")
	fs.BoolVar(&s.renew, "new-version", false, "have the farm work with this version of oneiro from now on")
	fs.BoolVar(&s.json, "json", false, "print JSON")
	return cmd
}

func submit(cmd *cobra.Command, s *submission, args []string, dash int) error {
	share, err := parseShare(s.audit)
	if err != nil {
		return err
	}
	program, err := farm.FindProgram(s.program)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	machine, err := program.Machine(ctx)
	if err != nil {
		return err
	}
	order := farm.Order{Priority: s.priority, Audit: share, Version: machine.Version, Renew: s.renew}
	switch {
	case dash == 0 && len(args) > 0:
		order.Line, order.Lines, err = s.command(ctx, program, args)
	case dash > 0:
		err = &usageError{"pictures and a command cannot be combined", "submit one after the other"}
	case len(args) == 0:
		err = &usageError{"there is nothing to submit", "oneiro-farm submit -- style photo.jpg painting.jpg -o out.png"}
	default:
		order.Line, order.Lines, err = s.files(ctx, program, args, cmd.InOrStdin())
	}
	if err != nil {
		return err
	}
	return s.withFarm(cmd, func(ctx context.Context, f *farm.Farm) error {
		r, err := f.Submit(ctx, order)
		if err != nil {
			return partly(err, r)
		}
		if s.json {
			return writeLine(cmd.OutOrStdout(), r)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%s, %d of them new, %s\n", quote.Count(r.New+r.Old, "job"), r.New,
			quote.Count(r.Sent, "input"))
		_, err = fmt.Fprintln(cmd.OutOrStdout(), r.Set.ID)
		return err
	})
}

// partlyError is an error of a submission of which a part was taken.
type partlyError struct {
	error
	taken int
}

func (e *partlyError) Unwrap() error { return e.error }

func (e *partlyError) Error() string {
	return fmt.Sprintf("%v (%s taken before that)", e.error, quote.Count(e.taken, "job"))
}

func partly(err error, r *farm.Receipt) error {
	if r == nil || r.New == 0 {
		return err
	}
	return &partlyError{err, r.New}
}

// command asks the program what a command line of it needs.
func (s *submission) command(ctx context.Context, program farm.Program, args []string) (line string, lines []byte, err error) {
	for _, arg := range args {
		if name, _, _ := strings.Cut(arg, "="); slices.Contains([]string{"--tune", "--shard", "--dry-run", "--resume"}, name) {
			return "", nil, &usageError{name + " is not for a farm", "leave it out"}
		}
	}
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = quote.Word(arg)
	}
	lines, err = program.Describe(ctx, args...)
	return strings.Join(words, " "), lines, err
}

// files reads pictures or lines.
func (s *submission) files(ctx context.Context, program farm.Program, args []string, stdin io.Reader,
) (line string, lines []byte, err error) {
	for _, arg := range args {
		var more []byte
		switch {
		case arg == "-":
			more, err = io.ReadAll(stdin)
		case strings.HasSuffix(arg, ".jsonl"):
			more, err = os.ReadFile(arg)
		default:
			more, err = program.Again(ctx, arg, s.find)
		}
		if err != nil {
			return "", nil, err
		}
		lines = append(append(lines, more...), '\n')
	}
	return strings.Join(args, " "), lines, nil
}

// parseShare reads 1% or 0.01.
func parseShare(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, &usageError{"--audit must be a share such as 1%, not " + strconv.Quote(text), ""}
	}
	return share, nil
}
