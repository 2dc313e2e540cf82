package studio

import (
	"strings"

	"oneiro/internal/quote"
)

// line returns a command line as one types it.
func line(args []string) string {
	words := []string{"oneiro"}
	for _, arg := range args {
		name, value, has := strings.Cut(arg, "=")
		if strings.HasPrefix(arg, "--") && has {
			words = append(words, name, quote.Word(value))
			continue
		}
		words = append(words, quote.Word(arg))
	}
	return strings.Join(words, " ")
}
