package studio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"

	"oneiro/internal/atomicfile"
)

// journal is the memory of the queue: lines of JSON, each of which says what a job is from then on, that it is
// gone, or in which order jobs wait. A line is on the disk before anyone is told of it. When the folder is
// opened, the file is written anew, as short as it can be; so a line that was cut short by a crash, the last
// one, goes away.
type journal struct {
	file  *os.File
	lines int
}

// entry is a line.
type entry struct {
	Job   *Job  `json:"job,omitempty"`
	Gone  int   `json:"gone,omitempty"`
	Order []int `json:"order,omitempty"`
	Last  int   `json:"last,omitempty"` // the highest number that was given
}

// journalName is where the journal lies.
var journalName = path.Join(hidden, "journal.jsonl")

// readJournal calls do with each line. It returns how many could not be read.
func readJournal(root *os.Root, do func(entry)) (bad int, err error) {
	f, err := root.Open(journalName)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			var e entry
			if json.Unmarshal(text, &e) == nil {
				do(e)
			} else {
				bad++
			}
		}
		if err == io.EOF {
			return bad, nil
		}
		if err != nil {
			return bad, err
		}
	}
}

// newJournal writes the journal anew and opens it.
func newJournal(name string, all []entry) (*journal, error) {
	err := atomicfile.Write(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		for i := range all {
			if err := e.Encode(&all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return nil, err
	}
	return &journal{f, len(all)}, nil
}

// write adds a line.
func (j *journal) write(e entry) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return err
	}
	j.lines++
	return j.file.Sync()
}
