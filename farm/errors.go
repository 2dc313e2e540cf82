package farm

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"oneiro/internal/quote"
)

// UsageError reports something that was asked for and cannot be done.
type UsageError struct{ Problem, Fix string }

func (e *UsageError) Error() string { return e.Problem }

// Hint says how to correct it.
func (e *UsageError) Hint() string { return e.Fix }

// RecipeError reports a recipe that a farm does not take.
type RecipeError struct{ Problem, Fix string }

func (e *RecipeError) Error() string { return "the recipe is refused: " + e.Problem }

// Hint says what to do about it.
func (e *RecipeError) Hint() string { return e.Fix }

// HashError reports a file that is not what its hash says.
type HashError struct{ What, Want, Got string }

func (e *HashError) Error() string {
	return fmt.Sprintf("%s has the SHA-256 %s and should have %s", e.What, e.Got, e.Want)
}

// Hint says what may have happened.
func (e *HashError) Hint() string { return "it was changed or damaged: submit the job again" }

// VersionError reports that a farm works with another version of the program.
type VersionError struct{ Farm, Here string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the farm works with oneiro %s, and this machine has oneiro %s", quote.Text(e.Farm),
		quote.Text(e.Here))
}

// Hint says what to do about it.
func (e *VersionError) Hint() string {
	return "pictures may differ between versions: install the other one, or change the farm's with " +
		"oneiro-farm submit --new-version once nothing waits"
}

// ConnectError reports a farm that cannot be reached.
type ConnectError struct {
	Server string // without the password
	Err    error
}

func (e *ConnectError) Error() string {
	switch {
	case e.Refused():
		return "the farm at " + e.Server + " refuses the user or the password"
	case errors.Is(e.Err, nats.ErrNoServers), errors.Is(e.Err, nats.ErrTimeout):
		return "there is no farm at " + e.Server
	}
	return "there is no farm at " + e.Server + ": " + e.Err.Error()
}

// Refused says that the farm is there, and does not know the user.
func (e *ConnectError) Refused() bool {
	return errors.Is(e.Err, nats.ErrAuthorization) || errors.Is(e.Err, nats.ErrAuthExpired) ||
		errors.Is(e.Err, nats.ErrNkeysNotSupported)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ConnectError) Hint() string {
	if e.Refused() {
		return "oneiro-farm serve has put the URL into the file url in its --store"
	}
	return "start it with oneiro-farm serve, and name it with --url or ONEIRO_FARM_URL"
}

// FullError reports that a farm takes no more.
type FullError struct {
	What string // jobs or files
	Err  error
}

func (e *FullError) Error() string {
	return "the farm is full and takes no more " + e.What + ": " + e.Err.Error()
}

func (e *FullError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *FullError) Hint() string {
	if e.What == "jobs" {
		return "submit the rest when some are done: the same command goes on; or serve with a larger --max-jobs"
	}
	return "oneiro-farm fetch --forget makes room, or serve with a larger --max-store"
}

// The codes of JetStream's errors of a stream or a disk that is full, and of what goes against a limit.
const (
	codeResources     = 10023 // insufficient resources
	codeStorage       = 10047 // insufficient storage
	codeStore         = 10077 // the stream's store failed, such as maximum messages exceeded
	codeAccount       = 10002 // resource limits exceeded for account
	codeWrongSequence = 10071
)

// full returns a *FullError if that is what an error says, and else the error.
func full(what string, err error) error {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return err
	}
	switch api.ErrorCode {
	case codeResources, codeStorage, codeStore, codeAccount:
		return &FullError{what, errors.New(api.Description)}
	}
	return err
}

// lostRace tells whether a write was refused because another came before it.
func lostRace(err error) bool {
	if errors.Is(err, jetstream.ErrKeyExists) {
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeWrongSequence
}
