package quote

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// longest is how many bytes of a text are shown in a message or a table.
const longest = 300

// Text makes what stands in a file, such as the name of a tensor or of a class, fit for a line of a message
// or a table: it is quoted if it would break the line or be invisible, and cut if it is long.
func Text(s string) string {
	if len(s) > longest {
		end := longest
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		return Path(s[:end]) + "..."
	}
	if s == "" {
		return ""
	}
	return Path(s)
}

// Texts is Text for each of several.
func Texts(all []string) []string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = Text(s)
	}
	return out
}

// Visible returns printed text in which everything that a terminal would obey rather than show is written as
// an escape (\u001b, which JSON understands, or \x9b where the text is not UTF-8). Line breaks and tabs stay.
func Visible(text []byte) []byte {
	if !bytes.ContainsFunc(text, hidden) {
		return text
	}
	var out []byte
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, text[0])
		case !hidden(r):
			out = append(out, text[:n]...)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		text = text[n:]
	}
	return out
}

// hidden returns whether a terminal does not show a character, or whether there is none.
func hidden(r rune) bool {
	return r != '\n' && r != '\t' && (r == utf8.RuneError || !unicode.IsGraphic(r))
}
