package main

import (
	"bytes"
	"image/gif"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/film"
)

// filmArgs make a film of four frames.
const filmArgs = "dream --size 40 --iterations 2 --octaves 1 --layers relu2_1 --frames 4 --frame-iterations 1 --loop 2"

// TestFilmGoesOn makes a film, and again after its last frames are gone: to the same bytes.
func TestFilmGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "keys.json"),
		[]byte(`[ {"frame": 3, "fade": 2, "objective": "mean", "turn": 1} ]`), 0o666); err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(filmArgs + " --keys keys.json --json -o film/")
	o := mustRun(t, dir, args...)
	if n := strings.Count(o.stdout, `"event":"frame"`); n != 4 {
		t.Errorf("%d frames are reported:\n%s", n, o.stdout)
	}
	whole := files(t, filepath.Join(dir, "film"))
	if names := slices.Sorted(maps.Keys(whole)); len(names) != 4 || names[3] != "frame_00004.png" {
		t.Fatalf("the film is %v", names)
	}
	if o := run(t, dir, args...); o.code != exitUsage || !strings.Contains(o.stderr, "there is a film in the making") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	for _, name := range []string{"frame_00003.png", "frame_00004.png"} {
		if err := os.Remove(filepath.Join(dir, "film", name)); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, append(args, "--resume")...)
	if !maps.Equal(files(t, filepath.Join(dir, "film")), whole) {
		t.Error("the film that went on differs")
	}
	if o := run(t, dir, append(args, "--resume", "--zoom", "1.1")...); o.code != exitUsage ||
		!strings.Contains(o.stderr, "is a frame of another film") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if v := verified(t, dir, 0, "film/frame_00003.png"); !v.Same {
		t.Errorf("%+v", v)
	}
}

// TestFilmFiles makes an animated picture, of which nothing else is left, and one that was not named.
func TestFilmFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustRun(t, dir, strings.Fields(filmArgs+" -o film.gif --fps 10")...)
	mustRun(t, dir, strings.Fields(filmArgs)...)
	all := files(t, dir)
	if names := slices.Sorted(maps.Keys(all)); !slices.Equal(names, []string{"film.gif", "oneiro-dream.png"}) {
		t.Errorf("files %v", names)
	}
	moving, err := gif.DecodeAll(strings.NewReader(all["film.gif"]))
	if err != nil || len(moving.Image) != 4 || moving.Delay[0] != 10 {
		t.Errorf("%v", err)
	}
	for _, name := range []string{"film.y4m", "film.avi"} {
		dir := t.TempDir()
		mustRun(t, dir, strings.Fields(filmArgs+" --fps 10 -o "+name)...)
		clip, err := film.Open(filepath.Join(dir, name), film.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if i := clip.Info(); i.Frames != 4 || i.Rate != (film.Rational{Num: 10, Den: 1}) || len(files(t, dir)) != 1 {
			t.Errorf("%s: %+v", name, i)
		}
		clip.Close()
	}
	if !bytes.Contains([]byte(all["oneiro-dream.png"]), []byte("acTL")) {
		t.Error("the PNG is not animated")
	}
	if o := run(t, dir, "verify", "oneiro-dream.png"); o.code != exitUsage || !strings.Contains(o.stderr, "is a film") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}

func TestFilmRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for args, want := range map[string]string{
		"-o film.jpg":                     "a film cannot be written to",
		"-o film_%d_%d.png":               "a film cannot be written to",
		"-o film.gif --depth 16":          "--depth cannot be combined with a film",
		"-o film.gif --keys nowhere.json": "--keys cannot be read",
		"-o film.gif --pan 70,0":          "pan",
		"-o no/such/folder.gif":           "no/such",
		"-o film.gif --frames 1 --loop 0": "frames is of one frame",
		"-o film.gif --save-every 2":      "--save-every cannot be combined",
	} {
		if o := run(t, dir, strings.Fields(filmArgs+" "+args)...); o.code == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
	if len(files(t, dir)) != 0 {
		t.Error("something was left")
	}
}
