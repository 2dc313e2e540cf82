package main

import (
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/icc"
	"oneiro/internal/imageio"
	"oneiro/internal/sample"
)

// TestRecolor gives a result the photograph's colours afterwards: it is what style makes of it, but for the
// rounding of the file between. The picture can be made again with all that was done to it.
func TestRecolor(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "photo.png", sample.Landscape(60, 45, 3))
	put(t, dir, "painting.png", sample.Painting(40, 50, 3))
	at := func(name string) string { return filepath.Join(dir, name) }
	style := tiny("style", "photo.png", "painting.png", "--quiet", "-o")
	mustRun(t, dir, append(style, "plain.png")...)
	mustRun(t, dir, append(style, "colours.png", "--colors", "photo", "--colors-strength", "0.8")...)
	mustRun(t, dir, "recolor", "plain.png", "photo.png", "--colors-strength", "0.8", "-o", "after.png")
	a, b := picture(t, at("colours.png")), picture(t, at("after.png"))
	if d := apart(a, b); d != nil && !(d.Largest < 2 && d.Mean < 0.5) {
		t.Errorf("after and during style are apart%v", d)
	}
	if d := apart(a, picture(t, at("plain.png"))); d == nil || !(d.Mean > 2) {
		t.Errorf("the colours differ%v: the test shows nothing", d)
	}
	mustRun(t, dir, "recolor", "after.png", "--colors", "match", "--palette", "painting.png", "-o", "twice.jpg", "--quiet")
	for _, name := range []string{"after.png", "twice.jpg"} {
		o := mustRun(t, dir, "verify", name, "--quiet")
		if !strings.Contains(o.stdout, "the same pixels, to the last bit") {
			t.Errorf("%s: %s", name, o.stdout)
		}
	}
	mustRun(t, dir, "again", "twice.jpg", "--seed", "5", "-o", "other.png", "--quiet")
	if r := recipeOf(t, at("other.png")); len(r.Recolor) != 2 || !r.Recolor[1].Palette || len(r.Inputs) != 4 || r.Seed != 5 {
		t.Errorf("%+v", r)
	}
	if o := mustRun(t, dir, "recipe", "twice.jpg"); !strings.Contains(o.stdout, "colors match, strength 1, of 8 bits, with a palette") {
		t.Errorf("the recipe says\n%s", o.stdout)
	}
}

// TestRecolorRefused: wrong arguments, and an output that would replace a picture.
func TestRecolorRefused(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "a.png", sample.Landscape(20, 15, 3))
	for _, args := range [][]string{
		{"a.png"}, {"a.png", "--colors", "match"}, {"a.png", "--palette", "a.png"}, {"a.png", "none.png"},
		{"a.png", "a.png", "-o", "a.png"}, {"a.png", "a.png", "--colors", "style"}, {"a.png", "a.png", "--colors-strength", "2"},
	} {
		if o := run(t, dir, append([]string{"recolor"}, args...)...); o.code == exitDone || !strings.Contains(o.stderr, "hint: ") {
			t.Errorf("%v: exit code %d, %s", args, o.code, o.stderr)
		}
	}
	mustRun(t, dir, "recolor", "a.png", "a.png", "-o", "b.png") // of another program: it has no recipe
	if _, err := imageio.ReadRecipe(filepath.Join(dir, "b.png")); err == nil {
		t.Error("there is a recipe of nothing")
	}
}

// TestProfiles writes a result in the colours of the photograph's profile, which make it the same picture, and
// ignores a profile that would be refused.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	wide := sample.Landscape(60, 45, 3)
	profile := icc.Coded("Display P3", 12, 13)
	if !profile.Invertible() {
		t.Fatal("no way back")
	}
	if err := imageio.Write(at("wide.png"), wide, imageio.Meta{Profile: profile}); err != nil {
		t.Fatal(err)
	}
	style := tiny("style", "wide.png", "--quiet", "--depth", "16", "-o")
	mustRun(t, dir, append(style, "srgb.png")...)
	mustRun(t, dir, append(style, "kept.png", "--profile", "keep")...)
	mustRun(t, dir, append(style, "ignored.png", "--profile", "ignore")...)
	srgb, kept := picture(t, at("srgb.png")), picture(t, at("kept.png"))
	if kept.Profile == nil || kept.Profile.Name() != "Display P3" || srgb.Profile != nil {
		t.Errorf("profiles %v and %v", kept.Profile, srgb.Profile)
	}
	if d := apart(srgb, kept); d != nil && !(d.Largest < 0.5) {
		t.Errorf("kept and converted are apart%v", d)
	}
	if d := apart(srgb, picture(t, at("ignored.png"))); d == nil || !(d.Mean > 1) {
		t.Errorf("ignored and converted are apart%v", d)
	}
	for _, name := range []string{"kept.png", "ignored.png"} {
		if o := mustRun(t, dir, "verify", name, "--quiet"); !strings.Contains(o.stdout, "to the last bit") {
			t.Errorf("%s: %s", name, o.stdout)
		}
	}
	if o := run(t, dir, append(style, "x.png", "--profile", "what")...); o.code == exitDone {
		t.Error("there is another way to treat profiles")
	}
}
