package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"oneiro/internal/imageio"
	"oneiro/internal/nearest"
	"oneiro/internal/option"
	quoting "oneiro/internal/quote"
	"oneiro/nn"
	"oneiro/render"
	"oneiro/simd"
	"oneiro/zoo"
)

// The exit codes, which the help of the root command lists.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitPartly = 3

	// What a shell makes of signals.
	exitSignal      = 128
	exitHungUp      = exitSignal + 1
	exitInterrupted = exitSignal + 2
	exitPipe        = exitSignal + 13
	exitTerminated  = exitSignal + 15
)

// usageError reports a mistake on the command line that no package below could find.
type usageError struct{ problem, hint string }

func (e *usageError) Error() string { return e.problem }

// Hint says how to correct it.
func (e *usageError) Hint() string { return e.hint }

// answerError ends a command whose answer, which is printed already, has an exit code of its own.
type answerError struct{ code int }

func (e *answerError) Error() string { return "it came out otherwise than wished" }

// outputError reports that the standard output could not be written.
type outputError struct{ err error }

func (e *outputError) Error() string {
	err := e.err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return "cannot write to the standard output: " + err.Error()
}

func (e *outputError) Unwrap() error { return e.err }

// Hint says what to do about it.
func (e *outputError) Hint() string { return "what was printed so far is not complete" }

// reportError prints an error in one line, and perhaps a hint in another, and returns the exit code.
func reportError(w io.Writer, err error) int {
	code := exitCode(err)
	if err == nil || code > exitSignal || is[*answerError](err) { // which was reported with the picture
		return code
	}
	text, hint := inFlags(err)
	fmt.Fprintf(w, "oneiro: %s\n", oneLine(text))
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", oneLine(hint))
	}
	return code
}

// inFlags returns an error's text and hint. Where an error has data about options, both are in terms of
// flags.
func inFlags(err error) (text, hint string) {
	if e, ok := errors.AsType[*option.Error](err); ok {
		return e.Text("--"), e.Hint()
	}
	if e, ok := errors.AsType[*render.MemoryError](err); ok {
		return err.Error(), lessMemory(e)
	}
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		hint = h.Hint()
	}
	return err.Error(), hint
}

// lessMemory says how to need less memory.
func lessMemory(e *render.MemoryError) string {
	less := "choose a smaller --size, or with L-BFGS a shorter --history"
	switch {
	case e.Reading:
		less = "make the pictures smaller first"
	case e.W == 0:
		less = "choose another network"
	case e.Disk:
		less = "choose a smaller --size"
	}
	if e.Tiles != nil {
		less += " (" + e.Tiles.Error() + ")"
	}
	scratch := ""
	if e.WithScratch > 0 {
		scratch = fmt.Sprintf("--scratch DIR will do, a folder on a disk with %s of room; or ", quoting.MemoryUp(e.WithScratch))
	}
	switch {
	case e.Budget:
		return fmt.Sprintf("%s--memory %dMiB is the least that will do; or %s", scratch, (e.Need+1<<20-1)>>20, less)
	case e.GPU: // whose memory is made the most of without being asked
		return less + ", or --device cpu"
	case e.Reading:
		return less
	}
	return fmt.Sprintf("%stry --memory %dMiB, which computes features again instead of keeping them; or %s",
		scratch, e.Have>>20, less)
}

func exitCode(err error) int {
	if e, ok := errors.AsType[*signalError](err); ok {
		return e.code
	}
	if e, ok := errors.AsType[*answerError](err); ok {
		return e.code
	}
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case isBrokenPipe(err):
		return exitPipe
	case is[*usageError](err), is[*option.Error](err), is[*nn.UnknownNetworkError](err),
		is[*nn.UnknownLayerError](err), is[*nn.UnknownPresetError](err), is[*simd.TierError](err),
		is[*imageio.ExtensionError](err), is[*imageio.SideError](err), is[*zoo.UnknownClassError](err),
		is[*zoo.UnknownError](err), is[*zoo.MismatchError](err), is[*render.CheckpointError](err),
		is[*render.TileError](err):
		return exitUsage
	}
	return exitFailed
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

var oneLine = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace

// quote makes a word of the command line visible.
func quote(s string) string { return strconv.Quote(s) }

// flagError makes a usageError of what the parser of flags says.
func flagError(cmd *cobra.Command, err error) error {
	help := cmd.CommandPath() + " --help lists the flags"
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		name, flag := e.GetSpecifiedName(), "--"+e.GetSpecifiedName()
		if short := e.GetSpecifiedShortnames(); short != "" {
			name, flag = short, "-"+short
		}
		return &usageError{cmd.CommandPath() + " has no flag " + flag,
			nearest.Hint(nearest.Names(name, names, 3), help)}
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return wrongValue(e.GetFlag(), e.GetValue())
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return &usageError{"--" + e.GetFlag().Name + " needs a value", example(e.GetFlag())}
	}
	return &usageError{err.Error(), help}
}

// wrongValue reports a flag whose value is not of its type.
func wrongValue(f *pflag.Flag, value string) error {
	return &usageError{fmt.Sprintf("--%s must be %s, not %s", f.Name, option.Describe(typeOf(f)), quote(value)),
		example(f)}
}

// typeOf names the type of a flag's value.
func typeOf(f *pflag.Flag) string {
	if f, ok := f.Value.(*flag); ok {
		return f.Value.Type()
	}
	return f.Value.Type()
}

// example is a hint: how a flag is used with its default, or with some value of its type. A default of 0, which
// stands for something else, shows nothing.
func example(f *pflag.Flag) string {
	value := f.DefValue
	switch typeOf(f) {
	case "intSlice", "int list":
		value = "1,2"
	case "channel list":
		value = "3,7,20-25"
	case "float64Slice", "float list":
		value = "1,0.5"
	case "region list":
		value = "blue=painting.jpg:scale=1.5 --region red=keep"
	case "region name list":
		value = "sky=blue,tree=green"
	case "bytes":
		value = "400MiB"
	}
	if value == "0" {
		return "leave it out for the default"
	}
	return "for example: --" + f.Name + " " + cmp.Or(value, f.Value.Type())
}
