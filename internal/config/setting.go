package config

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Setting describes one setting for the reference.
type Setting struct {
	Variable string // of the environment
	Flag     string // with its dashes
	Default  string
	Secret   bool   // can also be given as VARIABLE_FILE
	Only     string // the commands that have it, "" for all
	Help     string
}

// Settings lists every setting in the order of the struct.
func Settings() ([]Setting, error) {
	var c struct {
		Library Library `embed:""`
		Node    Node    `embed:"" group:"serve and worker"`
		Server  Server  `embed:"" group:"serve"`
	}
	parser, err := kong.New(&c, kong.Vars{"data_dir": "`~/.local/share/techcopilot`, as root `/var/lib/techcopilot`"})
	if err != nil {
		return nil, err
	}
	var out []Setting
	for _, flag := range parser.Model.Flags {
		if len(flag.Envs) == 0 {
			continue
		}
		s := Setting{
			Variable: flag.Envs[0], Flag: "--" + flag.Name, Default: flag.Default,
			Secret: flag.Tag.Has("secret"), Help: flag.Help,
		}
		if flag.Group != nil {
			s.Only = flag.Group.Key
		}
		if flag.IsBool() {
			s.Default = "false"
		}
		out = append(out, s)
	}
	return out, nil
}

// Table writes the settings as a Markdown table.
func Table(settings []Setting) string {
	var b strings.Builder
	b.WriteString("| Variable | Flag | Default | Meaning |\n|---|---|---|---|\n")
	for _, s := range settings {
		def := s.Default
		if def != "" && !strings.Contains(def, "`") {
			def = "`" + def + "`"
		}
		help := s.Help
		if s.Secret {
			help += fmt.Sprintf(" A secret: `%s_FILE` names a file that holds it.", s.Variable)
		}
		if s.Only != "" {
			help += fmt.Sprintf(" (Only %s.)", s.Only)
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.Variable, s.Flag, def, help)
	}
	return b.String()
}
