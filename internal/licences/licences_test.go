package licences

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestModules checks that every module that the program links is in the text, in the version that is linked.
func TestModules(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "oneiro/cmd/oneiro")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		modules := strings.Split(strings.TrimSpace(string(out)), "\n")
		if len(modules) < 10 {
			t.Fatalf("go list knows only %q", modules)
		}
		for _, m := range modules {
			if m != "" && !strings.Contains(Text, m+"\n") {
				t.Errorf("%s: %s has no licence here: go generate ./internal/licences", system, m)
			}
		}
	}
}

// TestNotices checks the copyright notices of what is no module.
func TestNotices(t *testing.T) {
	for _, notice := range []string{
		"oneiro\n======\n",
		"Copyright (c) 2026 The oneiro authors",
		"Copyright (c) 2020 Huan Wang",
		"Copyright (c) Soumith Chintala 2016",
		"Copyright 2009 The Go Authors.",
		"Copyright (c) 2016 Bigelow & Holmes Inc.",
	} {
		if !strings.Contains(Text, notice) {
			t.Errorf("%q is missing", notice)
		}
	}
}
