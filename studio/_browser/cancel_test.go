package browser

import "testing"

// TestCancelDone presses Cancel, and leaves the question open until the job is done: then it is gone, and nothing was
// cancelled.
func TestCancelDone(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	p.begin("128", "150")
	p.preview()
	p.click("button", "Cancel")
	p.find("dialog", "Throw away what has been done.*")
	p.untilJob("the job is done", func(j job) bool { return j.State == "done" })
	p.gone("dialog", ".*")
	if toasts := eval[string](p, `document.querySelector("#toasts").textContent`); toasts != "" {
		t.Errorf("it says %q", toasts)
	}
}
