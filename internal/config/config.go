// Package config holds every setting of the program in one struct, and reads it
// from the command line, the environment and a .env file, in that order of
// precedence.
//
// It promises that a wrong value is refused with a message that says what to
// write instead, that secrets can come from a file (NAME_FILE) and that they are
// never printed. It reads nothing at run time: each part of the program is given
// what it needs when it is built.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

//go:generate go run ./reference -root ../..

// Config is every setting. Commands that do not listen take Library only.
type Config struct {
	Library
	Server
}

// Library is what every command needs to reach a library of manuals.
type Library struct {
	// DataDir is set where the disk is that shall hold the library; its default
	// is the user's own folder, so that nothing has to be created beforehand.
	DataDir string `name:"data" env:"DATA_DIR" placeholder:"DIR" default:"${data_dir}" help:"Folder of the built-in database, the original files and the caches. It is created when it does not exist."`
	// DatabaseURL is set where a PostgreSQL server is already looked after.
	DatabaseURL Secret `name:"database-url" env:"DATABASE_URL" placeholder:"URL" secret:"" help:"PostgreSQL server to use (postgres://user:password@host:5432/name). Without it a private PostgreSQL is started in the data folder."`
	// PostgresBinDir is for binaries that are in none of the usual places.
	PostgresBinDir string `name:"postgres-bin-dir" env:"POSTGRES_BIN_DIR" placeholder:"DIR" help:"Folder with initdb and postgres for the private PostgreSQL. Without it PATH and the usual folders of the distributions and Homebrew are searched."`

	// MaxUpload bounds one file; raise it for the few scanned manuals that are larger.
	MaxUpload Size `name:"max-upload" env:"MAX_UPLOAD_SIZE" placeholder:"SIZE" default:"100MB" help:"Largest manual that is accepted, such as 200MB or 1GB."`
	// ImageCache is worth raising where many technicians look at the same pages.
	ImageCache Size `name:"image-cache" env:"IMAGE_CACHE_SIZE" placeholder:"SIZE" default:"1GB" help:"Disk space for rendered page images; the least recently used are removed beyond it. 0 keeps none."`

	Environment string `name:"environment" env:"ENVIRONMENT" enum:"development,production" default:"development" help:"development or production. In production logs are JSON even in a terminal."`
	LogLevel    string `name:"log-level" env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least important entries that are logged: debug, info, warn or error."`
	LogFormat   string `name:"log-format" env:"LOG_FORMAT" enum:"auto,text,json" default:"auto" help:"text, json, or auto: text in a terminal and for commands, JSON otherwise."`
	Debug       bool   `name:"debug" env:"DEBUG" help:"Log everything; the same as the log level debug."`
}

// Server is what serve needs beyond the library.
type Server struct {
	Host string `name:"host" env:"LISTEN_HOST" placeholder:"ADDRESS" default:"127.0.0.1" help:"Address to listen on. Anything but a loopback address needs --allow-open-access."`
	// Port is set by Railway, Render and others.
	Port int `name:"port" env:"PORT" default:"8080" help:"Port to listen on; 0 chooses a free one."`
	// AllowOpenAccess exists because there are no accounts: whoever reaches the
	// port can read, add and delete manuals.
	AllowOpenAccess bool `name:"allow-open-access" env:"ALLOW_OPEN_ACCESS" help:"Listen beyond this machine although there are no accounts: everyone who reaches the port may read, add and delete manuals."`
	// AllowedHosts are the names under which a browser may reach the server. Other
	// names are refused, since a foreign page can point its own name at us.
	AllowedHosts []string `name:"allowed-host" env:"ALLOWED_HOSTS" placeholder:"NAME" help:"Host names under which the server may be reached, beside localhost, this machine's name and IP addresses (comma separated, or repeat the flag)."`
}

// DefaultDataDir is the data folder when none is named: /var/lib/techcopilot for
// root, whose home folder the unprivileged database server could not enter, and
// the user's data folder for everyone else. It is "" when the user has no home.
func DefaultDataDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/techcopilot"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "techcopilot")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "techcopilot")
	}
	return filepath.Join(home, ".local", "share", "techcopilot")
}

// Validate reports what is wrong with the settings, all of it at once.
func (l *Library) Validate() error {
	var errs []error
	if l.DataDir == "" {
		errs = append(errs, errors.New("no data folder: this user has no home folder, so name one with --data or DATA_DIR"))
	}
	if l.DatabaseURL != "" {
		u, err := url.Parse(l.DatabaseURL.Reveal())
		// The parser's error repeats the value, and with it the password.
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			errs = append(errs, errors.New("DATABASE_URL is not a PostgreSQL address: write postgres://user:password@host:5432/name, with special characters of the password percent-encoded"))
		}
	}
	if l.PostgresBinDir != "" {
		if st, err := os.Stat(l.PostgresBinDir); err != nil || !st.IsDir() {
			errs = append(errs, fmt.Errorf("POSTGRES_BIN_DIR names %q, which is not a folder: name the folder that holds initdb and postgres, or leave it empty", l.PostgresBinDir))
		}
	}
	if l.MaxUpload < 1<<20 {
		errs = append(errs, fmt.Errorf("MAX_UPLOAD_SIZE is %s: allow at least 1MB, or no manual can be added", l.MaxUpload))
	}
	return errors.Join(errs...)
}

// Validate reports what is wrong with the settings, all of it at once.
func (s *Server) Validate() error {
	var errs []error
	if s.Port < 0 || s.Port > 65535 {
		errs = append(errs, fmt.Errorf("PORT is %d: choose a number from 1 to 65535, or 0 for a free port", s.Port))
	}
	if !s.AllowOpenAccess && !isLoopback(s.Host) {
		errs = append(errs, fmt.Errorf("refusing to listen on %q: there are no accounts yet, so everyone who reaches that address could read, add and delete manuals. Listen on 127.0.0.1, or accept that with --allow-open-access (ALLOW_OPEN_ACCESS=true)", s.Host))
	}
	for _, h := range s.AllowedHosts {
		if strings.ContainsAny(h, "/:* ") || h == "" {
			errs = append(errs, fmt.Errorf("ALLOWED_HOSTS contains %q: write plain host names without scheme, port or wildcard, such as manuals.example.com", h))
		}
	}
	return errors.Join(errs...)
}

// Address is what to listen on, as host:port.
func (s *Server) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// isLoopback reports whether only this machine reaches the host. A name other
// than localhost is not resolved: what it means may change after the check.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// LogValue lists the settings for the log, without secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(append(c.Library.attrs(),
		slog.String("address", c.Address()),
		slog.Bool("allow_open_access", c.AllowOpenAccess),
		slog.Any("allowed_hosts", c.AllowedHosts))...)
}

// LogValue lists the settings for the log, without secrets.
func (l Library) LogValue() slog.Value { return slog.GroupValue(l.attrs()...) }

func (l Library) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("data_dir", l.DataDir),
		slog.Any("database_url", l.DatabaseURL),
		slog.String("postgres_bin_dir", l.PostgresBinDir),
		slog.String("max_upload", l.MaxUpload.String()),
		slog.String("image_cache", l.ImageCache.String()),
		slog.String("environment", l.Environment),
		slog.String("log_level", l.Level().String()),
	}
}

// Level is the least important level that is logged.
func (l Library) Level() slog.Level {
	if l.Debug {
		return slog.LevelDebug
	}
	var level slog.Level
	if level.UnmarshalText([]byte(l.LogLevel)) != nil {
		return slog.LevelInfo
	}
	return level
}
