package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oneiro/internal/fixture"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/train"
	"oneiro/train/motif"
	"oneiro/weights"
	"oneiro/zoo"
)

// tinyTrain are the flags of a training that takes no time and learns next to nothing.
func tinyTrain(more ...string) []string {
	return append([]string{"train", "--iterations", "4", "--batch", "4", "--size", "32", "--test-pictures", "20",
		"--print-every", "1", "--threads", "2", "-o", "net.safetensors"}, more...)
}

// trained are the files that a training leaves.
var trained = []string{"net.checkpoint.safetensors", "net.curve.png", "net.log.jsonl", "net.safetensors"}

// lastLine parses the end of a training's log.
func lastLine(t *testing.T, path string) map[string]any {
	t.Helper()
	all := events(t, string(readFile(t, path)))
	return all[len(all)-1]
}

// TestTrain trains a network, and has every command look with it.
func TestTrain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := mustRun(t, dir, tinyTrain("--json")...)
	lines := events(t, o.stdout)
	if len(lines) != 4 || lines[3]["step"] != 4.0 || !(lines[3]["loss"].(float64) > 0) {
		t.Errorf("the progress is %v", lines)
	}
	for _, want := range []string{"step 4/4", "net.safetensors: 4 of 4 steps", "of 20 new drawings",
		"too young to dream"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, o.stderr)
		}
	}
	if got := names(t, dir); !slices.Equal(got, trained) {
		t.Errorf("the folder has %q", got)
	}
	picture(t, filepath.Join(dir, "net.curve.png"))
	end := lastLine(t, filepath.Join(dir, "net.log.jsonl"))
	if n := len(end["classes"].([]any)); n != len(motif.Names()) || end["test_pictures"] != 20.0 {
		t.Errorf("the log ends with %v", end)
	}

	info := decoded[fileInfo](t, mustRun(t, dir, "weights", "info", "net.safetensors", "--json").stdout)
	if info.Network != builtin || len(info.Missing)+len(info.Unused) > 0 || info.Notes[weights.KeySteps] != "4" ||
		!strings.Contains(info.Notes[weights.KeyTraining], `"size":32`) {
		t.Errorf("%+v", info)
	}
	out := mustRun(t, dir, "weights", "info", "net.safetensors").stdout
	for _, want := range []string{
		"4 of 4 steps of 4 pictures of 32x32 pixels", "seed 1, rate 0.002", "% of 20 new drawings", "58: eye, spiral",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("weights info lacks %q:\n%s", want, out)
		}
	}

	put(t, dir, "in.png", sample.Landscape(48, 36, 1))
	for _, args := range [][]string{
		{"classify", "in.png"},
		tiny("dream", "--class", "spiral", "-o", "out.png"),
		tiny("style", "-o", "out.png"),
		tiny("vis", "--class", "eye", "-o", "out.png"),
		{"train", "score", "--pictures", "10"},
		{"plan", "--size", "48"},
	} {
		mustRun(t, dir, append(args, "--weights", "net.safetensors")...)
	}
}

// TestTrainGoesOn checks that a training that was stopped leaves what one does that was not, but for how long
// that took, and that only the same training goes on.
func TestTrainGoesOn(t *testing.T) {
	t.Parallel()
	whole, dir := t.TempDir(), t.TempDir()
	mustRun(t, whole, tinyTrain("--threads", "1")...)
	o := mustRun(t, dir, tinyTrain("--minutes", "1e-6")...)
	if !strings.Contains(o.stderr, "net.safetensors: 1 step in ") {
		t.Errorf("stopped after no time at all:\n%s", o.stderr)
	}
	before := names(t, dir)
	checkpoint := readFile(t, filepath.Join(dir, "net.checkpoint.safetensors"))
	for args, want := range map[string]string{
		"--rate 0.003":   "it was started with --lr 0.002, not 0.003",
		"--seed 2":       "--seed 1, not 2",
		"--iterations 5": "--iterations 4, not 5",
		"--steps 5":      "--iterations 4, not 5",
	} {
		o := run(t, dir, tinyTrain(strings.Fields(args)...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, want) || !strings.Contains(o.stderr, "hint: ") {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
	if after := names(t, dir); !slices.Equal(before, after) ||
		!bytes.Equal(checkpoint, readFile(t, filepath.Join(dir, "net.checkpoint.safetensors"))) {
		t.Errorf("the folder had %q, now %q", before, after)
	}
	if o := mustRun(t, dir, tinyTrain()...); !strings.Contains(o.stderr, "resuming net.checkpoint.safetensors") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	sameNetwork(t, filepath.Join(whole, "net.safetensors"), filepath.Join(dir, "net.safetensors"))
	a, b := lastLine(t, filepath.Join(whole, "net.log.jsonl")), lastLine(t, filepath.Join(dir, "net.log.jsonl"))
	if !equalJSON(t, a, b) {
		t.Errorf("the logs end with %v and %v", a, b)
	}
}

func equalJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// sameNetwork checks that two files have the same bytes.
func sameNetwork(t *testing.T, a, b string) {
	t.Helper()
	if x, y := readFile(t, a), readFile(t, b); len(x) < 1000 || !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// TestTrainImages learns from folders of pictures, and keeps their names.
func TestTrainImages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, class := range []string{"day", "night sky"} {
		if err := os.MkdirAll(filepath.Join(dir, "pets", class), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range uint64(3) {
			im := sample.Landscape(40, 36, i)
			for k := range im.Pix {
				if class != "day" {
					im.Pix[k] /= 8
				}
			}
			put(t, filepath.Join(dir, "pets", class), string(rune('a'+i))+".png", im)
		}
	}
	o := mustRun(t, dir, tinyTrain("--images", "pets")...)
	for _, want := range []string{"testing with 2 pictures", "of 2 pictures held out"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, o.stderr)
		}
	}
	file, err := zoo.OpenParams(filepath.Join(dir, "net.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	classes, err := file.Classes()
	if err != nil || len(classes) != 2 || classes[0].Names[0] != "day" || classes[1].Names[0] != "night sky" {
		t.Errorf("the classes are %v, %v", classes, err)
	}
	classify := func(weights string) []guess {
		t.Helper()
		out := mustRun(t, dir, "classify", "pets/day/a.png", "--weights", weights, "--json").stdout
		return decoded[[]guess](t, out)
	}
	if by := heldOut(t, dir); by != 2.0 {
		t.Errorf("without --test-pictures, %v pictures are tested, not the one of each class that is held out", by)
	}
	got := classify("net.safetensors")
	var sum float64
	for _, g := range got {
		sum += float64(g.Probability)
	}
	if len(got) != 2 || !(math.Abs(sum-1) < 1e-3) {
		t.Errorf("%+v", got)
	}
	mustRun(t, dir, "weights", "convert", "net.safetensors", "-o", "converted/")
	if again := classify("converted"); !equalJSON(t, got, again) {
		t.Errorf("converted, it says %+v, not %+v", again, got)
	}
	for _, file := range []string{"net.safetensors", "converted"} {
		out := mustRun(t, dir, "weights", "info", file).stdout
		if !strings.Contains(out, "2: day, night sky") || !strings.Contains(out, "4 of 4 steps") {
			t.Errorf("weights info %s:\n%s", file, out)
		}
	}
	mustRun(t, dir, tiny("dream", "--class", "night sky", "--weights", "net.safetensors", "-o", "out.png")...)
	for args, want := range map[string]string{
		"train score --weights net.safetensors": "does not classify motifs",
		strings.Join(tinyTrain(), " "):          "it has other classes",
	} {
		if o := run(t, dir, strings.Fields(args)...); o.code != exitUsage || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}

// heldOut trains on the folder pets with the default number of pictures for the test, and returns that.
func heldOut(t *testing.T, dir string) any {
	t.Helper()
	mustRun(t, dir, "train", "--images", "pets", "--iterations", "1", "--batch", "4", "--size", "32",
		"--threads", "2", "-o", "few.safetensors")
	return lastLine(t, filepath.Join(dir, "few.log.jsonl"))["test_pictures"]
}

// TestTaskProgress prints a line at the start of a task, and then one from time to time.
func TestTaskProgress(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	p := &taskProgress{w: &out, now: func() time.Time { return now }}
	for done := 0; done <= 100; done += 20 {
		p.show(train.Progress{Task: train.Testing, Done: done, Of: 100})
		now = now.Add(6 * time.Second)
	}
	want := `testing with 100 pictures
testing  40/100 pictures  18s to go
testing  80/100 pictures  6s to go
`
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", &out, want)
	}
}

// TestTrainTeacher learns from another network too, which the file names.
func TestTrainTeacher(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	teacher := fixture.Shared(t, "weights/vgg19_16x.npz")
	o := mustRun(t, dir, tinyTrain("--teacher", teacher)...)
	if !strings.Contains(o.stderr, "relu5_1") {
		t.Errorf("stderr:\n%s", o.stderr)
	}
	out := mustRun(t, dir, "weights", "info", "net.safetensors").stdout
	if !strings.Contains(out, "vgg19_16x.npz") {
		t.Errorf("weights info:\n%s", out)
	}
	if o := run(t, dir, tinyTrain()...); o.code != exitUsage ||
		!strings.Contains(o.stderr, "its teacher was vgg19-16x, not none") {
		t.Errorf("going on without the teacher: exit code %d\n%s", o.code, o.stderr)
	}
}

// TestTrainSheet draws a row of pictures for each class.
func TestTrainSheet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files [][]byte
	for _, seed := range []string{"1", "1", "2"} {
		o := mustRun(t, dir, "train", "sheet", "--size", "16", "--columns", "2", "--seed", seed, "-o", "sheet.png")
		if !strings.Contains(o.stdout, "sheet.png: 58 classes") {
			t.Errorf("stdout: %s", o.stdout)
		}
		files = append(files, readFile(t, filepath.Join(dir, "sheet.png")))
	}
	if im := picture(t, filepath.Join(dir, "sheet.png")); im.W < 3*2*16 || im.H < 58/3*16 {
		t.Errorf("the sheet has %dx%d pixels", im.W, im.H)
	}
	if !bytes.Equal(files[0], files[1]) || bytes.Equal(files[0], files[2]) {
		t.Error("the sheet does not go by the seed")
	}
}

// TestTrainBadInput gives train what it cannot work with: each time a line, a hint, and no file more than
// before.
func TestTrainBadInput(t *testing.T) {
	dir := badFiles(t)
	writeVGG(t, filepath.Join(dir, "vgg"))
	for folder, pictures := range map[string]int{
		"none": 0, "single/a": 2, "empty/a": 2, "empty/b": 0, "cut/a": 2, "cut/b": 2,
	} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range pictures {
			put(t, filepath.Join(dir, folder), string(rune('a'+i))+".png", imageio.New(8, 8))
		}
	}
	cut := readFile(t, filepath.Join(dir, "cut.jpg"))
	if err := os.WriteFile(filepath.Join(dir, "cut", "b", "c.jpg"), cut, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"net.checkpoint.safetensors", "folder.safetensors"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	refuses(t, dir, []refusal{
		{"train pets", 2, `takes no "pets"`},
		{"train -o net.pth", 2, "end the name in .safetensors"},
		{"train -o nowhere/x.safetensors", 1, "there is no folder nowhere"},
		{"train -o folder.safetensors", 1, "it is a folder"},
		{"train -o net.safetensors", 1, "net.checkpoint.safetensors: it is a folder"},
		{"train --print-every 0", 2, "--print-every must be 1 to 1000000, not 0"},
		{"train --test-pictures 0", 2, "--test-pictures must be 1 to 1000000, not 0"},
		{"train --minutes -1", 2, "--minutes must be 0 or more, not -1"},
		{"train --minutes NaN", 2, "--minutes must be 0 or more, not NaN"},
		{"train --iterations 0", 2, "--iterations must be 1 to 10000000, not 0"},
		{"train --iterations 1.5", 2, "must be a whole number"},
		{"train --batch 1", 2, "--batch must be 2 to 4096, not 1"},
		{"train --size 8", 2, "--size must be 16 to 512, not 8"},
		{"train --size 8 --images single", 2, "--size must be 16 to 512, not 8"},
		{"train --lr=-0.1", 2, "--lr must be more than 0 and at most 1, not -0.1"},
		{"train --lr NaN", 2, "--lr must be more than 0 and at most 1, not NaN"},
		{"train --warm-up=-1", 2, "--warm-up must be 0 to 10000000, not -1"},
		{"train --decay=-1", 2, "--decay must be 0 to 10, not -1"},
		{"train --smoothing 1", 2, "--smoothing must be 0 to 0.99, not 1"},
		{"train --label-weight Inf", 2, "--label-weight must be 0 to 1e+12, not +Inf"},
		{"train --label-weight 0", 2, "give a teacher"},
		{"train --teacher-weight=-1", 2, "--teacher-weight must be 0 to 1e+12, not -1"},
		{"train --threads=-1", 2, "--threads must be 1 to 1024, or 0, not -1"},
		{"train --simd sse9", 2, "available here"},
		{"train --memory 1GiB", 2, "no flag --memory"},
		{"train --images nowhere", 1, "nowhere: no such file"},
		{"train --images good.png", 1, "name a folder"},
		{"train --images none", 1, "there are 0 folders"},
		{"train --images single", 1, "there are 1 folders"},
		{"train --images empty", 1, "empty/b: there are 0 pictures"},
		{"train --images cut", 1, "c.jpg: the JPEG data is"},
		{"train --teacher nowhere.npz", 1, "nowhere.npz: no such file"},
		{"train --teacher good.png", 1, "expected a file of weights"},
		{"train --teacher other", 2, "use a VGG"},
		{"train --teacher vgg", 1, "vgg: the network vgg19 cannot be the teacher: conv1_1 has 64 channels"},

		{"train sheet pets", 2, `takes no "pets"`},
		{"train sheet -o sheet.gif", 2, "end the name in .png"},
		{"train sheet -o nowhere/sheet.png", 1, "there is no folder nowhere"},
		{"train sheet --size 8", 2, "16 to 512 pixels"},
		{"train sheet --columns 0", 2, "1 to 100 pictures"},
		{"train sheet --seed=-1", 2, "whole number of 0 or more"},

		{"train score --pictures 0", 2, "--pictures must be 1 to 1000000, not 0"},
		{"train score --weights nowhere", 1, "nowhere: no such file"},
		{"train score --weights vgg", 2, "does not classify motifs"},
		{"train scoer", 2, "takes no"},
	})
}
