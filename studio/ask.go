package studio

import (
	"bytes"
	"context"
	"encoding/json"
	"time"
)

const (
	maxAsks = 2               // questions to the program at the same time
	asking  = 2 * time.Minute // that an answer may take
)

// ask runs the program and decodes what it prints, a line of JSON; v may be nil. Questions wait for each other.
func (s *Server) ask(ctx context.Context, v any, args ...string) error {
	select {
	case s.asks <- struct{}{}:
		defer func() { <-s.asks }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	cmd := s.program(ctx, args...)
	var stdout bytes.Buffer
	stderr := &tail{most: 8 << 10}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	err := cmd.Run()
	if err != nil {
		var last message
		lines := bytes.Split(bytes.TrimSpace(stdout.Bytes()), []byte("\n"))
		json.Unmarshal(lines[len(lines)-1], &last) // or there is none
		e := failure(last, stderr.String(), err)
		e.Status = 422
		return e
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(&stdout).Decode(v)
}
