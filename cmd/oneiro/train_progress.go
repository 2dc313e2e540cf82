package main

import (
	"fmt"
	"io"
	"time"

	"oneiro/train"
)

// taskPause is the least time between two lines of progress of a task.
const taskPause = 10 * time.Second

// taskProgress shows people how far a network has come with a task: a bar on a terminal, lines elsewhere.
type taskProgress struct {
	w              io.Writer
	bar            *bar // nil for lines
	now            func() time.Time
	began, printed time.Time
}

func newTaskProgress(w io.Writer) *taskProgress {
	return &taskProgress{w: w, bar: newBar(w), now: time.Now}
}

// show shows progress: the bar always, lines at the start of a task and then now and again.
func (t *taskProgress) show(p train.Progress) {
	now := t.now()
	if p.Done == 0 {
		t.began, t.printed = now, now
	}
	var left time.Duration
	if p.Done > 0 {
		left = time.Duration(float64(now.Sub(t.began)) * float64(p.Of-p.Done) / float64(p.Done))
	}
	switch {
	case t.bar != nil && p.Done == p.Of:
		t.bar.clear()
	case t.bar != nil:
		text := fmt.Sprintf("%s  %d/%d pictures", p.Task, p.Done, p.Of)
		t.bar.show(text, float64(p.Done)/float64(p.Of), left)
	case p.Done == 0:
		fmt.Fprintf(t.w, "%s with %d pictures\n", p.Task, p.Of)
	case now.Sub(t.printed) >= taskPause && p.Done < p.Of:
		fmt.Fprintf(t.w, "%s  %d/%d pictures  %s to go\n", p.Task, p.Done, p.Of, roughly(left))
		t.printed = now
	}
}
