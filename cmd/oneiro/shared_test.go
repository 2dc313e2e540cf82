package main

import (
	"strings"
	"testing"

	"oneiro/internal/fixture"
)

// TestOtherModel checks that weights of another network are known for what they are.
func TestOtherModel(t *testing.T) {
	dir := t.TempDir()
	googlenet, vgg := fixture.Shared(t, "weights/googlenet_bvlc"), fixture.Shared(t, "weights/vgg19_hybrid.npz")
	for _, c := range []struct{ model, file, want string }{
		{"vgg19", googlenet, "name googlenet"},
		{"googlenet", vgg, "name vgg19"},
	} {
		o := run(t, dir, tiny("style", "--model", c.model, "--weights", c.file)...)
		if o.code != exitUsage || !strings.Contains(o.stderr, c.want) || strings.Count(o.stderr, "\n") != 2 {
			t.Errorf("%s with %s: exit code %d\n%s", c.model, c.file, o.code, o.stderr)
		}
	}
	if got := names(t, dir); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
}

// TestClassByName dreams of classes that the weights name.
func TestClassByName(t *testing.T) {
	dir := t.TempDir()
	dream := func(folder, class string) outcome {
		return run(t, dir, "dream", "--weights", fixture.Shared(t, "weights/"+folder), "--class", class,
			"--size", "64", "--octaves", "1", "--iterations", "2", "--json", "-o", "out.png")
	}
	for _, folder := range []string{"googlenet_bvlc", "squeezenet1.1"} { // with a list of names and without
		o := dream(folder, "Daisy")
		if o.code != exitDone {
			t.Fatalf("%s: exit code %d\n%s", folder, o.code, o.stderr)
		}
		if e := eventsOf(t, o.stdout, "step")[0]; e["terms"].(map[string]any)["class/985"] == nil {
			t.Errorf("%s: the terms are %v", folder, e["terms"])
		}
	}
	for class, hint := range map[string]string{"dasy": "did you mean daisy", "crane": "134 or 517", "1000": "choose 0 to 999"} {
		if o := dream("googlenet_bvlc", class); o.code != exitUsage || !strings.Contains(o.stderr, hint) {
			t.Errorf("%s: exit code %d\n%s", class, o.code, o.stderr)
		}
	}
}
