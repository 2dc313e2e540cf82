package browser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// photoSize is the size of the photograph that tests paint on.
var photoSize = image.Pt(160, 120)

// photo returns a picture of a sky above a meadow, with noise.
func photo() *image.RGBA {
	im := image.NewRGBA(image.Rectangle{Max: photoSize})
	for i := range im.Pix {
		x, y := i/4%photoSize.X, i/4/photoSize.X
		noise := uint8((x*7 + y*13 + x*y) % 9)
		im.Set(x, y, color.RGBA{40 + noise, 120 + noise, 30 + noise, 255})
		if y < photoSize.Y/2 {
			im.Set(x, y, color.RGBA{120 + noise, 160 + noise, 230 + noise, 255})
		}
	}
	return im
}

func encoded(t *testing.T, im image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// painter is the mask painter on a page of its own.
type painter struct {
	*page
	canvas thing
}

// openPainter opens the painter with options, which may use the pictures /photo.png and those in more.
func openPainter(t *testing.T, s screen, options string, more map[string]image.Image) *painter {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/web/", http.StripPrefix("/web/", http.FileServer(http.Dir("../web"))))
	more2 := map[string]image.Image{"/photo.png": photo()}
	for name, im := range more {
		more2[name] = im
	}
	for name, im := range more2 {
		data := encoded(t, im)
		mux.HandleFunc(name, func(w http.ResponseWriter, r *http.Request) { w.Write(data) })
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' blob: data:")
		fmt.Fprint(w, `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light"><title>painter</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/web/style.css"><body><div id="toasts"></div></body></html>`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := &painter{page: open(t, server.URL+"/", s)}
	eval[any](p.page, `(async () => {
		const { openMaskPainter } = await import("/web/mask.js")
		window.mask = undefined
		openMaskPainter({ imageURL: "/photo.png", width: 160, height: 120, ...`+options+` }).then(async r => {
			if (!r) return window.mask = null
			const bytes = new Uint8Array(await r.blob.arrayBuffer())
			window.mask = { ...r, blob: btoa(String.fromCharCode(...bytes)) }
		})
	})().then(() => 0)`)
	p.look()
	return p
}

// look finds the canvas again, after the page has changed.
func (p *painter) look() { p.canvas = p.find("application", "Picture to paint on.*") }

// at returns the point of the page that shows a point of the photograph, which the canvas has in its middle as
// large as it can, 8 pixels from its edges.
func (p *painter) at(x, y float64) point {
	b := p.canvas.box
	w, h := b[2]-b[0], b[3]-b[1]
	scale := math.Min((w-16)/float64(photoSize.X), (h-16)/float64(photoSize.Y))
	return point{(b[0]+b[2])/2 + (x-float64(photoSize.X)/2)*scale, (b[1]+b[3])/2 + (y-float64(photoSize.Y)/2)*scale}
}

// painted is what the painter ends with.
type painted struct {
	Blob    string
	Regions []struct {
		Name, Color, Style string
		Share              float64
	}
	Option  string
	Feather float64
}

// use ends with what is painted.
func (p *painter) use() (*image.Paletted, painted) {
	p.t.Helper()
	p.click("button", "Use")
	p.wait("the painter ends", "window.mask !== undefined")
	m := eval[painted](p.page, "window.mask")
	data, err := base64.StdEncoding.DecodeString(m.Blob)
	p.must(err)
	im, err := png.Decode(bytes.NewReader(data))
	p.must(err)
	paletted, ok := im.(*image.Paletted)
	if !ok || im.Bounds().Size() != photoSize {
		p.t.Fatalf("the picture is a %T of %v pixels", im, im.Bounds().Size())
	}
	return paletted, m
}

// colours are what tests expect of pixels.
var (
	white = color.RGBA{255, 255, 255, 255}
	blue  = color.RGBA{0, 0, 255, 255}
	red   = color.RGBA{255, 0, 0, 255}
	black = color.RGBA{0, 0, 0, 255}
)

// expect compares all pixels with what they should be; where that is nil, anything will do.
func expect(t *testing.T, im image.Image, want func(x, y float64) color.Color) {
	t.Helper()
	wrong := 0
	for y := range photoSize.Y {
		for x := range photoSize.X {
			c := want(float64(x)+0.5, float64(y)+0.5)
			if c == nil || color.RGBAModel.Convert(im.At(x, y)) == c {
				continue
			}
			if wrong++; wrong < 5 {
				t.Errorf("pixel %d, %d is %v, want %v", x, y, im.At(x, y), c)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d pixels are wrong", wrong)
	}
}

// near returns nothing at the edge of a shape, where a pixel more or less does not matter: distance is negative
// inside.
func near(distance float64, inside, outside color.Color) color.Color {
	switch {
	case distance < -1.5:
		return inside
	case distance > 1.5:
		return outside
	}
	return nil
}

// brushRadius is what the brush has at first: the longer side / 32, as near as the slider's steps come.
func (p *painter) brushRadius() float64 {
	p.t.Helper()
	var diameter float64
	fmt.Sscanf(eval[string](p.page, `[...document.querySelectorAll("input[type=range]")][0].ariaValueText ?? ""`), "%g", &diameter)
	return diameter / 2
}

// TestBrush paints a line, rubs out a part, and takes it back.
func TestBrush(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	r := p.brushRadius()
	p.mouse("left", p.at(40, 30), p.at(80, 30), p.at(80, 90))
	p.press("e")
	p.mouse("left", p.at(80, 60), p.at(80, 61))
	p.press("z", chromedp.ModifierCtrl)
	p.mouse("right", p.at(40, 30))
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color {
		if math.Hypot(x-40, y-30) < r+1.5 {
			return near(math.Hypot(x-40, y-30)-r, white, nil)
		}
		line := math.Min(math.Hypot(x-min(max(x, 40), 80), y-30), math.Hypot(x-80, y-min(max(y, 30), 90)))
		return near(line-r, blue, white)
	})
	if len(m.Regions) != 2 || m.Regions[0].Name != "white" || m.Regions[1].Name != "blue" || m.Option != "" {
		t.Errorf("the regions are %+v", m)
	}
}

// TestFill fills the sky, which is noisy, and a second region by a polygon, with a style and a kept region.
func TestFill(t *testing.T) {
	p := openPainter(t, desktop, `{ styles: [{ file: "in/a.jpg", name: "a.jpg" }] }`, nil)
	p.press("f")
	p.clickAt(p.at(20, 20))
	p.click("button", "Add a region")
	p.press("p")
	for _, c := range []point{{100, 70}, {140, 70}, {120, 110}, {100, 70}} {
		p.clickAt(p.at(c.x, c.y))
	}
	p.choose("Style here", "in/a.jpg")
	p.click("radio", "white.*")
	p.choose("Style here", "keep")
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color {
		if y < 60 {
			return blue
		}
		edge := max(70-y, (math.Abs(x-120)-(110-y)/2)*2/math.Sqrt(5))
		return near(edge, red, white)
	})
	if m.Option != "white=keep,red=in/a.jpg" {
		t.Errorf("--region %s", m.Option)
	}
}

// choose chooses from a list.
func (p *page) choose(name, value string) {
	p.t.Helper()
	b := p.find("combobox", name)
	p.set(b, value)
}

// TestPainterKeys paints with the keyboard alone.
func TestPainterKeys(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	if got := p.focused(); !strings.Contains(got, "Picture to paint on") {
		t.Errorf("the focus is on %s", got)
	}
	r := p.brushRadius()
	p.press(kb.ArrowUp + kb.ArrowDown + " ") // the cross begins in the middle
	p.press("]]")
	large := p.brushRadius()
	p.press(strings.Repeat(kb.ArrowRight, 30) + " ")
	p.press("z", chromedp.ModifierCtrl)
	p.press("[[")
	p.press("\r")
	p.wait("the painter ends", "window.mask !== undefined")
	if large <= r {
		t.Errorf("] makes the brush %g from %g", large, r)
	}
	m := eval[painted](p.page, "window.mask")
	share := math.Pi * r * r / float64(photoSize.X*photoSize.Y)
	if len(m.Regions) != 2 || math.Abs(m.Regions[1].Share-share) > 0.2*share {
		t.Errorf("the regions are %+v; a dot has %g", m.Regions, share)
	}
}

// TestLeave asks before it drops what was painted, and drops nothing else.
func TestLeave(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	p.click("button", "Use")
	p.find("status", "")
	p.wait("it says why", `document.querySelector("[role=status]:not(:empty)")?.textContent.includes("Nothing is painted")`)
	p.press("p")
	p.clickAt(p.at(10, 10))
	p.clickAt(p.at(50, 10))
	p.press(kb.Escape) // the polygon
	p.press("b")
	p.clickAt(p.at(50, 50))
	p.press(kb.Escape)
	p.click("button", "Go on painting")
	p.gone("alertdialog", ".*")
	p.press(kb.Escape)
	p.click("button", "Leave")
	p.wait("the painter ends", "window.mask === null")
	p.gone("dialog", ".*")
}

// TestTouch paints with a finger, and zooms with two, which paint nothing.
func TestTouch(t *testing.T) {
	p := openPainter(t, phone, "{}", nil)
	r := p.brushRadius()
	a, b := p.at(80, 30), p.at(120, 60)
	p.touch([]point{p.at(20, 20)}, []point{p.at(60, 20)})
	p.touch([]point{a, b}, []point{{a.x, a.y - 20}, {b.x, b.y + 20}})
	if wide := eval[float64](p.page, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
		t.Errorf("the page is %g pixels too wide", wide)
	}
	im, _ := p.use()
	expect(t, im, func(x, y float64) color.Color {
		return near(math.Hypot(x-min(max(x, 20), 60), y-20)-r, blue, white)
	})
}

// TestAgain goes on with a picture of regions that was made elsewhere, with soft edges.
func TestAgain(t *testing.T) {
	soft := image.NewRGBA(image.Rectangle{Max: photoSize})
	for i := range soft.Pix {
		x, y := i/4%photoSize.X, i/4/photoSize.X
		v := uint8(255 * min(max(float64(x-78)/4, 0), 1))
		soft.Set(x, y, color.RGBA{255 - v, 0, v, 255})
	}
	p := openPainter(t, desktop, `{ labels: "/labels.png", regions: [{ name: "red", color: "#ff0000", style: "keep" }] }`,
		map[string]image.Image{"/labels.png": soft})
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color { return near(80-x, blue, red) })
	if m.Option != "red=keep" {
		t.Errorf("--region %s", m.Option)
	}
}

// TestDreamMask paints where to dream.
func TestDreamMask(t *testing.T) {
	p := openPainter(t, desktop, `{ mode: "mask", feather: 5 }`, nil)
	r := p.brushRadius()
	p.clickAt(p.at(50, 50))
	p.click("checkbox", "Show it")
	p.click("button", "Invert")
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color { return near(math.Hypot(x-50, y-50)-r, black, white) })
	if m.Feather != 5 {
		t.Errorf("the feather is %g", m.Feather)
	}
}

// TestProposals takes a proposal over.
func TestProposals(t *testing.T) {
	proposal := image.NewRGBA(image.Rectangle{Max: photoSize})
	for i := range proposal.Pix {
		c := color.RGBA{0, 180, 0, 255}
		if x := i / 4 % photoSize.X; x < 50 {
			c = color.RGBA{255, 128, 0, 255}
		}
		proposal.Set(i/4%photoSize.X, i/4/photoSize.X, c)
	}
	p := openPainter(t, desktop, `{ proposals: async n => "/proposal.png?" + (window.asked = n) }`,
		map[string]image.Image{"/proposal.png": proposal})
	p.choose("Number of regions", "3")
	p.click("button", "Propose")
	p.find("radio", "orange.*")
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color { return color.RGBAModel.Convert(proposal.At(int(x), int(y))) })
	if n := eval[int](p.page, "window.asked"); n != 3 {
		t.Errorf("it asked for %d", n)
	}
	if m.Regions[0].Name != "green" || m.Regions[1].Name != "orange" {
		t.Errorf("the regions are %+v", m.Regions)
	}
}

// TestZoom paints in the middle of the canvas while it is zoomed and moved: that is where the picture's middle
// was, and the brush has its size in pixels of the picture.
func TestZoom(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	r := p.brushRadius()
	middle, side := p.at(80, 60), p.at(100, 60)
	p.press("++")
	p.clickAt(middle)
	p.mouse("middle", middle, side)
	p.clickAt(side) // the same place
	p.press("0")
	p.clickAt(p.at(20, 20))
	im, _ := p.use()
	expect(t, im, func(x, y float64) color.Color {
		return near(min(math.Hypot(x-80, y-60), math.Hypot(x-20, y-20))-r, blue, white)
	})
}

// TestRemoveRegion takes a region away, which undo brings back with its pixels.
func TestRemoveRegion(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	r := p.brushRadius()
	p.clickAt(p.at(40, 40))
	p.click("button", "Add a region")
	p.clickAt(p.at(100, 40))
	p.click("button", "Remove blue")
	p.gone("radio", "blue.*")
	p.press("z", chromedp.ModifierCtrl)
	p.find("radio", "blue.*")
	p.press("y", chromedp.ModifierCtrl)
	p.gone("radio", "blue.*")
	im, m := p.use()
	expect(t, im, func(x, y float64) color.Color { return near(math.Hypot(x-100, y-40)-r, red, white) })
	if len(m.Regions) != 2 || m.Regions[1].Name != "red" {
		t.Errorf("the regions are %+v", m.Regions)
	}
}

// TestNames compares what the painter calls its colours with what the program calls them.
func TestNames(t *testing.T) {
	p := openPainter(t, desktop, "{}", nil)
	colours := eval[[][2]string](p.page, `import("/web/mask-labels.js").then(m => m.names(m.palette).map((n, i) => [n, m.palette[i]]))`)
	im := image.NewRGBA(image.Rect(0, 0, 32*len(colours), 100))
	for x := range im.Rect.Dx() {
		var c color.RGBA
		fmt.Sscanf(colours[x/32][1], "#%02x%02x%02x", &c.R, &c.G, &c.B)
		c.A = 255
		for y := range im.Rect.Dy() {
			im.Set(x, y, c)
		}
	}
	file := filepath.Join(t.TempDir(), "regions.png")
	p.must(os.WriteFile(file, encoded(t, im), 0o666))
	out, _ := exec.Command(build(t), "style", "--size", "64", "--regions", file, "--region", "none=keep").CombinedOutput()
	for _, c := range colours {
		want := fmt.Sprintf(" %s (%s, ", c[0], c[1])
		if c[0] == c[1] {
			want = " " + c[1] + " ("
		}
		if !strings.Contains(string(out), want) {
			t.Errorf("the painter calls %s %s, and the program says:\n%s", c[1], c[0], out)
		}
	}
	if len(colours) != 16 {
		t.Errorf("there are %d colours", len(colours))
	}
}
