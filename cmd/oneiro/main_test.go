package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/imageio"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/render"
)

// asProgram is set where the test binary is to be the program.
const asProgram = "ONEIRO_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(runTests(m))
}

// runTests runs the tests with a cache folder of their own: what the user keeps there has no part in them.
func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "oneiro-test")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range cacheVariables {
		os.Setenv(name, dir)
	}
	return m.Run()
}

// cacheVariables say where os.UserCacheDir looks, whatever the system.
var cacheVariables = []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"}

// emptyCache gives one test an empty cache folder.
func emptyCache(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range cacheVariables {
		t.Setenv(name, dir)
	}
}

// command returns the program with arguments, to be run in a folder.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// outcome is how a run of the program ended.
type outcome struct {
	code           int
	stdout, stderr string
}

func run(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	cmd := command(t, dir, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// mustRun is run for what has to succeed.
func mustRun(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	o := run(t, dir, args...)
	if o.code != exitDone {
		t.Fatalf("oneiro %q: exit code %d\n%s", args, o.code, o.stderr)
	}
	return o
}

// tiny are the flags of a run that takes no time.
func tiny(command string, more ...string) []string {
	args := []string{command, "--size", "48", "--iterations", "3", "--threads", "2"}
	if command == "dream" {
		args = append(args, "--octaves", "2")
	}
	return append(args, more...)
}

// put writes a picture into a folder and returns its name.
func put(t *testing.T, dir, name string, im *imageio.Image) string {
	t.Helper()
	if err := imageio.Write(filepath.Join(dir, name), im, imageio.Meta{}); err != nil {
		t.Fatal(err)
	}
	return name
}

func picture(t *testing.T, path string) *imageio.Image {
	t.Helper()
	im, err := imageio.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// events parses the lines of --json.
func events(t *testing.T, stdout string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(stdout) {
		var e map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// eventsOf returns the events of a kind among the lines of --json.
func eventsOf(t *testing.T, stdout, kind string) []map[string]any {
	t.Helper()
	return slices.DeleteFunc(events(t, stdout), func(e map[string]any) bool { return e["event"] != kind })
}

// TestPictures runs both commands without any file.
func TestPictures(t *testing.T) {
	for _, name := range []string{"style", "dream"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := mustRun(t, dir, tiny(name, "-o", "out.jpg", "--save-every", "2")...)
			if im := picture(t, filepath.Join(dir, "out.jpg")); im.W != 48 || im.H != 36 {
				t.Errorf("the picture has %dx%d pixels", im.W, im.H)
			}
			if o.stdout != "" {
				t.Errorf("on stdout: %q", o.stdout)
			}
			for _, want := range []string{"network   builtin", "output    out.jpg", "step 1/", "loss",
				"gradient", "total", "out.jpg: 48x36"} {
				if !strings.Contains(o.stderr, want) {
					t.Errorf("stderr lacks %q:\n%s", want, o.stderr)
				}
			}
			if im := picture(t, filepath.Join(dir, "out_0002.jpg")); im.W != 48 || im.H != 36 {
				t.Errorf("the picture on the way has %dx%d pixels", im.W, im.H)
			}
			o = mustRun(t, dir, tiny(name, "--quiet")...)
			if o.stdout+o.stderr != "" {
				t.Errorf("--quiet prints %q, %q", o.stdout, o.stderr)
			}
			picture(t, filepath.Join(dir, "oneiro-"+name+".png"))
		})
	}
}

// TestJSON checks the lines of --json against each other.
func TestJSON(t *testing.T) {
	for _, name := range []string{"style", "dream"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			all := events(t, mustRun(t, dir, tiny(name, "-o", "out.png", "--json", "--print-every", "2", "--quiet")...).stdout)
			start, steps, end := all[0], all[1:len(all)-1], all[len(all)-1]
			if start["event"] != "start" || start["json_version"] != 1.0 || start["output"] != "out.png" ||
				start["width"] != 48.0 || start["height"] != 36.0 ||
				start["recipe"].(map[string]any)["command"] != name {
				t.Errorf("the start is %v", start)
			}
			if len(steps) < 2 {
				t.Fatalf("%d steps", len(steps))
			}
			for i, e := range steps {
				want := max(2*i, 1)
				if e["event"] != "step" || e["step"] != float64(want) {
					t.Errorf("event %d is %v", i, e)
				}
				if w, h := e["width"].(float64), e["height"].(float64); !(h > 0 && w > h && w <= 48) {
					t.Errorf("the size is %v x %v", w, h)
				}
				if e["steps"] != start["steps"] {
					t.Errorf("%v steps, at the start %v", e["steps"], start["steps"])
				}
				var sum float64
				for _, v := range e["terms"].(map[string]any) {
					sum += v.(float64)
				}
				loss := e["loss"].(float64)
				if d := (sum - loss) / loss; !(d < 1e-4 && d > -1e-4) {
					t.Errorf("terms add up to %v, the loss is %v", sum, loss)
				}
				if s := e["seconds"].(float64); !(s >= 0) {
					t.Errorf("seconds %v", s)
				}
			}
			if end["event"] != "done" || end["output"] != "out.png" || end["width"] != 48.0 || end["height"] != 36.0 {
				t.Errorf("the end is %v", end)
			}
			for _, key := range []string{"steps", "seconds", "peak_bytes"} {
				if v, _ := end[key].(float64); !(v > 0) {
					t.Errorf("%s is %v", key, end[key])
				}
			}
			if _, ok := end["loss"].(float64); !ok {
				t.Errorf("the loss is %v", end["loss"])
			}
		})
	}
}

// TestThreads checks that the number of threads does not show in the file, and that the seed does.
func TestThreads(t *testing.T) {
	for _, name := range []string{"style", "dream"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var files [][]byte
			for _, more := range [][]string{{"--threads", "1"}, {"--threads", "2"}, {"--seed", "8"}} {
				args := tiny(name, "-o", "out.png", "--quiet", "--seed", "7")
				if name == "style" {
					args = append(args, "--init", "random")
				}
				mustRun(t, dir, append(args, more...)...)
				files = append(files, readFile(t, filepath.Join(dir, "out.png")))
			}
			if !bytes.Equal(files[0], files[1]) {
				t.Error("another number of threads gives another file")
			}
			if bytes.Equal(files[0], files[2]) {
				t.Error("another seed gives the same file")
			}
		})
	}
}

// TestRecipe makes a picture again from the recipe in it.
func TestRecipe(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "content.png", sample.Landscape(40, 32, 3))
	put(t, dir, "painting.png", sample.Painting(32, 40, 3))
	put(t, dir, "start.png", sample.Painting(40, 32, 4))
	for _, args := range [][]string{
		tiny("style", "--seed", "5", "--style-blend", "1,3", "--style-scale", "0.9,1.5", "--content-layers",
			"conv3_1", "--style-weight", "3.5",
			"--optimizer", "adam", "--pooling", "max", "--init", "start.png", "content.png", "painting.png", "start.png"),
		tiny("style", "--compat", "neural-style-pt", "--content-weight", "5e4", "content.png", "painting.png"),
		tiny("dream", "--layers", "relu2_1,relu3_1", "--step", "3", "content.png"),
		tiny("dream", "content.png"),
	} {
		mustRun(t, dir, append(args, "-o", "a.png", "--quiet")...)
		r := recipeOf(t, filepath.Join(dir, "a.png"))
		if r.Program != "oneiro" || r.Version == "" || r.Command != args[0] || r.Engine.Kernels == "" {
			t.Errorf("%+v", r)
		}
		if hash := render.PixelHash(picture(t, filepath.Join(dir, "a.png"))); r.Pixels != hash {
			t.Errorf("the recipe has the hash %s, the picture %s", r.Pixels, hash)
		}
		mustRun(t, dir, append(replay(r), "-o", "b.png", "--quiet")...)
		if !bytes.Equal(readFile(t, filepath.Join(dir, "a.png")), readFile(t, filepath.Join(dir, "b.png"))) {
			t.Errorf("the recipe %+v makes another picture", r)
		}
	}
}

// recipeOf reads the recipe in a picture.
func recipeOf(t *testing.T, path string) *render.Recipe {
	t.Helper()
	text, err := imageio.ReadRecipe(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := render.ParseRecipe(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// replay returns the command line that does what a recipe says.
func replay(r *render.Recipe) []string {
	args := []string{r.Command, "--model", r.Network.Name, "--kernels", r.Engine.Kernels,
		"--padding", cmp.Or(r.Network.Padding, "zero"), fmt.Sprintf("--seed=%d", r.Seed)}
	if r.Network.Pooling != "" {
		args = append(args, "--pooling", r.Network.Pooling)
	}
	for option, value := range r.Options {
		if value != string(render.InitPicture) {
			args = append(args, "--"+option+"="+value)
		}
	}
	for _, in := range r.Inputs {
		switch {
		case in.Role == render.RoleInit:
			args = append(args, "--init", in.Name)
		case in.Name != "":
			args = append(args, in.Name)
		}
	}
	return args
}

// TestChannels checks that --layers amplifies all channels of a layer, and --channels some of the
// network's default layers.
func TestChannels(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ flag, want string }{
		{"--layers=relu2_1", "l2/relu2_1"}, {"--channels=2", "channel/" + nn.Builtin().Dream[0] + ":2"},
		{"--channels=0-1,5-6", "channel/" + nn.Builtin().Dream[0] + ":0,1,5,6"},
	} {
		all := eventsOf(t, mustRun(t, dir, tiny("dream", "--json", "-o", "out.png", c.flag)...).stdout, "step")
		if terms := all[0]["terms"].(map[string]any); terms[c.want] == nil {
			t.Errorf("%s: the terms are %v", c.flag, terms)
		}
	}
}

func TestAlpha(t *testing.T) {
	dir := t.TempDir()
	im := sample.Landscape(48, 36, 3)
	im.Alpha = make([]float32, 48*36)
	for i := range im.Alpha {
		im.Alpha[i] = float32(i%256) / 255
	}
	put(t, dir, "in.png", im)
	mustRun(t, dir, tiny("style", "-o", "out.png", "in.png")...)
	got := picture(t, filepath.Join(dir, "out.png"))
	if len(got.Alpha) != len(im.Alpha) {
		t.Fatalf("%d values of alpha, want %d", len(got.Alpha), len(im.Alpha))
	}
	for i, a := range got.Alpha {
		if a != im.Alpha[i] {
			t.Fatalf("alpha of pixel %d is %v, was %v", i, a, im.Alpha[i])
		}
	}
}

// TestCompat checks that a flag overrides what the other program has as its default.
func TestCompat(t *testing.T) {
	dir := t.TempDir()
	options := func(more ...string) map[string]string {
		mustRun(t, dir, tiny("style", append(more, "-o", "out.png", "--quiet", "--compat", "neural-style-pt")...)...)
		r := recipeOf(t, filepath.Join(dir, "out.png"))
		return r.Options
	}
	o := options("--content-weight", "6")
	if o["compat"] != "neural-style-pt" || o["style-weight"] != "" || o["init"] != "" || o["iterations"] != "3" {
		t.Errorf("%v", o)
	}
	o = options("--style-weight", "7", "--init", "content")
	if o["style-weight"] != "7" || o["init"] != "content" || o["content-weight"] != "" {
		t.Errorf("%v", o)
	}
}
