package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"oneiro/internal/imageio"
	"oneiro/nn"
	"oneiro/render"
)

// atlas is a sheet of all channels of a layer, each drawn by itself. Those that were drawn before, with the
// same options, weights and kernels, come from the user's cache, so that an atlas that was cut short goes on.
type atlas struct {
	render.VisOptions
	channels int
}

// newAtlas returns the task of the atlas that o names.
func newAtlas(j *job, o render.VisOptions) (*task, error) {
	cut, err := j.net.Cut(o.Atlas)
	if err != nil {
		return nil, err
	}
	infos, err := cut.Shapes(o.Size, o.Size, 3)
	if err != nil {
		return nil, err
	}
	a := &atlas{VisOptions: o, channels: channelsOf(infos, o.Atlas)}
	return &task{spec: render.Vis(a.of(0)), recipe: render.VisRecipe(j.net, o), atlas: a}, nil
}

func channelsOf(infos []nn.LayerInfo, layer string) int {
	for _, l := range infos {
		if l.Name == layer {
			return l.C
		}
	}
	return 0
}

// of returns the options of one channel.
func (a *atlas) of(channel int) render.VisOptions {
	o := a.VisOptions
	o.Atlas, o.Targets = "", []render.Target{{Layer: a.Atlas, Index: channel}}
	return o
}

// makeAtlas makes the sheet of a task, channel by channel.
func (j *job) makeAtlas(ctx context.Context, t *task) error {
	if err := j.plan(t); err != nil {
		return err
	}
	j.tensors = &sharedParams{params: j.params, read: map[string][]float32{}}
	j.begin(0)
	fmt.Fprintf(j.stderr, "%d channels, each with so much work\n\n", t.atlas.channels)
	started, drawn := time.Now(), 0
	pictures, labels := make([]*render.Picture, t.atlas.channels), make([]string, t.atlas.channels)
	for k := range pictures {
		labels[k] = strconv.Itoa(k)
		path := j.cached(t.atlas.of(k))
		if im, err := imageio.Read(path); path != "" && err == nil {
			pictures[k] = im
			if err := j.channelDone(k, t.atlas.channels, 0); err != nil {
				return err
			}
			continue
		}
		im, err := j.drawn(ctx, t.atlas.of(k))
		if err != nil {
			if k > 0 {
				fmt.Fprintf(j.stderr, "%d of %d channels are drawn; the same command goes on\n", k, t.atlas.channels)
			}
			if errors.Is(err, context.Canceled) {
				return context.Cause(ctx)
			}
			return err
		}
		pictures[k] = im
		drawn++
		if path != "" && os.MkdirAll(filepath.Dir(path), 0o777) == nil {
			imageio.Write(path, im, imageio.Meta{}) // or it is drawn again
		}
		left := time.Duration(float64(time.Since(started)) / float64(drawn) * float64(t.atlas.channels-k-1))
		if err := j.channelDone(k, t.atlas.channels, left); err != nil {
			return err
		}
		if every := j.PrintEvery; every > 0 && drawn%every == 0 {
			fmt.Fprintf(j.stderr, "channel %d/%d  %s to go\n", k+1, t.atlas.channels, roughly(left))
		}
	}
	res := &render.Result{Picture: contactSheet(pictures, labels), Steps: drawn * j.render.Iterations(0)}
	if err := j.output.write(j.output.path, res.Picture, 0); err != nil {
		return err
	}
	took := time.Since(started)
	fmt.Fprintf(j.stderr, "%s: %s, %d channels in %s, of which %d were drawn before, peak memory %s\n",
		outputName(j.output.path), sizeOf(res.Picture), t.atlas.channels, roughly(took), t.atlas.channels-drawn,
		mib(j.peak()))
	if j.JSON {
		return writeLine(j.stdout, endEvent{Event: "done", Output: j.output.path, Width: res.Picture.W,
			Height: res.Picture.H, Steps: res.Steps, Seconds: seconds(took), PeakBytes: j.peak()})
	}
	return nil
}

// channelEvent is a line of --json: a channel of an atlas is there.
type channelEvent struct {
	Event    string `json:"event"` // "channel"
	Channel  int    `json:"channel"`
	Channels int    `json:"channels"`
	Left     number `json:"left_seconds,omitempty"`
}

// channelDone reports a channel, counted from 0.
func (j *job) channelDone(k, of int, left time.Duration) error {
	if !j.JSON {
		return nil
	}
	return writeLine(j.stdout, channelEvent{"channel", k + 1, of, seconds(left)})
}

// drawn draws a channel, with 8 bits in a sample, as the cache has it.
func (j *job) drawn(ctx context.Context, o render.VisOptions) (*render.Picture, error) {
	job, err := render.New(render.Vis(o), j.net, j.tensors)
	if err != nil {
		return nil, err
	}
	result, err := job.Run(ctx, j.engine, render.Events{})
	if err != nil {
		return nil, mismatch(err, j.params, j.net)
	}
	return render.Quantised(result.Picture, 8, nil), nil
}

// cached returns where the cache has a picture, or nothing if there is no cache.
func (j *job) cached(o render.VisOptions) string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	recipe := render.VisRecipe(j.net, o)
	recipe.Network = j.output.complete().Network
	engine, err := json.Marshal(j.output.recipe.Engine)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(append([]byte(recipe.Hash()), engine...))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(folder, "oneiro", "atlas", name[:2], name[2:]+".png")
}
