// Package server is a NATS server with JetStream in the process, for one farm: it needs no installation and
// keeps everything in a folder.
package server

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"oneiro/internal/atomicfile"
	"oneiro/internal/filelock"
)

// Options are those of a server.
type Options struct {
	Dir    string // of the store
	Listen string // HOST:PORT; port 0 is any that is free
	// TLSCert and TLSKey are files in PEM; empty for no TLS.
	TLSCert, TLSKey string
	// MaxStore is the most bytes that the store may take; 0 for three quarters of what the disk has free.
	MaxStore int64
	// Sync is how often what was written is forced onto the disk; 0 after each message.
	Sync time.Duration
	// Log gets what the server has to say; nil for nothing.
	Log server.Logger
}

// Server is a server that runs.
type Server struct {
	// URL is what clients connect to, with user and password.
	URL string
	// First says that the user was made now.
	First   bool
	server  *server.Server
	release func()
	dir     string
}

// files in the store
const (
	userFile = "user"
	urlFile  = "url"
)

// readiness is how long a server may take to read its store.
const readiness = 5 * time.Minute

// Start starts a server. The errors are a *filelock.HeldError if another one has the store, those of the
// system, and an *Error.
func Start(o Options) (s *Server, err error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	s = &Server{dir: o.Dir}
	if s.release, err = filelock.Take(filepath.Join(o.Dir, "lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.release()
		}
	}()
	user, password, first, err := credentials(o.Dir)
	if err != nil {
		return nil, err
	}
	s.First = first
	options, err := o.options(user, password)
	if err != nil {
		return nil, err
	}
	if s.server, err = server.NewServer(options); err != nil {
		return nil, &Error{err.Error()}
	}
	if o.Log != nil {
		s.server.SetLoggerV2(o.Log, false, false, false)
	}
	s.server.Start()
	if !s.server.ReadyForConnections(readiness) {
		s.server.Shutdown()
		return nil, &Error{"it did not come up: is " + o.Listen + " taken by another program?"}
	}
	if !s.server.JetStreamEnabled() {
		s.server.Shutdown()
		return nil, &Error{"the store " + o.Dir + " cannot be used"}
	}
	s.URL = o.url(s.server.Addr(), user, password)
	if err := private(filepath.Join(o.Dir, urlFile), s.URL+"\n"); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// InProcessConn connects with the server without a network; it is a nats.InProcessConnProvider.
func (s *Server) InProcessConn() (net.Conn, error) { return s.server.InProcessConn() }

// URLFile returns the file that the URL is in.
func (s *Server) URLFile() string { return filepath.Join(s.dir, urlFile) }

// Error reports a server that cannot run.
type Error struct{ Problem string }

func (e *Error) Error() string { return "the server cannot run: " + e.Problem }

// Hint says what to do about it.
func (e *Error) Hint() string { return "choose another --listen or --store" }

// options returns those of the NATS server.
func (o *Options) options(user, password string) (*server.Options, error) {
	host, port, err := net.SplitHostPort(o.Listen)
	number := 0
	if err == nil {
		number, err = strconv.Atoi(port)
	}
	if err != nil || number < 0 || number > 65535 {
		return nil, &Error{"--listen must be HOST:PORT, not " + strconv.Quote(o.Listen)}
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	options := &server.Options{
		ServerName: "oneiro-farm", Host: host, Port: number, Username: user, Password: password,
		JetStream: true, StoreDir: o.Dir, JetStreamMaxStore: o.MaxStore, JetStreamMaxMemory: 64 << 20,
		SyncInterval: o.Sync, SyncAlways: o.Sync == 0, NoSigs: true, MaxPayload: 8 << 20,
		DisableJetStreamBanner: true,
		// A worker that vanished without a word is noticed by its pings.
		PingInterval: 20 * time.Second, MaxPingsOut: 2,
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return nil, &Error{"TLS needs both --tls-cert and --tls-key"}
	}
	if o.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
		if err != nil {
			return nil, &Error{err.Error()}
		}
		options.TLS, options.TLSTimeout = true, 5
		options.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	return options, nil
}

// url returns what clients connect to. Where the server listens everywhere, it is the name of the machine.
func (o *Options) url(addr net.Addr, user, password string) string {
	host, _, _ := net.SplitHostPort(o.Listen)
	_, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	u := url.URL{Scheme: "nats", User: url.UserPassword(user, password), Host: net.JoinHostPort(host, port)}
	if o.TLSCert != "" {
		u.Scheme = "tls"
	}
	return u.String()
}

// Stop ends the server, when what it has written is on the disk.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	s.release()
}

// credentials returns the user and the password of a store, which are made if there are none.
func credentials(dir string) (user, password string, first bool, err error) {
	path := filepath.Join(dir, userFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		user, password = "farm", rand.Text()
		return user, password, true, private(path, user+":"+password+"\n")
	}
	if err != nil {
		return "", "", false, err
	}
	user, password, is := strings.Cut(strings.TrimSpace(string(text)), ":")
	if !is || user == "" || password == "" {
		return "", "", false, &Error{path + " does not have USER:PASSWORD in it"}
	}
	return user, password, false, nil
}

// private writes a file that nobody else may read.
func private(path, text string) error {
	return atomicfile.WriteFile(path, func(f *os.File) error {
		if err := f.Chmod(0o600); err != nil {
			return err
		}
		_, err := fmt.Fprint(f, text)
		return err
	})
}
