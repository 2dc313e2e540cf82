package main

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"oneiro/internal/option"
	"oneiro/judge"
	"oneiro/render"
	"oneiro/zoo"
)

// judgeOptions say whether a result is measured, and by which network.
type judgeOptions struct {
	Score        bool
	JudgeWeights string
}

// judgeTable has the options of judgeOptions.
var judgeTable = option.Table{
	{Name: "score", Field: "Score",
		Help: "measure the result: style, content, edges, palette, grain and border; see oneiro score --help"},
	judgeWeightsOption,
}.In("Judging")

var judgeWeightsOption = option.Option{Name: "judge-weights", Field: "JudgeWeights", Unit: "file",
	Help:    "file with the parameters of the network that measures: better not the one that makes the picture",
	Default: "the built-in network's", Names: option.File, Endings: weightsEndings}

// scoring is a judge with what it judges by.
type scoring struct {
	judge   *judge.Judge
	network render.RecipeNetwork
	own     bool // the picture was made with the same network
	made    judge.Pictures
	bytes   int64 // of memory that it takes
	params  *zoo.Params
}

// close closes the file of weights.
func (s *scoring) close() {
	if s.params != nil {
		s.params.Close()
		s.params = nil
	}
}

// openScoring opens the network of a judge.
func openScoring(weights string, e *render.Engine, hashes *fileHashes) (s scoring, err error) {
	m := modelOptions{Weights: weights}
	net, err := m.network()
	if err != nil {
		return s, err
	}
	if s.params, err = m.open(); err != nil {
		return s, err
	}
	s.network = render.RecipeNetwork{Name: net.Name, File: base(weights)}
	if weights != "" {
		s.network.Bytes = fileBytes(weights)
		if s.network.SHA256, err = hashes.of(weights); err != nil {
			return s, err
		}
	}
	s.judge, err = judge.New(net, s.params, e.Device)
	return s, mismatch(err, s.params, net)
}

// isOf returns whether a picture was made with the judge's network.
func (s *scoring) isOf(n *render.RecipeNetwork) bool {
	return n.Name == s.network.Name && n.SHA256 == s.network.SHA256
}

// text says who judged.
func (s *scoring) text() string {
	text := "judged by " + s.network.Name
	if s.network.File != "" {
		text += " from " + shown(s.network.File)
	}
	text += fmt.Sprintf(", at no more than %d pixels", judge.MaxSide)
	if s.own {
		text += "\nnote: the picture was made with this very network, which flatters style and content;" +
			" --judge-weights FILE chooses another"
	}
	return text
}

// largest returns the largest scale of the styles.
func (s *scoring) largest() float64 {
	most := 1.0
	for _, style := range s.made.Styles {
		most = max(most, style.Scale)
	}
	return most
}

// prepareScore opens the judge of the result if there is to be one, so that what is wrong with it is
// known before the run.
func (j *job) prepareScore(t *task) (err error) {
	if !j.Score || j.score.judge != nil {
		return nil
	}
	if j.score, err = openScoring(j.JudgeWeights, j.engine, j.hashes); err != nil {
		return err
	}
	last := &j.plans[len(j.plans)-1]
	j.score.made = t.made
	j.score.bytes = j.score.judge.Bytes(last.W, last.H, j.score.largest())
	if j.Memory > 0 && j.score.bytes > int64(j.Memory) && !j.onGPU() {
		return &usageError{fmt.Sprintf("--score takes about %s of memory, more than --memory allows", mib(j.score.bytes)),
			"leave it out, and measure the picture later with oneiro score"}
	}
	return nil
}

// scoreOf measures the result of a run for its recipe. What goes wrong does not lose the picture.
func (r *running) scoreOf(ctx context.Context, res *render.Result) {
	if !r.Score || res.Picture == nil {
		return
	}
	complete := r.output.complete()
	r.score.own = r.score.isOf(&complete.Network)
	score, err := r.score.measure(ctx, res.Picture)
	if err != nil {
		r.warnings = append(r.warnings, "the picture was not measured: "+err.Error())
		return
	}
	r.output.recipe.Score = &render.RecipeScore{Network: r.score.network, Numbers: score.Values()}
}

// measure measures a picture.
func (s *scoring) measure(ctx context.Context, im *render.Picture) (judge.Score, error) {
	r, err := s.judge.Reference(ctx, im.W, im.H, s.made)
	if err != nil {
		return judge.Score{}, err
	}
	return r.Score(ctx, im)
}

// judgedStyles returns style pictures as a judge takes them, with their weights (all 1 if there are none)
// and their scales: one, or one each.
func judgedStyles(pictures []*render.Picture, weights, scales []float64) []judge.Style {
	all := make([]judge.Style, len(pictures))
	for i, im := range pictures {
		all[i] = judge.Style{Picture: im, Weight: 1, Scale: 1}
		if i < len(weights) {
			all[i].Weight = weights[i]
		}
		if len(scales) > 0 {
			all[i].Scale = scales[i%len(scales)]
		}
	}
	return all
}

// printScoreTable prints numbers with what they mean.
func printScoreTable(w io.Writer, values map[string]float64) {
	t := newTable(w)
	for _, n := range judge.Numbers {
		if v, is := values[n.Name]; is {
			row(t, n.Name, strconv.FormatFloat(v, 'f', 3, 64)+" "+n.Unit, n.Better+" is better", n.About)
		}
	}
	t.Flush()
}
