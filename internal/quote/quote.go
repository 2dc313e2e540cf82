// Package quote makes text that a person or a file chose safe to show in a message.
package quote

import (
	"strconv"
	"strings"
	"unicode"
)

// Path returns a path unchanged if it is plain, and quoted if it would break a line or be invisible.
func Path(path string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }
	if path == "" || strings.ContainsFunc(path, odd) {
		return strconv.Quote(path)
	}
	return path
}
