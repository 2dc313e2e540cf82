package browser

import (
	"image"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// clip writes a film of a few frames, in which something moves over the photograph, and returns its path.
func clip(t *testing.T, frames int) string {
	t.Helper()
	moving := &gif.GIF{}
	for i := range frames {
		frame := image.NewPaletted(image.Rect(0, 0, 96, 72), palette.WebSafe)
		draw.Draw(frame, frame.Rect, photo(), image.Pt(2*i, 0), draw.Src)
		moving.Image, moving.Delay = append(moving.Image, frame), append(moving.Delay, 10)
	}
	path := filepath.Join(t.TempDir(), "walk.gif")
	f, err := os.Create(path)
	if err == nil {
		err = gif.EncodeAll(f, moving)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// narrow fails if something of the page can only be seen by scrolling sideways.
func (p *page) narrow(what string) {
	p.t.Helper()
	wide := eval[[]string](p, `[document.scrollingElement, ...document.querySelectorAll(".scroll, .tabs, .dialog .body, .side")]
		.filter(n => n.scrollWidth > n.clientWidth + 1).map(n => n.tagName + "." + n.className)`)
	if len(wide) > 0 {
		p.t.Errorf("%s is too wide: %q", what, wide)
	}
}

// keep keeps a picture of the page in the folder that -shots names, to be looked at.
func (p *page) keep(name string) {
	p.t.Helper()
	if *shots == "" {
		return
	}
	data, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must(err)
	p.must(os.WriteFile(filepath.Join(*shots, name), data, 0o666))
}

// TestFilm drops a film and a painting, sees frames appear, stops, goes on, and looks at what came of it.
func TestFilm(t *testing.T) {
	before := patience
	patience = 5 * time.Minute // a film is many pictures
	t.Cleanup(func() { patience = before })
	s := start(t)
	p := open(t, s.link, desktop)
	p.ready()
	p.click("tab", "Film")
	_, painting := pictures(t)
	const frames = 9
	p.drop(p.find("button", "Choose a film").centre(), clip(t, frames))
	p.find("button", "walk.gif: choose another")
	p.drop(p.find("button", "Choose paintings").centre(), painting)
	p.find("button", "strokes.png: choose another")
	if got := s.files("in"); strings.Join(got, " ") != "strokes.png walk.gif" {
		t.Errorf("the folder has %v", got)
	}
	p.write("Size", "64")
	p.write("Steps", "20")
	p.write("Steps per frame", "40")
	p.wait("the line is there", `/^oneiro film in\/walk\.gif in\/strokes\.png .*0001-film\.png$/.test(document.querySelector("#line").textContent)`)
	p.wait("the estimate is there", `/MiB.*64 × 48/.test(document.querySelector("#plan:not(.stale *)")?.textContent)`)
	p.click("button", "Start")
	p.preview()
	p.wait("frames are counted", `/Frame\d+ \/ 9/.test(document.querySelector(".numbers").textContent)`)
	p.untilJob("frames are made", func(j job) bool { return j.State == "running" && j.Step >= 2 })
	p.wait("curves are drawn", `/loss.*warp error/.test(document.querySelector(".legend").textContent)`)
	p.keep("film-running.png")
	p.click("button", "Stop and keep")
	stopped := p.untilJob("it is stopped", func(j job) bool { return j.State == "stopped" })
	if got := s.files("out/0001-film.png.frames"); len(got) == 0 {
		t.Error("no frame is kept")
	}
	p.click("button", "Resume")
	j := p.untilJob("it is done", func(j job) bool { return j.State == "done" })
	if stopped.Step >= frames || j.Step != frames || j.Steps != frames {
		t.Errorf("it was stopped at %d, and done at %d of %d", stopped.Step, j.Step, j.Steps)
	}
	if got := s.files("out"); strings.Join(got, " ") != "0001-film.png" {
		t.Errorf("the folder has %v", got)
	}
	p.wait("the curve is whole", `document.querySelector(".curves canvas").ariaLabel.startsWith("Loss of 9 ")`)
	p.keep("film-done.png")

	p.click("link", "Gallery")
	p.keep("film-gallery.png")
	p.click("button", j.name()+".*")
	p.find("button", "Use these settings")
	p.wait("the film is shown", `document.querySelector(".look .layer.b img")?.naturalWidth === 64`)
	if n := eval[int](p, `(async () => {
		const r = await fetch(document.querySelector(".look .layer.b img").src)
		const d = new ImageDecoder({ data: await r.arrayBuffer(), type: r.headers.get("Content-Type") })
		await d.tracks.ready
		return d.tracks.selectedTrack.animated ? d.tracks.selectedTrack.frameCount : 0
	})()`); n != frames {
		t.Errorf("what is shown has %d frames that move", n)
	}
	p.keep("film-look.png")
	p.click("button", "Use these settings")
	p.wait("the settings are back", `document.querySelector("#tab-film[aria-selected=true]") &&
		document.querySelector("#o-size").value === "64"`)

	p.on(phone)
	p.do(chromedp.Reload())
	p.click("link", "Set up")
	p.ready()
	p.wait("the tab is there", `document.querySelector("#tab-film[aria-selected=true]")`)
	p.narrow("the tab")
	p.keep("film-phone.png")
	p.click("link", "Picture")
	p.narrow("the film")
	dark := phone
	dark.dark = true
	p.on(dark)
	p.keep("film-phone-dark.png")
	dark = desktop
	dark.dark = true
	p.on(dark)
	p.click("tab", "Dream film")
	p.click("button", "Used before")
	p.find("button", "walk.gif.*")
	p.keep("film-dark.png")
}
