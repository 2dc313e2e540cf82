package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	quoting "oneiro/internal/quote"
)

// newTable returns a writer that lines up columns separated by tabs: the first to the left.
func newTable(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) }

// row writes one row of a table.
func row(w io.Writer, cells ...any) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = fmt.Sprint(c)
	}
	fmt.Fprintln(w, strings.Join(texts, "\t"))
}

// mib returns a number of bytes in MiB, or in GiB if there are many.
func mib(bytes int64) string { return quoting.Memory(bytes) }

// giga returns a count in thousands of millions.
func giga(n float64) string { return fmt.Sprintf("%.3f G", n/1e9) }

// tera returns a count in millions of millions.
func tera(n float64) string { return fmt.Sprintf("%.3f T", n/1e12) }

// operations returns a count in the unit that suits it.
func operations(n float64) string {
	if n < 1e12 {
		return giga(n)
	}
	return tera(n)
}

// thousands returns a count with spaces between its thousands.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
