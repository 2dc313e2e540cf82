package studio

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// stream is a stream of events that is read.
type stream struct {
	t    testing.TB
	body io.ReadCloser
	all  *bufio.Scanner
}

// heard is an event as a page gets it.
type heard struct{ id, kind, data string }

// listen opens the stream of events, behind an event if it is given.
func (v *site) listen(after string) *stream {
	v.t.Helper()
	r, err := http.NewRequest("GET", v.base+"/api/events", nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.AddCookie(v.cookie)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" {
		v.t.Fatalf("the stream answers %s", answer.Status)
	}
	return &stream{v.t, answer.Body, bufio.NewScanner(answer.Body)}
}

// next returns the next event.
func (s *stream) next() (e heard) {
	s.t.Helper()
	for s.all.Scan() {
		name, value, _ := strings.Cut(s.all.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e.kind != "" {
				return e
			}
		}
	}
	s.t.Fatalf("the stream ended: %v", s.all.Err())
	return e
}

// until goes through events up to the first of a kind.
func (s *stream) until(kind string) iter.Seq[heard] {
	return func(yield func(heard) bool) {
		for {
			if e := s.next(); !yield(e) || e.kind == kind {
				return
			}
		}
	}
}

// TestHub checks what is kept for who comes late.
func TestHub(t *testing.T) {
	h := newHub(10)
	for i := range 8 {
		h.send("job", i, i)
	}
	for i := range 1000 { // which do not push out the jobs
		h.send("step", 3, i)
	}
	events, next, _, missed := h.after(0)
	if missed || len(events) != 9 || next != 1008 || string(events[8].data) != "999" {
		t.Errorf("%d events up to %d, missed %v", len(events), next, missed)
	}
	events, _, _, missed = h.after(5)
	if missed || len(events) != 4 || events[0].number != 6 {
		t.Errorf("behind 5 there are %+v", events)
	}
	for i := range 5 {
		h.send("job", i, i)
	}
	if _, _, _, missed = h.after(0); !missed {
		t.Error("nobody is told that events are gone")
	}
	if _, _, _, missed = h.after(2000); !missed {
		t.Error("a number from the future is believed")
	}
}

// TestLastEventID checks what replays, and what begins anew: ids that are malformed or of another process.
func TestLastEventID(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	s := v.listen("")
	first := s.next()
	for i := range 5 {
		v.s.hub.send("job", i, i)
	}
	var ids []string
	for range 5 {
		ids = append(ids, s.next().id)
	}
	again := v.listen(ids[1])
	if hello := again.next(); hello.kind != "hello" {
		t.Errorf("first comes %+v", hello)
	}
	for i := 2; i < 5; i++ {
		if e := again.next(); e.id != ids[i] || e.kind != "job" || e.data != fmt.Sprint(i) {
			t.Errorf("event %d is %+v", i, e)
		}
	}
	epoch, _, _ := strings.Cut(first.id, "-")
	for _, id := range []string{
		"5", "-", "x-1", epoch, epoch + "-", epoch + "--1", epoch + "-99", epoch + "-9999999999999999999999", epoch + "-1e3",
		strings.Repeat("9", 8000), epoch + "-0x1", "%00", "'; drop table",
	} {
		s := v.listen(id)
		s.next()
		if e := s.next(); e.kind != "reset" {
			t.Errorf("behind %.30q comes %+v", id, e)
		}
		s.body.Close()
	}
}

// TestSlowClients opens 50 streams that nobody reads, and one that is read: that loses nothing, and what waits
// for the others does not take memory.
func TestSlowClients(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	for range 50 {
		c, err := net.Dial("tcp", strings.TrimPrefix(v.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.(*net.TCPConn).SetReadBuffer(4 << 10)
		fmt.Fprintf(c, "GET /api/events HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n\r\n", strings.TrimPrefix(v.base, "http://"),
			v.cookie.Name, v.cookie.Value)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		v.s.hub.mu.Lock()
		n := v.s.hub.clients
		v.s.hub.mu.Unlock()
		if n == 50 {
			break
		}
	}
	good := v.listen("")
	good.next()
	filler := strings.Repeat("x", 4<<10)
	before := heap()
	const jobs = 500
	go func() {
		for i := range jobs {
			v.s.hub.send("job", i, i)
			for range 20 {
				v.s.hub.send("step", i, filler) // 40 MB in all
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for i := 0; i < jobs; {
		e := good.next()
		if e.kind == "reset" {
			t.Fatal("the one that reads was too slow")
		}
		if e.kind == "job" {
			if e.data != fmt.Sprint(i) {
				t.Fatalf("job %s comes where job %d should", e.data, i)
			}
			i++
		}
	}
	// The ring has at most 1000 events of 4 KiB, and each stream writes at most that much at a time.
	if grown := int64(heap()) - int64(before); grown > 64<<20 {
		t.Errorf("memory has grown by %d MiB", grown>>20)
	}
	for range maxClients - 51 {
		v.listen("")
	}
	if status, _, _ := v.request("GET", "/api/events", nil); status != http.StatusServiceUnavailable {
		t.Errorf("one stream too many answers %d", status)
	}
}

// heap returns how much memory is in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
