package main

import (
	"fmt"

	"github.com/google/uuid"
)

// idArg is an id on the command line. What is none is wrong usage.
type idArg uuid.UUID

// UnmarshalText implements [encoding.TextUnmarshaler].
func (i *idArg) UnmarshalText(text []byte) error {
	id, err := uuid.ParseBytes(text)
	if err != nil {
		return fmt.Errorf("%q is not an id: copy it from the list", text)
	}
	*i = idArg(id)
	return nil
}
