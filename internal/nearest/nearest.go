// Package nearest finds names that a person may have meant.
package nearest

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Names returns up to n candidates, closest to name first, by edit distance without regard to case and
// punctuation: conv41 finds conv4_1. Candidates that share too little with name are left out, unless they
// contain it: those come after the close ones. Equals keep their order.
func Names(name string, candidates []string, n int) []string {
	type scored struct {
		name     string
		distance int
	}
	var found []scored
	want := fold(name)
	var longer []string
	for _, c := range candidates {
		have := fold(c)
		// names of such different lengths are not close, and the distance costs their product
		limit := max(len(want), 2) / 2
		far := len(have)-len(want) > limit || len(want)-len(have) > limit
		if !far {
			if d := distance(want, have); d <= limit {
				found = append(found, scored{c, d})
				continue
			}
		}
		if len(want) >= leastPart && strings.Contains(have, want) {
			longer = append(longer, c)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].distance < found[j].distance })
	var out []string
	for _, f := range found {
		out = append(out, f.name)
	}
	out = append(out, longer...)
	return out[:min(n, len(out)):min(n, len(out))]
}

// Containing returns the candidates that have name in them, without regard to case: first those that have it
// as a word of its own, then those that have it as the beginning of a word. Others are left out: a hotdog is
// no dog.
func Containing(name string, candidates []string) []string {
	want := strings.ToLower(strings.TrimSpace(name))
	if want == "" {
		return nil
	}
	isLetter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	var words, beginnings []string
	for _, c := range candidates {
		have := strings.ToLower(c)
		begins, ends := false, false
		for i := 0; ; {
			at := strings.Index(have[i:], want)
			if at < 0 {
				break
			}
			before, _ := utf8.DecodeLastRuneInString(have[:i+at])
			after, _ := utf8.DecodeRuneInString(have[i+at+len(want):])
			begins = begins || !isLetter(before)
			ends = ends || !isLetter(before) && !isLetter(after)
			i += at + len(want)
		}
		switch {
		case ends:
			words = append(words, c)
		case begins:
			beginnings = append(beginnings, c)
		}
	}
	return append(words, beginnings...)
}

// Hint returns a question with the near names, or otherwise if there are none.
func Hint(near []string, otherwise string) string {
	if len(near) == 0 {
		return otherwise
	}
	return "did you mean " + strings.Join(near, ", ") + "?"
}

// leastPart is how long a name has to be for longer names that contain it to be near.
const leastPart = 3

// longest bounds the work on names, which a hostile file can make long.
const longest = 200

func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-/. :", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
	return s[:min(len(s), longest)]
}

// distance is the Levenshtein distance between the bytes of a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}
