package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// summary prints events as go test does without -json, and counts skipped tests.
type summary struct {
	w       io.Writer
	output  map[place][]string  // so far
	failed  map[string][]string // the output of failed tests of a package
	tests   int
	skipped map[string][]string // names of tests by the reason
}

// place is a test, or with Test empty a package.
type place struct{ pkg, test string }

func newSummary(w io.Writer) *summary {
	return &summary{w: w, output: map[place][]string{}, failed: map[string][]string{}, skipped: map[string][]string{}}
}

// add takes the next event.
func (s *summary) add(e event) {
	at := place{e.Package, e.Test}
	switch e.Action {
	case "output":
		s.output[at] = append(s.output[at], e.Output)
		return
	case "build-output":
		io.WriteString(s.w, e.Output)
		return
	case "pass", "fail", "skip":
	default:
		return
	}
	if e.Test == "" {
		s.endPackage(at, e.Action == "fail")
		return
	}
	s.tests++
	switch e.Action {
	case "fail": // printed with its package, since packages are tested side by side
		s.failed[e.Package] = append(s.failed[e.Package], s.output[at]...)
	case "skip":
		reason := reason(s.output[at])
		s.skipped[reason] = append(s.skipped[reason], e.Package+"."+e.Test)
	}
	delete(s.output, at)
}

// endPackage prints the output of failed tests of a package and its closing line. If it failed, it also
// prints what is left, such as the output of a test that ran into the time limit.
func (s *summary) endPackage(at place, failed bool) {
	s.write(s.failed[at.pkg])
	if failed {
		for left, lines := range s.output {
			if left.pkg == at.pkg && left.test != "" {
				s.write(lines)
				delete(s.output, left)
			}
		}
	}
	for _, line := range s.output[at] {
		if failed || strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "? ") || strings.HasPrefix(line, "\t") {
			io.WriteString(s.w, line)
		}
	}
	delete(s.output, at)
}

// write prints the output of a test without the lines that only -v has.
func (s *summary) write(lines []string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, "=== ") {
			io.WriteString(s.w, line)
		}
	}
}

// reason returns what a skipped test said, without the line of its file.
func reason(lines []string) string {
	var words []string
	for _, line := range lines {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") {
			continue
		}
		if place, rest, ok := strings.Cut(text, ": "); ok && strings.Contains(place, ".go:") {
			text = rest
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// print prints how many tests were skipped, and which.
func (s *summary) print() {
	n := 0
	for _, tests := range s.skipped {
		n += len(tests)
	}
	fmt.Fprintf(s.w, "%d tests, %d of them skipped\n", s.tests, n)
	for _, reason := range slices.Sorted(maps.Keys(s.skipped)) {
		fmt.Fprintf(s.w, "  %s: %s\n", reason, strings.Join(s.skipped[reason], ", "))
	}
}

// missing returns the tests that were skipped for want of a file of the folder shared.
func (s *summary) missing() []string {
	var tests []string
	for reason, names := range s.skipped {
		if strings.Contains(strings.ReplaceAll(reason, `\`, "/"), "/shared") {
			tests = append(tests, names...)
		}
	}
	slices.Sort(tests)
	return tests
}
