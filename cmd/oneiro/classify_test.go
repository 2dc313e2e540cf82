package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/sample"
	"oneiro/nn"
	"oneiro/weights"
	"oneiro/zoo"
)

// scaledParams are the built-in ones with a factor.
type scaledParams float32

func (s scaledParams) Tensor(name string, shape ...int) ([]float32, error) {
	v, err := zoo.BuiltinParams().Tensor(name, shape...)
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(s) * v[i]
	}
	return out, err
}

// writeNetwork writes the built-in network with its parameters scaled, as train writes one.
func writeNetwork(t *testing.T, path string, factor float32) {
	t.Helper()
	sources, err := zoo.Sources(nn.Builtin(), scaledParams(factor), false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	meta := weights.Metadata{weights.KeyNetwork: builtin}
	if err := weights.WriteSafetensors(io.Writer(f), meta, sources); err != nil {
		t.Fatal(err)
	}
}

// TestOverflow has commands classify with weights that overflow: an error names file and layer, and nothing is
// printed as if it were a result.
func TestOverflow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeNetwork(t, filepath.Join(dir, "net.safetensors"), 1e30)
	put(t, dir, "in.png", sample.Landscape(48, 36, 1))
	for _, args := range []string{"classify in.png", "classify in.png --json"} {
		o := run(t, dir, append(strings.Fields(args), "--weights", "net.safetensors")...)
		if o.code != exitFailed || strings.Contains(o.stdout, `"probability"`) || strings.Contains(o.stdout, " %") ||
			!strings.Contains(o.stderr, "net.safetensors: the values of layer conv") ||
			!strings.Contains(o.stderr, "hint: ") {
			t.Errorf("%s: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
	}
	score := run(t, dir, "train", "score", "--pictures", "10", "--weights", "net.safetensors")
	if score.code != exitFailed || score.stdout != "" || !strings.Contains(score.stderr, "not finite") {
		t.Errorf("train score: exit code %d\n%s%s", score.code, score.stdout, score.stderr)
	}
}

// TestClassifyFit shows the network different parts of a wide picture.
func TestClassifyFit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, dir, "in.png", sample.Landscape(96, 36, 1))
	outputs := map[string]bool{}
	for _, fit := range []string{"crop", "squeeze", "multi"} {
		outputs[mustRun(t, dir, "classify", "in.png", "--fit", fit, "--json").stdout] = true
	}
	if usual := mustRun(t, dir, "classify", "in.png", "--json").stdout; len(outputs) != 3 || !outputs[usual] {
		t.Errorf("%d kinds of fit differ", len(outputs))
	}
	if o := run(t, dir, "classify", "in.png", "--fit", "stretch"); o.code != exitUsage ||
		!strings.Contains(o.stderr, "--fit") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}
