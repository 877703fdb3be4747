package httpapi

import (
	"encoding/json"
	"errors"
	"reflect"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

// jsonFormat is huma's JSON, but refuses text that a database cannot store:
// encoding/json would silently replace what is not UTF-8.
var jsonFormat = huma.Format{
	Marshal: huma.DefaultJSONFormat.Marshal,
	Unmarshal: func(data []byte, v any) error {
		if !utf8.Valid(data) {
			return errors.New("the body is not UTF-8")
		}
		if err := json.Unmarshal(data, v); err != nil {
			return err
		}
		if generic, ok := v.(*any); ok && !printableTree(*generic) {
			return errors.New("the body contains control characters")
		}
		return nil
	},
}

// printableTree reports whether all texts of a decoded JSON document are
// printable. Its depth is bounded by encoding/json.
func printableTree(v any) bool {
	switch v := v.(type) {
	case string:
		return printable(v)
	case []any:
		for _, e := range v {
			if !printableTree(e) {
				return false
			}
		}
	case map[string]any:
		for k, e := range v {
			if !printable(k) || !printableTree(e) {
				return false
			}
		}
	}
	return true
}

// registerTypes tells the document about types that marshal themselves.
func registerTypes(schemas huma.Registry) {
	schemas.RegisterTypeAlias(reflect.TypeFor[pdf.Box](), reflect.TypeFor[[4]float64]())
}
