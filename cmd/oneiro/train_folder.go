package main

import (
	"fmt"
	"io"
	"path/filepath"

	quoting "oneiro/internal/quote"
	"oneiro/train"
)

// shownSkipped is how many of the files that were skipped are named.
const shownSkipped = 3

// printFolder prints what the pictures of a training are, and which files are none.
func printFolder(w io.Writer, f *train.Folder) {
	fmt.Fprintf(w, "%s: %s to learn from, %d held out for testing\n",
		quoting.Count(len(f.Classes()), "class"), quoting.Count(f.TrainingPictures(), "picture"), f.TestPictures())
	skipped := f.Skipped()
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(w, "note: %s skipped:", quoting.Count(len(skipped), "file"))
	for i, s := range skipped {
		if i == shownSkipped {
			fmt.Fprint(w, " ...")
			break
		}
		name := filepath.Join(filepath.Base(filepath.Dir(s.Path)), filepath.Base(s.Path))
		fmt.Fprintf(w, " %s (%s)", quote(name), s.Reason)
	}
	fmt.Fprintln(w)
}
