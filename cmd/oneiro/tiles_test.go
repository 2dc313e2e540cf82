package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/autodiff/cpu"
	"oneiro/bench"
	"oneiro/internal/atomicfile"
	"oneiro/simd"
)

func TestFileName(t *testing.T) {
	for text, want := range map[string]string{
		"AMD EPYC 9R14": "amd-epyc-9r14",
		"Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz": "intel-r-xeon-r-cpu-e5-2690-v4-2-60ghz",
		"../../etc/passwd":                          "etc-passwd",
		"Процессор":                                 "",
		strings.Repeat("x", 300):                    strings.Repeat("x", 80),
	} {
		if got := fileName(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// someTiles is a file of tiles for a tier of this processor.
func someTiles(tier string) *tileFile {
	return &tileFile{processorModel(), tier, cpu.TileTable{Costs: []cpu.TileCost{
		{Channels: 64, F43: cpu.Cost{Tile: 300.5}, F63: cpu.Cost{Tile: 600, Filter: 7}},
	}}}
}

// TestCachedTiles checks what is made of a file in the cache folder.
func TestCachedTiles(t *testing.T) {
	emptyCache(t)
	path, err := tilesPath("generic")
	if err != nil {
		t.Fatal(err)
	}
	source := func(flag string) string {
		t.Helper()
		found, err := findTiles(flag, "generic")
		if err != nil {
			t.Fatal(err)
		}
		return found.source
	}
	if s := source(""); s != builtinTiles {
		t.Errorf("without a file: %s", s)
	}
	if err := atomicfile.WriteJSON(path, someTiles("generic")); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"", builtinTiles, "4", "6", path} {
		want := flag
		if flag == "" {
			want = path
		}
		if s := source(flag); s != want {
			t.Errorf("--winograd %q: %s", flag, s)
		}
	}
	found, _ := findTiles("", "generic")
	if got := found.recorded("generic"); got == nil || got.Costs[0] != someTiles("").Costs[0] {
		t.Errorf("the file holds %+v", got)
	}
	found, _ = findTiles(builtinTiles, "generic")
	if got := found.recorded("generic"); got != nil {
		t.Errorf("of what is built in %+v is recorded", got)
	}

	foreign := someTiles("generic")
	foreign.CPU = "Z80"
	other, _ := json.Marshal(foreign)
	tier, _ := json.Marshal(someTiles("avx9"))
	whole := readFile(t, path)
	for _, bad := range [][]byte{nil, []byte("{}"), []byte("null"), whole[:len(whole)/2], append(whole, 'x'), []byte(`{"tile": 5}`), other, tier} {
		if err := os.WriteFile(path, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if found, err := findTiles("", "generic"); !is[*tilesError](err) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is taken for %+v, %v", bad, found, err)
		}
		o := run(t, t.TempDir(), "plan", "--simd", "generic")
		if o.code != exitFailed || strings.Count(o.stderr, "\n") != 2 || !strings.Contains(o.stderr, "oneiro bench --tune") {
			t.Errorf("%s: exit code %d\n%s", bad, o.code, o.stderr)
		}
		if source(builtinTiles) != builtinTiles {
			t.Error("what is built in needs the file")
		}
	}
}

// TestTune measures with tiny pictures, and checks that the program then uses the table.
func TestTune(t *testing.T) {
	emptyCache(t)
	best := simd.Best().Name
	cmd := newBench()
	o := benchOptions{tune: true, kernels: []string{best}, rounds: 3, limit: 1, given: cmd.Flags(), json: true}
	cases := []bench.TileCase{{Channels: 16, Small: 12, Large: 96}}
	var out bytes.Buffer
	if err := runTune(t.Context(), o, cases, &out); err != nil {
		t.Fatal(err)
	}
	r := lines[tuneResult](t, out.String())[0]
	if len(r.Costs) != 1 || r.Costs[0].Channels != 16 || r.Kernels != best || r.CPU != processor() {
		t.Errorf("%+v", r)
	}
	if len(r.Layers) != 15 || r.Layers[0].Layer != "conv1_2" || r.Layers[0].Size != 512 || r.Layers[1].In != 64 || r.Layers[1].Out != 128 {
		t.Errorf("layers %+v", r.Layers)
	}
	if f, err := readTiles(r.File); err != nil || f.CPU != processorModel() || f.Kernels != best || f.Costs[0] != r.Costs[0] {
		t.Errorf("%s holds %+v, %v", r.File, f, err)
	}
	dir := t.TempDir()
	if text := mustRun(t, dir, "version").stdout; !strings.Contains(text, "tiles: "+r.File) {
		t.Errorf("version: %s", text)
	}
	result := lines[benchResult](t, mustRun(t, dir, "bench", "--json", "--workload", "peak/gemm", "--limit", "0").stdout)
	if result[0].Winograd != r.File {
		t.Errorf("bench uses %s", result[0].Winograd)
	}

	o.json = false
	out.Reset()
	if err := runTune(t.Context(), o, cases, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{best, processor(), "64-128@256", "stored in " + r.File} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("want %q:\n%s", want, out.String())
		}
	}
}

// TestTiles checks that tables make a difference, and that a recipe holds what it takes to make the
// picture again.
func TestTiles(t *testing.T) {
	dir := t.TempDir()
	paint := func(tiles string) (loss any, table string) {
		t.Helper()
		all := events(t, mustRun(t, dir, tiny("style", "--winograd", tiles, "-o", "out.png", "--json")...).stdout)
		return all[len(all)-1]["loss"], string(recipeOf(t, filepath.Join(dir, "out.png")).Engine.Winograd)
	}
	four, table4 := paint("4")
	six, table6 := paint("6")
	if !strings.Contains(table4, `"tile":4`) || !strings.Contains(table6, `"tile":6`) {
		t.Errorf("recorded: %s, %s", table4, table6)
	}
	if four == six {
		t.Errorf("tiles of 4 and of 6 both end at a loss of %v", six)
	}
	if _, table := paint(builtinTiles); table != "" {
		t.Errorf("recorded of what is built in: %s", table)
	}
	if err := os.WriteFile(filepath.Join(dir, "tiles.json"), []byte(table6), 0o666); err != nil {
		t.Fatal(err)
	}
	if again, _ := paint("tiles.json"); again != six {
		t.Errorf("the recorded table ends at a loss of %v, not of %v", again, six)
	}
}
