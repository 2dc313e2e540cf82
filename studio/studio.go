package studio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"oneiro/internal/filelock"
)

// Config is what a studio is made of.
type Config struct {
	// Dir is the folder of the studio. It is made if it is not there.
	Dir string
	// Program is the command line that every child begins with: the program itself.
	Program []string
	// Env is added to the environment of children.
	Env []string
	// Version is the program's.
	Version string
	// Commands are the commands that jobs can run.
	Commands []Command
	// Presets are named options that the page offers.
	Presets []Preset
	// Bookmarks are the words that a dream can be asked for.
	Bookmarks []Bookmark
	// Weights are files outside Dir that jobs may use.
	Weights []string
	// Hosts are allowed in the Host header, beside the names of loopback.
	Hosts []string
	// MaxUpload is the largest picture that may be uploaded, in bytes; 0 stands for DefaultUpload.
	MaxUpload int64
	// MaxClip is the largest film that may be uploaded, in bytes; 0 stands for DefaultClip.
	MaxClip int64
	// NewToken replaces the token of the folder, so that older links and open pages stop working.
	NewToken bool
	// Log gets messages for the person at the terminal.
	Log io.Writer
}

// The defaults of Config.MaxUpload and Config.MaxClip.
const (
	DefaultUpload = 64 << 20
	DefaultClip   = 2 << 30
)

// Server is a studio: a folder, its queue, and the page.
type Server struct {
	config   Config
	token    string
	dir      string // absolute
	root     *os.Root
	unlock   func()
	known    facts
	hashes   facts
	networks facts      // by files of weights
	films    facts      // of what may move
	moving   sync.Mutex // while names are chosen and taken
	decodes  chan struct{}
	asks     chan struct{}
	speeds   speeds
	hub      *hub
	queue    *queue
	handler  http.Handler
	hosts    hosts
}

// Open opens a folder and reads its journal. Nothing is served and no job runs before Serve. Call Close in the
// end.
func Open(config Config) (*Server, error) {
	if config.MaxUpload == 0 {
		config.MaxUpload = DefaultUpload
	}
	if config.MaxClip == 0 {
		config.MaxClip = DefaultClip
	}
	if config.Log == nil {
		config.Log = io.Discard
	}
	s := &Server{
		config: config, hub: newHub(ringSize), unlock: func() {},
		decodes: make(chan struct{}, maxDecodes), asks: make(chan struct{}, maxAsks),
	}
	err := s.open()
	if err != nil {
		s.unlock()
		if s.root != nil {
			s.root.Close()
		}
		return nil, err
	}
	s.handler = s.guarded(s.routes())
	return s, nil
}

// open opens the folder and all that is in it.
func (s *Server) open() (err error) {
	if s.dir, err = filepath.Abs(s.config.Dir); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return &FolderError{s.dir, err}
	}
	if s.root, err = os.OpenRoot(s.dir); err != nil {
		return &FolderError{s.dir, err}
	}
	if err := s.root.MkdirAll(hidden, 0o777); err != nil {
		return &FolderError{s.dir, err}
	}
	unlock, err := filelock.Take(filepath.Join(s.dir, hidden, "lock"))
	if held, is := errors.AsType[*filelock.HeldError](err); is {
		return &FolderInUseError{s.dir, held.Process}
	}
	if err != nil {
		return err
	}
	s.unlock = unlock
	if err := s.makeFolders(); err != nil {
		return &FolderError{s.dir, err}
	}
	if s.token, err = s.readToken(); err != nil {
		return &FolderError{s.dir, err}
	}
	for i := range s.config.Commands {
		if err := s.config.Commands[i].parse(s.places()); err != nil {
			return err
		}
	}
	s.queue, err = openQueue(s)
	return err
}

// FolderError reports a folder that cannot be that of a studio.
type FolderError struct {
	Dir string
	Err error
}

func (e *FolderError) Error() string {
	err := e.Err
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = p.Err
	}
	return fmt.Sprintf("the folder %s cannot be used: %v", e.Dir, err)
}

func (e *FolderError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *FolderError) Hint() string { return "choose another --dir, in which files can be made" }

// FolderInUseError reports that another studio has the folder open.
type FolderInUseError struct{ Dir, Process string }

func (e *FolderInUseError) Error() string {
	text := "another studio is open on " + e.Dir
	if e.Process != "" {
		text += ", process " + e.Process
	}
	return text
}

// Hint says what to do.
func (e *FolderInUseError) Hint() string { return "use its page, end it, or choose another --dir" }

// Link returns the address that opens the page on a listener.
func (s *Server) Link(l net.Listener) string {
	host, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/?t=%s", net.JoinHostPort(host, port), s.token)
}

// Serve serves the page and runs the queue until the context ends.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.hosts = hostsOf(l.Addr(), s.config.Hosts)
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute,
		WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	s.queue.start()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	s.hub.close() // streams of events would not end by themselves
	last, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if server.Shutdown(last) != nil {
		server.Close()
	}
	return nil
}

// Close stops the running job, which continues when the folder is opened again, and releases the folder.
func (s *Server) Close() error {
	s.hub.close()
	err := s.queue.close()
	s.unlock()
	return errors.Join(err, s.root.Close())
}

func (s *Server) log(format string, args ...any) { fmt.Fprintf(s.config.Log, format+"\n", args...) }
