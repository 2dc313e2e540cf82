package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"oneiro/judge"
)

// verdict is what the judges say about one picture, or the mean over many.
type verdict struct {
	net            string
	factor         float64 // of the style weight
	content, style string

	scores   []judge.Score // of each judge
	styles   [][]float64   // for each judge, the distance at each layer
	distance float64       // from the content, by the first judge
}

// means returns the mean verdict for each net and factor, in the order of their first pictures.
func means(all []verdict) []verdict {
	type key struct {
		net    string
		factor float64
	}
	var order []key
	groups := map[key][]verdict{}
	for _, v := range all {
		k := key{v.net, v.factor}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], v)
	}
	var out []verdict
	for _, k := range order {
		m := verdict{net: k.net, factor: k.factor}
		for _, v := range groups[k] {
			part := 1 / float64(len(groups[k]))
			m.distance += part * v.distance
			for j, layers := range v.styles {
				if j == len(m.styles) {
					m.styles = append(m.styles, make([]float64, len(layers)))
				}
				for i, d := range layers {
					m.styles[j][i] += part * d
				}
			}
		}
		out = append(out, m)
	}
	return out
}

// styleAt returns the smallest style distance, by one of the judges, that a net reaches with at most this
// content distance, or NaN if it never comes that close to the content. Between points of the sweep it
// interpolates linearly on logarithmic axes.
func styleAt(points []verdict, net string, content float64, judge int) float64 {
	best := math.Inf(1)
	var last *verdict // of this net
	for i := range points {
		p := &points[i]
		if p.net != net {
			continue
		}
		if p.distance <= content {
			best = min(best, mean(p.styles[judge]))
		}
		if last != nil && (last.distance < content) != (p.distance < content) {
			t := math.Log(content/last.distance) / math.Log(p.distance/last.distance)
			from, to := math.Log(mean(last.styles[judge])), math.Log(mean(p.styles[judge]))
			best = min(best, math.Exp(from+t*(to-from)))
		}
		last = p
	}
	if math.IsInf(best, 1) {
		return math.NaN()
	}
	return best
}

// printTables prints style against content, style at equal content, and the distances at each layer.
func printTables(w io.Writer, judges []*critic, all []verdict) {
	points := means(all)
	var names, nets []string
	for _, j := range judges {
		names = append(names, j.name)
	}
	for _, p := range points {
		if !slices.Contains(nets, p.net) {
			nets = append(nets, p.net)
		}
	}

	fmt.Fprint(w, "## Style against content\n\nDistances, less is better. The style weight is a factor of the net's own.\n\n")
	header(w, append([]string{"net", "style weight", "content"}, prefixed("style, ", names)...))
	for _, p := range points {
		cells := []string{p.net, "x" + short(p.factor), number(p.distance)}
		for _, layers := range p.styles {
			cells = append(cells, number(mean(layers)))
		}
		row(w, cells)
	}

	for j, name := range names {
		fmt.Fprintf(w, "\n## Style at equal or better content, by %s\n\nA net marked - never comes that close to the content.\n\n", name)
		header(w, append([]string{"content as of " + nets[0]}, nets...))
		for _, p := range points {
			if p.net != nets[0] {
				continue
			}
			cells := []string{fmt.Sprintf("x%s: %s", short(p.factor), number(p.distance))}
			for _, net := range nets {
				cells = append(cells, number(styleAt(points, net, p.distance, j)))
			}
			row(w, cells)
		}
	}

	printNumbers(w, judges[0].name, all)

	for j, critic := range judges {
		fmt.Fprintf(w, "\n## Layers of %s\n\n", critic.name)
		header(w, append([]string{"net", "style weight"}, critic.style...))
		for _, p := range points {
			cells := []string{p.net, "x" + short(p.factor)}
			for _, d := range p.styles[j] {
				cells = append(cells, number(d))
			}
			row(w, cells)
		}
	}
}

// printNumbers prints for each net and style weight the mean of each number, and its worst value with the
// pair of pictures that has it.
func printNumbers(w io.Writer, name string, all []verdict) {
	fmt.Fprintf(w, "\n## All numbers, by %s\n\nThe mean over the pairs of pictures, and the worst.\n\n", name)
	head := []string{"net", "style weight"}
	for _, n := range judge.Numbers {
		head = append(head, strings.TrimSpace(n.Name+" "+n.Unit))
	}
	header(w, head)
	for _, m := range means(all) {
		cells := []string{m.net, "x" + short(m.factor)}
		for _, n := range judge.Numbers {
			var sum float64
			var of int
			var worst *verdict
			at := func(v *verdict) float64 { return *n.Of(&v.scores[0]) }
			for i := range all {
				v := &all[i]
				if v.net != m.net || v.factor != m.factor || math.IsNaN(at(v)) {
					continue
				}
				sum, of = sum+at(v), of+1
				if worst == nil || at(v) != at(worst) && (at(v) > at(worst)) == (n.Better == judge.Lower) {
					worst = v
				}
			}
			if of == 0 {
				cells = append(cells, "-")
				continue
			}
			cells = append(cells, fmt.Sprintf("%s, %s (%s as %s)", number(sum/float64(of)), number(at(worst)),
				worst.content, worst.style))
		}
		row(w, cells)
	}
}

// writeCSV writes a line for each picture.
func writeCSV(w io.Writer, judges []*critic, all []verdict) error {
	c := csv.NewWriter(w)
	head := []string{"net", "style_weight", "content", "style", "content_distance"}
	for _, j := range judges {
		head = append(head, prefixed(j.name+" ", j.style)...)
	}
	for _, n := range judge.Numbers {
		head = append(head, judges[0].name+" "+n.Name)
	}
	c.Write(head)
	for _, v := range all {
		line := []string{v.net, short(v.factor), v.content, v.style, short(v.distance)}
		for _, layers := range v.styles {
			for _, d := range layers {
				line = append(line, short(d))
			}
		}
		for _, n := range judge.Numbers {
			line = append(line, short(*n.Of(&v.scores[0])))
		}
		c.Write(line)
	}
	c.Flush()
	return c.Error()
}

func header(w io.Writer, cells []string) {
	row(w, cells)
	fmt.Fprintf(w, "|%s\n", strings.Repeat("---|", len(cells)))
}

func row(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

func prefixed(prefix string, words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = prefix + w
	}
	return out
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

func number(v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
