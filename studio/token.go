package studio

import (
	"crypto/rand"
	"path"
	"regexp"
	"strings"
)

// tokenName is the path of the token, which stays the same from one start to the next, so that an open page
// keeps working.
var tokenName = path.Join(hidden, "token")

// tokenText matches what rand.Text returns.
var tokenText = regexp.MustCompile(`^[A-Z2-7]{26,64}$`)

// readToken returns the token of the folder. If there is none, or the file is damaged, it makes one.
func (s *Server) readToken() (string, error) {
	info, err := s.root.Lstat(tokenName)
	if err == nil && info.Mode().IsRegular() && !s.config.NewToken {
		text, err := s.root.ReadFile(tokenName)
		if token := strings.TrimSpace(string(text)); err == nil && tokenText.MatchString(token) {
			return token, s.root.Chmod(tokenName, 0o600)
		}
	}
	if err := s.root.RemoveAll(tokenName); err != nil {
		return "", err
	}
	token := rand.Text()
	return token, s.root.WriteFile(tokenName, []byte(token+"\n"), 0o600)
}
