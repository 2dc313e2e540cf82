package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"oneiro/internal/imageio"
	quoting "oneiro/internal/quote"
)

// item is one picture of a batch.
type item struct {
	inputs []string // as the command takes them
	output string
}

// expand lists pictures, each once: a folder stands for those in it, by their endings, in the order of their
// names. The error is a *usageError or one of imageio.Stat.
func expand(paths []string) ([]string, error) {
	var all []string
	for _, path := range paths {
		if path == stream {
			return nil, &usageError{"a batch does not read the standard input", "name files or folders"}
		}
		in := []string{filepath.Clean(path)}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			if in, err = picturesIn(path); err != nil {
				return nil, err
			}
		} else if err != nil {
			_, err := imageio.Stat(path) // which says it as for any picture
			return nil, err
		}
		for _, p := range in {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all, nil
}

// picturesIn lists the pictures in a folder, of which there is at least one.
func picturesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder) // which sorts
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains(pictureEndings, endingOf(e.Name())) {
			all = append(all, filepath.Join(folder, e.Name()))
		}
	}
	if len(all) == 0 {
		return nil, &usageError{"the folder " + quote(folder) + " has no pictures in it",
			"pictures are found by their endings: " + strings.Join(pictureEndings, ", ")}
	}
	return all, nil
}

// endingOf returns the ending of a name, without the dot.
func endingOf(name string) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
}

// field is a part of an output's name that stands for one of the inputs.
var field = regexp.MustCompile(`\{[^{}]*\}`)

// items returns the pictures of a batch in order: each of the first inputs with each of the second, if there
// are those. fields are what they are called in the output's name. The error is a *usageError or an
// *imageio.ExtensionError.
func items(template string, fields []string, inputs [][]string) ([]item, error) {
	for _, f := range field.FindAllString(template, -1) {
		if !slices.Contains(fields, strings.Trim(f, "{}")) {
			return nil, &usageError{"--output has " + f + " in it, which stands for nothing here",
				exampleOutput(fields)}
		}
	}
	for i, f := range fields {
		if len(inputs[i]) > 1 && !strings.Contains(template, "{"+f+"}") {
			return nil, &usageError{fmt.Sprintf("--output needs {%s} in it, which stands for the name of each of %s", f,
				quoting.Count(len(inputs[i]), "picture")), exampleOutput(fields)}
		}
	}
	if !slices.Contains(writtenEndings, endingOf(template)) {
		return nil, &imageio.ExtensionError{Path: template, Ext: filepath.Ext(template)}
	}
	var all []item
	combine(inputs, func(chosen []string) {
		output := field.ReplaceAllStringFunc(template, func(f string) string {
			in := filepath.Base(chosen[slices.Index(fields, strings.Trim(f, "{}"))])
			return strings.TrimSuffix(in, filepath.Ext(in))
		})
		all = append(all, item{chosen, output})
	})
	return all, distinct(all)
}

// exampleOutput shows a name with all fields.
func exampleOutput(fields []string) string {
	return "for example: --output out/{" + strings.Join(fields, "}-{") + "}.png"
}

// combine calls what with each choice of one of each list, the last changing fastest.
func combine(lists [][]string, what func(chosen []string)) {
	if len(lists) == 0 {
		what(nil)
		return
	}
	last := len(lists) - 1
	combine(lists[:last], func(chosen []string) {
		for _, p := range lists[last] {
			what(append(slices.Clip(chosen), p))
		}
	})
}

// distinct returns a *usageError if two pictures would have one name, also where capital letters do not count,
// or if one would replace an input.
func distinct(all []item) error {
	inputs, outputs := map[string]bool{}, map[string]*item{}
	for _, it := range all {
		for _, in := range it.inputs {
			inputs[realPath(in)] = true
		}
	}
	for i := range all {
		it := &all[i]
		name := strings.ToLower(filepath.Clean(it.output))
		if other := outputs[name]; other != nil {
			return &usageError{fmt.Sprintf("%s would be made both of %s and of %s", quote(it.output), other, it),
				"rename one of the inputs, or make two batches with two folders"}
		}
		outputs[name] = it
		if inputs[realPath(it.output)] {
			return &usageError{"the output " + quote(it.output) + " would replace an input", "choose another --output"}
		}
	}
	return nil
}

// String names the inputs.
func (it *item) String() string {
	names := make([]string, len(it.inputs))
	for i, in := range it.inputs {
		names[i] = quote(in)
	}
	return strings.Join(names, " with ")
}

// realPath returns a path without symbolic links, from the root, as far as it leads anywhere.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		path = linked
	}
	return path
}
