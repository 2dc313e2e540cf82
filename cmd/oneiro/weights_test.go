package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/weights"
	"oneiro/zoo"
)

// writeVGG writes the first layers of a VGG-19 as a folder, with torchvision's preset.
func writeVGG(t *testing.T, path string) {
	t.Helper()
	writeCut(t, path, nn.VGG19(), "relu2_1")
}

// writeCut writes the layers of a network up to one as a folder, with torchvision's preset.
func writeCut(t *testing.T, path string, net *nn.Network, last string) {
	t.Helper()
	net, err := net.Cut(last)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := net.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	var all []weights.TensorSource
	for i, s := range specs {
		layout := weights.HWIO
		if len(s.Shape) == 1 {
			layout = weights.O
		}
		values := func() ([]float32, error) {
			values := make([]float32, s.Len())
			for k := range values {
				values[k] = float32((k*7+i)%31-15) / 64
			}
			return values, nil
		}
		all = append(all, weights.TensorSource{Name: s.Name, Shape: s.Shape, Layout: layout, Values: values})
	}
	meta := weights.Metadata{weights.KeyNetwork: net.Name, weights.KeyPreset: "torchvision"}
	if err := weights.WriteFolder(path, meta, all); err != nil {
		t.Fatal(err)
	}
}

func TestWeightsInfo(t *testing.T) {
	dir := t.TempDir()
	writeVGG(t, filepath.Join(dir, "vgg"))
	info := decoded[fileInfo](t, mustRun(t, dir, "weights", "info", "vgg", "--json").stdout)
	if info.Network != "vgg19" || info.Preset != "torchvision" ||
		len(info.Tensors) != 6 || len(info.Unused) != 0 || len(info.Missing) != 32 {
		t.Errorf("%+v", info)
	}
	if x := info.Tensors[0]; *x.Min != -15.0/64 || *x.Max != 15.0/64 || !(*x.RMS > 0.13 && *x.RMS < 0.15) {
		t.Errorf("%s: %g to %g, rms %g", x.Name, *x.Min, *x.Max, *x.RMS)
	}
	out := mustRun(t, dir, "weights", "info", "vgg").stdout
	if !strings.Contains(out, "vgg19") || !strings.Contains(out, "3x3x3x64") {
		t.Errorf("info prints\n%s", out)
	}
}

// TestWeightsUses says for which commands a file lacks parameters.
func TestWeightsUses(t *testing.T) {
	dir := t.TempDir()
	net := nn.SqueezeNet11()
	for i, c := range []struct{ last, want string }{
		{"fire2/concat", "style, texture, dream and classify"},
		{net.Dream[0], "style, texture and classify, not for dream"},
		{net.Style[len(net.Style)-1], "classify, not for style, texture or dream"},
		{net.Classifier(), ""},
	} {
		file := fmt.Sprint(i)
		writeCut(t, filepath.Join(dir, file), net, c.last)
		out := mustRun(t, dir, "weights", "info", file).stdout
		_, line, found := strings.Cut(out, "\nneeded for")
		line, _, _ = strings.Cut(line, "\n")
		if found != (c.want != "") || strings.TrimSpace(line) != c.want {
			t.Errorf("up to %s: %q, want %q:\n%s", c.last, line, c.want, out)
		}
	}
}

// TestCutWeights offers the layers that a file has where it ends before those that are needed.
func TestCutWeights(t *testing.T) {
	dir := t.TempDir()
	writeCut(t, filepath.Join(dir, "vgg"), nn.VGG11(), "relu3_2")
	o := run(t, dir, tiny("style", "--weights", "vgg")...)
	const flags = "--style-layers relu1_1,relu2_1,relu3_1 --content-layers relu3_1"
	if o.code != exitFailed || !strings.Contains(o.stderr, "a vgg11 without its layer conv4_") ||
		!strings.Contains(o.stderr, "ends at conv3_2") || !strings.Contains(o.stderr, flags) {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
	mustRun(t, dir, tiny("style", append(strings.Fields(flags), "--weights", "vgg")...)...)
}

// TestWeightsOfAnother refuses a network that the file is not of, whatever its names contain.
func TestWeightsOfAnother(t *testing.T) {
	dir := t.TempDir()
	writeVGG(t, filepath.Join(dir, "vgg"))
	for _, model := range []string{"vgg16", "googlenet", "builtin"} {
		o := run(t, dir, tiny("style", "--weights", "vgg", "--model", model)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, "this is a vgg19, not a "+model) {
			t.Errorf("--model %s: exit code %d\n%s", model, o.code, o.stderr)
		}
	}
	for _, args := range [][]string{nil, {"--weights", "vgg"}} {
		o := run(t, dir, tiny("style", append(args, "--preset", "nonsense")...)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, "--preset") {
			t.Errorf("a preset that is none, %q: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
}

// damage flips a bit of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[100] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestConvertBroken blames the file for its own fault, and not the disk.
func TestConvertBroken(t *testing.T) {
	dir := t.TempDir()
	writeVGG(t, filepath.Join(dir, "vgg"))
	file := filepath.Join(dir, "vgg", "002.bin")
	damage(t, file)
	for _, out := range []string{"a.safetensors", "folder/"} {
		o := run(t, dir, "weights", "convert", "vgg", "-o", out)
		if o.code != exitFailed || !strings.Contains(o.stderr, "checksum") || strings.Contains(o.stderr, "disk") ||
			strings.Contains(o.stderr, "cannot write") {
			t.Errorf("%s: exit code %d\n%s", out, o.code, o.stderr)
		}
	}
}

func TestNeededFor(t *testing.T) {
	for want, c := range map[string][2][]string{
		"dream, not for style":       {{"dream"}, {"style"}},
		"style and dream":            {{"style", "dream"}, nil},
		"none of style and dream":    {nil, {"style", "dream"}},
		"a, b and c, not for d or e": {{"a", "b", "c"}, {"d", "e"}},
	} {
		if got := neededFor(c[0], c[1]); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestWeightsHelp wants the help to name files for every network that needs one.
func TestWeightsHelp(t *testing.T) {
	out := mustRun(t, t.TempDir(), "weights", "--help").stdout
	for _, net := range nn.All() {
		files := zoo.Suggestions(net.Name)
		if len(files) > 0 && !(strings.Contains(out, "  "+net.Name+" ") && strings.Contains(out, " "+files[0])) {
			t.Errorf("the help lacks %s and its file %s:\n%s", net.Name, files[0], out)
		}
	}
	for line := range strings.Lines(out) {
		if len(line) > 111 {
			t.Errorf("too long: %s", line)
		}
	}
}

// TestWeightsList lists all files that are known, or those of a network, for people and for programs.
func TestWeightsList(t *testing.T) {
	dir := t.TempDir()
	all := mustRun(t, dir, "weights", "list").stdout
	for _, f := range zoo.KnownFiles("") {
		if !strings.Contains(all, " "+f.Name+" ") || !strings.Contains(all, f.Publisher) {
			t.Errorf("%s is not listed:\n%s", f.Name, all)
		}
	}
	lines := strings.Split(strings.TrimSpace(mustRun(t, dir, "weights", "list", "vgg19", "--json").stdout), "\n")
	for i, f := range zoo.KnownFiles("vgg19") {
		var got zoo.KnownFile
		if err := json.Unmarshal([]byte(lines[i]), &got); err != nil || got != f {
			t.Errorf("%s: %+v, %v", lines[i], got, err)
		}
	}
	if o := run(t, dir, "weights", "list", "vgg18"); o.code != exitUsage || !strings.Contains(o.stderr, "vgg16") {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
}

// TestWeightsDocument checks that the table of files in docs/weights.md is the one that the program has.
// go test -run WeightsDocument -update ./cmd/oneiro writes it.
func TestWeightsDocument(t *testing.T) {
	const path, begin, end = "../../docs/weights.md", "<!-- files: begin -->\n", "<!-- files: end -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no table of files", path)
	}
	fixture.Text(t, path, []byte(before+begin+weightsTable()+end+after))
}

// TestMissingKnownFile says what a well-known file is that is not there.
func TestMissingKnownFile(t *testing.T) {
	o := run(t, t.TempDir(), tiny("style", "--weights", "some/vgg19-dcbb9e9d.pth")...)
	if o.code == 0 || !strings.Contains(o.stderr, "some/vgg19-dcbb9e9d.pth") ||
		!strings.Contains(o.stderr, "torchvision's VGG-19, published by PyTorch (torchvision)") {
		t.Errorf("exit code %d: %s", o.code, o.stderr)
	}
}

// TestClassifyNote warns of the built-in network, and of no other.
func TestClassifyNote(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "in.png", sample.Landscape(48, 36, 1))
	const want = "the built-in network knows only the 58 motifs"
	o := mustRun(t, dir, "classify", "in.png")
	if !strings.Contains(o.stderr, want) || !strings.Contains(o.stderr, "--weights FILE") ||
		strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("stderr: %s", o.stderr)
	}
	builtin, err := zoo.Sources(nn.Builtin(), zoo.BuiltinParams(), true)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(filepath.Join(dir, "own.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := weights.WriteSafetensors(file, zoo.BuiltinParams().Metadata(), builtin); err != nil {
		t.Fatal(err)
	}
	if o := mustRun(t, dir, "classify", "in.png", "--weights", "own.safetensors"); o.stderr != "" {
		t.Errorf("with weights, stderr: %s", o.stderr)
	}
}

func TestWeightsVerify(t *testing.T) {
	dir := t.TempDir()
	writeVGG(t, filepath.Join(dir, "vgg"))
	if out := mustRun(t, dir, "weights", "verify", "vgg").stdout; !strings.Contains(out, "6 tensors") {
		t.Errorf("verify prints %s", out)
	}
	file := filepath.Join(dir, "vgg", "002.bin")
	damage(t, file)
	o := run(t, dir, "weights", "verify", "vgg")
	if o.code != exitFailed || !strings.Contains(o.stderr, "1 of 6") || !strings.Contains(o.stderr, "hint:") {
		t.Errorf("a bit that changed: exit code %d\n%s", o.code, o.stderr)
	}
}

// TestWeightsConvert checks that converted weights give the same bits, and tell what pictures they expect.
func TestWeightsConvert(t *testing.T) {
	dir := t.TempDir()
	writeVGG(t, filepath.Join(dir, "vgg"))
	outputs := []string{"folder/", "file.safetensors"}
	want, err := zoo.OpenParams(filepath.Join(dir, "vgg"))
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	for _, out := range outputs {
		mustRun(t, dir, "weights", "convert", "vgg", "-o", out)
		got, err := zoo.OpenParams(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		defer got.Close()
		if p, err := got.Preset(); p != "torchvision" || err != nil {
			t.Errorf("%s: preset %q, %v", out, p, err)
		}
		for _, x := range want.Tensors() {
			shape := x.Shape // HWIO
			a, err := want.Tensor(x.Name, shape...)
			if err != nil {
				t.Fatal(err)
			}
			b, err := got.Tensor(x.Name, shape...)
			if err != nil || !slices.Equal(a, b) {
				t.Errorf("%s: %s differs, %v", out, x.Name, err)
			}
		}
	}
	before := names(t, dir)
	for args, hint := range map[string]string{
		"vgg": "-o vgg19.safetensors", "vgg -o vgg.pth": "in .safetensors", "vgg -o folder/": "remove what is there",
		"vgg -o folder/ --half": ".safetensors file", "vgg -o nowhere/there.safetensors": "",
		"none -o a.safetensors": "check the path",
	} {
		o := run(t, dir, append([]string{"weights", "convert"}, strings.Fields(args)...)...)
		if o.code == exitDone || !strings.Contains(o.stderr, hint) {
			t.Errorf("convert %s: exit code %d\n%s", args, o.code, o.stderr)
		}
	}
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("left behind: %q", after)
	}
}

func TestClassify(t *testing.T) {
	cat := fixture.Shared(t, "golden/cat_224.png")
	file := fixture.Shared(t, "weights/googlenet_bvlc")
	got := decoded[[]guess](t, mustRun(t, t.TempDir(), "classify", cat, "--weights", file, "--json").stdout)
	if len(got) != 5 || got[0].Names[0] != "tiger cat" || !(got[0].Probability > 0.4) {
		t.Errorf("%+v", got)
	}
}

// TestClassifyWithoutList names the classes of weights that come without names.
func TestClassifyWithoutList(t *testing.T) {
	cat := fixture.Shared(t, "golden/cat_224.png")
	file := fixture.Shared(t, "weights/squeezenet1.1")
	got := decoded[[]guess](t, mustRun(t, t.TempDir(), "classify", cat, "--weights", file, "--json").stdout)
	tigerCat := func(g guess) bool { return g.Class == 282 && slices.Equal(g.Names, []string{"tiger cat"}) }
	if len(got) != 5 || !slices.ContainsFunc(got, tigerCat) {
		t.Errorf("%+v", got)
	}
}

// TestConvertSmall paints with a converted network whose layers have other names in the file that it came in.
func TestConvertSmall(t *testing.T) {
	dir := t.TempDir()
	from := fixture.Shared(t, "weights/vgg19_16x.npz")
	mustRun(t, dir, "weights", "convert", from, "-o", "small.safetensors")
	for file, out := range map[string]string{from: "a.png", "small.safetensors": "b.png"} {
		mustRun(t, dir, tiny("style", "--weights", file, "-o", out)...)
	}
	a, b := picture(t, filepath.Join(dir, "a.png")), picture(t, filepath.Join(dir, "b.png"))
	if !slices.Equal(a.Pix, b.Pix) {
		t.Error("the converted network paints another picture")
	}
}

// TestMissingWeights wants a hint that names a file for every network that needs one.
func TestMissingWeights(t *testing.T) {
	dir := t.TempDir()
	for _, net := range nn.All() {
		if net.Name == builtin {
			continue
		}
		o := run(t, dir, tiny("style", "--model", net.Name)...)
		files := zoo.Suggestions(net.Name)
		if o.code != exitUsage || len(files) == 0 ||
			!strings.Contains(o.stderr, "pass --weights FILE, such as "+files[0]) {
			t.Errorf("%s: exit code %d\n%s", net.Name, o.code, o.stderr)
		}
	}
}
