package browser

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var (
	shots       = flag.String("shots", "", "`folder` to write the pictures of docs/studio.md into")
	images      = flag.String("images", "../../../shared/images", "`folder` with content/tubingen.jpg and style/*.jpg")
	folder      = flag.String("folder", "", "`folder` of the studio in those pictures, which may have what was painted before")
	weightsFile = flag.String("weights", "", "`file` of weights to paint with in those pictures")
)

// shoot writes what the page looks like, as a JPEG that is small enough for docs.
func (p *page) shoot(name string) {
	p.t.Helper()
	p.mouse("none", point{600, 5})
	p.wait("all pictures are there", `[...document.images].every(i => i.complete)`)
	for quality := int64(86); ; quality -= 4 {
		shot, err := chromedp.Call(p.ctx, devtools.CaptureScreenshot, devtools.CaptureScreenshotParams{
			Format: "jpeg", Quality: &quality,
		})
		p.must(err)
		if len(shot.Data) < 200_000 {
			p.must(os.WriteFile(filepath.Join(*shots, name), shot.Data, 0o666))
			return
		}
	}
}

// queue queues a picture by the server's own route.
func (p *page) queue(command, style, options string) {
	p.t.Helper()
	answer := eval[string](p, `fetch("/api/about").then(r => r.json()).then(about => fetch("/api/jobs", {
		method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ command: "`+command+`", inputs: { content: "in/tubingen.jpg", style: [`+style+`] },
			options: { size: "320", iterations: "40", ...(about.weights[0] ? { weights: about.weights[0].file } : {}), `+options+` } }),
	})).then(r => r.ok ? "" : r.text())`)
	if answer != "" {
		p.t.Fatal(answer)
	}
}

// TestShots makes the pictures of docs/studio.md:
//
//	go test -run TestShots -timeout 30m -shots ../../docs -weights vgg19.npz
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("-shots names no folder")
	}
	// Several pictures are painted with a large network.
	patience = 20 * time.Minute
	from, err := filepath.Abs(*images) // the browser knows no other
	if err != nil {
		t.Fatal(err)
	}
	var more []string
	if *weightsFile != "" {
		more = append(more, "--weights", *weightsFile)
	}
	if *folder != "" {
		more = append(more, "--dir", *folder)
	}
	s := start(t, more...)
	p := open(t, s.link, screen{w: 1360, h: 850, scale: 1, dark: true})
	p.ready()
	p.drop(p.find("button", "Choose a photograph").centre(), filepath.Join(from, "content/tubingen.jpg"))
	p.find("button", "tubingen.jpg: choose another")
	for _, name := range []string{"starry_night_google.jpg", "wave.jpg", "the_scream.jpg", "composition_vii.jpg", "shipwreck.jpg"} {
		p.drop(p.find("button", "Choose paintings").centre(), filepath.Join(from, "style", name))
		p.find("button", name+": choose another")
	}
	if len(jobs(p)) == 0 {
		for _, style := range []string{"starry_night_google", "wave", "the_scream", "shipwreck"} {
			p.queue("style", `"in/`+style+`.jpg"`, "")
		}
	}
	p.untilJob("those are done", func(j job) bool { return j.State == "done" })
	p.queue("style", `"in/composition_vii.jpg"`, `"style-weight": "80"`)
	p.queue("style", `"in/starry_night_google.jpg", "in/wave.jpg"`, `"style-blend": "2,1"`)
	p.click("button", "Clear everything")
	p.drop(p.find("button", "Choose a photograph").centre(), filepath.Join(from, "content/tubingen.jpg"))
	p.find("button", "tubingen.jpg: choose another")
	p.drop(p.find("button", "Choose paintings").centre(), filepath.Join(from, "style/composition_vii.jpg"))
	p.find("button", "composition_vii.jpg: choose another")
	p.click("button", "Close") // what says that the table is empty
	p.gone("button", "Undo")
	p.write("Size", "256")
	p.write("Steps", "60")
	until(t, "one runs well", func() bool {
		for _, j := range jobs(p) {
			if j.State == "running" && strings.Contains(j.Line, "composition") {
				return j.Step*10 > 6*j.Steps
			}
		}
		return false
	})
	p.click("listitem", `.* \d+ / \d+ .*`)
	p.wait("the estimate is there", `document.querySelector("#plan").textContent.includes("MiB")`)
	p.preview()
	p.shoot("studio.jpg")

	p.click("button", "Paint regions: tubingen.jpg")
	p.find("application", ".*")
	p.choose("Number of regions", "4")
	p.click("button", "Propose")
	p.find("radio", "orange.*")
	p.click("radio", "orange.*")
	p.choose("Style here", "keep")
	p.find("radio", "blue.*")
	p.shoot("studio-regions.jpg")
	p.press(kb.Escape)
	p.click("button", "Leave")

	p.click("link", "Gallery")
	p.find("button", "0004-.*")
	p.shoot("studio-gallery.jpg")
}
