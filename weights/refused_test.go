package weights

import (
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestWhatIsGivenByMistake(t *testing.T) {
	for name, c := range map[string]struct{ data, looks, hint string }{
		"LFS": {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "LFS",
			"git lfs pull"},
		"HTML":     {"\n<!DOCTYPE html>\n<html>", "web page", "browser"},
		"HTML 2":   {"<html lang=en>", "web page", "browser"},
		"XML":      {`<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, "XML", "download"},
		"JSON":     {`{"error": "Repository not found"}`, "JSON", "download"},
		"gzip":     {"\x1f\x8b\x08\x00", "gzip", "tar xzf"},
		"tar":      {strings.Repeat("a\x00", 128) + "\x00ustar", "tar", "tar xf"},
		"JPEG":     {"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG", "picture"},
		"PNG":      {"\x89PNG\r\n\x1a\n\x00", "PNG", "picture"},
		"WebP":     {"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP", "picture"},
		"GGUF":     {"GGUF\x03\x00\x00\x00", "GGUF", "language"},
		"nothing":  {"", "empty", "again"},
		"numbers":  {"0.42947057 0.373467 -0.061360113 2.7e-1", "text", "binary"},
		"cfg":      {"# VGG\n[net]\nbatch=1\n[convolutional]\n", ".cfg", ".weights"},
		"prototxt": {"name: \"VGG\"\nlayer {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
		"V1":       {"name: \"VGG\"\nlayers {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "vgg19.pth"), []byte(c.data)))
			if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, c.looks) ||
				!strings.Contains(e.Hint(), c.hint) {
				t.Errorf("%v: %s", e, e.Hint())
			}
		})
	}
}
