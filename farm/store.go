package farm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultName is that of a farm.
const DefaultName = "oneiro"

// Config is what all who work on a farm have to agree on. Zeros stand for the defaults.
type Config struct {
	// Version is that of the program oneiro which all machines have to have; empty until the first job.
	Version string `json:"version"`
	// Lease is after how long without a sign of life a worker's job is given to another.
	Lease Seconds `json:"lease"`
	// Tries is how often a job may fail before it is set aside, and Losses how many workers may vanish with it.
	Tries  int `json:"tries"`
	Losses int `json:"losses"`
	// MaxJobs is how many jobs may wait, and MaxBytes how many bytes files may take, checkpoints left out; 0 is as
	// many as the server has room for.
	MaxJobs  int64 `json:"max_jobs"`
	MaxBytes int64 `json:"max_bytes"`
}

// Seconds is a time in JSON.
type Seconds float64

// Duration returns the time.
func (s Seconds) Duration() time.Duration { return time.Duration(float64(s) * float64(time.Second)) }

func (c *Config) defaults() {
	if c.Lease == 0 {
		c.Lease = 30
	}
	if c.Tries == 0 {
		c.Tries = 3
	}
	if c.Losses == 0 {
		c.Losses = 10
	}
}

// Server says where a farm is, and who asks.
type Server struct {
	URL    string // nats://USER:PASSWORD@HOST:PORT, or tls:// for TLS
	Name   string // of the farm; empty is DefaultName
	TLSCA  string // a file of certificates that are trusted beside the system's
	NKey   string // a file with the seed of an NKey, in place of user and password
	Client string // what the connection is called
	// Process is a server in this process, which needs no network; URL then says user and password alone.
	Process nats.InProcessConnProvider
}

// Farm is a connection to a farm.
type Farm struct {
	Config Config
	// where is the server without a password.
	where string
	name  string
	conn  *nats.Conn
	js    jetstream.JetStream

	work                              jetstream.Stream
	items, jobs, sets, workers, about jetstream.KeyValue
	files, checkpoints                jetstream.ObjectStore
}

// Where returns a URL without user and password.
func Where(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		_, host, is := strings.Cut(text, "@")
		if is {
			return host
		}
		return text
	}
	u.User = nil
	return u.String()
}

// Connect connects with a farm, which is made if it is not there yet. The error is a *ConnectError, or else the
// server's.
func Connect(ctx context.Context, s Server) (*Farm, error) {
	f := &Farm{name: s.Name, where: Where(s.URL)}
	if f.name == "" {
		f.name = DefaultName
	}
	options := []nats.Option{
		nats.Name(s.Client), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, time.Second), nats.Timeout(5 * time.Second),
	}
	if s.TLSCA != "" {
		options = append(options, nats.RootCAs(s.TLSCA))
	}
	if s.NKey != "" {
		option, err := nats.NkeyOptionFromSeed(s.NKey)
		if err != nil {
			return nil, &UsageError{"the NKey in " + s.NKey + " cannot be read: " + err.Error(), "name a file with a seed"}
		}
		options = append(options, option)
	}
	if s.Process != nil {
		options = append(options, nats.InProcessServer(s.Process))
	}
	var err error
	if f.conn, err = nats.Connect(s.URL, options...); err != nil {
		return nil, &ConnectError{f.where, err}
	}
	if f.js, err = jetstream.New(f.conn, jetstream.WithDefaultTimeout(answer)); err == nil {
		err = f.open(ctx)
	}
	if err != nil {
		f.conn.Close()
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders) ||
			errors.Is(err, jetstream.ErrJetStreamNotEnabled) {
			err = &ConnectError{f.where, errors.New("the server does not offer JetStream")}
		}
		return nil, err
	}
	return f, nil
}

// Where returns where the farm is, without user and password.
func (f *Farm) Where() string { return f.where }

// Close ends the connection.
func (f *Farm) Close() { f.conn.Close() }

// answer is how long the server may take to answer: it may be busy with its disk, or just reading its store.
const answer = 30 * time.Second

// open opens what the farm consists of, or makes it.
func (f *Farm) open(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*answer)
	defer cancel()
	if f.about, err = f.js.KeyValue(ctx, f.name+"-farm"); err == nil {
		entry, err := f.about.Get(ctx, "config")
		if err == nil {
			err = json.Unmarshal(entry.Value(), &f.Config)
		}
		if err == nil {
			return f.find(ctx)
		}
		if !errors.Is(err, jetstream.ErrKeyNotFound) {
			return err
		}
	} else if !errors.Is(err, jetstream.ErrBucketNotFound) {
		return err
	}
	return f.make(ctx, Config{})
}

// find opens what is there.
func (f *Farm) find(ctx context.Context) (err error) {
	f.Config.defaults()
	if f.work, err = f.js.Stream(ctx, f.name+"-work"); err != nil {
		return err
	}
	for name, kv := range f.buckets() {
		if *kv, err = f.js.KeyValue(ctx, f.name+"-"+name); err != nil {
			return fmt.Errorf("bucket %s: %w", name, err)
		}
	}
	if f.files, err = f.js.ObjectStore(ctx, f.name+"-files"); err != nil {
		return err
	}
	f.checkpoints, err = f.js.ObjectStore(ctx, f.name+"-checkpoints")
	return err
}

// buckets are those of keys and values, by the ends of their names.
func (f *Farm) buckets() map[string]*jetstream.KeyValue {
	return map[string]*jetstream.KeyValue{
		"items": &f.items, "jobs": &f.jobs, "sets": &f.sets, "workers": &f.workers, "farm": &f.about,
	}
}

// make makes what is not there, and gives the rest the limits of the config.
func (f *Farm) make(ctx context.Context, c Config) (err error) {
	c.defaults()
	f.Config = c
	most := func(n int64) int64 {
		if n == 0 {
			return -1
		}
		return n
	}
	f.work, err = f.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: f.name + "-work", Subjects: []string{f.name + ".work.>"}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
		MaxMsgsPerSubject: 1, MaxMsgs: most(c.MaxJobs),
	})
	if err != nil {
		return err
	}
	for name, kv := range f.buckets() {
		config := jetstream.KeyValueConfig{Bucket: f.name + "-" + name}
		if name == "workers" {
			config.TTL = max(c.Lease.Duration(), 3*time.Second)
		}
		if *kv, err = f.js.CreateOrUpdateKeyValue(ctx, config); err != nil {
			return err
		}
	}
	for name, o := range map[string]*jetstream.ObjectStore{"files": &f.files, "checkpoints": &f.checkpoints} {
		config := jetstream.ObjectStoreConfig{Bucket: f.name + "-" + name, MaxBytes: most(c.MaxBytes)}
		if *o, err = f.js.CreateOrUpdateObjectStore(ctx, config); err != nil {
			return err
		}
	}
	return f.saveConfig(ctx)
}

func (f *Farm) saveConfig(ctx context.Context) error {
	text, err := json.Marshal(f.Config)
	if err == nil {
		_, err = f.about.Put(ctx, "config", text)
	}
	return err
}

// Configure changes what workers agree on; what is 0 or empty stays as it is.
func (f *Farm) Configure(ctx context.Context, c Config) error {
	now := f.Config
	set(&now.Version, c.Version)
	set(&now.Lease, c.Lease)
	set(&now.Tries, c.Tries)
	set(&now.Losses, c.Losses)
	set(&now.MaxJobs, c.MaxJobs)
	set(&now.MaxBytes, c.MaxBytes)
	if now == f.Config {
		return nil
	}
	return f.make(ctx, now)
}

func set[T comparable](to *T, value T) {
	var zero T
	if value != zero {
		*to = value
	}
}

// refresh reads the config again.
func (f *Farm) refresh(ctx context.Context) error {
	entry, err := f.about.Get(ctx, "config")
	if err != nil {
		return err
	}
	var c Config
	if err := json.Unmarshal(entry.Value(), &c); err != nil {
		return err
	}
	c.defaults()
	f.Config = c
	return nil
}
