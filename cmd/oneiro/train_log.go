package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/train"
)

// trainLine is a line of a training's log and of --json.
type trainLine struct {
	Step              int                `json:"step"`
	LearningRate      float64            `json:"rate"`
	Loss              float64            `json:"loss"`
	Entropy           float64            `json:"entropy"`
	Accuracy          float64            `json:"accuracy"`
	Teacher           map[string]float64 `json:"teacher,omitempty"`
	Seconds           float64            `json:"seconds"` // since the previous line
	PicturesPerSecond float64            `json:"pictures_per_second"`
	GFLOPS            float64            `json:"gflops"`
}

func newTrainLine(e train.Event) trainLine {
	l := trainLine{
		Step: e.Step, LearningRate: e.LearningRate, Loss: e.Loss, Entropy: e.Entropy, Accuracy: e.Accuracy,
		Seconds: e.Elapsed.Seconds(), PicturesPerSecond: e.PicturesPerSecond, GFLOPS: e.FLOPS / 1e9,
	}
	for _, d := range e.Teacher {
		if l.Teacher == nil {
			l.Teacher = map[string]float64{}
		}
		l.Teacher[d.Layer] = d.Value
	}
	return l
}

// scoreLine is the last line of a log: the test on pictures that were not trained on.
type scoreLine struct {
	Step     int      `json:"step,omitempty"`
	Pictures int      `json:"test_pictures"`
	Accuracy float64  `json:"test_accuracy"`
	Classes  []string `json:"classes"`
	// Confusion[i][j] counts pictures of class i that were classified as j.
	Confusion [][]int `json:"confusion"`
}

// trainLog is the log of a training, stops included.
type trainLog struct {
	file  *os.File
	lines []trainLine
}

// openTrainLog opens a log to go on from a step. Later lines, of a training that ended without a checkpoint,
// are dropped.
func openTrainLog(path string, step int) (*trainLog, error) {
	l := new(trainLog)
	old, err := os.Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		scan := bufio.NewScanner(old)
		scan.Buffer(nil, 64<<20) // a line has the confusion of all classes
		for scan.Scan() {
			var line trainLine
			if json.Unmarshal(scan.Bytes(), &line) == nil && line.LearningRate > 0 && line.Step <= step {
				l.lines = append(l.lines, line)
			}
		}
		old.Close()
		if err := scan.Err(); err != nil {
			return nil, err
		}
	}
	err = atomicfile.Write(path, func(w io.Writer) error {
		for _, line := range l.lines {
			if err := writeLine(w, line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *trainLog) add(e train.Event) error {
	line := newTrainLine(e)
	l.lines = append(l.lines, line)
	return writeLine(l.file, line)
}

func (l *trainLog) finish(s *train.Score, step int, classes []string) error {
	return writeLine(l.file, scoreLine{step, s.Pictures, s.Accuracy(), classes, s.Confusion})
}

func (l *trainLog) close() error { return l.file.Close() }

// curve writes a plot of the progress.
func (l *trainLog) curve(path string) error {
	if len(l.lines) < 2 {
		return nil
	}
	return imageio.Write(path, drawCurve(l.lines), imageio.Meta{})
}
