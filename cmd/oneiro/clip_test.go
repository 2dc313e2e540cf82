package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oneiro/film"
	"oneiro/internal/clips"
	"oneiro/internal/imageio"
)

// clipFrames are how many frames the clip of tests has: a cut is among them.
const clipFrames = clips.Cut + 2

// clipFolder returns a folder with a clip in it, clip/, of two shots.
func clipFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "clip"), 0o777); err != nil {
		t.Fatal(err)
	}
	c := clips.Of("cut").At(48, 36)
	for i := range clipFrames {
		path := filepath.Join(dir, "clip", fmt.Sprintf("%d.png", i+1))
		if err := imageio.Write(path, c.Frame(i), imageio.Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// filmed are the arguments of a film of that clip that takes little time.
func filmed(more ...string) []string {
	return append(strings.Fields("film clip/ --iterations 4 --frame-iterations 2 --style-layers relu1_1,relu2_1"), more...)
}

// framesOf reads the frames of a clip.
func framesOf(t *testing.T, path string) (all []*imageio.Image) {
	t.Helper()
	c, err := film.Open(path, film.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := 0; ; i++ {
		im, err := c.Frame(i)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, im)
	}
}

// TestClipFilm paints a clip as numbered pictures, as one file and for a pipe: the frames are the same, and
// nothing else is left.
func TestClipFilm(t *testing.T) {
	t.Parallel()
	dir := clipFolder(t)
	o := mustRun(t, dir, filmed("--json", "-o", "out/")...)
	if n := strings.Count(o.stdout, `"event":"frame"`); n != clipFrames {
		t.Errorf("%d frames are reported:\n%s", n, o.stdout)
	}
	if n := strings.Count(o.stdout, `"begins":true`); n != 2 {
		t.Errorf("%d shots are reported:\n%s", n, o.stdout)
	}
	want := framesOf(t, filepath.Join(dir, "out"))
	if names := names(t, filepath.Join(dir, "out")); len(want) != clipFrames || len(names) != clipFrames {
		t.Fatalf("the film is %q", names)
	}
	mustRun(t, dir, filmed("-o", "out.apng")...)
	cmd := command(t, dir, filmed("-o", "-")...)
	piped, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "out.y4m"), piped, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, tolerance := range map[string]float32{"out.apng": 0, "out.y4m": 2. / 255} {
		got := framesOf(t, filepath.Join(dir, name))
		if len(got) != len(want) {
			t.Fatalf("%s has %d frames", name, len(got))
		}
		for i, im := range got {
			for k, v := range im.Pix {
				if d := v - want[i].Pix[k]; !(d <= tolerance && -d <= tolerance) {
					t.Fatalf("%s: frame %d differs by %v", name, i+1, d)
				}
			}
		}
	}
	if names := names(t, dir); !slices.Equal(names, []string{"clip", "out", "out.apng", "out.y4m"}) {
		t.Errorf("the folder has %q", names)
	}
	if v := verified(t, dir, 0, "out/frame_00003.png"); !v.Same {
		t.Errorf("%+v", v)
	}
}

// TestClipShards makes the shots of a film in two runs, the later shot first, and puts them together: to the
// same bytes as one run.
func TestClipShards(t *testing.T) {
	t.Parallel()
	dir := clipFolder(t)
	mustRun(t, dir, filmed("-o", "whole.apng")...)
	mustRun(t, dir, filmed("-o", "parts.apng", "--shard", "2/2")...)
	if got := names(t, filepath.Join(dir, "parts.apng.frames")); !slices.Contains(got, "frame_00007.png") ||
		slices.Contains(got, "frame_00006.png") {
		t.Errorf("the second part is %q", got)
	}
	mustRun(t, dir, filmed("-o", "parts.apng", "--shard", "1/2")...)
	mustRun(t, dir, filmed("-o", "parts.apng", "--resume")...)
	if !bytes.Equal(readFile(t, filepath.Join(dir, "parts.apng")), readFile(t, filepath.Join(dir, "whole.apng"))) {
		t.Error("the film of two parts differs")
	}
	if names := names(t, dir); !slices.Equal(names, []string{"clip", "parts.apng", "whole.apng"}) {
		t.Errorf("the folder has %q", names)
	}
}

// TestKillFilm kills films at random moments, and has the same command go on: to the same bytes.
func TestKillFilm(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("random numbers from %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, line := range [][]string{filmed(), filmed("--passes", "2"), append([]string{"film", "dream"},
		strings.Fields("clip/ --iterations 2 --octaves 1 --layers relu2_1 --frame-iterations 1")...)} {
		line = append(line, "-o", "out.apng", "--resume")
		alone, dir := clipFolder(t), clipFolder(t)
		start := time.Now()
		mustRun(t, alone, line...)
		took := time.Since(start)
		for range max(kills(t)/10, 1) {
			startAndKill(t, dir, time.Duration(random.Int64N(int64(took))), line...)
			os.Remove(filepath.Join(dir, "out.apng")) // of a run that ended
		}
		mustRun(t, dir, line...)
		if !maps.Equal(files(t, dir), files(t, alone)) {
			t.Errorf("%q: the film differs from that of a run that was left alone", line)
		}
	}
}

func TestClipFilmRefuses(t *testing.T) {
	t.Parallel()
	dir := clipFolder(t)
	for args, want := range map[string]string{
		"film nowhere/ -o a.gif":                  "nowhere",
		"film clip/ -o a.jpg":                     "a film cannot be written to",
		"film clip/ --range 9-":                   "has no frame 9",
		"film --range 25-":                        "there are 24",
		"film clip/ --range 3-2":                  "must be a range such as 1-240",
		"film clip/ --cuts 1":                     "must be a list of frames such as 49,120",
		"film clip/ -o - --passes 2":              "--passes cannot be combined with",
		"film clip/ -o a/ --shard 3/2":            "--shard must be a part",
		"film clip/ -o a/ --shard 1/2 --passes 2": "--shard cannot be combined with --passes",
		"film clip/ -o a/ --score":                "--score cannot be combined with a film",
		"film clip/ nowhere.png -o a/":            "nowhere.png",
		"film dream clip/ -o a/ --decay 2":        "decay",
		"dream --frames 4 -o a/ --shard 1/2":      "shard",
	} {
		if o := run(t, dir, strings.Fields(args)...); o.code == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
	if got := names(t, dir); !slices.Equal(got, []string{"clip"}) {
		t.Errorf("%q was left", got)
	}
}

// TestClipRegions keeps a region that moves as it is in the clip, and refuses regions with fewer frames.
func TestClipRegions(t *testing.T) {
	t.Parallel()
	dir := clipFolder(t)
	for _, folder := range []string{"labels", "few"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		im := imageio.New(48, 36)
		for k := range im.Pix {
			if x := k / 3 % 48; x < 12*(i+1) && k%3 == 2 || x >= 12*(i+1) && k%3 == 0 { // blue, and red
				im.Pix[k] = 1
			}
		}
		for _, folder := range []string{"labels", "few"}[:2-i] {
			path := filepath.Join(dir, folder, fmt.Sprintf("%d.png", i+1))
			if err := imageio.Write(path, im, imageio.Meta{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustRun(t, dir, filmed("-o", "out/", "--range", "-2", "--regions", "labels/", "--region", "blue=keep", "--feather",
		"0")...)
	clip, out := framesOf(t, filepath.Join(dir, "clip")), framesOf(t, filepath.Join(dir, "out"))
	for i, im := range out {
		for k, v := range im.Pix {
			if x := k / 3 % 48; x < 12*(i+1) && v != clip[i].Pix[k] {
				t.Fatalf("frame %d is not kept at %d", i+1, x)
			}
		}
	}
	if o := run(t, dir, filmed("-o", "other/", "--range", "-2", "--regions", "few/")...); o.code != exitUsage ||
		!strings.Contains(o.stderr, "--regions has no frame 2") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}
