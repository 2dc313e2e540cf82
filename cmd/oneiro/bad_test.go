package main

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// header returns the beginning of a PNG of w x h pixels.
func header(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	ihdr = append(ihdr, 8, 2, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
}

// badFiles fills a folder with what people try.
func badFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, data []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(t, dir, "good.png", sample.Landscape(48, 36, 1))
	put(t, dir, "one.png", imageio.New(1, 1))
	put(t, dir, "whole.jpg", sample.Landscape(48, 36, 1))
	file("cut.jpg", readFile(t, filepath.Join(dir, "whole.jpg"))[:700])
	file("huge.png", header(20000, 20000))
	file("endless.png", header(1<<31-1, 1<<31-1))
	file("page.png", []byte("<!DOCTYPE html><html>"))
	file("empty.png", nil)
	file("tiles.json", []byte(`{"costs": [{"channels": 64}]}`))
	file("corrupt/manifest.json", []byte(`{"format": "raw-float32-v1", "tensors": [{"na`))
	file("other/manifest.json", []byte(`{"format": "raw-float32-v1", "tensors": [{"name": "stem.weight", "file": "stem.bin",
		"dtype": "float32le", "layout": "O", "shape": [1]}]}`))
	file("other/stem.bin", make([]byte, 4))
	return dir
}

// TestBadInput gives the program what it cannot work with. Each time there has to be one line that
// says what is wrong, one with a hint, and no file more than before.
func TestBadInput(t *testing.T) {
	dir := badFiles(t)
	refuses(t, dir, []refusal{
		{"style cut.jpg", 1, "cut.jpg: the JPEG data is"},
		{"style good.png cut.jpg", 1, "cut.jpg: the JPEG data is"},
		{"style one.png", 1, "one.png has 1x1 pixels, which is too small"},
		{"style --size 48 good.png one.png", 1, "one.png has 1x1 pixels, which is too small"},
		{"style --size 2 good.png", 1, "good.png becomes 2x2 pixels with this size, which is too small"},
		{"style --size 2 good.png", 1, "choose a size of at least "},
		{"style --size 2", 1, "the picture becomes 2x2 pixels with this size"},
		{"texture --size 2", 1, "the picture becomes 2x2 pixels with this size"},
		{"style --size 48 --style-scale 0.01 good.png good.png", 1, "with this style-scale, which is too small"},
		{"dream one.png --size 64", 1, "one.png has 1x1 pixels, which is too small"},
		{"dream --size 3 good.png", 1, "good.png becomes 3x2 pixels with this size"},
		{"style huge.png", 1, "the PNG data is cut short"},
		{"style huge.png --size 0 --memory 4GiB", 1, "MiB is the least that will do"},
		{"dream huge.png --size 20000 --memory 4GiB", 1, "MiB is the least that will do"},
		{"style endless.png --size 0", 2, "--size keeps the 2147483647 x 2147483647 pixels of the picture"},
		{"style endless.png --size 100", 1, "reading the pictures needs"},
		{"style .", 1, "it is a folder"},
		{"style page.png", 1, "a web page"},
		{"style empty.png", 1, "the file is empty"},
		{"style nothing.png", 1, "there is no such file"},
		{"style --model vgg19 --weights other --size 48", 2, "other: this is a single tensor, and no network"},
		{"dream --model googlenet --weights corrupt --size 64", 1, "manifest.json: expected a manifest in JSON"},
		{"dream --model googlenet --weights nothing --size 48", 1, "nothing: no such file"},
		{"dream --model googlenet --weights good.png --size 48", 1, "expected a file of weights"},
		{"style -o nowhere/out.png", 1, "there is no folder nowhere"},

		{"style --size 48 --content-layers relu42", 2, "did you mean relu4_2"},
		{"dream --size 48 --layers relu33", 2, "did you mean relu3_"},
		{"style --size 48 --style-weight -1", 2, "--style-weight must be 0 to 1e+12, not -1"},
		{"style --size 48 --tv-weight=NaN", 2, "--tv-weight must be 0 to 1e+12, not NaN"},
		{"style --size 2000000", 2, "--size must be 1 to 100000, or 0, not 2000000"},
		{"style --size abc", 2, `--size must be a whole number, not "abc"`},
		{"style --size 48 --style-blend 1e308,1e308 good.png good.png good.png", 2, "--style-blend must be 0 to 1e+12"},
		{"style --size 48 --style-layers relu1_1,relu2_1,relu1_1", 2, `--style-layers names "relu1_1" twice`},
		{"style --size 48 --content-layers relu4_1,relu4_1", 2, `--content-layers names "relu4_1" twice`},
		{"dream --size 48 --layers relu3_1,relu3_1", 2, `--layers names "relu3_1" twice`},
		{"dream --size 48 --layers relu3_1 --channels 3,4,3", 2, "--channels names 3 twice"},
		{"style --size 48 --until-loss Inf", 2, "--until-loss must be a number"},
		{"style --siz 3", 2, "did you mean --size"},
		{"style --style-layer-weights 1,a", 2, "must be a list of numbers"},
		{"style --size", 2, "--size needs a value"},
		{"style --model vgg20", 2, "did you mean vgg"},
		{"style --model vgg19", 2, "vgg19-d01eb7cb.pth"},
		{"style --size 48 --model builtin --weights other", 2, "this is a single tensor"},
		{"style --weights other", 2, "this is a single tensor"},
		{"style --weights other --model vgg19 --preset sepia", 2, "--preset must be caffe-bgr, "},
		{"style --size 48 --optimizer sgd", 2, "--optimizer must be lbfgs, "},
		{"style --pooling l2", 2, "--pooling must be max or avg"},
		{"style --init nothing.png", 2, "--init must be content, random, gray, a picture or a canvas"},
		{"style --compat lucid", 2, "--compat must be relative or neural-style-pt"},
		{"style --compat=", 2, "--compat must be relative or neural-style-pt"},
		{"style --optimizer=", 2, "--optimizer must be lbfgs, "},
		{"style --init=", 2, "--init must be content, random, gray, a picture or a canvas"},
		{"texture --optimizer=", 2, "--optimizer must be lbfgs, "},
		{"style --simd sse9", 2, "available here"},
		{"style --winograd 5", 2, `--winograd must be 4, 6, builtin or a file that can be read, not "5"`},
		{"dream --winograd nothing.json", 2, "oneiro bench --tune"},
		{"plan --winograd tiles.json", 1, "costs of 0 for a tile with 64 channels"},
		{"style --winograd empty.png", 1, "oneiro bench --tune"},
		{"bench --winograd 5", 2, `--winograd must be 4, 6`},
		{"bench --tune --winograd 4", 2, "--winograd cannot be combined with --tune"},
		{"bench --tune --simd sse9", 2, "available here"},
		{"style --memory much", 2, `must be an amount of memory, not "much"`},
		{"style --memory 0.1b", 2, `must be an amount of memory, not "0.1b"`},
		{"style --memory=-3MiB", 2, "for example: --memory 400MiB"},
		{"style good.png --size 48 --memory 20MiB", 1, "MiB is the least that will do"},
		{"plan --model vgg19 --size 512 --memory 200MiB", 1, "only 200.0 MiB are allowed"},
		{"style --threads -1", 2, "--threads must be 1 to 1024, or 0, not -1"},
		{"bench --threads 100000", 2, "--threads must be 1 to 1024, or 0, not 100000"},
		{"dream --jitter 5000000000000000000", 2, "--jitter must be 0 to 100000, not 5e+18"},
		{"style --iterations 1000001", 2, "--iterations must be 1 to 1000000, not 1000001"},
		{"style -o out.gif", 2, "end the name in .png"},
		{"style good.png -o good.png", 2, "would replace the input"},
		{"style good.png --size 48 --style-blend 1,2", 2, "--style-blend has 2 weights for 1 style picture"},
		{"style good.png --size 48 --style-scale 1,2", 2, "--style-scale has 2 factors for 1 style picture"},
		{"texture --size 48 --style-scale 1,2", 2, "--style-scale has 2 factors for 1 style picture"},
		{"style good.png --size 48 --style-scale 17", 2, "--style-scale must be more than 0 and at most 16, not 17"},
		{"dream good.png one.png", 2, "takes one picture"},
		{"dream --size 48 --channels 5-x", 2, "must be a list of channels, not \"5-x\""},
		{"dream --size 48 --channels 5-3", 2, "for example: --channels 3,7,20-25"},
		{"dream --size 48 --class spiral --layers relu2_1", 2, "--layers cannot be combined with --class"},
		{"dream --size 48 --class spirl", 2, "did you mean spiral"},
		{"dream --size 48 --class 99", 2, "choose 0 to 57"},
		{"dream --size 48 --class=-3", 2, "there is no class -3"},
		{"vis --class daisy", 2, "there is no class"},
		{"vis --classes 1,99", 2, "choose 0 to 57"},
		{"vis --layer relu33", 2, "did you mean relu3_"},
		{"vis --layer relu33 --channels all", 2, "did you mean relu3_"},
		{"vis --layer relu3_1 --channel 5000", 2, "--channel cannot be 5000: relu3_1 has no such channel"},
		{"vis --layer relu3_1 --channels 3-x", 2, "--channels must be a list of channels"},
		{"vis --channel 3", 2, "--channel needs a layer"},
		{"vis --layer relu3_1 --class spiral", 2, "--layer cannot be combined with class"},
		{"vis --class spiral --classes all", 2, "--class cannot be combined with classes"},
		{"vis --filters conv2_1", 2, "choose conv1_1"},
		{"vis --size 0", 2, "--size must be 1 to 100000, not 0"},
		{"vis --size 2", 1, "too small"},
		{"vis good.png", 2, "it starts from noise"},
		{"plan --for sleep", 2, "choose style, "},
		{"plan --for style --octaves 2", 2, "--octaves is not an option of style"},
		{"plan --for vis --style-weight 3", 2, "--style-weight is not an option of vis"},
		{"plan --seed 3", 2, "has no flag --seed"},
		{"vis --targets relu2_1:3 --layer relu3_1", 2, "--targets cannot be combined"},
		{"vis --targets relu2_1:x", 2, "--targets must be a list of targets"},
		{"vis --filters conv1_1 --class spiral", 2, "--class cannot be combined with --filters"},
		{"style --save-every -1", 2, "--save-every must be 1 to 1000000, or 0, not -1"},
		{"style --octaves 3", 2, "has no flag --octaves"},
		{"classify good.png --top 0", 2, "--top must be 1 to 1000000, not 0"},
		{"nets googlnet", 2, "did you mean googlenet"},
		{"nets --size 0", 2, "size: 0"},
		{"styel", 2, "did you mean style"},
	})
}

// refusal is a command line that is refused with an exit code and an error or a hint with some words in it.
type refusal struct {
	args string
	code int
	want string
}

// refuses runs command lines that are wrong in a folder, in which nothing is to change.
func refuses(t *testing.T, dir string, lines []refusal) {
	t.Helper()
	before := names(t, dir)
	for _, c := range lines {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			refused(t, run(t, dir, strings.Fields(c.args)...), c.code, c.want)
		})
	}
	t.Cleanup(func() { // after the parallel tests
		if after := names(t, dir); !slices.Equal(before, after) {
			t.Errorf("the folder had %q, now %q", before, after)
		}
	})
}

// refused checks that a run ended with an exit code, a line that says what is wrong and one with a hint.
func refused(t *testing.T, o outcome, code int, want string) {
	t.Helper()
	if o.code != code {
		t.Errorf("the exit code is %d, want %d", o.code, code)
	}
	lines := strings.Split(strings.TrimSuffix(o.stderr, "\n"), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "oneiro: ") || !strings.HasPrefix(lines[1], "hint: ") {
		t.Errorf("want an error in one line and a hint in another, got:\n%s", o.stderr)
	}
	if !strings.Contains(o.stderr, want) {
		t.Errorf("want %q, got:\n%s", want, o.stderr)
	}
	if o.stdout != "" {
		t.Errorf("on stdout: %q", o.stdout)
	}
}

// names lists a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestInputsAreSafe checks that not even a picture on the way replaces an input.
func TestInputsAreSafe(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "out_0002.png", sample.Landscape(48, 36, 1))
	before := readFile(t, filepath.Join(dir, "out_0002.png"))
	o := run(t, dir, tiny("style", "--save-every", "2", "-o", "out.png", "out_0002.png")...)
	if o.code != exitUsage || !strings.Contains(o.stderr, "would replace the input") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	if !bytes.Equal(before, readFile(t, filepath.Join(dir, "out_0002.png"))) {
		t.Error("the input was replaced")
	}
}
