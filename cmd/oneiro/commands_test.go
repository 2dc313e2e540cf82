package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnknownCommands asks for commands and helps that do not exist.
func TestUnknownCommands(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"photo.jpg", "vgg.pth"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refuses(t, dir, []refusal{
		{"photo.jpg", exitUsage, "oneiro style is the command for such a file"},
		{"weights vgg.pth", exitUsage, "oneiro weights info is the command for such a file"},
		{"synth", exitUsage, `there is no command "synth"`},
		{"synth --help", exitUsage, `there is no command "synth"`},
		{"--help styel", exitUsage, "did you mean style"},
		{"help styel", exitUsage, "did you mean style"},
		{"weights inof --help", exitUsage, "did you mean info"},
		{"help weights verfy", exitUsage, `there is no command weights "verfy"`},
		{"completion foo", exitUsage, `there is no command completion "foo"`},
	})
}

// TestHelpCommand checks that help COMMAND is COMMAND --help.
func TestHelpCommand(t *testing.T) {
	dir := t.TempDir()
	for _, command := range []string{"", "style", "weights info", "train sheet"} {
		words := strings.Fields(command)
		help := mustRun(t, dir, append([]string{"help"}, words...)...).stdout
		if want := mustRun(t, dir, append(words, "--help")...).stdout; help != want || help == "" {
			t.Errorf("help %s prints\n%s", command, help)
		}
	}
	if a, b := mustRun(t, dir, "--version").stdout, mustRun(t, dir, "version").stdout; a != b {
		t.Errorf("--version prints\n%sand version\n%s", a, b)
	}
}

// TestFullOutput checks that nothing that could not be printed goes unnoticed.
func TestFullOutput(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	for _, args := range []string{"help", "style --help", "nets", "options", "version", "licences", "completion bash",
		"weights verify ../../zoo/builtin/net.safetensors"} {
		cmd := command(t, ".", strings.Fields(args)...)
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = full, &stderr
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed {
			t.Errorf("%s: exit code %d", args, code)
		}
		if s := stderr.String(); !strings.HasPrefix(s, "oneiro: cannot write to the standard output: ") {
			t.Errorf("%s: stderr:\n%s", args, s)
		}
	}
}
