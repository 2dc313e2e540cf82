package browser

import "testing"

// TestCancelDone presses Cancel, and leaves the question open until the job is done: then it is gone, and
// nothing was cancelled.
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

// TestNothingKept starts a job again of which nothing was kept.
func TestNothingKept(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	p.begin("128", "2000")
	p.begin("64", "3")
	p.wait("the second job waits", `document.querySelector(".job.waiting")`)
	eval[bool](p, `document.querySelector(".job.waiting").focus(), true`)
	p.press("s")
	p.wait("nothing is kept", `document.querySelector(".job.stopped .info")?.textContent === "Stopped, nothing kept yet"`)
	p.click("button", "Stop and keep")
	p.click("button", "Again: #2")
	p.wait("it is done", `document.querySelector('.job.done[data-job="2"]')`)
}
