package main

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"oneiro/internal/imageio"
	"oneiro/nn"
)

func TestNets(t *testing.T) {
	dir := t.TempDir()
	out := mustRun(t, dir, "nets").stdout
	for _, net := range nn.All() {
		if !strings.Contains(out, net.Name) || !strings.Contains(out, net.Description) {
			t.Errorf("%s is missing:\n%s", net.Name, out)
		}
	}
	out = mustRun(t, dir, "nets", "VGG-19", "--size", "224", "--all").stdout
	for _, want := range []string{"relu4_2", "28x28x512", "143 667 240"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	}
	out = mustRun(t, dir, "nets", "googlenet").stdout
	if lines := strings.Count(out, "\n"); lines > 20 || strings.Contains(out, "inception_4c/5x5") {
		t.Errorf("the layers to choose from take %d lines:\n%s", lines, out)
	}
	for line, want := range map[string]string{
		"inception_4c/output": "dream", "inception_3b/output": "content", "conv2/relu ": "style", "129 more": "--all",
	} {
		if _, rest, found := strings.Cut(out, line); !found ||
			!strings.Contains(strings.SplitN(rest, "\n", 2)[0], want) {
			t.Errorf("%q lacks %q:\n%s", line, want, out)
		}
	}
	layers := decoded[[]layerInfo](t, mustRun(t, dir, "nets", "googlenet", "--json", "--size", "224").stdout)
	if l := layers[0]; l.Name != "conv1/7x7_s2" || l.Shape != [3]int{112, 112, 64} || l.Field != [2]int{7, 7} ||
		l.Parameters != 9472 {
		t.Errorf("the first layer is %+v", l)
	}
	var nets []netInfo
	out = mustRun(t, dir, "nets", "--json").stdout
	if err := json.Unmarshal([]byte(out), &nets); err != nil || len(nets) != len(nn.All()) {
		t.Errorf("%d networks, %v", len(nets), err)
	}
}

// TestPlan checks that the table has what a run takes, and that options count.
func TestPlan(t *testing.T) {
	dir := t.TempDir()
	short := mustRun(t, dir, "plan", "--model", "vgg19", "--size", "256", "--for", "style", "--no-time").stdout
	if lines := strings.Count(short, "\n"); lines > 6 || strings.Contains(short, "arena") {
		t.Errorf("the answer takes %d lines:\n%s", lines, short)
	}
	for _, want := range []string{
		"256x256", "expected peak memory", "99.350 G", "12.667 T, in 165 steps", "from 128x128",
	} {
		if !strings.Contains(short, want) {
			t.Errorf("want %q:\n%s", want, short)
		}
	}
	out := mustRun(t, dir, "plan", "--model", "vgg19", "--size", "256", "--for", "style", "--verbose", "--no-time").stdout
	if !strings.HasPrefix(out, short) {
		t.Errorf("--verbose does not begin with\n%s\nbut\n%s", short, out)
	}
	for _, want := range []string{"arena", "packed filters", "scratch", "relu1_1 1x256x256x64", "16.0 MiB"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	}
	plan := func(more ...string) sizeJSON {
		t.Helper()
		var sizes []sizeJSON
		args := append([]string{"plan", "--json", "--no-time", "--model", "vgg19", "--size", "256"}, more...)
		out := mustRun(t, dir, args...).stdout
		if err := json.Unmarshal([]byte(out), &sizes); err != nil {
			t.Fatal(err)
		}
		last := sizes[len(sizes)-1]
		sum := int64(0)
		for _, bytes := range last.Memory {
			sum += bytes
		}
		if sum != last.Peak {
			t.Errorf("%v: parts add up to %d, the peak is %d", more, sum, last.Peak)
		}
		return last
	}
	timed := mustRun(t, dir, "plan", "--size", "64", "--iterations", "7").stdout
	for _, want := range []string{"in 7 steps", "time of a run", " on this machine\n"} {
		if !strings.Contains(timed, want) {
			t.Errorf("want %q:\n%s", want, timed)
		}
	}
	if v := plan("--model", "builtin", "--size", "64", "--no-time=false"); !(v.Seconds > 0) {
		t.Errorf("it takes %v seconds", v.Seconds)
	}
	if v := plan(); v.Seconds != 0 {
		t.Errorf("without a measurement it takes %v seconds", v.Seconds)
	}
	long, brief := plan("--history", "20"), plan("--history", "5")
	if canvas := int64(256 * 256 * 3 * 4); long.Memory["optimizer"]-brief.Memory["optimizer"] != 2*15*canvas {
		t.Errorf("15 steps more of history take %d bytes", long.Memory["optimizer"]-brief.Memory["optimizer"])
	}
	if d := plan("--for", "dream", "--layers", "relu2_1"); !(d.Peak < brief.Peak && d.FLOPs < brief.FLOPs) {
		t.Errorf("a shallow dream takes %d bytes and %g operations", d.Peak, d.FLOPs)
	}
	v := plan("--for", "vis", "--layer", "relu2_1", "--channels", "0-3", "--size", "128")
	if v.Width != 128 || v.Height != 128 || !(v.Peak > 0) {
		t.Errorf("a visualisation is planned with %dx%d and %d bytes", v.Width, v.Height, v.Peak)
	}
	free, tight, ample := plan(), plan("--memory", "165MiB"), plan("--memory", "1GiB")
	if !(tight.Peak <= 165<<20 && tight.Memory["arena"] < free.Memory["arena"]) {
		t.Errorf("165 MiB of memory make it %d bytes with an arena of %d", tight.Peak, tight.Memory["arena"])
	}
	if !(ample.Peak <= 1<<30 && ample.Memory["packed filters"] > free.Memory["packed filters"]+100<<20) {
		t.Errorf("1 GiB of memory keeps %d bytes of filters", ample.Memory["packed filters"])
	}
	put(t, dir, "wide.png", imageio.New(64, 32))
	if p := plan("wide.png"); p.Width != 256 || p.Height != 128 {
		t.Errorf("the size is %dx%d", p.Width, p.Height)
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]int64{
		"400MiB": 400 << 20, "1.5GiB": 3 << 29, "2gb": 2e9, "64 KB": 64000, "3g": 3 << 30, "100": 100, "7B": 7,
	} {
		var b byteSize
		if err := b.UnmarshalText([]byte(text)); err != nil || int64(b) != want {
			t.Errorf("%s is %d bytes (%v), want %d", text, b, err, want)
		}
	}
	for _, text := range []string{"MiB", "-1MiB", "0", "1e30TiB", "nanGB", "5XB", "0.1b", "1e-10GiB"} {
		var b byteSize
		if err := b.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d bytes", text, b)
		}
	}
}

// TestByteSizeKeepsItsValue writes amounts as text and reads them again.
func TestByteSizeKeepsItsValue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for range 10_000 {
		want := byteSize(1 + random.Uint64()>>(11+random.IntN(53))) // what a float64 holds
		text, err := want.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got byteSize
		if err := got.UnmarshalText(text); err != nil || got != want {
			t.Fatalf("%d becomes %s and then %d (%v)", want, text, got, err)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	dir := t.TempDir()
	if out := mustRun(t, dir, "version").stdout; !strings.Contains(out, "oneiro ") ||
		!strings.Contains(out, "generic") || !strings.Contains(out, "\ntiles: builtin\n") {
		t.Errorf("version: %s", out)
	}
	root := mustRun(t, dir).stdout
	for _, want := range append(pipelineNames(), "Exit codes:", "130", "nets", "plan") {
		if !strings.Contains(root, want) {
			t.Errorf("the help lacks %q:\n%s", want, root)
		}
	}
}

func TestLongTime(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.04: "0.0 s", 7.26: "7.3 s", 59.94: "1 min", 100: "1 min 40 s", 3599.7: "1 h", 12013: "3 h 20 min",
		86399: "1 d", 200000: "2 d 8 h",
	} {
		if got := longTime(time.Duration(seconds * float64(time.Second))); got != want {
			t.Errorf("%v seconds are %q, want %q", seconds, got, want)
		}
	}
}
