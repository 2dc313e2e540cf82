package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/sample"
)

// TestChannelsCommand asks for the channels of a picture and of a part of it, and dreams of the first.
func TestChannelsCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(64, 48, 3))
	o := mustRun(t, dir, "channels", "photo.png", "--top", "3", "--json", "--layers", "relu4_1,relu5_2")
	all := decoded[answering](t, o.stdout)
	if len(all.Channels) != 3 || len(all.Classes) != 3 || !(all.Channels[0].Times >= all.Channels[1].Times) {
		t.Errorf("%s", o.stdout)
	}
	text := mustRun(t, dir, "channels", "photo.png", "--box", "8,8,24,24", "--top", "1").stdout
	fields := strings.Fields(text)
	i := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, "channel=") })
	if i < 0 || !strings.Contains(text, "class=") {
		t.Fatalf("%s", text)
	}
	mustRun(t, dir, tiny("dream", "photo.png", "--objective", fields[i], "-o", "out.png")...)
	for args, want := range map[string]string{
		"channels photo.png --box 60,0,8,8":     "is not a part of a picture of 64x48",
		"channels photo.png --box 1,2,3":        "--box must be x,y,width,height",
		"channels photo.png --layers nowhere":   "nowhere",
		"channels":                              "channels takes one picture",
		"dream --bookmark dragons":              "which builtin has none for",
		"dream --bookmark eyes --class eye":     "cannot be combined with class",
		"vis --atlas relu1_1 --layer relu2_1":   "cannot be combined with other options",
		"vis --atlas nowhere -o somewhere.png ": "nowhere",
	} {
		if o := run(t, dir, strings.Fields(args)...); o.code == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}

// TestAtlas draws the channels of a layer, and again from the cache but for some that are gone: to the same
// bytes.
func TestAtlas(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	for _, name := range cacheVariables {
		t.Setenv(name, cache)
	}
	args := strings.Fields("vis --atlas relu1_1 --size 16 --iterations 1 -o")
	o := mustRun(t, dir, append(args, "a.png")...)
	n := len(files(t, cache))
	if n < 16 || !strings.Contains(o.stderr, "of which 0 were drawn before") {
		t.Errorf("%d files in the cache\n%s", n, o.stderr)
	}
	for _, name := range slices.Sorted(maps.Keys(files(t, cache)))[:2] {
		if err := os.Remove(filepath.Join(cache, name)); err != nil {
			t.Fatal(err)
		}
	}
	o = mustRun(t, dir, append(args, "b.png")...)
	if all := files(t, dir); all["a.png"] != all["b.png"] || strings.Contains(o.stderr, "of which 0 were") {
		t.Errorf("the atlas differs\n%s", o.stderr)
	}
	os.Remove(filepath.Join(cache, slices.Sorted(maps.Keys(files(t, cache)))[0]))
	told := eventsOf(t, mustRun(t, dir, append(args, "c.png", "--json")...).stdout, "channel")
	drawn := 0
	for k, e := range told {
		if e["channel"] != float64(k+1) || e["channels"] != float64(len(told)) {
			t.Errorf("event %d is %v", k, e)
		}
		if _, is := e["left_seconds"]; is {
			drawn++
		}
	}
	if len(told) != n || drawn > 1 {
		t.Errorf("%d channels are told of, %d with the time that is left, after %d were drawn", len(told), drawn, n)
	}
	if im := picture(t, filepath.Join(dir, "a.png")); im.W < 4*16 {
		t.Errorf("the sheet is %dx%d", im.W, im.H)
	}
}
