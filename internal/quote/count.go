package quote

import (
	"fmt"
	"strings"
)

// Count returns a number of things: "1 step", "2 steps", "2 classes".
func Count(n int, thing string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(thing, "s"):
		thing += "es"
	default:
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
