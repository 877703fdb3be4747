package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/techcopilot/techcopilot/internal/config"
)

// parse reads a Config the way main does.
func parse(t *testing.T, args []string, env, dotEnv map[string]string) (config.Config, error) {
	t.Helper()
	for k, v := range env {
		t.Setenv(k, v) // kong reads the environment as well
	}
	s := config.Sources{Environ: func(name string) (string, bool) { v, ok := env[name]; return v, ok }, DotEnv: dotEnv}
	var c config.Config
	k, err := kong.New(&c, s.Options()...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = k.Parse(args)
	return c, err
}

func TestFlagWinsOverEnvironmentOverDotEnv(t *testing.T) {
	for _, tc := range []struct {
		name        string
		args        []string
		env, dotEnv map[string]string
		want        int
	}{
		{"default", nil, nil, nil, 8080},
		{".env", nil, nil, map[string]string{"PORT": "1"}, 1},
		{"environment over .env", nil, map[string]string{"PORT": "2"}, map[string]string{"PORT": "1"}, 2},
		{"flag over all", []string{"--port", "3"}, map[string]string{"PORT": "2"}, map[string]string{"PORT": "1"}, 3},
		{"empty variable counts as not set", nil, map[string]string{"PORT": ""}, nil, 8080},
		{"empty variable leaves .env", nil, map[string]string{"PORT": ""}, map[string]string{"PORT": "1"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := parse(t, tc.args, tc.env, tc.dotEnv)
			if err != nil {
				t.Fatal(err)
			}
			if c.Port != tc.want {
				t.Errorf("port %d, want %d", c.Port, tc.want)
			}
		})
	}
}

func TestSecretComesFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "url")
	if err := os.WriteFile(path, []byte("postgres://u:pw@h/db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := parse(t, nil, map[string]string{"DATABASE_URL_FILE": path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.DatabaseURL.Reveal(); got != "postgres://u:pw@h/db" {
		t.Errorf("got %q", got)
	}
	if _, err := parse(t, nil, map[string]string{"DATABASE_URL_FILE": path + "x"}, nil); err == nil || !strings.Contains(err.Error(), "DATABASE_URL_FILE") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	c, err := config.Default(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c.DatabaseURL = "postgres://u:hunter2@h/db"
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", c, "library", c.Library, "secret", c.DatabaseURL)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", c)
	fmt.Fprintf(&out, "%v %+v %#v %s", c, c, c, c.DatabaseURL)
	if err := json.NewEncoder(&out).Encode(c); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("the password was printed:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "[redacted]") {
		t.Errorf("nothing shows that a secret is set:\n%s", out.String())
	}
}

func TestValidateSaysWhatToDo(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"other machines without accounts", []string{"--host", "0.0.0.0"}, "--allow-open-access"},
		{"a name may resolve to anything", []string{"--host", "example.com"}, "--allow-open-access"},
		{"port", []string{"--port", "70000"}, "1 to 65535"},
		{"database address", []string{"--database-url", "mysql://u:hunter2@h"}, "postgres://"},
		{"database address that does not parse", []string{"--database-url", "postgres://u:hunter2%zz@h"}, "postgres://"},
		{"binaries", []string{"--postgres-bin-dir", "/nowhere"}, "initdb"},
		{"upload", []string{"--max-upload", "10KB"}, "at least 1MB"},
		{"size", []string{"--max-upload", "lots"}, "such as 200MB"},
		{"allowed host", []string{"--allowed-host", "https://x/"}, "plain host names"},
		{"level", []string{"--log-level", "loud"}, "debug"},
		{"slots", []string{"--slots=-1"}, "WORKER_SLOTS"},
		{"clamd without a port", []string{"--clamd-address", "scanner"}, "127.0.0.1:3310"},
		{"health address", []string{"--health-address", "9090"}, ":9090"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := parse(t, tc.args, nil, nil)
			if err == nil {
				err = errors.Join(c.Library.Validate(), c.Node.Validate(), c.Server.Validate())
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v does not contain %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats the password: %v", err)
			}
		})
	}
	for _, host := range []string{"127.0.0.1", "::1", "localhost", "127.8.8.8"} {
		c, err := config.Default(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		c.Host = host
		if err := c.Server.Validate(); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestSizeReadsWhatItWrites(t *testing.T) {
	for text, want := range map[string]config.Size{
		"0": 0, "1": 1, "10 kb": 10 << 10, "512MB": 512 << 20, "1.5GB": 3 << 29, "2GiB": 2 << 30, "1TB": 1 << 40,
	} {
		var s, back config.Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q: %d, %v; want %d", text, s, err, want)
		}
		if err := back.UnmarshalText([]byte(s.String())); err != nil || back != s {
			t.Errorf("%q writes %q, which reads %d, %v", text, s, back, err)
		}
	}
	for _, text := range []string{"", "-1", "MB", "1XB", "9e30GB", "NaN"} {
		var s config.Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was read as %d", text, s)
		}
	}
}

func TestEverySettingIsInTheReference(t *testing.T) {
	settings, err := config.Settings()
	if err != nil {
		t.Fatal(err)
	}
	table := config.Table(settings)
	for _, name := range []string{"DATA_DIR", "DATABASE_URL", "DATABASE_URL_FILE", "PORT", "ALLOW_OPEN_ACCESS", "DEBUG", "ENVIRONMENT"} {
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("%s is not in the table:\n%s", name, table)
		}
	}
}
