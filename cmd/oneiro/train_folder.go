package main

import (
	"fmt"
	"io"
	"path/filepath"

	"oneiro/train"
)

// shownSkipped is how many of the files that were skipped are named.
const shownSkipped = 3

// printFolder prints what the pictures of a training are, and which files are none.
func printFolder(w io.Writer, f *train.Folder) {
	fmt.Fprintf(w, "%s: %s to learn from, %d held out for testing\n",
		countOf(len(f.Classes()), "class"), countOf(f.TrainingPictures(), "picture"), f.TestPictures())
	skipped := f.Skipped()
	if len(skipped) == 0 {
		return
	}
	fmt.Fprintf(w, "note: %s skipped:", countOf(len(skipped), "file"))
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

// countOf returns a number of things: "1 picture", "2 pictures".
func countOf(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case thing == "class":
		return fmt.Sprint(n, " classes")
	}
	return fmt.Sprint(n, " ", thing, "s")
}
