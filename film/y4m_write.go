package film

import (
	"bufio"
	"io"
)

// encodeY4M writes a Y4M.
func encodeY4M(out io.Writer, w *writing) error {
	buf := bufio.NewWriterSize(out, 1<<16)
	var p *planes
	var data []byte
	for i := 0; ; i++ {
		im, err := w.next(i)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if p == nil {
			c := w.coding()
			p = newPlanes(c, im.W, im.H)
			data = make([]byte, p.frameBytes())
			header := y4mHeader{w: im.W, h: im.H, rate: w.Rate, aspect: w.Aspect, coding: c}
			buf.WriteString(header.String() + "\n")
		}
		p.fill(data, im)
		buf.WriteString(y4mFrame + "\n")
		if _, err := buf.Write(data); err != nil {
			return err
		}
	}
	return buf.Flush()
}
