// Package nearest finds names that a person may have meant.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// Names returns up to n candidates, closest to name first, by edit distance without regard to case and
// punctuation: conv41 finds conv4_1. Candidates that share too little with name are left out; equally
// close ones keep their order.
func Names(name string, candidates []string, n int) []string {
	type scored struct {
		name     string
		distance int
	}
	var found []scored
	want := fold(name)
	for _, c := range candidates {
		have := fold(c)
		// names of such different lengths are not close, and the distance costs their product
		limit := max(len(want), 2) / 2
		if len(have)-len(want) > limit || len(want)-len(have) > limit {
			continue
		}
		if d := distance(want, have); d <= limit {
			found = append(found, scored{c, d})
		}
	}
	slices.SortStableFunc(found, func(a, b scored) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, f := range found[:min(n, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// Hint returns a question with the near names, or otherwise if there are none.
func Hint(near []string, otherwise string) string {
	if len(near) == 0 {
		return otherwise
	}
	return "did you mean " + strings.Join(near, ", ") + "?"
}

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
