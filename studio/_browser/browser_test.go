// Package browser tests the page of oneiro studio in Chromium, as a person uses it: it finds things by their
// roles and names, and looks at what the server got.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test waits for what should be there soon.
var patience = 60 * time.Second

// chromium is the browser that all tests share; each has a context of its own, as if nothing had been visited.
var chromium struct {
	sync.Once
	ctx context.Context
	err error
}

// browser returns the running Chromium, and starts it first.
func browser(t *testing.T) context.Context {
	t.Helper()
	chromium.Do(func() {
		var path string
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if path, chromium.err = exec.LookPath(name); chromium.err == nil {
				break
			}
		}
		if chromium.err != nil {
			chromium.err = errors.New("there is no chromium; hint: install it, on Debian with apt-get install chromium")
			return
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU)
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox) // it refuses to start as root otherwise
		}
		ctx, _ := chromedp.NewExecAllocator(context.Background(), options...)
		chromium.ctx, _ = chromedp.NewContext(ctx)
		chromium.err = chromedp.Do(chromium.ctx)
	})
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	return chromium.ctx
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chromium.ctx != nil {
		chromedp.Cancel(chromium.ctx)
	}
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
	os.Exit(code)
}

// screen is what a page is shown on.
type screen struct {
	w, h  int64
	scale float64
	touch bool
	dark  bool
	calm  bool // prefers reduced motion
}

var (
	desktop = screen{w: 1280, h: 800, scale: 1}
	phone   = screen{w: 390, h: 844, scale: 2, touch: true}
)

// page is a tab. When its test ends, nothing may have been logged as an error or asked for from another host.
type page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	hosts    map[string]bool
	failures []string
	careless bool // failures are part of the test
}

// open opens an address in a tab of its own.
func open(t *testing.T, address string, s screen) *page {
	t.Helper()
	p := &page{t: t, hosts: map[string]bool{}}
	ctx, cancel := chromedp.NewContext(browser(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	p.ctx = ctx
	t.Cleanup(func() {
		p.keepPicture()
		cancel()
		p.check(address)
	})
	p.on(s)
	p.do(chromedp.Navigate(address))
	return p
}

// on shows the page on a screen.
func (p *page) on(s screen) {
	p.t.Helper()
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(s.scale)}
	if s.touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	scheme, motion := "light", "no-preference"
	if s.dark {
		scheme = "dark"
	}
	if s.calm {
		motion = "reduce"
	}
	p.do(chromedp.EmulateViewport(s.w, s.h, options...))
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
		},
	})
	p.must(err)
}

func (p *page) listen(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Scheme != "data" && u.Scheme != "blob" {
			p.hosts[u.Host] = true
		}
	case *runtime.EventExceptionThrown:
		p.failures = append(p.failures, "exception: "+(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			text := ""
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
			p.failures = append(p.failures, "console:"+text)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			p.failures = append(p.failures, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// check fails if something was logged, or asked for elsewhere.
func (p *page) check(address string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	u, _ := url.Parse(address)
	for host := range p.hosts {
		if host != u.Host && !p.careless {
			p.t.Errorf("something was asked for from %s", host)
		}
	}
	if len(p.failures) > 0 && !p.careless {
		p.t.Errorf("the browser says:\n%s", strings.Join(p.failures, "\n"))
	}
}

// keepPicture keeps a picture of the page of a test that failed, for go test -artifacts.
func (p *page) keepPicture() {
	if p.t.Failed() {
		if data, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot()); err == nil {
			os.WriteFile(filepath.Join(p.t.ArtifactDir(), "page.png"), data, 0o666)
		}
	}
}

func (p *page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.must(chromedp.Do(p.ctx, steps...))
}

// eval returns what an expression is; promises are waited for.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(30 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

// wait waits until an expression is true.
func (p *page) wait(what, expression string) {
	p.t.Helper()
	until(p.t, what, func() bool { return eval[bool](p, "Boolean("+expression+")") })
}

// thing is something on the page as assistive technology sees it.
type thing struct {
	node  *accessibility.Node
	name  string
	value string
	box   [4]float64 // left, top, right, bottom
}

func (b thing) centre() point { return point{(b.box[0] + b.box[2]) / 2, (b.box[1] + b.box[3]) / 2} }

// property returns a property of a thing, such as pressed.
func (b thing) property(name string) string {
	for _, p := range b.node.Properties {
		if string(p.Name) == name {
			return strings.Trim(string(p.Value.Value), `"`)
		}
	}
	return ""
}

type point struct{ x, y float64 }

// things returns what has a role, or one of some roles with | between, and a name, a regular expression of all
// of it, and takes place on the page.
func (p *page) things(roles, name string) (all []thing) {
	p.t.Helper()
	for role := range strings.SplitSeq(roles, "|") {
		all = append(all, p.thingsOf(role, name)...)
	}
	return all
}

func (p *page) thingsOf(role, name string) (all []thing) {
	p.t.Helper()
	match := regexp.MustCompile("^(?:" + name + ")$")
	root, err := chromedp.Call(p.ctx, dom.GetDocument, dom.GetDocumentParams{})
	p.must(err)
	found, err := chromedp.Call(p.ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{
		NodeID: root.Root.NodeID, Role: role,
	})
	if err != nil { // the document was another one meanwhile
		return nil
	}
	for _, n := range found.Nodes {
		if n.Ignored || n.BackendDOMNodeID == 0 {
			continue
		}
		b := thing{node: n, name: text(n.Name), value: text(n.Value)}
		if !match.MatchString(b.name) {
			continue
		}
		quads, err := chromedp.Call(p.ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: n.BackendDOMNodeID})
		if err != nil || len(quads.Quads) == 0 {
			continue
		}
		q := quads.Quads[0]
		b.box = [4]float64{min(q[0], q[4]), min(q[1], q[5]), max(q[0], q[4]), max(q[1], q[5])}
		if b.box[2] > b.box[0] && b.box[3] > b.box[1] {
			all = append(all, b)
		}
	}
	return all
}

// text returns a value of the accessibility tree.
func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if raw := string(v.Value); len(raw) > 0 && raw[0] == '"' {
		fmt.Sscanf(raw, "%q", &s)
		return s
	} else {
		return raw
	}
}

// find waits for what has a role and a name, and brings it into view.
func (p *page) find(role, name string) thing {
	p.t.Helper()
	var all []thing
	until(p.t, fmt.Sprintf("there is a %s called %s", role, name), func() bool {
		all = p.things(role, name)
		return len(all) > 0
	})
	chromedp.Call(p.ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{
		BackendNodeID: all[0].node.BackendDOMNodeID,
	})
	if again := p.things(role, name); len(again) > 0 {
		return again[0]
	}
	return all[0]
}

// gone waits until nothing has a role and a name.
func (p *page) gone(role, name string) {
	p.t.Helper()
	until(p.t, fmt.Sprintf("there is no %s called %s", role, name), func() bool { return len(p.things(role, name)) == 0 })
}

// click clicks what has a role and a name, once it can be used.
func (p *page) click(role, name string) {
	p.t.Helper()
	until(p.t, fmt.Sprintf("the %s called %s can be used", role, name), func() bool {
		return p.find(role, name).property("disabled") != "true"
	})
	p.clickAt(p.find(role, name).centre())
}

func (p *page) clickAt(at point) { p.mouse("left", at) }

// mouse presses a button at the first point, moves along the others, and lets it go.
func (p *page) mouse(button input.MouseButton, points ...point) {
	p.t.Helper()
	held := map[input.MouseButton]int64{"left": 1, "right": 2, "middle": 4}[button]
	send := func(kind input.DispatchMouseEventType, at point, held int64) {
		b := button
		if kind == "mouseMoved" && held == 0 {
			b = "none"
		}
		_, err := chromedp.Call(p.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: at.x, Y: at.y, Button: b, Buttons: held, ClickCount: 1,
		})
		p.must(err)
	}
	send("mouseMoved", points[0], 0)
	send("mousePressed", points[0], held)
	for _, at := range points[1:] {
		send("mouseMoved", at, held)
	}
	send("mouseReleased", points[len(points)-1], 0)
}

// touch puts fingers down and moves them: each step has a point for each finger.
func (p *page) touch(steps ...[]point) {
	p.t.Helper()
	for i, fingers := range append(steps, nil) {
		kind := input.DispatchTouchEventType("touchMove")
		if i == 0 {
			kind = "touchStart"
		} else if fingers == nil {
			kind = "touchEnd"
		}
		points := []*input.TouchPoint{}
		for k, f := range fingers {
			id := float64(k)
			points = append(points, &input.TouchPoint{X: f.x, Y: f.y, ID: &id})
		}
		_, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
		p.must(err)
	}
}

// press presses keys one after the other; modifiers are held meanwhile.
func (p *page) press(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// set gives a list or a field a value, as choosing it does.
func (p *page) set(b thing, value string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, dom.Focus, dom.FocusParams{BackendNodeID: b.node.BackendDOMNodeID})
	p.must(err)
	eval[any](p, fmt.Sprintf(`(a => {
		a.value = %q
		for (const name of ["input", "change"]) a.dispatchEvent(new Event(name, { bubbles: true }))
	})(document.activeElement)`, value))
}

// drop drops files at a point.
func (p *page) drop(at point, files ...string) {
	p.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{"dragEnter", "dragOver", "drop"} {
		_, err := chromedp.Call(p.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: at.x, Y: at.y, Data: data,
		})
		p.must(err)
	}
}

// focused returns role and name of what has the focus.
func (p *page) focused() string {
	p.t.Helper()
	return eval[string](p, `(() => { let a = document.activeElement; return a ? a.tagName + " " + (a.ariaLabel || a.textContent || a.id) : "" })()`)
}
