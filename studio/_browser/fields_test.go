package browser

import (
	"bytes"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// said returns what the page says below the form.
func (p *page) said() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#plan").textContent`)
}

// TestMistakes writes what an option cannot be: the page names the field, and the command keeps its own words.
func TestMistakes(t *testing.T) {
	p := open(t, start(t).link, desktop)
	p.write("Size", "9x")
	p.wait("the mistake is told", `document.querySelector("#plan.bad")`)
	if text := p.said(); !strings.Contains(text, "“Size” must be a whole number") || strings.Contains(text, "--") {
		t.Errorf("the page says %s", text)
	}
	line := eval[string](p, `document.querySelector("#line").textContent`)
	if !strings.Contains(line, "--size 9x") {
		t.Errorf("the command is %s", line)
	}
	p.click("button", "Start")
	p.find("alert", ".*")
	p.wait("it is told again, with the field's name", `document.querySelector(".toast.bad").textContent.startsWith("“Size” must")`)
}

// TestChoose chooses classes, layers and channels from lists.
func TestChoose(t *testing.T) {
	p := open(t, start(t).link, desktop)
	p.click("tab", "Dream")
	p.click("DisclosureTriangle", "All options.*")
	choose := func(option, search, want string, pick ...string) {
		t.Helper()
		p.click("button", option+": Choose from a list")
		p.find("dialog", option)
		for _, name := range pick {
			p.set(p.find("searchbox", "Find"), name)
			p.click("checkbox|radio", name+".*")
		}
		p.set(p.find("searchbox", "Find"), search)
		p.find("searchbox", "Find")
		p.press("\r")
		p.gone("dialog", ".*")
		p.wait("the command has it", `document.querySelector("#line").textContent.includes(`+quoted(want)+`)`)
	}
	choose("Class", "butterf", "--class butterfly")
	p.set(p.find("combobox", "Class"), "")
	choose("Layers", "", "--layers relu2_1,relu3_1", "relu2_1", "relu3_1")
	choose("Channels", "", "--channels 3,17", "3", "17")
	p.click("button", "Channels: Choose from a list")
	p.find("dialog", "Channels")
	p.press(kb.Escape)
	p.gone("dialog", ".*")
}

// TestTruncated drops a photograph that is cut short. It is refused, and then used as far as it goes.
func TestTruncated(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	var data bytes.Buffer
	if err := jpeg.Encode(&data, photo(), nil); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "cut.jpg")
	if err := os.WriteFile(file, data.Bytes()[:data.Len()*2/3], 0o666); err != nil {
		t.Fatal(err)
	}
	p.ready()
	p.drop(p.find("button", "Choose a photograph").centre(), file)
	p.find("button", "cut.jpg: choose another")
	p.wait("a small copy is shown", `document.querySelector(".well.full img")?.naturalWidth > 0`)
	p.write("Size", "64")
	p.write("Steps", "3")
	p.click("button", "Start")
	p.click("button", "Use what there is")
	var j job
	until(t, "the job is done", func() bool {
		all := jobs(p)
		if len(all) == 1 {
			j = all[0]
		}
		return j.State == "done"
	})
	if !strings.Contains(j.Line, "--allow-truncated") {
		t.Errorf("the command is %s", j.Line)
	}
	p.wait("the table has it, too", `document.querySelector("#line").textContent.includes("--allow-truncated")`)
}

// TestEnter presses Enter in a dialog, which does what it is for.
func TestEnter(t *testing.T) {
	p := open(t, start(t).link, desktop)
	p.write("Size", "48")
	p.write("Steps", "2")
	p.click("button", "Several at once.*")
	p.find("dialog", "Several at once")
	p.press("\r")
	p.gone("dialog", ".*")
	until(t, "three are queued", func() bool { return len(jobs(p)) == 3 })
}
