package main

import (
	"strings"
	"testing"

	"oneiro/autodiff"
	"oneiro/simd"
)

func TestContender(t *testing.T) {
	best := simd.Best().Name
	for name, want := range map[string][2]string{
		"cpu": {"cpu", best}, "cuda": {"cuda", best}, "cuda:1": {"cuda:1", best},
		"generic": {"", "generic"}, "cudo": {"", "cudo"},
	} {
		if device, kernels := contender(name); device != want[0] || kernels != want[1] {
			t.Errorf("%s is %q with %q", name, device, kernels)
		}
	}
	if isGPU("cpu") || isGPU("generic") || !isGPU("cuda:1") {
		t.Error("isGPU is wrong")
	}
}

// TestBenchDevice sets the processor against itself, by the names of a device and of its kernels.
func TestBenchDevice(t *testing.T) {
	out := mustRun(t, t.TempDir(), "bench", "--workload", "conv1x1/*/forward",
		"--compare", "cpu,"+simd.Best().Name, "--rounds", "1", "--json").stdout
	for _, c := range lines[benchComparison](t, out) {
		if c.Most != 0 || c.RMS != 0 || len(c.FLOPs) != 2 || len(c.GPUs) != 0 {
			t.Errorf("%+v", c)
		}
	}
}

// TestPrintGPUs checks the rates that are computed from measurements.
func TestPrintGPUs(t *testing.T) {
	c := &benchComparison{
		Workload: "vgg19/512/step", Contenders: []string{"cpu", "cuda"}, Medians: []float64{0.6, 0.06},
		Ratio: 10, Ratios: []float64{9, 10, 11},
		FLOPs: []float64{500e9, 5000e9}, Most: 1e-3, RMS: 2e-5,
		GPUs: []benchGPU{{gpuInfo{Device: "cuda:0", Peak: 10e12}, []autodiff.StepTime{
			{Op: "conv2d", Steps: 13, Seconds: 0.04, FLOPs: 160e9, Kernels: []autodiff.KernelTime{
				{Kernel: "convWide", Launches: 12, Seconds: 0.03}}},
			{Op: "add", Steps: 2, Seconds: 0.001},
		}}},
	}
	var b strings.Builder
	if err := (&benchPrinter{w: &b, format: asTable}).result(c); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{
		{"vgg19/512/step:", "10.000 times", "(9.000 to 11.000)", "0.001", "2e-05"},
		{"cpu", "600.000", "500.0"}, {"cuda", "60.000", "5000.0"},
		{"conv2d", "13 steps", "40.000", "4000.0", "40 %"}, {"convWide", "12 launches", "30.000"},
		{"add", "2 steps", "1.000", "-", "-"},
	} {
		found := false
		for line := range strings.Lines(b.String()) {
			line, all := " "+line, true
			for _, word := range want {
				all = all && strings.Contains(line, " "+word)
			}
			found = found || all
		}
		if !found {
			t.Errorf("no line with %q in\n%s", want, &b)
		}
	}
}
