package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/nn"
	"oneiro/render"
)

// netsOptions are the flags of nets.
type netsOptions struct {
	name string // empty for all
	size int
	all  bool
	json bool
}

func newNets() *cobra.Command {
	var o netsOptions
	cmd := &cobra.Command{
		Use:   "nets [NETWORK]",
		Short: "List the networks, or the layers of one",
		Long: `List the networks with the layers that style and dream use by default, or the layers of one
network that are good for style and dreams: the channels of each, its receptive field (how many
pixels of the picture one of its pixels depends on), roughly what it responds to, and which commands
use it by default. --all lists all layers, with sizes, parameters and floating-point operations.`,
		Example: `  oneiro nets
  oneiro nets googlenet
  oneiro nets vgg19 --all --size 224`,
		ValidArgsFunction: completeOne(networkNames),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{"nets takes one network, not " + strconv.Itoa(len(args)),
					"oneiro nets lists them"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.name = args[0]
			}
			return runNets(o, cmd.OutOrStdout())
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.IntVar(&o.size, "size", 512, "side of the picture in `PIXELS`")
	fs.BoolVar(&o.all, "all", false, "list all layers of the network")
	fs.BoolVar(&o.json, "json", false, "print JSON, with all layers")
	return cmd
}

func runNets(o netsOptions, w io.Writer) error {
	if o.size < 1 || o.size > render.MaxSize {
		return &usageError{
			fmt.Sprintf("size: %d pixels is not possible", o.size),
			fmt.Sprintf("choose 1 to %d", render.MaxSize),
		}
	}
	if o.name == "" {
		return listNets(o, w)
	}
	net, err := nn.Get(o.name)
	if err != nil {
		return err
	}
	return listLayers(net, o, w)
}

// netInfo is a network in JSON.
type netInfo struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Layers      int      `json:"layers"`
	Parameters  int64    `json:"parameters"`
	Classes     int      `json:"classes"`
	Content     []string `json:"content_layers"`
	Style       []string `json:"style_layers"`
	Dream       []string `json:"dream_layers"`
}

func describe(net *nn.Network) (netInfo, error) {
	tensors, err := net.Tensors()
	if err != nil {
		return netInfo{}, err
	}
	var parameters int64
	for _, t := range tensors {
		parameters += t.Len()
	}
	return netInfo{
		net.Name, net.Description, len(net.Layers), parameters, net.Classes, net.Content, net.Style, net.Dream,
	}, nil
}

func listNets(o netsOptions, w io.Writer) error {
	var all []netInfo
	for _, net := range nn.All() {
		info, err := describe(net)
		if err != nil {
			return err
		}
		all = append(all, info)
	}
	if o.json {
		return writeLine(w, all)
	}
	t := newTable(w)
	row(t, "network", "layers", "parameters", "classes", "content", "dream")
	for _, n := range all {
		row(t, n.Name, n.Layers, thousands(n.Parameters), n.Classes,
			strings.Join(n.Content, ","), strings.Join(n.Dream, ","))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, n := range all {
		fmt.Fprintf(w, "\n%s: %s\n  style layers %s\n", n.Name, n.Description, strings.Join(n.Style, ","))
	}
	return nil
}

// layerInfo is a layer in JSON. Pairs are down, across.
type layerInfo struct {
	Name       string  `json:"name"`
	Kind       string  `json:"kind"`
	Shape      [3]int  `json:"shape_hwc"`
	Field      [2]int  `json:"receptive_field"`
	Stride     [2]int  `json:"stride"`
	Parameters int64   `json:"parameters"`
	FLOPs      float64 `json:"flops"`
}

func listLayers(net *nn.Network, o netsOptions, w io.Writer) error {
	infos, err := net.Shapes(o.size, o.size, 3)
	if err != nil {
		return err
	}
	if o.json {
		all := make([]layerInfo, len(infos))
		for i, l := range infos {
			all[i] = layerInfo{
				l.Name, l.Kind.String(), [3]int{l.H, l.W, l.C}, l.ReceptiveField, l.Stride, l.Params, l.FLOPs,
			}
		}
		return writeLine(w, all)
	}
	fmt.Fprintf(w, "%s: %s\n", net.Name, net.Description)
	if !o.all {
		return listTrunk(net, infos, w)
	}
	fmt.Fprintf(w, "layers at %dx%d pixels\n\n", o.size, o.size)
	t := newTable(w)
	row(t, "layer", "kind", "output", "field", "stride", "parameters", "operations")
	var parameters int64
	var flops float64
	for _, l := range infos {
		row(t, l.Name, l.Kind, fmt.Sprintf("%dx%dx%d", l.H, l.W, l.C), pair(l.ReceptiveField), pair(l.Stride),
			thousands(l.Params), giga(l.FLOPs))
		parameters += l.Params
		flops += l.FLOPs
	}
	row(t, "total", "", "", "", "", thousands(parameters), giga(flops))
	return t.Flush()
}

// pair returns two numbers as text, or one if they are equal.
func pair(p [2]int) string {
	if p[0] == p[1] {
		return strconv.Itoa(p[0])
	}
	return fmt.Sprintf("%dx%d", p[0], p[1])
}
