package memory

import (
	"math"
	"testing"
	"testing/fstest"
)

// TestContainerMemory has the files that containers see.
func TestContainerMemory(t *testing.T) {
	const none = math.MaxInt64
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no control groups": {nil, none},
		"version 2, in a namespace of its own": {map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "536870912\n",
		}, 512 << 20},
		"version 2, unlimited": {map[string]string{
			"proc/self/cgroup":                              "0::/user.slice/run.scope\n",
			"sys/fs/cgroup/user.slice/memory.max":           "max\n",
			"sys/fs/cgroup/user.slice/run.scope/memory.max": "max\n",
		}, none},
		"version 2, limited further up": {map[string]string{
			"proc/self/cgroup":                                  "0::/user.slice/app/run.scope\n",
			"sys/fs/cgroup/user.slice/memory.max":               "1073741824\n",
			"sys/fs/cgroup/user.slice/app/run.scope/memory.max": "2147483648\n",
		}, 1 << 30},
		"version 1": {map[string]string{
			"proc/self/cgroup":                                      "12:pids:/docker/4e1\n5:cpu,memory:/docker/4e1\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":            "9223372036854771712\n",
			"sys/fs/cgroup/memory/docker/4e1/memory.limit_in_bytes": "268435456\n",
		}, 256 << 20},
		"version 1, with the host's path": {map[string]string{
			"proc/self/cgroup":                           "5:memory:/kubepods/pod7/4e1\n0::/system.slice/containerd.service\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n",
		}, 128 << 20},
		"both versions": {map[string]string{
			"proc/self/cgroup":                           "5:memory:/\n0::/app\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
			"sys/fs/cgroup/unified/app/memory.max":       "134217728\n",
		}, 128 << 20},
		"another resource": {map[string]string{
			"proc/self/cgroup": "5:cpu:/app\n",
			"sys/fs/cgroup/memory/app/memory.limit_in_bytes": "268435456\n",
		}, none},
		"a path that leads out": {map[string]string{
			"proc/self/cgroup":         "0::/../../app\n",
			"sys/fs/cgroup/memory.max": "268435456\n",
		}, 256 << 20},
		"nonsense": {map[string]string{
			"proc/self/cgroup":         "\nmemory\n0::/\n",
			"sys/fs/cgroup/memory.max": "-1 much\n",
		}, none},
	} {
		root := fstest.MapFS{}
		for path, text := range c.files {
			root[path] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := containerMemory(root); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
	if m := Machine(); m < 16<<20 {
		t.Errorf("this machine has %d bytes", m)
	}
}
