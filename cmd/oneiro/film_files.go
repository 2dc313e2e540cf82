package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oneiro/film"
	"oneiro/internal/atomicfile"
)

// filmFiles say where a film goes: numbered pictures, and the animated picture that is made of them, if there
// is to be one. Its frames lie in a folder beside it until then.
type filmFiles struct {
	pattern   string // with %d
	animation string // empty for pictures alone
}

// framesEnding follows the name of an animated picture in that of the folder of its frames.
const framesEnding = ".frames"

// counter is where the number of a frame goes in a name.
var counter = regexp.MustCompile(`%0?[1-9]?d`)

// filmTo returns where the film goes that --output names. The error is a *usageError.
func filmTo(path string) (filmFiles, error) {
	info, err := os.Stat(path)
	folder := strings.HasSuffix(path, "/") || strings.HasSuffix(path, string(filepath.Separator)) ||
		err == nil && info.IsDir()
	ending := endingOf(path)
	switch name := filepath.Base(path); {
	case path == stream:
		return filmFiles{}, &usageError{"a film cannot go to the standard output",
			"name a file or a folder with --output"}
	case len(counter.FindAllString(name, -1)) == 1 && strings.Count(path, "%") == 1 && ending == "png":
		return filmFiles{pattern: path}, nil
	case folder || ending == "":
		return framesIn(path), nil
	case slices.Contains(film.Endings, ending) && !strings.Contains(path, "%"):
		return filmFiles{framesIn(path + framesEnding).pattern, path}, film.Check(path)
	}
	return filmFiles{}, &usageError{"a film cannot be written to " + quote(path),
		"name a .gif, .png or .y4m for one file, or a folder, or out_%04d.png for numbered pictures"}
}

// framesIn returns the files of frames in a folder.
func framesIn(folder string) filmFiles {
	return filmFiles{pattern: filepath.Join(strings.ReplaceAll(folder, "%", "%%"), "frame_%05d.png")}
}

// path returns the path of a frame, counted from 1.
func (f filmFiles) path(frame int) string { return fmt.Sprintf(f.pattern, frame) }

// name returns what a person knows the film by.
func (f filmFiles) name() string {
	if f.animation != "" {
		return f.animation
	}
	return f.pattern
}

// makeFolder makes the folder of the frames.
func (f filmFiles) makeFolder() error {
	if err := os.MkdirAll(filepath.Dir(f.path(1)), 0o777); err != nil {
		return &atomicfile.Error{Path: f.path(1), Err: err}
	}
	return nil
}

// remove removes frames that an animated picture was made of.
func (f filmFiles) remove(frames int) {
	for k := range frames {
		os.Remove(f.path(k + 1))
	}
	os.Remove(filepath.Dir(f.path(1))) // unless there is something else in it
}
