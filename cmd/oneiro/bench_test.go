package main

import (
	"encoding/json"
	"strings"
	"testing"

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
		if len(r.Rounds) != 2 || r.Tiles != builtinTiles || !(r.Median > 0) || !(r.PeakShare > 0) ||
			r.Memory <= 0 || (r.FLOPs > 0) == pool || (r.Bytes > 0) != pool {
			t.Errorf("%+v", r)
		}
	}
	a, b := results[0], results[len(results)-1]
	if a.Kernels != simd.Best().Name || a.Threads != 2 || b.Kernels != "generic" || b.Threads != 1 {
		t.Errorf("from %+v to %+v", a, b)
	}
	table := mustRun(t, dir, "bench", "--workload", "conv1x1/*", "--rounds", "2").stdout
	if n := strings.Count(table, "\n"); n != 1+3 || !strings.Contains(table, "conv1x1/480-192@32/forward ") {
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
			if len(c.Ratios) != 2 || !(c.Ratio > 0) || c.Contenders[1] != other || len(c.Tiles) != 2 {
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
