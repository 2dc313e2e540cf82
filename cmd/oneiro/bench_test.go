package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oneiro/bench"
	"oneiro/simd"
)

// lines decodes what a command printed, one value of JSON in each line.
func lines[T any](t *testing.T, out string) []T {
	t.Helper()
	var all []T
	for line := range strings.Lines(out) {
		var v T
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, v)
	}
	return all
}

// decoded decodes the JSON that a command printed.
func decoded[T any](t *testing.T, out string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return v
}

// TestBench checks that results come for each workload, tier and number of threads.
func TestBench(t *testing.T) {
	dir := t.TempDir()
	out := mustRun(t, dir, "bench", "--json", "--workload", "maxpool/512*,conv1x1/*/forward",
		"--kernels", simd.Best().Name+",generic", "--threads", "2,1", "--rounds", "2").stdout
	results := lines[benchResult](t, out)
	if len(results) != 3*2*2 {
		t.Fatalf("%d results", len(results))
	}
	for _, r := range results {
		pool := strings.HasPrefix(r.Workload, "maxpool")
		if len(r.Rounds) != 2 || r.Winograd != builtinTiles || !(r.Median > 0) || !(r.PeakShare > 0) ||
			r.Memory <= 0 || (r.FLOPs > 0) == pool || (r.Bytes > 0) != pool {
			t.Errorf("%+v", r)
		}
	}
	a, b := results[0], results[len(results)-1]
	if a.Kernels != simd.Best().Name || a.Threads != 2 || b.Kernels != "generic" || b.Threads != 1 {
		t.Errorf("from %+v to %+v", a, b)
	}
	table := mustRun(t, dir, "bench", "--workload", "conv1x1/*", "--rounds", "2").stdout
	if n := strings.Count(table, "\n"); n != 2+1+3 || !strings.Contains(table, "conv1x1/480-192@32/forward ") {
		t.Errorf("%d lines:\n%s", n, table)
	}
}

// TestBenchCompare checks that kernels do not differ from themselves, and tiers only by rounding.
func TestBenchCompare(t *testing.T) {
	dir, best := t.TempDir(), simd.Best().Name
	for _, other := range []string{best, "generic"} {
		out := mustRun(t, dir, "bench", "--workload", "conv1x1/*,peak/gemm",
			"--compare", best+","+other, "--rounds", "2", "--json").stdout
		for _, c := range lines[benchComparison](t, out) {
			if len(c.Ratios) != 2 || !(c.Ratio > 0) || c.Contenders[1] != other || len(c.Winograd) != 2 {
				t.Errorf("%+v", c)
			}
			if same := other == best; same && (c.Most != 0 || c.RMS != 0) ||
				!same && !(c.RMS > 0 && c.RMS < c.Most && c.Most < 1e-4) {
				t.Errorf("%s: errors %g and %g between %v", c.Workload, c.Most, c.RMS, c.Contenders)
			}
		}
	}
}

func TestBenchUsage(t *testing.T) {
	for _, args := range [][]string{
		{"--workload", "nothing"}, {"--workload", "["}, {"--kernels", "mmx"}, {"--simd", "mmx"},
		{"--compare", "generic"}, {"--compare", "generic,mmx"}, {"--compare", ""}, {"--compare="},
		{"--compare", "generic,generic", "--kernels", "generic"},
		{"--threads", "-1"}, {"--rounds", "0"}, {"--limit", "-1"}, {"more"},
	} {
		o := run(t, t.TempDir(), append([]string{"bench"}, args...)...)
		if o.code != exitUsage || o.stdout != "" || strings.Count(o.stderr, "\n") != 2 {
			t.Errorf("%q: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
	}
}

// TestBenchFormats prints the same results as a table, as CSV and in Markdown, compares them with earlier
// ones, and plots them.
func TestBenchFormats(t *testing.T) {
	dir := t.TempDir()
	args := func(more ...string) []string {
		return append([]string{"bench", "--workload", "conv1x1/480-192@32/forward,maxpool/512@64/forward",
			"--rounds", "5"}, more...)
	}
	old := mustRun(t, dir, args("--json")...).stdout
	put := filepath.Join(dir, "old.jsonl")
	if err := os.WriteFile(put, []byte(old), 0o666); err != nil {
		t.Fatal(err)
	}

	rows, err := csv.NewReader(strings.NewReader(mustRun(t, dir, args("--csv", "--baseline", put)...).stdout)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, r := range lines[benchResult](t, old) {
		at := func(key string) string { return rows[i+1][slices.Index(rows[0], key)] }
		median, _ := strconv.ParseFloat(at("median_s"), 64)
		ratio, _ := strconv.ParseFloat(at("baseline_ratio"), 64)
		p, _ := strconv.ParseFloat(at("baseline_p"), 64)
		if at("workload") != r.Workload || !(math.Abs(ratio*r.Median/median-1) <= 1e-12) || !(p > 0 && p <= 1) {
			t.Errorf("%v beside %+v", rows[i+1], r)
		}
	}

	table := mustRun(t, dir, args("--markdown")...).stdout
	for _, want := range []string{"| workload | kernels |", "| :--- | :--- | ---: |", "| maxpool/512@64/forward | "} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}

	plot := filepath.Join(dir, "roof.svg")
	text := mustRun(t, dir, args("--plot", plot)...).stdout
	if !strings.Contains(text, "# "+processor()) || !strings.Contains(text, "threads: peak ") {
		t.Errorf("no processor, or no peak, in\n%s", text)
	}
	svg, err := os.ReadFile(plot)
	if err != nil || !strings.Contains(string(svg), ">1  conv1x1/480-192@32/forward<") ||
		xml.Unmarshal(svg, new(struct{})) != nil {
		t.Errorf("%v in\n%s", err, svg)
	}
}

// TestBenchBaseline refuses what is not a baseline.
func TestBenchBaseline(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"", "{}\n", "no JSON\n", `{"workload":"peak/gemm"}` + "\n"} {
		path := filepath.Join(dir, "old.jsonl")
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		o := run(t, dir, "bench", "--workload", "peak/gemm", "--baseline", path)
		if o.code != exitUsage || o.stdout != "" || !strings.Contains(o.stderr, "old.jsonl") {
			t.Errorf("%q: exit code %d\n%s%s", content, o.code, o.stdout, o.stderr)
		}
	}
	b := baseline{baselineKey{"w", "avx2", 2}: {Rounds: bench.Timing{2, 2.1, 1.9, 2, 2.05}}}
	for _, c := range []struct {
		rounds bench.Timing
		want   string
	}{{bench.Timing{1, 1.1, 1.05, 1, 1}, "0.500"}, {bench.Timing{2, 2.1, 1.8, 2.01, 2}, "1.000 ~"}} {
		r := &benchResult{Workload: "w", Kernels: "avx2", Median: c.rounds.Median(), Rounds: c.rounds}
		if r.Threads = 2; b.change(r).String() != c.want {
			t.Errorf("%v: %s, want %s", c.rounds, b.change(r), c.want)
		}
		if r.Threads = 1; b.change(r) != nil {
			t.Error("another number of threads is compared")
		}
	}
}
