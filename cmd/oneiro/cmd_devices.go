package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"oneiro/cuda"
	"oneiro/simd"
)

func newDevices() *cobra.Command {
	var json bool
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "List the devices that this computer can compute on",
		Long: `List the processor and the NVIDIA GPUs that --device chooses from, or say why no GPU can be
used and what to do about it. A GPU needs a program that was built with -tags cuda, and NVIDIA's
driver, but no toolkit.`,
		Example: `  oneiro devices
  oneiro style photo.jpg painting.jpg --device cuda`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printDevices(cmd.OutOrStdout(), json)
		},
	}
	cmd.Flags().BoolVar(&json, "json", false, "print JSON")
	return cmd
}

// deviceList lists all devices, in JSON.
type deviceList struct {
	Processor processorInfo `json:"processor"`
	GPUs      []gpuInfo     `json:"cards"`
	// Problem is why there is no GPU, and Hint what to do about it.
	Problem string `json:"problem,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

type processorInfo struct {
	Device  string   `json:"device"` // as --device takes it
	Name    string   `json:"name"`
	Threads int      `json:"threads"`
	Kernels []string `json:"kernels"` // the best first
}

type gpuInfo struct {
	Device     string  `json:"device"`
	Name       string  `json:"name"`
	Capability string  `json:"compute_capability"`
	Memory     int64   `json:"memory_bytes"`
	Processors int     `json:"multiprocessors"`
	Clock      float64 `json:"clock_hz"`
	Driver     string  `json:"driver_cuda"` // the newest CUDA that the driver supports
	Peak       float64 `json:"peak_flops"`  // of float32, computed from the above; 0 if unknown
}

func devices() deviceList {
	list := deviceList{
		Processor: processorInfo{Device: "cpu", Name: processor(), Threads: runtime.NumCPU()},
		GPUs:      []gpuInfo{},
	}
	for _, k := range simd.Available() {
		list.Processor.Kernels = append(list.Processor.Kernels, k.Name)
	}
	gpus, err := cuda.List()
	for i, c := range gpus {
		list.GPUs = append(list.GPUs, describeGPU(i, c))
	}
	var h interface{ Hint() string }
	if err != nil {
		list.Problem = oneLine(err.Error())
	} else if len(gpus) == 0 {
		list.Problem = "the driver reports no GPU"
		list.Hint = "is there an NVIDIA GPU, and does nvidia-smi list it?"
	}
	if errors.As(err, &h) {
		list.Hint = oneLine(h.Hint())
	}
	return list
}

func describeGPU(index int, c cuda.Info) gpuInfo {
	return gpuInfo{
		Device: fmt.Sprintf("cuda:%d", index), Name: c.Name,
		Capability: fmt.Sprintf("%d.%d", c.Major, c.Minor), Memory: c.Memory,
		Processors: c.Processors, Clock: 1e3 * float64(c.Clock),
		Driver: fmt.Sprintf("%d.%d", c.Driver/1000, c.Driver%1000/10), Peak: c.Peak(),
	}
}

func printDevices(w io.Writer, json bool) error {
	list := devices()
	if json {
		return writeLine(w, list)
	}
	t := newTable(w)
	p := list.Processor
	row(t, p.Device, p.Name, fmt.Sprintf("%d threads, kernels: %s", p.Threads, strings.Join(p.Kernels, ", ")))
	for _, c := range list.GPUs {
		const format = "%.1f GiB, %d multiprocessors at %.2f GHz, compute capability %s, driver for CUDA %s"
		row(t, c.Device, c.Name,
			fmt.Sprintf(format, float64(c.Memory)/(1<<30), c.Processors, c.Clock/1e9, c.Capability, c.Driver))
	}
	if err := t.Flush(); err != nil || list.Problem == "" {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\nhint: %s\n", list.Problem, list.Hint)
	return err
}
