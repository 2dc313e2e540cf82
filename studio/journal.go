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

// journal is the file of the queue. Each line of JSON has the new state of a job, the ID of a job that was
// removed, or the order of the waiting jobs. A line is on the disk before clients are told. The file is
// rewritten when the folder is opened, which also removes a last line that a crash has cut short.
type journal struct {
	file  *os.File
	lines int
}

// entry is a line of the journal.
type entry struct {
	Job   *Job  `json:"job,omitempty"`
	Gone  int   `json:"gone,omitempty"`
	Order []int `json:"order,omitempty"`
	Last  int   `json:"last,omitempty"` // the highest number that was given
}

// journalName is the path of the journal.
var journalName = path.Join(hidden, "journal.jsonl")

// readJournal calls do for each line. It returns how many lines cannot be read.
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

// newJournal replaces the journal and opens it.
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
