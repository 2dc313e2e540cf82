package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stream stands for the standard input where a picture is read, and for the standard output where one is
// written.
const stream = "-"

// spool copies the standard input to a file if it is among the paths of pictures, since pictures are read
// more than once. It returns the paths with the file among them, the file, and a function that removes it
// again.
func spool(paths []string, stdin io.Reader) (all []string, file string, remove func(), err error) {
	remove = func() {}
	i := slices.Index(paths, stream)
	if i < 0 {
		return paths, "", remove, nil
	}
	if slices.Contains(paths[i+1:], stream) {
		return nil, "", remove, &usageError{"the standard input can be read only once",
			"save the picture to a file first"}
	}
	dir, err := os.MkdirTemp("", "oneiro-*")
	if err != nil {
		return nil, "", remove, err
	}
	remove = func() { os.RemoveAll(dir) }
	file = filepath.Join(dir, "stdin") // which names it in recipes and messages
	f, err := os.Create(file)
	if err == nil {
		_, err = io.Copy(f, stdin)
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	all = slices.Clone(paths)
	all[i] = file
	return all, file, remove, err
}

// checkStream checks that nothing but a picture is to go to the standard output if it is the output.
func (j *job) checkStream() error {
	isPNG := strings.EqualFold(filepath.Ext(j.Output), ".png")
	switch {
	case j.Output != stream && isPNG && j.fs.Changed("jpeg-quality"):
		return &usageError{"--jpeg-quality has no effect on a PNG",
			"end the name of the output in .jpg, or leave it out"}
	case j.Output != stream:
		return nil
	case j.JSON:
		return checkWritten(j.Output, j.JSON)
	case j.SaveEvery > 0:
		return &usageError{"--save-every needs a file", "name one with --output"}
	case j.fs.Changed("jpeg-quality"):
		return &usageError{"--jpeg-quality has no effect on the standard output, which gets a PNG", "leave it out"}
	}
	return nil
}
