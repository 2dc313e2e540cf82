package film

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"

	"oneiro/internal/quote"
)

// ErrNoTool is the Err of a ToolError if the program is not on PATH.
var ErrNoTool = errors.New("it is not on PATH")

// ToolError reports that ffmpeg is missing, or that it failed.
type ToolError struct {
	Path string // of the film
	Tool string
	Err  error // ErrNoTool, or what the program said
	Out  bool  // the film was to be written
}

func (e *ToolError) Error() string {
	doing := "reading"
	if e.Out {
		doing = "writing"
	}
	if errors.Is(e.Err, ErrNoTool) {
		return fmt.Sprintf("%s %s takes %s, and %v", doing, quote.Path(e.Path), e.Tool, e.Err)
	}
	return fmt.Sprintf("%s %s: %s says: %v", doing, quote.Path(e.Path), e.Tool, e.Err)
}

func (e *ToolError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ToolError) Hint() string {
	missing := errors.Is(e.Err, ErrNoTool)
	switch {
	case missing && e.Out:
		return "install ffmpeg; or where there is one, make the film of a .y4m, with the sound of its source: " +
			PipeOut("film.y4m", "SOURCE", e.Path) + "; .avi, .gif and .png need none"
	case missing:
		return "install ffmpeg; or where there is one, make a stream that is read from -: " + Pipe(e.Path)
	case e.Out:
		return "see whether ffmpeg writes such a film from a .y4m: ffmpeg -i film.y4m " + shellQuoted(e.Path)
	}
	return "see whether ffmpeg plays it: ffplay " + shellQuoted(e.Path)
}

// Pipe returns the command that turns a film into a stream that Open reads from the standard input.
func Pipe(path string) string {
	return "ffmpeg -i " + shellQuoted(path) + " -f yuv4mpegpipe -strict -1 -"
}

// PipeOut returns the command that turns Y4M, from a file or "-" for the standard input, into a film with
// the sound of another.
func PipeOut(frames, sound, film string) string {
	return "ffmpeg -i " + shellQuoted(frames) + " -i " + shellQuoted(sound) + " -map 0:v -map '1:a?' -c:a copy " +
		shellQuoted(film)
}

// shellQuoted returns a word for a shell.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%", r)
	}
	odd := func(r rune) bool { return !plain(r) }
	if word != "" && strings.IndexFunc(word, odd) < 0 {
		return word
	}
	return quote.Path("'" + strings.ReplaceAll(word, "'", `'\''`) + "'")
}

// localOnly keeps a program from following what a film names on other machines.
var localOnly = []string{"-protocol_whitelist", "file,pipe"}

// fileURL names a file, whatever its name looks like.
func fileURL(path string) string { return "file:" + path }

// tail keeps the last of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 4096
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if len(t.text) > most {
		t.text = bytes.Clone(t.text[len(t.text)-most:])
	}
	return len(p), nil
}

// line returns the line of a program's messages that says most: the first of the last few.
func (t *tail) line() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(t.text), "\r", "\n")), "\n")
	line := lines[max(len(lines)-4, 0)]
	if at := strings.Index(line, "] "); strings.HasPrefix(line, "[") && at > 0 {
		line = line[at+2:] // which part of the program it comes from
	}
	const most = 300
	if len(line) > most {
		line = line[:most] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, line)
}

// listed returns the names in a list that ffmpeg prints, such as -encoders, of what it has.
func listed(tool, list string) map[string]bool {
	names := map[string]bool{}
	text, _ := exec.Command(tool, "-v", "error", "-hide_banner", list).Output()
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 {
			names[words[1]] = true
		}
	}
	return names
}

// program returns the path of ffmpeg or ffprobe; the error is ErrNoTool.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", ErrNoTool
	}
	return path, nil
}

// said returns the error of a program that ended with one, and what it wrote, without the name of the file.
func said(err error, messages *tail, path string) error {
	line := strings.TrimLeft(strings.ReplaceAll(messages.line(), fileURL(path), ""), ": ")
	if line != "" {
		return errors.New(line)
	}
	return err
}
