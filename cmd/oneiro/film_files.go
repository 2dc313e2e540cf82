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
	"oneiro/internal/imageio"
	"oneiro/render"
)

// filmFiles say where a film goes: numbered pictures, and the clip that is made of them, if there is to be
// one. Its frames lie in a folder beside it until then, as does what the film needs to go on.
type filmFiles struct {
	pattern string      // with %d
	clip    string      // empty for pictures alone
	size    render.Size // of the frames
	order   order       // in which they are made
}

// framesEnding follows the name of a clip in that of the folder of its frames.
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
	case len(counter.FindAllString(name, -1)) == 1 && strings.Count(path, "%") == 1 && ending == "png":
		return filmFiles{pattern: path}, nil
	case folder || ending == "":
		return framesIn(path), nil
	case slices.Contains(film.Endings, ending) && !strings.Contains(path, "%"):
		f := framesIn(path + framesEnding)
		f.clip = path
		return f, film.Check(path)
	}
	return filmFiles{}, &usageError{"a film cannot be written to " + quote(path),
		"name a ." + strings.Join(film.Endings, ", .") + " file, or a folder, or out_%04d.png for numbered pictures"}
}

// framesIn returns the files of frames in a folder.
func framesIn(folder string) filmFiles {
	return filmFiles{pattern: filepath.Join(strings.ReplaceAll(folder, "%", "%%"), "frame_%05d.png")}
}

// order is the order in which a pass makes frames.
type order struct {
	backwards bool
	frames    int // of the film, if it is backwards
}

// number returns the number, counted from 1, of the frame that is made as number i, counted from 0.
func (o order) number(i int) int {
	if o.backwards {
		return o.frames - i
	}
	return i + 1
}

// picture returns the path of frame i, counted from 0 in the order in which frames are made, and state that of
// its state.
func (f filmFiles) picture(i int) string { return fmt.Sprintf(f.pattern, f.order.number(i)) }
func (f filmFiles) state(i int) string {
	return strings.TrimSuffix(f.picture(i), ".png") + ".state"
}

// Frame implements [render.Made].
func (f filmFiles) Frame(i int) (*imageio.Image, error) { return imageio.Read(f.picture(i)) }

// State implements [render.Made].
func (f filmFiles) State(i int) (*render.FilmState, error) {
	path := f.state(i)
	file, err := os.Open(path)
	if err != nil {
		return nil, &usageError{"the film cannot go on without " + quote(path), "remove its frames to begin anew"}
	}
	defer file.Close()
	return render.ReadFilmState(file, path, f.size)
}

// writeState writes the state of frame i, whole or not at all.
func (f filmFiles) writeState(i int, s *render.FilmState) error {
	return atomicfile.WriteFile(f.state(i), func(file *os.File) error { return s.Write(file) })
}

// pass returns the files of a pass before the last: states alone.
func (f filmFiles) pass(k int) filmFiles {
	f.pattern = filepath.Join(filepath.Dir(f.pattern), fmt.Sprintf("pass%d", k), "frame_%05d.png")
	f.clip = ""
	return f
}

// name returns what a person knows the film by.
func (f filmFiles) name() string {
	if f.clip != "" {
		return f.clip
	}
	return f.pattern
}

// makeFolder makes the folder of the frames.
func (f filmFiles) makeFolder() error {
	if err := os.MkdirAll(filepath.Dir(f.picture(0)), 0o777); err != nil {
		return &atomicfile.Error{Path: f.picture(0), Err: err}
	}
	return nil
}

// remove removes what is not needed once the film is whole: states, and frames that a clip was made of.
func (f filmFiles) remove(frames int) {
	for i := range frames {
		os.Remove(f.state(i))
		if f.clip != "" {
			os.Remove(f.picture(i))
		}
	}
	if f.clip != "" {
		os.Remove(filepath.Dir(f.pattern)) // unless there is something else in it
	}
}
