package browser

import (
	"encoding/json"
	"image"
	"image/color"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// ready waits for the form. The wells are drawn anew with it, and what is dropped meanwhile is lost.
func (p *page) ready() {
	p.t.Helper()
	p.wait("the form is there", `document.querySelector("#o-size")`)
}

// dropPictures drops a photograph and a painting into their wells.
func (p *page) dropPictures() {
	p.t.Helper()
	p.ready()
	content, style := pictures(p.t)
	p.drop(p.find("button", "Choose a photograph").centre(), content)
	p.find("button", "meadow.png: choose another")
	p.drop(p.find("button", "Choose paintings").centre(), style)
	p.find("button", "strokes.png: choose another")
}

// write writes a value into the field of an option.
func (p *page) write(option, value string) {
	p.t.Helper()
	p.set(p.find("textbox", option), value)
}

// begin starts a job of some size and steps.
func (p *page) begin(size, steps string) {
	p.t.Helper()
	p.write("Size", size)
	p.write("Steps", steps)
	n := len(jobs(p))
	p.click("button", "Start")
	until(p.t, "a job is in the queue", func() bool { return len(jobs(p)) > n })
}

// preview waits until the picture so far is shown.
func (p *page) preview() {
	p.t.Helper()
	p.wait("a preview arrives", `(i => i && i.src.includes("preview.jpg") && i.complete && i.naturalWidth > 0)(
		document.querySelector("#stage .layer.b img"))`)
}

// TestRun drops two pictures, starts, sees the picture grow, compares it with the photograph, and finds it in
// the gallery.
func TestRun(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	if got := s.files("in"); strings.Join(got, " ") != "meadow.png strokes.png" {
		t.Errorf("the folder has %v", got)
	}
	p.wait("the line is there", `document.querySelector("#line").textContent.startsWith("oneiro style")`)
	p.begin("128", "120")
	p.preview()
	j := p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	if got := s.files("out"); len(got) != 1 || j.name() != got[0] {
		t.Errorf("the folder has %v, and the job says %s", got, j.Output)
	}
	if got := s.picture(j.Output).Bounds().Size(); got != (image.Pt(128, 96)) {
		t.Errorf("the picture has %v pixels", got)
	}
	p.wait("the result is shown", `(() => {
		const i = document.querySelector("#stage .layer.b img")
		return i.src.includes("/files/out/") && i.naturalWidth === 128
	})()`)

	divider := p.find("slider", "Where photograph and result meet")
	before := divider.value
	c := divider.centre()
	p.mouse("left", c, point{c.x + 60, c.y}, point{c.x + 120, c.y})
	p.wait("the divider moved", `document.querySelector(".divider").ariaValueNow > `+before)
	p.press(kb.Home)
	p.wait("the divider is at the left", `document.querySelector(".divider").ariaValueNow === "0"`)

	p.click("link", "Gallery")
	p.click("button", j.name()+".*")
	p.find("button", "Use these settings")
}

// TestRegions paints where the photograph stays, and gets a result that has it there.
func TestRegions(t *testing.T) {
	s := start(t)
	p := &painter{page: open(t, s.link, desktop)}
	p.dropPictures()
	p.click("button", "Paint regions: meadow.png")
	p.look()
	p.press("f")
	p.clickAt(p.at(20, 20))
	p.choose("Style here", "keep")
	p.click("button", "Use")
	p.gone("dialog", ".*")
	until(t, "the server has the regions", func() bool { return len(s.files("masks")) == 1 })
	mask := s.files("masks")[0]
	expect(t, s.picture("masks", mask), func(x, y float64) color.Color {
		if y < 60 {
			return blue
		}
		return white
	})
	p.begin("160", "8")
	j := p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	if !strings.Contains(j.Line, "--regions masks/"+mask) || !strings.Contains(j.Line, "blue=keep") {
		t.Errorf("the command is %s", j.Line)
	}
	result, before := s.picture(j.Output), photo()
	same := 0
	for y := range photoSize.Y {
		for x := range photoSize.X {
			equal := color.RGBAModel.Convert(result.At(x, y)) == before.At(x, y)
			if y < 56 && !equal {
				t.Fatalf("pixel %d, %d is %v, and was %v", x, y, result.At(x, y), before.At(x, y))
			} else if y > 64 && equal {
				same++
			}
		}
	}
	if same > photoSize.X*photoSize.Y/10 {
		t.Errorf("%d pixels outside are the photograph's, too", same)
	}
}

// TestStop stops a job, resumes it, loads the page again, kills the server, and still gets the picture that an
// uninterrupted run makes.
func TestStop(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.careless = true // the connection ends
	p.dropPictures()
	p.begin("96", "150")
	running := func(after int) func(j job) bool {
		return func(j job) bool { return j.State == "running" && j.Step > after }
	}
	p.untilJob("it runs", running(5))
	p.click("button", "Stop and keep")
	stopped := p.untilJob("it is stopped", func(j job) bool { return j.State == "stopped" })
	if len(s.files("out")) == 0 {
		t.Error("the picture so far is not kept")
	}
	p.click("button", "Resume")
	p.untilJob("it goes on", running(stopped.Step+2))

	p.do(chromedp.Reload())
	p.preview()
	now := p.untilJob("it still runs", running(0))
	p.wait("the page shows it", `document.querySelector("#queue").textContent.includes("Running")
		|| document.querySelector(".state.running")`)

	s.kill()
	s.start()
	p.do(chromedp.Navigate(s.link))
	p.untilJob("it goes on after the server was killed", running(now.Step/2))
	j := p.untilJob("it is done", func(j job) bool { return j.State == "done" })
	out, err := exec.Command(build(t), "verify", "--find", filepath.Join(s.dir, "in"), filepath.Join(s.dir, filepath.FromSlash(j.Output))).CombinedOutput()
	if err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// TestRestore drops a result on the page and has everything back.
func TestRestore(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	p.write("Style weight", "77")
	p.begin("64", "3")
	j := p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	p.wait("the command is there", `document.querySelector("#line").textContent.includes("--style-weight 77")`)
	line := eval[string](p, `document.querySelector("#line").textContent`)
	p.click("button", "Clear everything")
	p.find("button", "Choose a photograph")
	p.drop(point{640, 300}, filepath.Join(s.dir, filepath.FromSlash(j.Output)))
	p.find("button", "meadow.png: choose another")
	p.find("button", "strokes.png: choose another")
	for option, want := range map[string]string{"Size": "64", "Steps": "3", "Style weight": "77"} {
		if got := p.find("textbox", option).value; got != want {
			t.Errorf("%s is %s, want %s", option, got, want)
		}
	}
	line, _, _ = strings.Cut(line, " --output ") // the next picture has another name
	p.wait("the command is the same", `document.querySelector("#line").textContent.startsWith(`+quoted(line)+`)`)
}

func quoted(s string) string { b, _ := json.Marshal(s); return string(b) }

// TestGallery recolours a picture, and moves it to the trash and back.
func TestGallery(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	p.begin("64", "3")
	j := p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	p.press("g")
	p.wait("its card says what it is of", `document.querySelector(".card .name")?.textContent === "Style · meadow × strokes"`)
	p.click("button", j.name()+".*")
	if p.find("button", "As made").property("pressed") != "true" ||
		p.find("button", "Save as a new picture").property("disabled") != "true" {
		t.Error("the colours are not as they were made")
	}
	p.click("button", "Matched")
	p.wait("that can be saved", `[...document.querySelectorAll(".recolour .button")].every(b => !b.disabled)`)
	p.click("button", "Vary")
	p.find("dialog", "Several at once")
	if sizes := eval[string](p, `[...document.querySelectorAll("dialog form select")].at(-1).innerText.trim()`); sizes != "as set" {
		t.Errorf("small pictures of one of 64 pixels have %s", sizes)
	}
	p.press(kb.Escape)
	p.gone("dialog", "Several at once")
	p.set(p.find("slider", "Strength"), "60")
	p.wait("the colours are shown", `[...document.images].some(i => i.src.startsWith("blob:") && i.naturalWidth > 0)`)
	p.click("button", "Save as a new picture")
	until(t, "it is saved", func() bool { return len(s.files("out")) == 2 })
	p.click("button", "Move to trash")
	until(t, "it is in the trash", func() bool { return len(s.files("trash/out")) == 1 && len(s.files("out")) == 1 })
	p.click("button", "Undo")
	until(t, "it is back", func() bool { return len(s.files("trash/out")) == 0 && len(s.files("out")) == 2 })
}
