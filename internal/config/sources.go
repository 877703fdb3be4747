package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/joho/godotenv"
)

// maxSecretFile bounds what is read of a NAME_FILE: a secret is a line.
const maxSecretFile = 64 << 10

// Sources gives kong the values that are not on the command line: of the
// environment, and where it has none, of the .env file. A variable that is set
// to nothing counts as not set.
type Sources struct {
	Environ func(string) (string, bool) // os.LookupEnv, or a map in tests
	DotEnv  map[string]string           // of ReadDotEnv
}

// ReadDotEnv reads a .env file; one that does not exist is empty.
func ReadDotEnv(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the settings file %s cannot be read: %w", path, err)
	}
	defer f.Close()
	values, err := godotenv.Parse(f)
	if err != nil {
		// The parser's error repeats the line, which may hold a secret.
		return nil, fmt.Errorf("the settings file %s cannot be understood: write one NAME=value per line, and quote values with spaces", path)
	}
	return values, nil
}

// Options are what kong.New needs to read a Config.
func (s Sources) Options() []kong.Option {
	return []kong.Option{
		kong.Vars{"data_dir": DefaultDataDir()},
		kong.Resolvers(kong.ResolverFunc(s.resolve)),
	}
}

func (s Sources) resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		value, err := s.value(name, flag.Tag.Has("secret"))
		if err != nil {
			return nil, err
		}
		if value != "" {
			return value, nil
		}
		// Kong itself has already read the variable, and with it an empty value
		// in place of the default.
		if _, set := s.Environ(name); set && flag.HasDefault {
			return flag.Default, nil
		}
	}
	return nil, nil
}

func (s Sources) value(name string, secret bool) (string, error) {
	for _, lookup := range []func(string) (string, bool){s.Environ, s.dotEnv} {
		if v, _ := lookup(name); v != "" {
			return v, nil
		}
		if !secret {
			continue
		}
		if path, _ := lookup(name + "_FILE"); path != "" {
			return readSecret(name+"_FILE", path)
		}
	}
	return "", nil
}

func (s Sources) dotEnv(name string) (string, bool) {
	v, ok := s.DotEnv[name]
	return v, ok
}

func readSecret(variable, path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s names %s, which cannot be read: check the path and the file's owner and mode", variable, path)
	}
	value := strings.TrimSpace(string(data))
	if value == "" || len(data) > maxSecretFile {
		return "", fmt.Errorf("%s names %s, which is empty or far too large: write the value alone into it", variable, path)
	}
	return value, nil
}

// Default returns the settings that hold when nothing is set, with the data
// folder dir.
func Default(dir string) (Config, error) {
	var c Config
	none := Sources{Environ: func(string) (string, bool) { return "", false }}
	parser, err := kong.New(&c, none.Options()...)
	if err != nil {
		return Config{}, err
	}
	for _, flag := range parser.Model.Flags {
		flag.Envs, flag.Tag.Envs = nil, nil // kong would read the environment itself
	}
	if _, err := parser.Parse([]string{"--data", dir}); err != nil {
		return Config{}, err
	}
	return c, nil
}
