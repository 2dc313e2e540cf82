package browser

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stop is where the Tab key stops.
type stop struct {
	role, name, at string
	seen           bool // that it has the focus, in the window
}

// focus returns what has the focus.
func (p *page) focus() (s stop) {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document.activeElement"})
	p.must(err)
	tree, err := chromedp.Call(p.ctx, accessibility.GetPartialAXTree, accessibility.GetPartialAXTreeParams{
		ObjectID: r.Result.ObjectID, FetchRelatives: new(bool),
	})
	p.must(err)
	if len(tree.Nodes) > 0 {
		s.role, s.name = text(tree.Nodes[0].Role), text(tree.Nodes[0].Name)
	}
	s.at = eval[string](p, `(a => a === document.body ? "" : a.outerHTML.slice(0, 120))(document.activeElement)`)
	s.seen = eval[bool](p, `(a => {
		const b = a.getBoundingClientRect(), c = getComputedStyle(a)
		return b.right > 0 && b.bottom > 0 && b.left < innerWidth && b.top < innerHeight
			&& (c.outlineStyle !== "none" && parseFloat(c.outlineWidth) > 0 || c.boxShadow !== "none")
	})(document.activeElement)`)
	return s
}

// tabTo presses Tab until something has the focus, and returns all stops before it.
func (p *page) tabTo(role, name string) (all []stop) {
	p.t.Helper()
	match := regexp.MustCompile("^(?:" + name + ")$")
	for range 150 {
		p.press(kb.Tab)
		s := p.focus()
		all = append(all, s)
		if s.role == role && match.MatchString(s.name) {
			return all
		}
	}
	p.t.Fatalf("Tab never comes to the %s called %s, but to %+v", role, name, all)
	return nil
}

// TestKeyboard makes a picture and looks at it without a mouse, and walks through all that Tab reaches.
func TestKeyboard(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.find("textbox", "Size")
	stops := p.tabTo("button", "Start")
	for _, s := range stops {
		if s.name == "" || !s.seen {
			t.Errorf("Tab comes to what has no name or does not look so: %+v", s)
		}
	}
	all := fmt.Sprint(stops)
	for _, name := range []string{"Choose a photograph", "Choose paintings", "Size", "Style weight", "Seed", "Presets"} {
		if !strings.Contains(all, name) {
			t.Errorf("Tab does not come to %s before Start", name)
		}
	}
	for option, value := range map[string]string{"Size": "64", "Steps": "3"} {
		p.tabTo("textbox", option)
		p.press("a", chromedp.ModifierCtrl)
		p.press(value)
	}
	p.press("\r", chromedp.ModifierCtrl)
	j := p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	if !strings.Contains(j.Line, "--size 64") {
		t.Errorf("the command is %s", j.Line)
	}
	p.press(kb.Escape) // out of the field
	p.press("g")
	p.find("link", "Gallery")
	p.find("button", j.name()+".*")
	p.tabTo("button", j.name()+".*")
	p.press("\r")
	p.find("dialog", ".*")
	p.press(kb.Escape)
	p.gone("dialog", ".*")
	p.press("?")
	p.find("dialog", "Keys")
	p.press(kb.Escape)
	p.gone("dialog", ".*")
}

// views are what a narrow window shows one at a time, by the links that lead there.
var views = []string{"Set up", "Picture", "Queue", "Gallery", "Dreams"}

// TestPhone goes through the page on a narrow window: nothing is too wide, out of reach, or too small to touch.
func TestPhone(t *testing.T) {
	s := start(t)
	p := open(t, s.link, screen{w: 360, h: 740, scale: 2, touch: true})
	p.find("textbox", "Size")
	for _, view := range views {
		p.click("link|button", view)
		if wide := eval[float64](p, "document.scrollingElement.scrollWidth - innerWidth"); wide > 0 {
			t.Errorf("%s is %g pixels too wide", view, wide)
		}
		bad := eval[[]string](p, `[...document.querySelectorAll("button, a[href], input, select, summary, [role=slider]")].filter(e => {
			if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || e.disabled) return false
			for (let up = e.parentElement; up; up = up.parentElement) {
				if (/auto|scroll/.test(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return false
			}
			const b = e.getBoundingClientRect()
			if (b.right < 0 || e.matches(".offscreen, .skip")) return false
			const label = e.closest("label")?.getBoundingClientRect() ?? b
			return b.left < -1 || b.right > innerWidth + 1 || Math.max(b.width, label.width) < 24 || Math.max(b.height, label.height) < 24
		}).map(e => e.outerHTML.slice(0, 100) + JSON.stringify(e.getBoundingClientRect()))`)
		for _, b := range bad {
			t.Errorf("%s: out of reach or too small: %s", view, b)
		}
	}
}

// contrasts returns texts that are hard to read: less contrast than WCAG 2.2, 1.4.3, asks for.
const contrasts = `(() => {
	const g = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true })
	const rgba = c => {
		g.clearRect(0, 0, 1, 1)
		g.fillStyle = c
		g.fillRect(0, 0, 1, 1)
		const [r, q, b, a] = g.getImageData(0, 0, 1, 1).data
		return [r, q, b, a / 255]
	}
	const over = (c, d) => [0, 1, 2].map(i => c[i] * c[3] + d[i] * (1 - c[3])).concat(1)
	const light = c => {
		const [r, q, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		return 0.2126 * r + 0.7152 * q + 0.0722 * b
	}
	const all = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement, style = getComputedStyle(e)
		if (!walk.currentNode.data.trim() || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
		if (e.closest(":disabled, noscript, option, .offscreen, .skip") || e.getBoundingClientRect().width < 2) continue
		let backs = [], opacity = 1
		for (let up = e; up; up = up.parentElement) {
			const s = getComputedStyle(up)
			backs.push(rgba(s.backgroundColor))
			opacity *= Number(s.opacity)
		}
		let back = [255, 255, 255, 1]
		for (const b of backs.reverse()) back = over(b, back)
		const ink = rgba(style.color)
		ink[3] *= opacity
		const [a, b] = [light(over(ink, back)), light(back)].sort((x, y) => y - x)
		const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700
		const contrast = (a + 0.05) / (b + 0.05)
		if (contrast < (large ? 3 : 4.5)) all.push(walk.currentNode.data.trim().slice(0, 40) + ": " + contrast.toFixed(2) + " " + e.className)
	}
	return all
})()`

// TestThemes reads the page in the dark and in the light, and with reduced motion.
func TestThemes(t *testing.T) {
	s := start(t)
	for _, dark := range []bool{false, true} {
		p := open(t, s.link, screen{w: 1280, h: 800, scale: 1, dark: dark})
		p.find("textbox", "Size")
		back := eval[float64](p, `(c => c[0])(getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g).map(Number))`)
		if dark != (back < 128) {
			t.Errorf("dark is %v, and the background %g", dark, back)
		}
		for _, view := range []string{"Studio", "Gallery", "Dreams"} {
			p.click("link", view)
			// An estimate that is out of date is pale, and becomes what it was.
			p.wait("nothing changes", `!document.querySelector(".stale") && !document.getAnimations().some(a => a instanceof CSSTransition)`)
			for _, bad := range eval[[]string](p, contrasts) {
				t.Errorf("dark %v, %s: hard to read: %s", dark, view, bad)
			}
		}
	}
	p := open(t, s.link, screen{w: 1280, h: 800, scale: 1, calm: true})
	p.find("textbox", "Size")
	moving := eval[[]string](p, `[...document.querySelectorAll("*")].filter(e => {
		const s = getComputedStyle(e), seconds = t => Math.max(...t.split(",").map(parseFloat))
		return seconds(s.transitionDuration) > 0.01 || s.animationName !== "none" && seconds(s.animationDuration) > 0.01
	}).map(e => e.outerHTML.slice(0, 80))`)
	if len(moving) > 0 {
		t.Errorf("with reduced motion, this moves: %s", strings.Join(moving, "\n"))
	}
}
