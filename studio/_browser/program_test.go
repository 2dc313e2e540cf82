package browser

import (
	"bufio"
	"encoding/json"
	"flag"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

// given is a program to test instead of building it.
var given = flag.String("oneiro", "", "`program` to test, instead of one that is built first")

// program is oneiro, built once.
var program struct {
	sync.Once
	dir string
	err error
	log []byte
}

func build(t *testing.T) string {
	t.Helper()
	if *given != "" {
		return *given
	}
	program.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "oneiro"); program.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", program.dir, "./cmd/oneiro")
		cmd.Dir = "../.."
		program.log, program.err = cmd.CombinedOutput()
	})
	if program.err != nil {
		t.Fatalf("%v\n%s", program.err, program.log)
	}
	path := filepath.Join(program.dir, "oneiro")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	return path
}

// studio is a running oneiro studio with a folder of its own.
type studio struct {
	t    *testing.T
	dir  string
	link string
	more []string
	cmd  *exec.Cmd
}

// start starts oneiro studio in an empty folder, with more options.
func start(t *testing.T, more ...string) *studio {
	t.Helper()
	s := &studio{t: t, dir: t.TempDir(), more: more}
	s.start()
	t.Cleanup(s.end)
	return s
}

var link = regexp.MustCompile(`http://\S+/\?t=\S+`)

func (s *studio) start() {
	s.t.Helper()
	s.cmd = exec.Command(build(s.t), append([]string{"studio", "--dir", s.dir, "--listen", "127.0.0.1:0"}, s.more...)...)
	s.cmd.Stderr = s.t.Output()
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for s.link = ""; s.link == "" && lines.Scan(); {
		s.link = link.FindString(lines.Text())
	}
	if s.link == "" {
		s.t.Fatal("the studio printed no link")
	}
	go func() {
		for lines.Scan() {
		}
	}()
}

// kill ends the server as a power cut does.
func (s *studio) kill() {
	s.cmd.Process.Kill()
	s.cmd.Wait()
}

// end ends the server as Ctrl-C does.
func (s *studio) end() {
	s.t.Helper()
	if s.cmd.ProcessState == nil {
		s.cmd.Process.Signal(syscall.SIGINT)
		s.cmd.Wait()
	}
}

// files returns the names of files in a folder of the studio.
func (s *studio) files(folder string) (names []string) {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.dir, folder))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// picture reads a PNG of the studio.
func (s *studio) picture(path ...string) image.Image {
	s.t.Helper()
	f, err := os.Open(filepath.Join(append([]string{s.dir}, path...)...))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	im, err := png.Decode(f)
	if err != nil {
		s.t.Fatal(err)
	}
	return im
}

// job is what /api/jobs says of one.
type job struct {
	ID          json.Number
	Command     string
	Options     map[string]string
	Line, State string
	Step, Steps int
	Preview     int
	Output      string
	Error       *struct{ Error, Hint string }
}

// name returns the name of the picture.
func (j job) name() string { return path.Base(j.Output) }

// jobs asks the server for its jobs, by the page.
func jobs(p *page) []job {
	p.t.Helper()
	var all struct{ Jobs []job }
	text := eval[string](p, `fetch("/api/jobs").then(r => r.text())`)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		p.t.Fatalf("%v: %s", err, text)
	}
	return all.Jobs
}

// until waits until the first job is as it should be.
func (p *page) untilJob(what string, holds func(j job) bool) (last job) {
	p.t.Helper()
	until(p.t, what, func() bool {
		all := jobs(p)
		if len(all) == 0 {
			return false
		}
		if last = all[0]; last.State == "failed" {
			p.t.Fatalf("a job failed: %+v %+v", last, last.Error)
		}
		return holds(last)
	})
	return last
}

// pictures writes a photograph and a painting, and returns their paths.
func pictures(t *testing.T) (content, style string) {
	t.Helper()
	dir := t.TempDir()
	painting := image.NewRGBA(image.Rect(0, 0, 120, 150))
	for i := range painting.Pix {
		painting.Pix[i] = uint8(i*i/977%256 | 3<<6*(i%4/3))
	}
	for name, im := range map[string]image.Image{"meadow.png": photo(), "strokes.png": painting} {
		if err := os.WriteFile(filepath.Join(dir, name), encoded(t, im), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "meadow.png"), filepath.Join(dir, "strokes.png")
}
