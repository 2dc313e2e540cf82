package farm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Program is the program oneiro: a command and its first arguments.
type Program []string

// FindProgram returns the program oneiro: the file that is named, or the one beside this program, or the one on
// the path.
func FindProgram(file string) (Program, error) {
	if file != "" { // which has to be found from the folders of jobs, too
		found, err := exec.LookPath(file)
		if err != nil {
			return nil, &UsageError{"there is no program " + quoted(file), "name the program oneiro: --program FILE"}
		}
		return Program{absolute(found)}, nil
	}
	name := "oneiro"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if beside := filepath.Join(filepath.Dir(self), name); isFile(beside) {
			return Program{beside}, nil
		}
	}
	if found, err := exec.LookPath(name); err == nil {
		return Program{found}, nil
	}
	return nil, &UsageError{"the program oneiro is not here", "put it beside oneiro-farm, or name it: --program FILE"}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// ProgramError reports that the program oneiro refused something.
type ProgramError struct {
	Kind    string // as its --json has it
	Message string
	Fix     string
}

func (e *ProgramError) Error() string { return e.Message }

// Hint says what to do about it.
func (e *ProgramError) Hint() string { return e.Fix }

// event is a line of the program's JSON, which oneiro's docs/json.md describes.
type event struct {
	Event   string   `json:"event"`
	Step    int      `json:"step"`
	Steps   int      `json:"steps"`
	Resumed int      `json:"resumed"`
	Left    *float64 `json:"left_seconds"`
	Frame   int      `json:"frame"`
	Frames  int      `json:"frames"`
	File    string   `json:"file"`
	Kind    string   `json:"kind"`
	Message string   `json:"message"`
	Hint    string   `json:"hint"`

	// Of a start event.
	Output  string            `json:"output"`
	Recipe  json.RawMessage   `json:"recipe"`
	Files   *located          `json:"files"`
	Options map[string]string `json:"options"`
	Shots   []int             `json:"shots"`
}

// located says where the files of a recipe are.
type located struct {
	Inputs  []string `json:"inputs"` // in the order of the recipe's
	Weights string   `json:"weights"`
}

// command returns a command that runs the program.
func (p Program) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append([]string{}, p...), args...)
	return exec.CommandContext(ctx, all[0], all[1:]...)
}

// run runs the program and returns what it prints. The error is a *ProgramError.
func (p Program) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := p.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil || ctx.Err() != nil {
		return stdout.Bytes(), ctx.Err()
	}
	return stdout.Bytes(), failure(lastEvent(stdout.Bytes()), stderr.String(), err)
}

func lastEvent(lines []byte) (last event) {
	for line := range bytes.Lines(lines) {
		var e event
		if json.Unmarshal(line, &e) == nil {
			last = e
		}
	}
	return last
}

// failure returns the error that the program reported.
func failure(last event, said string, err error) *ProgramError {
	if last.Event == "error" || last.Event == "failed" && last.Message != "" {
		return &ProgramError{last.Kind, last.Message, last.Hint}
	}
	e := &ProgramError{Kind: "other"}
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if text, is := strings.CutPrefix(line, "oneiro: "); is {
			e.Message = text
		} else if text, is := strings.CutPrefix(line, "hint: "); is {
			e.Fix = text
		}
	}
	if exit, is := errors.AsType[*exec.ExitError](err); is && exit.ExitCode() == 2 {
		e.Kind = "usage"
	}
	if e.Message == "" {
		e.Message = "oneiro ended with " + err.Error()
		if exit, is := errors.AsType[*exec.ExitError](err); is && exit.ExitCode() < 0 {
			e.Kind, e.Fix = "crash", "a process that is killed may have taken more memory than there is: --memory"
		}
	}
	return e
}

// Machine is what the program says of the machine.
type Machine struct {
	Version string
	// Classes are those of jobs that the machine can do, and Devices what --device is for each.
	Classes []string
	Devices map[string]string
	Threads int
}

// Machine asks the program what it can do.
func (p Program) Machine(ctx context.Context) (*Machine, error) {
	text, err := p.run(ctx, "version", "--json")
	if err != nil {
		return nil, fmt.Errorf("%s cannot be used: %w", strings.Join(p, " "), err)
	}
	m := &Machine{Devices: map[string]string{}}
	var version struct{ Version string }
	if err := json.Unmarshal(text, &version); err != nil || version.Version == "" {
		return nil, &UsageError{strings.Join(p, " ") + " is not a program oneiro that works with farms",
			"install the version that this program came with"}
	}
	m.Version = version.Version
	text, err = p.run(ctx, "devices", "--json")
	if err != nil {
		return nil, err
	}
	var devices struct {
		Processor struct {
			Threads int
			Kernels []string
		}
		Cards []struct{ Device, Name string }
	}
	if err := json.Unmarshal(text, &devices); err != nil {
		return nil, err
	}
	m.Threads = devices.Processor.Threads
	m.Classes = devices.Processor.Kernels
	for _, card := range devices.Cards {
		name := gpuClass(card.Name)
		if _, is := m.Devices[name]; !is {
			m.Classes, m.Devices[name] = append(m.Classes, name), card.Device
		}
	}
	return m, nil
}

// Describe returns what the program prints of a command line with --dry-run recipe: a line for each picture.
func (p Program) Describe(ctx context.Context, args ...string) ([]byte, error) {
	rest := []string{"--dry-run=recipe", "--json", "--quiet"}
	if at := slices.Index(args, "--"); at >= 0 {
		rest = append(rest, args[at:]...)
		args = args[:at]
	}
	return p.run(ctx, slices.Concat(args, rest)...)
}

// Again returns what Describe returns of a picture that is to be made again, with its own engine, which this
// machine need not have. Its inputs are looked for where find says. The output has the name of the picture.
func (p Program) Again(ctx context.Context, picture string, find []string) ([]byte, error) {
	text, err := p.run(ctx, "recipe", "--json", "--", picture)
	if err != nil {
		return nil, err
	}
	var made struct{ Engine json.RawMessage }
	if err := json.Unmarshal(text, &made); err != nil {
		return nil, err
	}
	ending := filepath.Ext(picture)
	if ending == ".json" {
		ending = ".png"
	}
	args := []string{"again", "--output=" + strings.TrimSuffix(filepath.Base(picture), filepath.Ext(picture)) + "-again" + ending}
	for _, folder := range find {
		args = append(args, "--find="+folder)
	}
	text, err = p.Describe(ctx, append(args, "--", picture)...)
	if err != nil {
		return nil, err
	}
	var line struct {
		Event   string                     `json:"event"`
		Output  string                     `json:"output"`
		Recipe  map[string]json.RawMessage `json:"recipe"`
		Files   json.RawMessage            `json:"files"`
		Options map[string]string          `json:"options,omitempty"`
		Shots   []int                      `json:"shots,omitempty"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return nil, err
	}
	line.Recipe["engine"] = made.Engine
	return json.Marshal(line)
}
