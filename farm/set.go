package farm

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Set is the jobs that were submitted together.
type Set struct {
	ID      string    `json:"id"`
	Line    string    `json:"line"` // what was submitted
	Created time.Time `json:"created"`
	Entries []Entry   `json:"entries"`
}

// Entry is a job of a set.
type Entry struct {
	Job string `json:"job"`
	// Output is a path with slashes, as the command named it. It is empty for a job that only compares.
	Output string `json:"output,omitempty"`
	// Parts is how many jobs make the film of this output; 0 for 1.
	Parts int `json:"parts,omitempty"`
}

// setPart is how many entries a value of the bucket has, far below the megabyte that messages may have.
const setPart = 2000

// setID returns the name of a set, which depends on its entries alone: who submits something twice gets one
// set.
func setID(entries []Entry) string {
	text, err := json.Marshal(entries)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// saveSet writes a set, unless it is there.
func (f *Farm) saveSet(ctx context.Context, s *Set) error {
	part := 0
	for entries := range slices.Chunk(s.Entries, setPart) {
		of := Set{s.ID, s.Line, s.Created, entries}
		text, err := json.Marshal(of)
		if err != nil {
			return err
		}
		_, err = f.sets.Create(ctx, fmt.Sprintf("%s.%06d", s.ID, part), text)
		if err != nil && !lostRace(err) {
			return full("jobs", err)
		}
		part++
	}
	return nil
}

// Sets reads all sets, the newest last.
func (f *Farm) Sets(ctx context.Context) ([]*Set, error) {
	parts := map[string]*Set{}
	var keys []string
	err := each(ctx, f.sets, func(entry jetstream.KeyValueEntry) error {
		s := new(Set)
		if err := json.Unmarshal(entry.Value(), s); err != nil {
			return err
		}
		parts[entry.Key()] = s
		keys = append(keys, entry.Key())
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	var all []*Set
	for _, key := range keys {
		s := parts[key]
		if n := len(all); n > 0 && all[n-1].ID == s.ID {
			all[n-1].Entries = append(all[n-1].Entries, s.Entries...)
			continue
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b *Set) int { return cmp.Compare(a.Created.UnixNano(), b.Created.UnixNano()) })
	return all, nil
}

// forgetSet removes a set.
func (f *Farm) forgetSet(ctx context.Context, s *Set) error {
	for part := range (len(s.Entries) + setPart - 1) / setPart {
		if err := f.sets.Purge(ctx, fmt.Sprintf("%s.%06d", s.ID, part)); err != nil {
			return err
		}
	}
	return nil
}

// outputKind divides the output that a command names into what a person calls it and what the program adds to
// names of files from there on.
func outputKind(output string) (stem, rest string) {
	folder := strings.HasSuffix(output, "/")
	output = path.Clean(output)
	base := path.Base(output)
	switch at := strings.IndexByte(base, '%'); {
	case at >= 0:
		rest = base[at:]
	case !folder:
		rest = path.Ext(base)
	}
	return strings.TrimSuffix(output, rest), rest
}

// outputPath returns where a command's output goes below the folder that it is fetched to: a path with slashes.
func outputPath(output string) string {
	output = filepath.ToSlash(output)
	folder := strings.HasSuffix(output, "/")
	clean := path.Clean(output)
	if path.IsAbs(clean) || drive.MatchString(clean) || slices.Contains(strings.Split(clean, "/"), "..") {
		clean = path.Base(clean)
	}
	if folder {
		clean += "/"
	}
	return clean
}

// Target returns where a file of a result goes, for an entry of that output.
func (e *Entry) Target(file string) string {
	stem, _ := outputKind(e.Output)
	return stem + strings.TrimPrefix(file, outputStem)
}
