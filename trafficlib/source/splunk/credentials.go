package splunk

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Credentials are a token, or a user and a password. Printing them does not show them.
type Credentials struct {
	token, user, password string
}

// Token returns the credentials of an authentication token of Splunk, or of a session key.
func Token(token string) Credentials { return Credentials{token: token} }

// Password returns the credentials of a user.
func Password(user, password string) Credentials {
	return Credentials{user: user, password: password}
}

// Environment returns the credentials of the first of these that is set: SPLUNK_TOKEN,
// SPLUNK_USERNAME and SPLUNK_PASSWORD, and SPLUNK_CREDENTIALS, which names a file.
func Environment() (Credentials, error) {
	c := Credentials{os.Getenv("SPLUNK_TOKEN"), os.Getenv("SPLUNK_USERNAME"), os.Getenv("SPLUNK_PASSWORD")}
	if c.token != "" {
		return Token(c.token), nil
	}
	if c.user != "" || c.password != "" {
		return c, c.check("SPLUNK_USERNAME and SPLUNK_PASSWORD")
	}
	if path := os.Getenv("SPLUNK_CREDENTIALS"); path != "" {
		return File(path)
	}
	return Credentials{}, errors.New("no credentials: set SPLUNK_TOKEN, or SPLUNK_USERNAME and SPLUNK_PASSWORD, " +
		"or SPLUNK_CREDENTIALS to a file of them")
}

// File reads credentials from a file that only its owner can read. Its lines have the form
// name=value, with the names token, or username and password; other names, as in a .splunkrc, are
// skipped.
func File(path string) (Credentials, error) {
	f, err := os.Open(path)
	if err != nil {
		return Credentials{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Credentials{}, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return Credentials{}, fmt.Errorf("%s: others can read it (mode %04o): chmod 600 it", path, mode)
	}
	var c Credentials
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return Credentials{}, fmt.Errorf("%s:%d: no line of the form name=value", path, n)
		}
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		switch strings.TrimSpace(name) {
		case "token", "splunkToken", "bearerToken":
			c.token = value
		case "username":
			c.user = value
		case "password":
			c.password = value
		}
	}
	if err := lines.Err(); err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, c.check(path)
}

func (c Credentials) some() bool { return c != Credentials{} }

func (c Credentials) check(where string) error {
	if c.token == "" && (c.user == "" || c.password == "") {
		return fmt.Errorf("%s: want a token, or both a user name and a password", where)
	}
	return nil
}

// String returns what kind they are.
func (c Credentials) String() string {
	switch {
	case c.token != "":
		return "a token"
	case c.user != "":
		return "a user and a password"
	}
	return "none"
}

// Format prints String for every verb, so that %+v does not show more.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// shortest is the length of the shortest secret that is hidden: shorter ones occur in other words,
// and hiding them there would tell them.
const shortest = 4

// hide removes the secrets from an error, whose words may come from the server.
func (s *Service) hide(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, secret := range []string{s.Credentials.token, s.Credentials.password, strings.TrimPrefix(s.session,
		"Splunk ")} {
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if text == err.Error() {
		return err
	}
	return hidden{text, err}
}

// A hidden is an error with secrets removed.
type hidden struct {
	text string
	err  error
}

func (h hidden) Error() string { return h.text }

// Is reports the kind of the error. There is no Unwrap, since that would show what is hidden.
func (h hidden) Is(target error) bool { return errors.Is(h.err, target) }
