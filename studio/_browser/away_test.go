package browser

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// TestAway ends the server under the page, which says so and starts nothing, until there is a server again: then
// it has what that one offers.
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
