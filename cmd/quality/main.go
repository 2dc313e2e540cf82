// Command quality compares networks by the style pictures that are made with them. Trained networks judge
// each picture (package judge). The distance from the style is traded for that from the content, so each
// net runs at several style weights, and nets are compared at equal distance from the content.
//
//	go run ./cmd/quality -shared ../shared -size 384 -csv pictures.csv -sheet sheet.png
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	_ "oneiro/autodiff/cpu" // which runs compute on
	"oneiro/internal/atomicfile"
	"oneiro/internal/imageio"
	"oneiro/internal/sheet"
	"oneiro/render"
)

// options are those of the command line.
type options struct {
	shared           string
	contents, styles []string // files and folders
	netFile          string
	only             []string
	sweep            []float64
	size, iterations int
	csv, sheet       string
	panel            string // of pictures, where none are named
}

func main() {
	var o options
	var contents, styles, only, sweep string
	flag.StringVar(&o.shared, "shared", "../shared", "`FOLDER` with the folders weights and images")
	flag.StringVar(&contents, "contents", "",
		"content pictures: `FILES` and folders, with commas between (default those of -panel)")
	flag.StringVar(&styles, "styles", "", "style pictures, likewise (default those of -panel)")
	flag.StringVar(&o.panel, "panel", "few", "`PICTURES` to compare with: few (2 x 3 pairs) or full (10 x 12), "+
		"in the folder images of -shared and drawn ones")
	flag.StringVar(&o.netFile, "nets", "", "JSON `FILE` with the nets to compare (default cmd/quality/nets.json)")
	flag.StringVar(&only, "only", "", "`NAMES` of the nets to compare, with commas between (default all)")
	flag.StringVar(&sweep, "sweep", "0.01,0.03,0.1,0.3,1,3", "`FACTORS` of each net's style weight")
	flag.IntVar(&o.size, "size", 384, "longer side of the pictures in `PIXELS`")
	flag.IntVar(&o.iterations, "iterations", 100, "`STEPS` at the last size")
	flag.StringVar(&o.csv, "csv", "", "`FILE` for the numbers of each picture")
	flag.StringVar(&o.sheet, "sheet", "",
		"`FILE` for a contact sheet: contents down, styles across, one net after the other")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.sweep, err = numbers(sweep); err == nil {
		o.contents, o.styles = list(contents, ""), list(styles, "")
		o.only = list(only, "")
		err = run(ctx, o, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "quality:", err)
		os.Exit(1)
	}
}

// list splits a list with commas. An empty text stands for otherwise.
func list(text, otherwise string) []string {
	if text == "" {
		text = otherwise
	}
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

func numbers(text string) ([]float64, error) {
	var out []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v > 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("sweep: %q is not a number above 0", part)
		}
		out = append(out, v)
	}
	slices.Sort(out)
	return out, nil
}

// work is a picture.
type work struct {
	name  string
	image *imageio.Image
}

// run makes all pictures, has them judged, and prints the verdicts.
func run(ctx context.Context, o options, stdout, stderr io.Writer) error {
	nets, err := readNets(o.netFile, o.only)
	if err != nil {
		return err
	}
	engine, err := render.NewEngine(render.EngineOptions{})
	if err != nil {
		return err
	}
	defer engine.Close()
	jury := &jury{critics: critics()}
	for _, c := range jury.critics {
		if err := c.open(o.shared, engine); err != nil {
			return err
		}
	}
	contents, styles, err := o.works()
	if err != nil {
		return err
	}

	var verdicts []verdict
	painted := map[string][]sheet.Tile{} // rows of the contact sheet
	for _, content := range contents {
		for _, style := range styles {
			for _, net := range nets {
				for _, factor := range o.sweep {
					picture, err := paint(ctx, &net, factor, content, style, engine, o)
					if err != nil {
						return err
					}
					v, err := jury.score(ctx, picture, content.image, style.image)
					if err != nil {
						return err
					}
					v.net, v.factor, v.content, v.style = net.Name, factor, content.name, style.name
					verdicts = append(verdicts, v)
					fmt.Fprintf(stderr, "%s x%v: %s as %s: style %.3g, content %.3g\n",
						net.Name, factor, content.name, style.name, mean(v.styles[0]), v.distance)
					if factor == middle(o.sweep) {
						painted[net.Name+content.name] = append(painted[net.Name+content.name],
							sheet.Tile{Label: net.Name + ": " + content.name, Picture: small(picture)})
					}
				}
			}
		}
	}
	sort.SliceStable(verdicts, func(i, k int) bool { // the nets in their order, each from little to much style
		a, b := &verdicts[i], &verdicts[k]
		if a.net != b.net {
			return place(nets, a.net) < place(nets, b.net)
		}
		return a.factor < b.factor
	})
	printTables(stdout, jury.critics, verdicts)
	if o.csv != "" {
		err := atomicfile.Write(o.csv, func(w io.Writer) error { return writeCSV(w, jury.critics, verdicts) })
		if err != nil {
			return err
		}
	}
	if o.sheet != "" {
		tiles := styleTiles(styles, o.size)
		for _, net := range nets {
			for _, content := range contents {
				tiles = append(tiles, painted[net.Name+content.name]...)
			}
		}
		return imageio.Write(o.sheet, sheet.Draw(tiles, len(styles)), imageio.Meta{})
	}
	return nil
}

// paint makes one picture.
func paint(
	ctx context.Context, n *net, factor float64, content, style work, engine *render.Engine, o options,
) (*imageio.Image, error) {
	s, err := n.setup(o.shared)
	if err != nil {
		return nil, err
	}
	defer s.close()
	s.Content, s.Styles = content.image, []*render.Picture{style.image}
	s.Size, s.Iterations = o.size, o.iterations
	s.StyleWeight *= factor
	job, err := render.New(render.Style(s.StyleOptions), s.network, s.params)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	res, err := job.Run(ctx, engine, render.Events{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n.Name, err)
	}
	return res.Picture, nil
}

// place returns where a net is in the table.
func place(nets []net, name string) int {
	return slices.IndexFunc(nets, func(n net) bool { return n.Name == name })
}

// works reads the contents and the styles, those of the panel where none are named.
func (o *options) works() (contents, styles []work, err error) {
	p, is := panels[o.panel]
	if !is {
		return nil, nil, fmt.Errorf("panel: there is none that is called %q: choose few or full", o.panel)
	}
	read := func(named, names []string, folder string) ([]work, error) {
		if len(named) > 0 {
			return readWorks(named)
		}
		paths, err := p.paths(o.shared, folder, names)
		if err != nil {
			return nil, err
		}
		return readWorks(paths)
	}
	if contents, err = read(o.contents, p.contents, "content"); err != nil {
		return nil, nil, err
	}
	if styles, err = read(o.styles, p.styles, "style"); err != nil || len(o.styles) > 0 {
		return contents, styles, err
	}
	for _, class := range p.drawn {
		im, err := draw(class)
		if err != nil {
			return nil, nil, err
		}
		styles = append(styles, work{class, im})
	}
	return contents, styles, nil
}

// readWorks reads pictures in files and folders.
func readWorks(paths []string) ([]work, error) {
	var works []work
	for _, path := range paths {
		files := []string{path}
		if entries, err := os.ReadDir(path); err == nil {
			files = nil
			for _, e := range entries {
				files = append(files, filepath.Join(path, e.Name()))
			}
		}
		for _, file := range files {
			im, err := imageio.Read(file)
			if err != nil {
				return nil, err
			}
			works = append(works, work{strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), im})
		}
	}
	if len(works) == 0 {
		return nil, fmt.Errorf("there are no pictures in %s", strings.Join(paths, ", "))
	}
	return works, nil
}

// sized returns a picture resized to a longer side, as render does it.
func sized(im *imageio.Image, longer int) *imageio.Image {
	w, h := imageio.FitSize(im.W, im.H, longer)
	return imageio.Resize(im, w, h, imageio.Bilinear)
}

// small returns a picture as it is on a contact sheet.
func small(im *imageio.Image) *imageio.Image {
	const side = 192
	if max(im.W, im.H) <= side {
		return im
	}
	w, h := imageio.FitSize(im.W, im.H, side)
	return imageio.Resize(im, w, h, imageio.Lanczos3)
}

// styleTiles are the first row of the contact sheet.
func styleTiles(styles []work, size int) []sheet.Tile {
	var tiles []sheet.Tile
	for _, s := range styles {
		tiles = append(tiles, sheet.Tile{Label: s.name, Picture: small(sized(s.image, size))})
	}
	return tiles
}

// middle returns the factor whose pictures are on the contact sheet: the one nearest to 1.
func middle(sweep []float64) float64 {
	best := sweep[0]
	for _, f := range sweep {
		if math.Abs(math.Log(f)) < math.Abs(math.Log(best)) {
			best = f
		}
	}
	return best
}
