package imageio

import (
	"errors"
	"fmt"

	"oneiro/internal/icc"
	"oneiro/internal/quote"
)

// Profile is a colour profile: what the numbers of a file mean.
type Profile = icc.Profile

// maxProfile is the largest colour profile that is unpacked, in bytes. Those of printers have a few million.
const maxProfile = 8 << 20

// profile is a colour profile as a file has it.
type profile struct {
	name  string   // of the profile, or of a space that has none
	icc   []byte   // nil if there is none
	known *Profile // of a space that the file describes otherwise
}

func (p profile) isNone() bool { return p.name == "" && len(p.icc) == 0 }

// apply returns the profile that colours have to be converted from, nil for none, and what to say if one is
// left out. The error is a *ProfileError without a path.
func (p profile) apply() (*Profile, string, error) {
	switch {
	case p.isNone():
		return nil, "", nil
	case p.icc == nil && p.known == nil:
		return nil, p.leftOut("is not known"), nil
	case p.icc == nil:
		return unlessSRGB(p.known), "", nil
	}
	made, err := icc.Parse(p.icc)
	switch {
	case err == nil:
		return unlessSRGB(made), "", nil
	case errors.Is(err, icc.ErrDamaged):
		return nil, p.leftOut("is damaged"), nil
	case errors.Is(err, icc.ErrSpace):
		return nil, p.leftOut("is of another kind of colours"), nil
	case icc.IsNamedSRGB(p.icc):
		return nil, "", nil
	}
	return nil, "", &ProfileError{Name: p.title()}
}

// unlessSRGB returns nil for what needs no conversion.
func unlessSRGB(p *Profile) *Profile {
	if p == nil || p.IsSRGB() {
		return nil
	}
	return p
}

func (p profile) leftOut(why string) string {
	return fmt.Sprintf("its colour profile%s %s: colours are taken for sRGB", p.title(), why)
}

// title names the profile for a sentence, if it has a name.
func (p profile) title() string {
	name := icc.Description(p.icc)
	switch {
	case name == "":
		name = p.name
	case p.name != "" && p.name != name:
		name += " (" + p.name + ")"
	}
	if name == "" {
		return ""
	}
	return ", " + quote.Path(name) + ","
}

// ProfileError reports a picture whose colour profile cannot be applied.
type ProfileError struct {
	Path string
	Name string // of the profile, as part of a sentence
}

func (e *ProfileError) Error() string {
	return fmt.Sprintf("%s: its colour profile%s is made of tables, which cannot be applied", quote.Path(e.Path), e.Name)
}

// Hint says what to do about it.
func (e *ProfileError) Hint() string {
	return "convert it to sRGB in an image editor; --profile ignore takes its colours for sRGB as they are"
}

// srgbProfile is what JPEG and TIFF say that their colours are sRGB with, as there is no shorter way that
// programs follow.
var srgbProfile = icc.SRGB().Data()
