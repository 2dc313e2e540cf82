package main

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/render"
)

// batchFolder returns a folder with photographs in photos and paintings in paint.
func batchFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"photos", "paint"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "photos/a.png", sample.Landscape(60, 45, 1))
	put(t, dir, "photos/b.jpg", sample.Landscape(45, 60, 2))
	put(t, dir, "paint/x.png", sample.Painting(40, 50, 1))
	put(t, dir, "paint/y.png", sample.Painting(50, 40, 2))
	if err := os.WriteFile(filepath.Join(dir, "photos/notes.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// files returns the content of all files below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			all[filepath.ToSlash(name)] = string(readFile(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// batchArgs is a batch of style for batchFolder.
func batchArgs(more ...string) []string {
	args := append([]string{"batch"}, tiny("style", "photos", "--styles", "paint", "-o", "out/{content}-{style}.png")...)
	return append(args, more...)
}

// TestBatch makes batches, one picture after the other and two at a time: each picture has to have the bytes of
// the command that makes it alone.
func TestBatch(t *testing.T) {
	dir := batchFolder(t)
	for _, p := range []string{"photos/a.png", "photos/b.jpg"} {
		for _, s := range []string{"paint/x.png", "paint/y.png"} {
			stem := func(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }
			mustRun(t, dir, tiny("style", p, s, "--optimizer", "adam", "-o", stem(p)+"-"+stem(s)+".png", "--quiet")...)
		}
	}
	want := map[string]string{}
	for name, data := range files(t, dir) {
		if strings.Count(name, "-") == 1 {
			want[name] = data
		}
	}
	for jobs, flag := range []string{"--jobs=1", "--jobs=2"} {
		o := mustRun(t, dir, batchArgs("--optimizer", "adam", flag)...)
		if got := files(t, filepath.Join(dir, "out")); len(want) != 4 || !maps.Equal(got, want) {
			t.Errorf("%s: the pictures are others than those made alone: %q", flag, slices.Sorted(maps.Keys(got)))
		}
		for _, text := range []string{"4 pictures to make with oneiro style", "4/4  out/", "4 pictures: 4 done, 0 skipped, 0 failed"} {
			if !strings.Contains(o.stderr, text) || jobs > 0 && o.stdout != "" {
				t.Errorf("want %q in\n%s", text, o.stderr)
			}
		}
	}
	mustRun(t, dir, tiny("dream", "photos/a.png", "-o", "dream.png")...)
	mustRun(t, dir, tiny("texture", "paint/y.png", "-o", "texture.jpg", "--tileable")...)
	o := mustRun(t, dir, append([]string{"batch"}, tiny("dream", "photos", "-o", "dreams/{content}.png", "--quiet")...)...)
	mustRun(t, dir, append([]string{"batch"}, tiny("texture", "paint/y.png", "paint", "-o", "{style}/deep/t.jpg", "--tileable")...)...)
	got := files(t, dir)
	if got["dreams/a.png"] != got["dream.png"] || got["y/deep/t.jpg"] != got["texture.jpg"] || got["dreams/b.png"] == "" {
		t.Errorf("the pictures are %q", slices.Sorted(maps.Keys(got)))
	}
	if o.stdout+o.stderr != "" {
		t.Errorf("--quiet prints %q, %q", o.stdout, o.stderr)
	}
}

// TestBatchFailures has a batch in which two pictures fail.
func TestBatchFailures(t *testing.T) {
	dir := batchFolder(t)
	if err := os.WriteFile(filepath.Join(dir, "photos/0.png"), []byte("nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "photos/1.png", imageio.New(1, 1))
	o := run(t, dir, batchArgs("--json")...)
	if o.code != exitPartly {
		t.Fatalf("exit code %d\n%s", o.code, o.stderr)
	}
	all := events(t, o.stdout)
	start, end := all[0], all[len(all)-1]
	if start["event"] != "batch" || start["pictures"] != 8.0 || start["command"] != "style" {
		t.Errorf("the start is %v", start)
	}
	if end["event"] != "end" || end["done"] != 4.0 || end["failed"] != 4.0 || end["left"] != 0.0 || len(end["failures"].([]any)) != 4 {
		t.Errorf("the end is %v", end)
	}
	for _, e := range eventsOf(t, o.stdout, "picture") {
		output := e["output"].(string)
		switch failed := strings.HasPrefix(output, "out/0") || strings.HasPrefix(output, "out/1"); {
		case failed && (e["result"] != "failed" || e["error"].(map[string]any)["kind"] != "picture"),
			!failed && (e["result"] != "done" || e["steps"] != 3.0 || max(e["width"].(float64), e["height"].(float64)) != 48):
			t.Errorf("%v", e)
		}
	}
	if got := files(t, filepath.Join(dir, "out")); len(got) != 4 {
		t.Errorf("made were %q", slices.Sorted(maps.Keys(got)))
	}
	for _, text := range []string{"failed: out/0-x.png: photos/0.png is not a picture", "failed: out/1-y.png: 1.png has 1x1 pixels"} {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("want %q in\n%s", text, o.stderr)
		}
	}
	if lines := strings.Split(strings.TrimSpace(o.stderr), "\n"); !strings.HasPrefix(lines[len(lines)-1], "hint: use a picture of at least") {
		t.Errorf("the end is %q", lines[len(lines)-1])
	}
}

// TestBatchSkips checks which pictures --skip-existing leaves alone.
func TestBatchSkips(t *testing.T) {
	dir := batchFolder(t)
	path := func(name string) string { return filepath.Join(dir, "out", name) }
	mustRun(t, dir, batchArgs()...)
	want := files(t, path(""))
	results := func(more ...string) string {
		t.Helper()
		var all []string
		o := mustRun(t, dir, batchArgs(append(more, "--skip-existing", "--json")...)...)
		for _, e := range eventsOf(t, o.stdout, "picture") {
			all = append(all, e["result"].(string))
		}
		return strings.Join(all, " ")
	}
	same := func() {
		t.Helper()
		if got := files(t, path("")); !maps.Equal(got, want) {
			t.Errorf("the pictures changed, or there are others: %q", slices.Sorted(maps.Keys(got)))
		}
	}
	if got := results("--threads", "1", "--kernels", "generic"); got != "skipped skipped skipped skipped" {
		t.Errorf("nothing changed: %s", got)
	}
	same()
	// One is gone, one of a run that was cut short, one of other options, under the right name each.
	if err := os.Remove(path("a-x.png")); err != nil {
		t.Fatal(err)
	}
	writeRecipe(t, path("a-y.png"), path("a-y.png"), func(r *render.Recipe) { r.Step = 2 })
	mustRun(t, dir, tiny("style", "photos/b.jpg", "paint/x.png", "-o", path("b-x.png"), "--seed", "1")...)
	junk := path("a-x.png" + checkpointEnding) // which is nobody's checkpoint
	if err := os.WriteFile(junk, []byte("nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := results(); got != "done done done skipped" {
		t.Errorf("three changed: %s", got)
	}
	if err := os.Remove(junk); err != nil {
		t.Error("the file of somebody else is gone")
	}
	same()
	put(t, dir, "photos/a.png", sample.Landscape(60, 45, 7))
	if got := results(); got != "done done skipped skipped" {
		t.Errorf("a photograph changed: %s", got)
	}
	if got := results("--style-weight", "70", "--shard", "2/2"); got != "done done" {
		t.Errorf("an option changed: %s", got)
	}
	if got := results(); got != "skipped done skipped done" {
		t.Errorf("an option changed back: %s", got)
	}
	if err := os.WriteFile(path("b-y.png"), readFile(t, path("b-y.png"))[:300], 0o666); err != nil {
		t.Fatal(err)
	}
	if got := results("--shard", "2/2"); got == "skipped skipped" {
		t.Error("a file that is cut short is taken for a picture")
	}
}

// TestBatchShards checks that the shards of a batch are its parts.
func TestBatchShards(t *testing.T) {
	dir := batchFolder(t)
	var all []string
	for _, part := range []string{"1/3", "2/3", "3/3"} {
		o := mustRun(t, dir, batchArgs("--shard", part, "--iterations", "1", "--json")...)
		for _, e := range eventsOf(t, o.stdout, "picture") {
			all = append(all, e["output"].(string))
		}
	}
	if want := []string{"out/a-x.png", "out/b-y.png", "out/a-y.png", "out/b-x.png"}; !slices.Equal(all, want) {
		t.Errorf("the shards make %q, want %q", all, want)
	}
	for text, want := range map[string]bool{"1/1": true, "5/5": true, "": true, "0/3": false, "4/3": false, "1": false,
		"1/0": false, "a/b": false, "1/2/3": false, "-1/2": false, "1/2 ": false} {
		var s shard
		err := s.UnmarshalText([]byte(text))
		back, _ := s.MarshalText()
		if ok := err == nil; ok != want || ok && string(back) != text {
			t.Errorf("%q: %v, %+v", text, err, s)
		}
	}
}

// TestBatchRefuses checks what is refused before any picture is made.
func TestBatchRefuses(t *testing.T) {
	dir := batchFolder(t)
	if err := os.Mkdir(filepath.Join(dir, "none"), 0o777); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "A.png", sample.Landscape(48, 36, 1))
	refuses(t, dir, []refusal{
		{"batch sytle", exitUsage, "did you mean style"},
		{"batch style", exitUsage, "a batch needs pictures"},
		{"batch style photos", exitUsage, "needs --styles"},
		{"batch style photos --styles paint", exitUsage, "a batch needs --output"},
		{"batch style photos --styles paint -o {content}.png", exitUsage, "--output needs {style} in it"},
		{"batch style photos --styles paint -o {content}-{stlye}.png", exitUsage, "--output has {stlye} in it"},
		{"batch style photos --styles paint -o {content}-{style}.gif", exitUsage, "end the name in .png"},
		{"batch style photos nothing.png --styles paint -o {content}-{style}.png", exitFailed, "there is no such file"},
		{"batch style photos --styles none -o {content}-{style}.png", exitUsage, "has no pictures in it"},
		{"batch style - --styles paint -o {content}-{style}.png", exitUsage, "does not read the standard input"},
		{"batch dream photos A.png -o out/{content}.png", exitUsage, `would be made both of "photos/a.png" and of "A.png"`},
		{"batch dream photos -o photos/{content}.png", exitUsage, "would replace an input"},
		{"batch dream photos -o {content}.png --size 200000 --quiet", exitUsage, "--size must be 1 to 100000"},
		{"batch dream photos -o {content}.png --shard 3/2", exitUsage, "--shard must be a part such as 2/5"},
		{"batch dream photos -o {content}.png --jobs 0", exitUsage, "--jobs must be 1 to 256"},
		{"batch dream photos -o {content}.png --jobs 2 --memory 1GiB", exitUsage, "--memory cannot be combined with --jobs"},
		{"batch dream photos -o {content}.png --skip-existing --strip-recipe", exitUsage, "it compares recipes"},
		{"batch dream photos -o {content}.png --model vgg19", exitUsage, "needs --weights"},
		{"batch dream photos -o {content}.png --styles paint", exitUsage, "batch dream has no flag --styles"},
	})
}

// TestBatchItems checks how names are made.
func TestBatchItems(t *testing.T) {
	all, err := items("o/{style}/{content}.png", []string{"content", "style"},
		[][]string{{"p/{style}.jpg", "p/b.tar.png"}, {"q/x.png", "q/y"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, it := range all {
		got = append(got, it.output)
	}
	if want := []string{"o/x/{style}.png", "o/y/{style}.png", "o/x/b.tar.png", "o/y/b.tar.png"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if in := all[1].inputs; !slices.Equal(in, []string{"p/{style}.jpg", "q/y"}) {
		t.Errorf("the inputs are %q", in)
	}
}

// TestBatchBar checks what the bar shows of pictures that are made at the same time, one of which fails.
func TestBatchBar(t *testing.T) {
	var out bytes.Buffer
	clock := time.Unix(0, 0)
	r := &batchReport{
		total: 4, stderr: &out, started: time.Now(), running: map[*pictureReport]float64{},
		bar: &bar{w: &out, width: func() int { return 100 }, now: func() time.Time {
			clock = clock.Add(time.Second)
			return clock
		}},
	}
	r.sum.Left = r.total
	var all []*pictureReport
	for _, name := range []string{"a.png", "b.png", "c.png"} {
		all = append(all, r.picture(&item{output: name}))
	}
	tell := func(p *pictureReport, v any) {
		t.Helper()
		if err := writeLine(p, v); err != nil {
			t.Fatal(err)
		}
	}
	start := startEvent{Event: "start", Sizes: []sizeInfo{{10, 10}, {20, 20}}, Steps: 20}
	shows := func(want string) {
		t.Helper()
		if line := out.String()[strings.LastIndex(out.String(), "\r")+1:]; !strings.Contains(line, want) {
			t.Errorf("the bar is %q, want %q", line, want)
		}
	}
	tell(all[0], start)
	tell(all[0], stepEvent{Event: "step", Step: 10, Steps: 20}) // a fifth of the work
	shows("  5 %")
	shows("0/4  a.png  step 10/20")
	tell(all[1], start)
	tell(all[1], stepEvent{Event: "step", Step: 15, Steps: 20})
	shows(" 20 %")
	all[2].skip()
	shows(" 27 %") // of three
	all[0].end(errors.New("it broke"))
	shows(" 53 %")
	shows("2/4  ")
	tell(all[1], endEvent{Event: "done", Width: 20, Height: 20, Steps: 20, Seconds: 2})
	all[1].end(nil)
	shows("3/4  ")
	for _, line := range []string{"1/4  c.png: there already", "2/4  a.png: failed: it broke", "3/4  b.png: 20x20, 20 steps in 2s"} {
		if !strings.Contains(out.String(), "\r"+line+"\n") {
			t.Errorf("want the line %q in %q", line, out.String())
		}
	}
}

// countingParams counts how often each parameter is read.
type countingParams map[string]int

func (c countingParams) Tensor(name string, shape ...int) ([]float32, error) {
	c[name]++
	return make([]float32, 1), nil
}

// TestSharedParams checks that parameters are read once.
func TestSharedParams(t *testing.T) {
	counts := countingParams{}
	s := &sharedParams{params: counts, read: map[string][]float32{}}
	for range 3 {
		for _, name := range []string{"a", "b"} {
			if data, err := s.Tensor(name, 1); len(data) != 1 || err != nil {
				t.Fatal(data, err)
			}
		}
	}
	if counts["a"] != 1 || counts["b"] != 1 {
		t.Errorf("read %v", counts)
	}
}

// TestFileHashes checks that a hash is of the file as it is now.
func TestFileHashes(t *testing.T) {
	var h fileHashes
	path := filepath.Join(t.TempDir(), "f")
	for _, text := range []string{"one", "three"} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		want, err := render.FileHash(path)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got, err := h.of(path); got != want || err != nil || h.soon(path)() != want {
				t.Errorf("%q has the hash %s, %v", text, got, err)
			}
		}
	}
	if _, err := h.of(path + "x"); err == nil || !bytes.Equal(nil, []byte(h.soon(path+"x")())) {
		t.Error("a file that is not there has a hash")
	}
}
