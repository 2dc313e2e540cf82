package zoo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"oneiro/internal/nearest"
	"oneiro/weights"
)

// classesName is the file beside a file of weights that names the classes of a classifier, one a line in
// the order of its outputs: an identifier, a space, and names separated by commas. ImageNet's has
// the identifiers of WordNet: "n02085936 Maltese dog, Maltese terrier, Maltese".
const classesName = "synset_words.txt"

// maxClasses bounds what is read of it, in bytes; ImageNet's largest list needs 1 MB.
const maxClasses = 16 << 20

// Class is a class of a classifier.
type Class struct {
	ID    string
	Names []string
}

// Classes returns the classes in the order of the classifier's outputs: those that the file names itself, or
// those of synset_words.txt in the folder of weights or beside the file, or those of ImageNet if the network
// is known to be of these, or none.
//
// The errors are weights.FormatError and weights.ReadError.
func (p *Params) Classes() ([]Class, error) {
	if names := p.Metadata().Classes(); len(names) > 0 {
		return named(names), nil
	}
	dir := p.Path()
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	text, err := readClasses(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return p.imagenetClasses(), nil
	}
	if err != nil {
		return nil, err
	}
	var all []Class
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		id, names, ok := strings.Cut(line, " ")
		if !ok {
			return nil, &weights.FormatError{
				File: filepath.Join(dir, classesName), Have: strconv.Quote(line),
				Want: "an identifier and names on every line",
			}
		}
		c := Class{ID: id}
		for name := range strings.SplitSeq(names, ",") {
			c.Names = append(c.Names, strings.TrimSpace(name))
		}
		all = append(all, c)
	}
	return all, nil
}

// readClasses reads the list of classes in a folder, and follows no link that leaves it.
func readClasses(dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", &weights.ReadError{File: dir, Err: err}
	}
	defer root.Close()
	file := filepath.Join(dir, classesName)
	info, err := root.Stat(classesName)
	switch {
	case err != nil:
		return "", &weights.ReadError{File: file, Err: err}
	case !info.Mode().IsRegular(): // a pipe would wait for ever
		return "", &weights.FormatError{File: file, Have: "something else", Want: "a file"}
	case info.Size() > maxClasses:
		return "", &weights.FormatError{File: file, Have: fmt.Sprintf("%d bytes", info.Size()),
			Want: fmt.Sprintf("at most %d bytes", maxClasses)}
	}
	r, err := root.Open(classesName)
	if err != nil {
		return "", &weights.ReadError{File: file, Err: err}
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxClasses))
	if err != nil {
		return "", &weights.ReadError{File: file, Err: err}
	}
	return string(text), nil
}

// FindClass returns the index of the class that has that identifier or name; case does not matter.
// The error is an UnknownClassError.
func FindClass(classes []Class, name string) (int, error) {
	e := &UnknownClassError{Name: name}
	var names []string
	found := -1
	for i, c := range classes {
		names = append(names, c.Names...)
		if strings.EqualFold(c.ID, name) {
			return i, nil
		}
		for _, n := range c.Names {
			if strings.EqualFold(n, name) {
				found = i
				e.Same = append(e.Same, i)
				break
			}
		}
	}
	if len(e.Same) == 1 {
		return found, nil
	}
	if found < 0 {
		if e.Nearest = nearest.Containing(name, names); len(e.Nearest) == 0 {
			e.Nearest = nearest.Names(name, names, 3)
		}
	}
	return 0, e
}

// UnknownClassError reports a name that no class has, or more than one.
type UnknownClassError struct {
	Name    string
	Same    []int    // the classes of that name
	Nearest []string // names that contain it, or else are like it, the nearest first, if no class has it
}

func (e *UnknownClassError) Error() string {
	if len(e.Same) > 0 {
		return fmt.Sprintf("%d classes are called %s", len(e.Same), strconv.Quote(e.Name))
	}
	return "there is no class " + strconv.Quote(e.Name)
}

// Hint says what to write instead.
func (e *UnknownClassError) Hint() string {
	if len(e.Same) > 0 {
		numbers := make([]string, len(e.Same))
		for i, n := range e.Same {
			numbers[i] = strconv.Itoa(n)
		}
		return "give the number of one of them: " + strings.Join(numbers, " or ")
	}
	const most = 20
	near := e.Nearest
	if more := len(near) - most; more > 0 {
		near = append(near[:most:most], fmt.Sprintf("or one of %d more", more))
	}
	return nearest.Hint(near, "give the number of the class, counted from 0")
}
