package weights

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
)

// classesName is the file beside a manifest that names the classes of a classifier, one on a line in
// the order of its outputs: an identifier, a space, and names separated by commas. ImageNet's has
// the identifiers of WordNet: "n02085936 Maltese dog, Maltese terrier, Maltese".
const classesName = "synset_words.txt"

// maxClasses bounds what is read of it, in bytes; ImageNet's largest list needs 1 MB.
const maxClasses = 16 << 20

// Class is a class that a network tells apart from others.
type Class struct {
	ID    string
	Names []string
}

// Classes returns the classes in the order of the classifier's outputs: those that the file names itself, or
// those of synset_words.txt in the folder of weights or beside the file, or those of ImageNet if the network is known
// to be of these, or none.
//
// The errors are FormatError and ReadError.
func (f *File) Classes() ([]Class, error) {
	if names := metadata(f.container)[classesKey]; names != "" {
		var all []Class
		for name := range strings.SplitSeq(names, "\n") {
			all = append(all, Class{Names: []string{name}})
		}
		return all, nil
	}
	dir := f.path
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &ReadError{dir, "", err}
	}
	defer root.Close()
	r, size, err := openRegular(root, dir, classesName, "")
	if errors.Is(err, fs.ErrNotExist) {
		return f.imagenetClasses(), nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	file := filepath.Join(dir, classesName)
	if size > maxClasses {
		return nil, &FormatError{file, "", fmt.Sprintf("%d bytes", size), fmt.Sprintf("at most %d bytes", maxClasses)}
	}
	text, err := io.ReadAll(io.LimitReader(r, maxClasses))
	if err != nil {
		return nil, &ReadError{file, "", err}
	}
	var all []Class
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		id, names, ok := strings.Cut(line, " ")
		if !ok {
			return nil, &FormatError{file, "", strconv.Quote(line), "an identifier and names on every line"}
		}
		c := Class{ID: id}
		for name := range strings.SplitSeq(names, ",") {
			c.Names = append(c.Names, strings.TrimSpace(name))
		}
		all = append(all, c)
	}
	return all, nil
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
		e.Nearest = nearest.Names(name, names, 3)
	}
	return 0, e
}

// UnknownClassError reports a name that no class has, or more than one.
type UnknownClassError struct {
	Name    string
	Same    []int    // the classes of that name
	Nearest []string // names like it, the nearest first, if no class has it
}

func (e *UnknownClassError) Error() string {
	if len(e.Same) > 0 {
		return fmt.Sprintf("%d classes are called %s", len(e.Same), clean(e.Name))
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
	return nearest.Hint(e.Nearest, "give the number of the class, counted from 0")
}
