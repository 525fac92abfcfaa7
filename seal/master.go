package seal

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Master wraps data keys. It never seals data itself.
type Master interface {
	// Name tells master keys apart and gives nothing of them away.
	Name() string
	// Wrap seals a data key; id is the data key's.
	Wrap(id string, key []byte) (string, error)
	// Unwrap opens what Wrap gave for the same id.
	Unwrap(id, wrapped string) ([]byte, error)
}

// secretMaster is a master key that is at hand.
type secretMaster struct {
	name string
	key  *Key
}

// NewMaster makes a master key of KeySize random bytes.
func NewMaster(secret []byte) (Master, error) {
	if len(secret) != KeySize {
		return nil, fmt.Errorf("a master key is %d bytes, not %d", KeySize, len(secret))
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("gridwalk master key"))
	name := hex.EncodeToString(mac.Sum(nil))[:IDSize]
	key, err := NewKey(name, secret)
	if err != nil {
		return nil, err
	}
	return secretMaster{name, key}, nil
}

func (m secretMaster) Name() string { return m.name }

func (m secretMaster) Wrap(id string, key []byte) (string, error) {
	return m.key.Seal(key, "data key "+id), nil
}

func (m secretMaster) Unwrap(id, wrapped string) ([]byte, error) {
	key, err := m.key.Open(wrapped, "data key "+id)
	if err != nil {
		return nil, fmt.Errorf("unwrap data key %s: %w", id, err)
	}
	return key, nil
}

// Known is a master key that everybody can read here. It stands in for one in
// demos, tests and trials on one's own machine, so that these run the same
// code; whoever serves a network with it is refused.
func Known() Master {
	secret := sha256.Sum256([]byte("gridwalk: no secret"))
	m, err := NewMaster(secret[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	return m
}

// IsKnown tells whether m is the master key that everybody knows.
func IsKnown(m Master) bool { return m.Name() == Known().Name() }

// command wraps by a program of a key management service, which keeps the key.
type command struct{ path string }

// commandTime bounds how long a key management service may take.
const commandTime = 30 * time.Second

func (c command) Name() string {
	sum := sha256.Sum256([]byte("command " + c.path))
	return hex.EncodeToString(sum[:])[:IDSize]
}

func (c command) Wrap(id string, key []byte) (string, error) {
	out, err := c.run("wrap", id, base64.StdEncoding.EncodeToString(key))
	return out, err
}

func (c command) Unwrap(id, wrapped string) ([]byte, error) {
	out, err := c.run("unwrap", id, wrapped)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(out)
	if err != nil || len(key) != KeySize {
		return nil, fmt.Errorf("unwrap data key %s: %s gave no key of %d bytes in base64", id, c.path, KeySize)
	}
	return key, nil
}

// run calls the program with what to do and the data key's id; the value goes
// in and comes out through pipes, as one line each.
func (c command) run(what, id, value string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandTime)
	defer cancel()
	run := exec.CommandContext(ctx, c.path, what, id)
	run.Stdin = strings.NewReader(value + "\n")
	var said bytes.Buffer
	run.Stderr = &said
	out, err := run.Output()
	if err != nil {
		return "", fmt.Errorf("%s data key %s by %s: %w: %.300s", what, id, c.path, err, said.String())
	}
	if out = bytes.TrimSpace(out); len(out) == 0 || len(out) > 1<<16 {
		return "", fmt.Errorf("%s data key %s: %s gave no value", what, id, c.path)
	}
	return string(out), nil
}

// Names of the variables of which one gives the master key.
const (
	KeyVariable     = "GRIDWALK_MASTER_KEY"         // 64 hex digits
	FileVariable    = "GRIDWALK_MASTER_KEY_FILE"    // a file that holds them
	CommandVariable = "GRIDWALK_MASTER_KEY_COMMAND" // a program that wraps and unwraps
)

// MasterFrom reads the master key that the environment names, nil when it names
// none. Suffix is put behind the names of the variables.
func MasterFrom(env func(string) (string, bool), suffix string) (Master, error) {
	var found []string
	for _, name := range []string{KeyVariable, FileVariable, CommandVariable} {
		if value, ok := env(name + suffix); ok && value != "" {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 0:
		return nil, nil
	case len(found) > 1:
		return nil, fmt.Errorf("set one of %s, not several", strings.Join(found, " and "))
	}
	value, _ := env(found[0] + suffix)
	switch found[0] {
	case CommandVariable:
		return command{value}, nil
	case FileVariable:
		raw, err := os.ReadFile(value)
		if err != nil {
			return nil, fmt.Errorf("read the master key: %w", err)
		}
		value = string(raw)
	}
	secret, err := hex.DecodeString(strings.TrimSpace(value))
	if err != nil || len(secret) != KeySize {
		return nil, errors.New(found[0] + suffix + " does not give a master key of 64 hex digits; gridwalk keys new makes one")
	}
	return NewMaster(secret)
}
