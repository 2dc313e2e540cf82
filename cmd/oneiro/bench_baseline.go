package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"oneiro/bench"
)

// significant is the probability below which a difference from the baseline is called one
// (bench.MannWhitney).
const significant = 0.05

// benchChange is how a result differs from that of the baseline.
type benchChange struct {
	Median float64 `json:"median_s"` // of the baseline
	// Ratio is the new median over the old one: below 1 is faster.
	Ratio float64 `json:"ratio"`
	// P is the probability that the same program differs from itself as much.
	P float64 `json:"p"`
}

// baseline has earlier results, by workload, kernels and number of threads.
type baseline map[baselineKey]*benchResult

type baselineKey struct {
	workload, kernels string
	threads           int
}

func (r *benchResult) key() baselineKey { return baselineKey{r.Workload, r.Kernels, r.Threads} }

// readBaseline reads what bench --json wrote. Lines that are not results of one workload, such as those of
// --compare, are an error.
func readBaseline(path string) (baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &usageError{"--baseline: " + err.Error(), "pass a file that oneiro bench --json wrote"}
	}
	defer f.Close()
	all := baseline{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var r benchResult
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil || r.Workload == "" || len(r.Rounds) == 0 {
			return nil, &usageError{
				fmt.Sprintf("--baseline: line %d of %s is not a result of oneiro bench --json", n, quote(path)),
				"write one with oneiro bench --json > old.jsonl",
			}
		}
		all[r.key()] = &r
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", quote(path), err)
	}
	if len(all) == 0 {
		return nil, &usageError{"--baseline: " + quote(path) + " has no results",
			"write some with oneiro bench --json > old.jsonl"}
	}
	return all, nil
}

// change compares a result with the baseline's, or returns nil if that has none.
func (b baseline) change(r *benchResult) *benchChange {
	old := b[r.key()]
	if old == nil {
		return nil
	}
	median := old.Rounds.Median()
	return &benchChange{median, r.Median / median, bench.MannWhitney(r.Rounds, old.Rounds)}
}

// otherMachine returns the processor of the baseline if it is not this one: the ratios then mean little.
func (b baseline) otherMachine() string {
	for _, r := range b {
		if r.CPU != processor() {
			return r.CPU
		}
	}
	return ""
}

// String says how much faster or slower, or that no difference was found.
func (c *benchChange) String() string {
	if c == nil {
		return "-"
	}
	if c.P >= significant {
		return fmt.Sprintf("%.3f ~", c.Ratio)
	}
	return fmt.Sprintf("%.3f", c.Ratio)
}
