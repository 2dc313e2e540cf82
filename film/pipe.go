package film

import "strings"

// Pipe returns the command that turns a film into a stream that Open reads from the standard input.
func Pipe(path string) string {
	return "ffmpeg -i " + shellQuoted(path) + " -f yuv4mpegpipe -strict -1 -"
}

// shellQuoted returns a word for a shell.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+,:@%", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
