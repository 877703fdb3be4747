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

// Config is every setting. Commands that do not stay take Library only.
type Config struct {
	Library
	Node
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

	// Slots is lowered on a machine that has other work, and raised where the
	// estimate of a manual's memory is too careful.
	Slots int `name:"slots" env:"WORKER_SLOTS" placeholder:"N" default:"0" help:"Children that read documents or recognise text in the background, at once. 0: as many as there are processors and 1.5 GB of memory for each."`
	// Tesseract is for an installation that PATH does not lead to.
	Tesseract string `name:"tesseract" env:"TESSERACT" placeholder:"COMMAND" default:"tesseract" help:"Tesseract 5, which reads scanned pages: a name in PATH or a path. Without it manuals are imported all the same, and their scanned pages wait."`
	// ClamdAddress is set where ClamAV is there: foreign files are worth a second look.
	ClamdAddress string `name:"clamd-address" env:"CLAMD_ADDRESS" placeholder:"ADDRESS" help:"ClamAV's daemon, which looks at each new file: host:port, or the path of its socket. Once a process of the library has named it, files wait for a process that names it too. off: files are no longer scanned, in the whole library. Without it, and where it was never named, no virus scanner is asked."`
	// OutboundAllow opens what is closed so that a webhook's address cannot be
	// used to reach into the network of this machine.
	OutboundAllow []string `name:"outbound-allow" env:"OUTBOUND_ALLOW" placeholder:"ADDRESS" help:"What outgoing requests such as webhooks may reach beside the public internet: networks (10.1.0.0/16), machines (192.168.1.5), or one port of a machine (192.168.1.5:9000, receiver.lan:9000); comma separated, or repeat the flag."`
	// SecretsKey is set where nodes do not share a data folder, or where the key
	// has its own keeper.
	SecretsKey Secret `name:"secrets-key" env:"SECRETS_KEY" placeholder:"KEY" secret:"" help:"Key that secrets are encrypted under before they go into the database: 32 bytes in base64 (openssl rand -base64 32). Without it one is made in the data folder. Nodes that do not share that folder need the same key. Of several keys, separated by commas, the first encrypts and all decrypt."`
	// AdoptFolder is for the one start after the files were given up or moved.
	AdoptFolder bool `name:"adopt-folder" env:"ADOPT_FOLDER" help:"Take the data folder for this library's although it is another one than before. Originals that are not in it are missing until they are added again."`

	Environment string `name:"environment" env:"ENVIRONMENT" enum:"development,production" default:"development" help:"development or production. In production logs are JSON even in a terminal."`
	LogLevel    string `name:"log-level" env:"LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least important entries that are logged: debug, info, warn or error."`
	LogFormat   string `name:"log-format" env:"LOG_FORMAT" enum:"auto,text,json" default:"auto" help:"text, json, or auto: text in a terminal and for commands, JSON otherwise."`
	Debug       bool   `name:"debug" env:"DEBUG" help:"Log everything; the same as the log level debug."`
}

// Node is what a program needs that stays and works in the background.
type Node struct {
	// WatchDir names folders that people save manuals into, such as shares.
	WatchDir []string `name:"watch-dir" env:"WATCH_DIR" placeholder:"DIR" help:"Folder whose PDF files are imported as they appear, with those in its subfolders; their names are hints for manufacturer and model. Nothing in it is changed. Several are separated by commas, or the flag is repeated. Nodes with the same folder agree on one that watches."`
	// HealthAddress is for what restarts or watches a worker.
	HealthAddress string `name:"health-address" env:"HEALTH_ADDRESS" placeholder:"HOST:PORT" help:"Where health and metrics, and nothing else, are to be served: /health/live, /health/ready, /metrics. A server has them at its own port too."`
}

// Validate reports what is wrong with the settings, all of it at once.
func (n *Node) Validate() error {
	if n.HealthAddress == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(n.HealthAddress)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		return fmt.Errorf("HEALTH_ADDRESS is %q: write host:port, such as 127.0.0.1:9090, or :9090 for all addresses of this machine", n.HealthAddress)
	}
	return nil
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
	if l.Slots < 0 || l.Slots > maxSlots {
		errs = append(errs, fmt.Errorf("WORKER_SLOTS is %d: choose 1 to %d, or 0 to leave it to the program", l.Slots, maxSlots))
	}
	if socket := strings.TrimPrefix(l.ClamdAddress, "unix:"); l.Scans() && !filepath.IsAbs(socket) {
		if _, port, err := net.SplitHostPort(l.ClamdAddress); err != nil || port == "" {
			errs = append(errs, fmt.Errorf("CLAMD_ADDRESS is %q: write host:port, such as 127.0.0.1:3310, or the full path of its socket", l.ClamdAddress))
		}
	}
	return errors.Join(errs...)
}

// ClamdOff as the address of clamd stands for a library without a scanner.
const ClamdOff = "off"

// Scans reports whether an address of clamd is set.
func (l *Library) Scans() bool { return l.ClamdAddress != "" && l.ClamdAddress != ClamdOff }

// maxSlots is more than any machine needs: what is larger is a slip.
const maxSlots = 1024

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
	return slog.GroupValue(append(append(c.Library.attrs(), c.Node.attrs()...),
		slog.String("address", c.Address()),
		slog.Bool("allow_open_access", c.AllowOpenAccess),
		slog.Any("allowed_hosts", c.AllowedHosts))...)
}

// LogValue lists the settings for the log, without secrets.
func (l Library) LogValue() slog.Value { return slog.GroupValue(l.attrs()...) }

// LogValue lists the settings for the log.
func (n Node) LogValue() slog.Value { return slog.GroupValue(n.attrs()...) }

func (n Node) attrs() []slog.Attr {
	return []slog.Attr{slog.Any("watch_dir", n.WatchDir), slog.String("health_address", n.HealthAddress)}
}

func (l Library) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("data_dir", l.DataDir),
		slog.Any("database_url", l.DatabaseURL),
		slog.String("postgres_bin_dir", l.PostgresBinDir),
		slog.String("max_upload", l.MaxUpload.String()),
		slog.String("image_cache", l.ImageCache.String()),
		slog.Int("slots", l.Slots),
		slog.String("tesseract", l.Tesseract),
		slog.String("clamd_address", l.ClamdAddress),
		slog.Any("outbound_allow", l.OutboundAllow),
		slog.Any("secrets_key", l.SecretsKey),
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
