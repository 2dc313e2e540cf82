package main

import (
	"io"
	"unicode/utf8"

	quoting "oneiro/internal/quote"
)

// terminal is where the program prints: standard output or error. Control sequences in what is printed are
// shown, never obeyed. The first error is kept, since not every caller checks for one, and returned from then
// on.
type terminal struct {
	w    io.Writer
	rest []byte // the beginning of a character whose end is still to come
	err  error
}

// Write prints text.
func (t *terminal) Write(text []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	whole := append(t.rest, text...)
	end := len(whole) - unfinished(whole)
	t.rest = append([]byte(nil), whole[end:]...)
	if _, t.err = t.w.Write(quoting.Visible(whole[:end])); t.err != nil {
		return 0, t.err
	}
	return len(text), nil
}

// unfinished returns how many bytes at the end are the beginning of a character.
func unfinished(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// raw returns where a terminal prints to.
func raw(w io.Writer) io.Writer {
	if t, ok := w.(*terminal); ok {
		return t.w
	}
	return w
}

// shown makes what stands in a file, such as the name of a tensor, fit for a line or a table.
func shown(s string) string { return quoting.Text(s) }

// allShown applies shown to each string.
func allShown(all []string) []string { return quoting.Texts(all) }
