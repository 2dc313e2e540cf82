package studio

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// policy is the Content-Security-Policy: everything is loaded from this server, and no script is inline.
const policy = "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

// maxBody is the largest request, in bytes, other than an upload.
const maxBody = 1 << 20

// hosts are the names that a request may have in its Host header. A page from elsewhere whose name was made to
// resolve to this machine (DNS rebinding) has another one.
type hosts struct {
	port  string
	names []string
	ips   bool // any IP address is allowed, since DNS rebinding needs a name
}

func hostsOf(addr net.Addr, names []string) hosts {
	host, port, _ := net.SplitHostPort(addr.String())
	h := hosts{port: port, names: append([]string{"localhost", "127.0.0.1", "::1"}, names...)}
	h.ips = !isLoopback(host)
	return h
}

// isLoopback returns whether an address is of this machine alone.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// has returns whether a Host header names the studio.
func (h *hosts) has(header string) bool {
	host, port, err := net.SplitHostPort(header)
	if err != nil {
		host, port = strings.Trim(header, "[]"), "80"
	}
	return port == h.port && (slices.Contains(h.names, strings.ToLower(host)) || h.ips && net.ParseIP(host) != nil)
}

// guarded wraps a handler in the checks of Host, token and origin.
func (s *Server) guarded(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, &Error{Status: http.StatusForbidden, Text: "a page from elsewhere may not do that"})
	}))
	next = origins.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		switch {
		case !s.hosts.has(r.Host):
			turnAway(w, r, &Error{Status: http.StatusMisdirectedRequest, Text: "this is not " + quoted(r.Host),
				Hint: "open the link that oneiro studio printed, or start it with --allow-host"})
		case r.URL.Path == "/" && r.Method == http.MethodGet && r.URL.Query().Has("t"):
			s.admit(w, r)
		case !s.isAdmitted(r):
			turnAway(w, r, &Error{Status: http.StatusUnauthorized, Text: "this page is open to its owner only",
				Hint: "open the link that oneiro studio printed: it has the key"})
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// cookie is the name of the cookie with the token. It has the port in it, since cookies do not depend on ports.
func (s *Server) cookie() string { return "oneiro-" + s.hosts.port }

// admit sets the cookie if the link has the token.
func (s *Server) admit(w http.ResponseWriter, r *http.Request) {
	if !s.isToken(r.URL.Query().Get("t")) {
		turnAway(w, r, &Error{Status: http.StatusUnauthorized, Text: "the key in this link is not valid",
			Hint: "open the link that oneiro studio printed last"})
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie(), Value: s.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		MaxAge: 400 * 24 * 3600,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) isAdmitted(r *http.Request) bool {
	c, err := r.Cookie(s.cookie())
	return err == nil && s.isToken(c.Value)
}

func (s *Server) isToken(text string) bool {
	return subtle.ConstantTimeCompare([]byte(text), []byte(s.token)) == 1
}

// turnAway answers somebody who may not see the page: with a small page if he asks for one, else as fail does.
func turnAway(w http.ResponseWriter, r *http.Request, e *Error) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		fail(w, e)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(e.Status)
	fmt.Fprintf(w, "<!doctype html>\n<html lang=\"en\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"+
		"<title>oneiro studio</title>\n<h1>%s</h1>\n<p>%s</p>\n", html.EscapeString(sentence(e.Text)),
		html.EscapeString(sentence(e.Hint)))
}

// sentence makes one of an error or a hint.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:] + "."
}

// fail answers with an error.
func fail(w http.ResponseWriter, err error) {
	e := asError(err)
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Del("Content-Disposition")
	answer(w, e.Status, e)
}

// answer answers with JSON.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(v) // who does not listen any more needs no answer
}

// read decodes the JSON that a request has. One without a body leaves v alone.
func read(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return &Error{Status: http.StatusUnsupportedMediaType, Text: "what is sent here is application/json"}
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return err
	}
	if err != nil {
		return refused("the request cannot be read: "+err.Error(), "")
	}
	if d.More() {
		return refused("the request has more than one value", "")
	}
	return nil
}

// handler answers a request with a value or an error. A nil value means that it has answered by itself.
type handler func(w http.ResponseWriter, r *http.Request) (any, error)

// created is an answer with the status 201.
type created struct{ value any }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := h(w, r)
	switch made, is := v.(created); {
	case err != nil:
		fail(w, err)
	case is:
		answer(w, http.StatusCreated, made.value)
	case v != nil:
		answer(w, http.StatusOK, v)
	}
}
