package studio

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGuard asks as nobody should.
func TestGuard(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	host := strings.TrimPrefix(v.base, "http://")
	_, port, _ := strings.Cut(host, ":")
	header := func(pairs ...string) func(*http.Request) {
		return func(r *http.Request) {
			for i := 0; i < len(pairs); i += 2 {
				r.Header.Set(pairs[i], pairs[i+1])
			}
		}
	}
	named := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	nobody := func(r *http.Request) { r.Header.Del("Cookie") }
	for _, c := range []struct {
		method, path, what string
		change             func(*http.Request)
		want               int
	}{
		{"GET", "/api/jobs", "as the page does", header(), 200},
		{"GET", "/api/jobs", "by name", named("localhost:" + port), 200},
		{"GET", "/api/jobs", "by another address of this machine", named("[::1]:" + port), 200},
		{"GET", "/api/jobs", "by the name of another site", named("evil.test:" + port), 421},
		{"GET", "/api/jobs", "by the name of another site that begins alike", named("localhost.evil.test:" + port), 421},
		{"GET", "/api/jobs", "by a name in capital letters", named("LOCALHOST:" + port), 200},
		{"GET", "/api/jobs", "at another port", named("localhost:1"), 421},
		{"GET", "/api/jobs", "at no port", named("localhost"), 421},
		{"GET", "/api/jobs", "by an address of another machine", named("192.168.1.5:" + port), 421},
		{"GET", "/api/jobs", "without a cookie", nobody, 401},
		{"GET", "/", "without a cookie", nobody, 401},
		{"GET", "/web/index.html", "without a cookie", nobody, 401},
		{"GET", "/api/events", "without a cookie", nobody, 401},
		{"GET", "/api/jobs", "with another cookie", header("Cookie", v.cookie.Name+"=x"), 401},
		{"GET", "/api/jobs", "with an empty cookie", header("Cookie", v.cookie.Name+"="), 401},
		{"GET", "/?t=x", "with another token", header(), 401},
		{"GET", "/?t=", "with an empty token", nobody, 401},
		{"GET", "/api/jobs?t=" + v.cookie.Value, "with the token at the wrong door", nobody, 401},
		{"POST", "/api/jobs", "from another page", header("Origin", "http://evil.test"), 403},
		{"POST", "/api/jobs", "from another port", header("Origin", "http://localhost:1"), 403},
		{"POST", "/api/jobs", "from nowhere", header("Origin", "null"), 403},
		{"POST", "/api/jobs", "from another site", header("Sec-Fetch-Site", "cross-site"), 403},
		{"POST", "/api/jobs", "from a site of the same family", header("Sec-Fetch-Site", "same-site"), 403},
		{"PUT", "/api/uploads?name=a.png", "from another page", header("Origin", "http://evil.test"), 403},
		{"DELETE", "/api/jobs/1", "from another page", header("Origin", "http://evil.test"), 403},
		{"PATCH", "/api/jobs/1", "from another site", header("Sec-Fetch-Site", "cross-site"), 403},
		{"POST", "/api/jobs/1/stop", "from a form", header("Sec-Fetch-Site", "cross-site", "Content-Type", "text/plain"), 403},
		{"POST", "/api/jobs", "as a form", header("Content-Type", "application/x-www-form-urlencoded"), 415},
		{"POST", "/api/jobs", "as text", header("Content-Type", "text/plain"), 415},
		{"GET", "/web/", "for the list of a folder", header(), 404},
		{"GET", "/web", "for the list of a folder", header(), 307},
		{"GET", "/files/in/", "for the list of a folder", header(), 404},
		{"GET", "/api/jobs/1/stop", "to change something by GET", header(), 405},
		{"POST", "/api/none", "for nothing", header(), 404},
	} {
		status, text, h := v.request(c.method, c.path, strings.NewReader(`{"command": "style"}`), c.change)
		if status != c.want {
			t.Errorf("%s %s %s: %d, want %d: %s", c.method, c.path, c.what, status, c.want, text)
		}
		if h.Get("Access-Control-Allow-Origin") != "" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") ||
			strings.Contains(h.Get("Content-Security-Policy"), "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s %s %s: the headers are %v", c.method, c.path, c.what, h)
		}
	}
	if jobs := v.s.queue.all(); len(jobs) > 0 {
		t.Errorf("%d jobs were made", len(jobs))
	}
	if c := v.cookie; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || len(c.Value) < 26 {
		t.Errorf("the cookie is %v", c)
	}
}

// TestTurnedAway asks without the key, as a browser does and as a program does, and by a name that is markup.
func TestTurnedAway(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	for _, path := range []string{"/", "/?t=x", "/api/jobs"} {
		for accept, kind := range map[string]string{
			"text/html,application/xhtml+xml,*/*;q=0.8": "text/html; charset=utf-8", "*/*": "application/json", "": "application/json",
		} {
			status, text, h := v.request("GET", path, nil, func(r *http.Request) {
				r.Header.Del("Cookie")
				r.Header.Set("Accept", accept)
			})
			if status != 401 || h.Get("Content-Type") != kind || !bytes.Contains(text, []byte("link that oneiro studio printed")) ||
				h.Get("Content-Security-Policy") != policy || json.Valid(text) != (kind == "application/json") {
				t.Errorf("%s for %q: %d %v %s", path, accept, status, h, text)
			}
		}
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	r.Host = "<script>alert(1)</script>"
	r.Header.Set("Accept", "text/html")
	v.s.guarded(nil).ServeHTTP(w, r)
	if text := w.Body.String(); w.Code != 421 || strings.Contains(text, "<script") || !strings.Contains(text, "&lt;script&gt;") {
		t.Errorf("it answers %d %s", w.Code, text)
	}
}

// TestHosts checks by which names the page may be asked for where others can reach it.
func TestHosts(t *testing.T) {
	h := hostsOf(address("0.0.0.0:80"), []string{"studio.lan"})
	for name, want := range map[string]bool{
		"localhost": true, "localhost:80": true, "192.168.1.5": true, "[fe80::1]:80": true, "studio.lan:80": true,
		"studio.lan.evil.test:80": false, "evil.test": false, "192.168.1.5:81": false, "": false, "[": false, ":80": false,
	} {
		if h.has(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

type address string

func (address) Network() string  { return "tcp" }
func (a address) String() string { return string(a) }

// TestPaths asks for files that lie elsewhere, in all ways that are known.
func TestPaths(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := picture(t, 9, 9, 77)
	write(t, outside, "secret.png", secret)
	write(t, dir, "secret.png", secret)
	write(t, dir, "trash/secret.png", secret)
	write(t, dir, "in/mine.png", picture(t, 4, 4, 1))
	for name, to := range map[string]string{
		"in/link.png": filepath.Join(outside, "secret.png"), "in/folder": outside, "out/up.png": "../secret.png",
		"in/up": "..", "in/nowhere.png": filepath.Join(outside, "nothing"), "masks/etc": "/etc",
	} {
		if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(to, filepath.Join(dir, filepath.FromSlash(name))); err != nil {
				t.Skip("there are no symbolic links here")
			}
		}
	}
	v := openSite(t, configOf(dir))
	full := filepath.Join(outside, "secret.png")
	paths := []string{
		"../secret.png", "in/../secret.png", "in/../../secret.png", "..", "/secret.png", full, "/etc/passwd", "//etc/passwd",
		"in/link.png", "in/folder/secret.png", "out/up.png", "in/up/secret.png", "in/nowhere.png", "masks/etc/passwd",
		`in\..\..\secret.png`, `..\secret.png`, `C:\secret.png`, "C:/secret.png", `\\host\share\secret.png`, "in/./../secret.png",
		".studio/journal.jsonl", "in/../.studio/lock", "trash/secret.png", "secret.png", "in//mine.png/../../secret.png",
		"in/mine.png/..", "~/secret.png", "file:///etc/passwd", "in/mine.png\x00.png", "in/", "in", "",
	}
	for _, path := range paths {
		escapes := []string{
			strings.ReplaceAll(strings.ReplaceAll(path, "\x00", "%00"), `\`, "%5C"),
			strings.NewReplacer("/", "%2f", ".", "%2e", "\x00", "%00", `\`, "%5c").Replace(path),
			strings.NewReplacer("/", "%252f", ".", "%252e", "\x00", "%2500", `\`, "%255c").Replace(path),
		}
		for _, escaped := range escapes {
			for _, door := range []string{"/files/", "/thumb/", "/web/", "/api/recipe?file=", "/api/files?folder="} {
				status, text, _ := v.request("GET", door+escaped, nil, func(r *http.Request) {
					if !strings.Contains(door, "?") {
						r.URL.Opaque = "//" + r.URL.Host + door + escaped // as it is
					}
				})
				told := bytes.Contains(text, secret[20:60]) || bytes.Contains(text, []byte("root:"))
				if status == 200 && door+path != "/api/files?folder=in" || told {
					t.Errorf("%s%s answers %d", door, escaped, status)
				}
			}
		}
		if path == "" {
			continue
		}
		bodies := []any{
			Spec{Command: "style", Inputs: map[string]Files{"content": {Names: []string{path}}}},
			Spec{Command: "style", Inputs: map[string]Files{"content": {Names: []string{"in/mine.png"}},
				"style": {Names: []string{"in/mine.png", path}, list: true}}},
		}
		if path != "in" && path != "in/" && path != "in/mine.png/.." { // which are not pictures, but no way out
			for _, option := range []string{"init", "weights"} {
				bodies = append(bodies, Spec{Command: "style", Options: map[string]string{option: path}})
			}
			bodies = append(bodies, Spec{Command: "style", Options: map[string]string{"region": "red=" + path + ":scale=2"}},
				Spec{Command: "style", Options: map[string]string{"region": "red=in/mine.png,blue=" + path}},
				Spec{Command: "style", Options: map[string]string{"region": `"red=` + path + `"`}})
		}
		for _, name := range []string{"output", "save-canvas"} {
			if path != "secret.png" { // which will be out/secret.png
				bodies = append(bodies, Spec{Command: "style", Options: map[string]string{name: path}})
			}
		}
		for _, body := range bodies {
			text, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			if status, answer, _ := v.request("POST", "/api/jobs", bytes.NewReader(text)); status < 400 || status >= 500 {
				t.Errorf("%s answers %d %s", text, status, answer)
			}
		}
		u, text, _ := v.request("PUT", "/api/uploads?name="+strings.NewReplacer("/", "%2f", `\`, "%5c", "\x00", "%00").Replace(path),
			bytes.NewReader(picture(t, 3, 3, len(path))))
		if up := (uploaded{}); u > 201 || json.Unmarshal(text, &up) != nil || !strings.HasPrefix(up.File, "in/") ||
			strings.Count(up.File, "/") != 1 || strings.Contains(up.File, `\`) {
			t.Errorf("a picture that is called %q: %d %s", path, u, text)
		}
	}
	if jobs := v.s.queue.all(); len(jobs) > 0 {
		t.Errorf("%d jobs were made, such as %+v", len(jobs), jobs[0])
	}
	if got, err := os.ReadFile(filepath.Join(dir, "secret.png")); err != nil || !bytes.Equal(got, secret) {
		t.Error("the file outside has changed")
	}
	if got, _ := os.ReadDir(outside); len(got) != 1 {
		t.Errorf("there are files outside: %v", got)
	}
	// What is inside works, and so do words that are no paths.
	for _, options := range []map[string]string{
		{"init": "in/mine.png"}, {"init": "random"}, {"region": "red=in/mine.png:scale=1.5"}, {"region": "red=keep"},
		{"save-canvas": "out/a.safetensors"}, {"output": "mine.jpg"}, {"region": strings.Repeat("x", 1000)},
		{"region": strings.Repeat("red=in/mine.png:scale=1.5,", 1000)}, {"init": "in"}, {"init": "inception_4c/output"},
	} {
		call[*Job](v, 201, "POST", "/api/jobs", Spec{Command: "style", Options: options})
	}
}

// TestOwnedOptions checks that a job cannot choose what the studio chooses.
func TestOwnedOptions(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	for _, name := range append(slices.Clone(owned), "no-such", "", "-", "content") {
		call[Error](v, 400, "POST", "/api/jobs", Spec{Command: "style", Options: map[string]string{name: "1"}})
	}
	for _, body := range []string{
		`{"command": "train"}`, `{"command": ""}`, `{}`, ``, `[]`, `{"command": "style", "wings": 2}`, `{"command": "style"} {}`, `{"command": 1}`,
		`{"command": "style", "options": {"size": 1}}`, `{"command": "style", "inputs": {"content": ["in/a", "in/b"]}}`, `{`, `"\ud800`,
	} {
		if status, text, _ := v.request("POST", "/api/jobs", strings.NewReader(body)); status != 400 && status != 404 {
			t.Errorf("%s answers %d %s", body, status, text)
		}
	}
	if status, _, _ := v.request("POST", "/api/jobs", io.MultiReader(strings.NewReader(`{"command": "`), endless(2<<20))); status != 413 {
		t.Errorf("a body of 2 MB answers %d", status)
	}
}

// endless is as many bytes as one likes.
func endless(n int64) io.Reader { return io.LimitReader(letters{}, n) }

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestUpload sends pictures, the same twice, and what is none.
func TestUpload(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	data := picture(t, 7, 5, 3)
	first := v.upload("a.jpg", data) // which is a PNG
	if first.File != "in/a.jpg.png" || first.Width != 7 || first.Height != 5 || first.Bytes != int64(len(data)) {
		t.Errorf("it is %+v", first)
	}
	status, text, _ := v.request("PUT", "/api/uploads?name=other.png", bytes.NewReader(data))
	var same uploaded
	if json.Unmarshal(text, &same) != nil || status != 200 || same != first {
		t.Errorf("the same again: %d %s", status, text)
	}
	if second := v.upload("a.jpg.png", picture(t, 7, 5, 4)); second.File != "in/a.jpg-2.png" {
		t.Errorf("another of that name is %s", second.File)
	}
	if status, text, _ := v.request("PUT", "/api/uploads?name=m.png&kind=mask", bytes.NewReader(data)); status != 201 ||
		!strings.Contains(string(text), `"masks/m.png"`) {
		t.Errorf("a mask: %d %s", status, text)
	}
	for name, c := range map[string]struct {
		query string
		data  []byte
		want  int
	}{
		"text": {"name=a.png", []byte("no picture"), 415}, "nothing": {"name=a.png", nil, 415}, "half": {"name=a.png", data[:20], 415},
		"a page":  {"name=a.html", []byte("<!doctype html><script>alert(1)</script>"), 415},
		"SVG":     {"name=a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), 415},
		"weights": {"name=a.pth&kind=weights", data, 400},
	} {
		if status, text, _ := v.request("PUT", "/api/uploads?"+c.query, bytes.NewReader(c.data)); status != c.want {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if all := call[struct{ Files []File }](v, 200, "GET", "/api/files?folder=in", nil).Files; len(all) != 2 {
		t.Errorf("there are %+v", all)
	}
}

// TestLargeUpload sends 100 MB, with its length and without: it is refused, nothing stays, and memory does not
// grow.
func TestLargeUpload(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	before := heap()
	for _, length := range []int64{100 << 20, -1} {
		r, err := http.NewRequest("PUT", v.base+"/api/uploads?name=a.png", endless(100<<20))
		if err != nil {
			t.Fatal(err)
		}
		r.AddCookie(v.cookie)
		r.ContentLength = length
		answer, err := v.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(text), "64 MiB") {
			t.Errorf("length %d: %s %s", length, answer.Status, text)
		}
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("memory has grown by %d MiB", grown>>20)
	}
	for _, folder := range []string{"in", hidden + "/work"} {
		if left, _ := os.ReadDir(filepath.Join(v.s.dir, folder)); len(left) > 0 {
			t.Errorf("%s is left in %s", left[0].Name(), folder)
		}
	}
	v.upload("a.png", picture(t, 3, 3, 1)) // the studio is still there
}

// TestBombs sends small files that promise huge pictures. None is decoded.
func TestBombs(t *testing.T) {
	v := openSite(t, configOf(t.TempDir()))
	jpeg := []byte("\xff\xd8\xff\xc2\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01\xff\xd9")
	before := heap()
	for name, data := range map[string][]byte{
		"png":       pngOf(60_000, 60_000),
		"png row":   pngOf(1<<31-1, 1),
		"png most":  pngOf(1<<31-1, 1<<31-1),
		"tiff":      tiffOf(60_000, 60_000),
		"tiff most": tiffOf(1<<32-1, 1<<32-1),
		"jpeg":      append(slices.Clone(jpeg), make([]byte, 600)...),
		"gif":       append([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02L\x01\x00;"), make([]byte, 600)...),
		"bmp": append([]byte("BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00\xff\xff\x00\x00\xff\xff\x00\x00\x01\x00\x18\x00"),
			make([]byte, 600)...),
	} {
		status, text, _ := v.request("PUT", "/api/uploads?name=bomb", bytes.NewReader(data))
		if status != 413 && status != 415 {
			t.Errorf("%s: %d %s", name, status, text)
		}
		if strings.HasPrefix(name, "png") || name == "tiff" {
			if status != 413 || !strings.Contains(string(text), "hint") {
				t.Errorf("%s: %d %s", name, status, text)
			}
		}
		// One that somebody has put into the folder is not decoded either.
		write(t, v.s.dir, "in/bomb", data)
		for _, path := range []string{"/thumb/in/bomb?size=768", "/files/in/bomb?format=png"} {
			if status, text, _ := v.request("GET", path, nil); status < 400 {
				t.Errorf("%s: %s answers %d %.40s", name, path, status, text)
			}
		}
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("memory has grown by %d MiB", grown>>20)
	}
	if all := call[struct{ Files []File }](v, 200, "GET", "/api/files?folder=in", nil).Files; len(all) != 0 {
		t.Errorf("there are %+v", all)
	}
}

// pngOf returns the beginning of a PNG of a size.
func pngOf(w, h uint32) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		body := append([]byte(kind), data...)
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, w)
	head = binary.BigEndian.AppendUint32(head, h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", make([]byte, 600))
	chunk("IEND", nil)
	return out
}

// tiffOf returns a TIFF of a size whose strip is not there.
func tiffOf(w, h uint32) []byte {
	out := []byte("II*\x00\x08\x00\x00\x00")
	tags := [][3]uint32{{256, 4, w}, {257, 4, h}, {258, 3, 8}, {259, 3, 1}, {262, 3, 1}, {273, 4, 300}, {277, 3, 1}, {278, 4, h}, {279, 4, 4}}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(tags)))
	for _, tag := range tags {
		out = binary.LittleEndian.AppendUint16(out, uint16(tag[0]))
		out = binary.LittleEndian.AppendUint16(out, uint16(tag[1]))
		out = binary.LittleEndian.AppendUint32(out, 1)
		out = binary.LittleEndian.AppendUint32(out, tag[2])
	}
	return append(out, make([]byte, 700)...)
}
