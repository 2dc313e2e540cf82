package main

import (
	"slices"
	"strings"
	"testing"
)

// events makes events from lines of action, package, test and output.
func events(lines ...[4]string) (all []event) {
	for _, l := range lines {
		all = append(all, event{l[0], l[1], l[2], l[3]})
	}
	return all
}

func TestSummary(t *testing.T) {
	var out strings.Builder
	s := newSummary(&out)
	for _, e := range events(
		[4]string{"start", "m/a", "", ""},
		[4]string{"run", "m/a", "TestGood", ""},
		[4]string{"output", "m/a", "TestGood", "=== RUN   TestGood\n"},
		[4]string{"output", "m/a", "TestGood", "    a_test.go:9: chatter\n"},
		[4]string{"output", "m/a", "TestGood", "--- PASS: TestGood (0.00s)\n"},
		[4]string{"pass", "m/a", "TestGood", ""},
		[4]string{"output", "m/a", "TestSlow", "    a_test.go:12: slow\n"},
		[4]string{"output", "m/a", "TestSlow", "--- SKIP: TestSlow (0.00s)\n"},
		[4]string{"skip", "m/a", "TestSlow", ""},
		[4]string{"output", "m/a", "TestReal/one", "        a_test.go:14: needs /x/checkout/../shared/weights/a.npz\n"},
		[4]string{"skip", "m/a", "TestReal/one", ""},
		[4]string{"output", "m/a", "", "PASS\n"},
		[4]string{"output", "m/a", "", "ok  \tm/a\t0.1s\n"},
		[4]string{"pass", "m/a", "", ""},
		[4]string{"output", "m/none", "", "?   \tm/none\t[no test files]\n"},
		[4]string{"skip", "m/none", "", ""},
		[4]string{"output", "m/b", "TestBad", "=== RUN   TestBad\n"},
		[4]string{"output", "m/b", "TestBad", "    b_test.go:3: got 1, want 2\n"},
		[4]string{"output", "m/b", "TestBad", "--- FAIL: TestBad (0.00s)\n"},
		[4]string{"fail", "m/b", "TestBad", ""},
		[4]string{"output", "m/b", "TestHangs", "panic: test timed out\n"},
		[4]string{"output", "m/b", "", "FAIL\tm/b\t0.1s\n"},
		[4]string{"fail", "m/b", "", ""},
		[4]string{"build-output", "", "", "# m/c\nc.go:1: wrong\n"},
		[4]string{"output", "m/c", "", "FAIL\tm/c [build failed]\n"},
		[4]string{"fail", "m/c", "", ""},
	) {
		s.add(e)
	}
	s.print()
	const want = "ok  \tm/a\t0.1s\n" +
		"?   \tm/none\t[no test files]\n" +
		"    b_test.go:3: got 1, want 2\n--- FAIL: TestBad (0.00s)\n" +
		"panic: test timed out\nFAIL\tm/b\t0.1s\n" +
		"# m/c\nc.go:1: wrong\nFAIL\tm/c [build failed]\n" +
		"4 tests, 2 of them skipped\n" +
		"  needs /x/checkout/../shared/weights/a.npz: m/a.TestReal/one\n" +
		"  slow: m/a.TestSlow\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out.String(), want)
	}
	if got := s.missing(); !slices.Equal(got, []string{"m/a.TestReal/one"}) {
		t.Errorf("missing files: %q", got)
	}
}
