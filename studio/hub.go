package studio

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	ringSize   = 1000             // events that can be replayed
	maxClients = 64               // streams at the same time
	heartbeat  = 15 * time.Second // between two signs of life
	patience   = 20 * time.Second // for a client that does not read
)

// hub sends events to all clients. It keeps the last ones in one ring, from which each client reads at its own
// pace. Obsolete events, such as a step before the last, are removed at once, so that they do not push out
// others.
type hub struct {
	epoch string // of this process: numbers begin again in the next one
	size  int

	mu       sync.Mutex
	ring     []event // by number
	last     int     // number
	dropped  int     // the highest number of those that were pushed out
	wake     chan struct{}
	clients  int
	isClosed bool
	done     chan struct{}
}

// closed is a closed channel.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// event is an event of the stream.
type event struct {
	number int
	kind   string
	job    int // 0 for none
	data   []byte
}

func newHub(size int) *hub {
	return &hub{epoch: rand.Text()[:8], size: size, wake: make(chan struct{}), done: make(chan struct{})}
}

// passing returns whether only the last event of a kind counts, for each job.
func passing(kind string) bool { return kind != "job" && kind != "gone" && kind != "files" }

// send adds an event.
func (h *hub) send(kind string, job int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if passing(kind) {
		for i := len(h.ring) - 1; i >= 0; i-- {
			if h.ring[i].kind == kind && h.ring[i].job == job {
				h.ring = append(h.ring[:i], h.ring[i+1:]...)
				break
			}
		}
	}
	h.last++
	h.ring = append(h.ring, event{h.last, kind, job, data})
	if n := len(h.ring) - h.size; n > 0 {
		h.dropped = h.ring[n-1].number
		h.ring = append(h.ring[:0], h.ring[n:]...)
	}
	close(h.wake)
	h.wake = make(chan struct{})
}

// batch is how many events a client takes at a time, and so the most that a slow one keeps in memory.
const batch = 50

// after returns the next events after a number, the number to continue from, and a channel that is closed when
// there are more. missed means that some are no longer kept.
func (h *hub) after(number int) (events []event, next int, more <-chan struct{}, missed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if number < h.dropped || number > h.last {
		return nil, h.last, h.wake, true
	}
	i := sort.Search(len(h.ring), func(i int) bool { return h.ring[i].number > number })
	if rest := h.ring[i:]; len(rest) > batch {
		return append([]event(nil), rest[:batch]...), rest[batch-1].number, closed, false
	}
	return append([]event(nil), h.ring[i:]...), h.last, h.wake, false
}

// place returns the number in a Last-Event-ID, or -1 if it is not an ID of this stream.
func (h *hub) place(id string) int {
	epoch, text, _ := strings.Cut(id, "-")
	n, err := strconv.Atoi(text)
	if len(id) > 40 || epoch != h.epoch || err != nil || n < 0 {
		return -1
	}
	return n
}

// join adds a client. It returns false if there are too many.
func (h *hub) join() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed || h.clients >= maxClients {
		return false
	}
	h.clients++
	return true
}

func (h *hub) leave() {
	h.mu.Lock()
	h.clients--
	h.mu.Unlock()
}

// close ends all streams.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.isClosed {
		h.isClosed = true
		close(h.done)
	}
}

// getEvents is the stream of events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
func (s *Server) getEvents(w http.ResponseWriter, r *http.Request) (any, error) {
	h := s.hub
	if !h.join() {
		return nil, &Error{Status: http.StatusServiceUnavailable, Text: "too many pages are open", Hint: "close some"}
	}
	defer h.leave()
	_, at, _, _ := h.after(-1)
	lost := false
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		if n := h.place(id); n >= 0 {
			at = n
		} else {
			lost = true
		}
	}
	out := http.NewResponseController(w)
	out.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	write := func(text []byte) bool {
		out.SetWriteDeadline(time.Now().Add(patience))
		_, err := w.Write(text)
		return err == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	hello := fmt.Appendf(nil, "retry: 1000\nid: %s-%d\nevent: hello\ndata: {}\n\n", h.epoch, at)
	if !write(hello) {
		return nil, nil
	}
	for {
		events, next, more, missed := h.after(at)
		if at = next; missed || lost {
			events, lost = []event{{number: next, kind: "reset", data: []byte("{}")}}, false
		}
		for _, e := range events {
			if !write(fmt.Appendf(nil, "id: %s-%d\nevent: %s\ndata: %s\n\n", h.epoch, e.number, e.kind, e.data)) {
				return nil, nil
			}
		}
		if out.Flush() != nil {
			return nil, nil
		}
		select {
		case <-more:
		case <-beat.C:
			if !write([]byte(": still here\n\n")) {
				return nil, nil
			}
		case <-r.Context().Done():
			return nil, nil
		case <-h.done:
			return nil, nil
		}
	}
}
