package browser

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestAway ends the server under the page, which says so and starts nothing, until there is a server again:
// then it has what that one offers.
func TestAway(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.careless = true // the connection ends
	p.ready()
	p.wait("the page is connected", `document.querySelector(".lost").hidden && !document.querySelector("#start").disabled`)
	s.end()
	p.wait("the page says so", `!document.querySelector(".lost").hidden`)
	if p.find("button", "Start.*").property("disabled") != "true" {
		t.Error("Start can be pressed without a server")
	}
	if err := os.WriteFile(filepath.Join(s.dir, "weights", "later.pth"), []byte("no weights"), 0o666); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.link)
	p.must(err)
	s.more = append(s.more, "--listen", u.Host)
	s.start()
	p.wait("the page is connected again", `document.querySelector(".lost").hidden && !document.querySelector("#start").disabled`)
	p.wait("the new network is listed", `[...document.querySelectorAll("#o-weights option")].some(o => o.value === "weights/later.pth")`)
}

// TestStartTwice presses Start for two jobs, the second before the first is in the queue: both are made, and
// as they were on the table.
func TestStartTwice(t *testing.T) {
	s := start(t)
	p := open(t, s.link, desktop)
	p.dropPictures()
	p.write("Size", "48")
	p.write("Steps", "2")
	eval[bool](p, `(() => {
		const press = size => {
			const box = document.querySelector("#o-size")
			box.value = size
			box.dispatchEvent(new Event("input"))
			document.querySelector("#start").click()
			document.querySelector("#start").click() // a double click is one press
		}
		press("40")
		press("56")
		return true
	})()`)
	until(t, "both are in the queue", func() bool { return len(jobs(p)) >= 2 })
	p.wait("both are done", `document.querySelectorAll(".job.done").length === 2`)
	all := jobs(p)
	if len(all) != 2 || all[0].Options["size"]+all[1].Options["size"] != "5640" {
		t.Errorf("the jobs are %+v", all)
	}
}
