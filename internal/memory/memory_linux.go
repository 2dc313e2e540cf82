package memory

import (
	"io/fs"
	"math"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine returns the bytes of memory that the process can have: those of the machine, or of its
// container if that has fewer; 0 if nobody knows.
func Machine() int64 {
	limit := containerMemory(os.DirFS("/"))
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		limit = min(limit, int64(uint64(info.Totalram)*uint64(info.Unit)))
	}
	if limit == math.MaxInt64 {
		return 0
	}
	return limit
}

// cgroupMounts are where control groups are found, and the file that limits the memory of one. Control groups
// of version 1 have a hierarchy for each kind of resource.
var cgroupMounts = []struct{ kind, mount, file string }{
	{"", "sys/fs/cgroup", "memory.max"},
	{"", "sys/fs/cgroup/unified", "memory.max"},
	{"memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes"},
}

// containerMemory returns the lowest limit of the control groups that the process is in, which a container has
// (cgroups(7), and Documentation/admin-guide of Linux), or MaxInt64. root is the root of the file system.
//
// A group has what all groups above it allow. Inside a container the path of its group may be that on the host,
// which is not there: then the mount itself is the container's group.
func containerMemory(root fs.FS) int64 {
	limit := int64(math.MaxInt64)
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return limit
	}
	for line := range strings.Lines(string(groups)) { // hierarchy:kinds:path, as 4:cpu,memory:/user or 0::/user
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for kind := range strings.SplitSeq(parts[1], ",") {
			for _, m := range cgroupMounts {
				if m.kind == kind {
					limit = min(limit, lowest(root, m.mount, parts[2], m.file))
				}
			}
		}
	}
	return limit
}

// lowest returns the lowest number in the files of a group and of those above it, MaxInt64 if there is none.
func lowest(root fs.FS, mount, group, file string) int64 {
	limit := int64(math.MaxInt64)
	for group = path.Clean("/" + group); ; group = path.Dir(group) {
		if text, err := fs.ReadFile(root, path.Join(mount, group, file)); err == nil {
			// "max" is not a number, and what stands for no limit in version 1 is more than any machine has
			if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
				limit = min(limit, n)
			}
		}
		if group == "/" {
			return limit
		}
	}
}
