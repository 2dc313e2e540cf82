package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// barPause is the least time between two drawings of a bar.
const barPause = 100 * time.Millisecond

// bar is a progress bar: the last line of a terminal, drawn over and over. It is plain ASCII and uses no
// escape sequences, so that a serial console shows it too.
type bar struct {
	w     io.Writer
	width func() int // of the terminal, in characters
	now   func() time.Time
	drawn time.Time // when it was drawn last
	used  int       // the characters that it takes now
}

// newBar returns a bar if w is a terminal, or else nil.
func newBar(w io.Writer) *bar {
	f, ok := raw(w).(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	width := func() int {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
		return 80
	}
	return &bar{w: f, width: width, now: time.Now}
}

// show draws the bar with text before it and the remaining time after it, if that is known (not 0).
// done is the fraction of the work that is done. Calls in quick succession are left out.
func (b *bar) show(text string, done float64, left time.Duration) {
	now := b.now()
	if !b.drawn.IsZero() && now.Sub(b.drawn) < barPause {
		return
	}
	b.drawn = now
	after := fmt.Sprintf("%3.0f %%", 100*min(max(done, 0), 1))
	if left > 0 {
		after += "  " + roughly(left).String() + " to go"
	}
	width := b.width() - 1 // most terminals wrap a full line
	line := layBar(text, after, done, width)
	n := utf8.RuneCountInString(line)
	fmt.Fprintf(b.w, "\r%s%s", line, strings.Repeat(" ", max(min(b.used, width)-n, 0))) // it may be narrower now
	b.used = n
}

// clear removes the bar, so that lines can follow.
func (b *bar) clear() {
	if b.used > 0 {
		fmt.Fprintf(b.w, "\r%s\r", strings.Repeat(" ", min(b.used, b.width()-1)))
		b.used = 0
	}
}

// layBar lays text, bar and what comes after it out in a line of that width. The bar is left out where
// there is no room for it, and then the line is cut.
func layBar(text, after string, done float64, width int) string {
	const brackets, least = 2, 8
	inside := width - utf8.RuneCountInString(text) - utf8.RuneCountInString(after) - 2*len("  ") - brackets
	if inside < least {
		line := []rune(text + "  " + after)
		return string(line[:min(len(line), max(width, 0))])
	}
	full := int(min(max(done, 0), 1) * float64(inside))
	drawn := strings.Repeat("=", full)
	if full > 0 && full < inside {
		drawn = drawn[1:] + ">"
	}
	return fmt.Sprintf("%s  [%-*s]  %s", text, inside, drawn, after)
}
