package httpapi

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/equipment"
)

// modelBody is a model of equipment as the API shows it.
type modelBody struct {
	ID           uuid.UUID `json:"id" format:"uuid"`
	Manufacturer string    `json:"manufacturer" example:"Cindervale"`
	Name         string    `json:"name" example:"RX-280"`
}

type listedModelBody struct {
	modelBody
	Aliases []string `json:"aliases" doc:"Other names under which it is found"`
	Manuals int      `json:"manuals" doc:"How many manuals of it are ready"`
}

type modelsInput struct {
	Query  string `query:"query" maxLength:"200" doc:"Only models with this in manufacturer or name; case, spaces and signs do not matter"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Most models in one answer"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"next_cursor of the previous answer"`
}

type modelsOutput struct {
	Body struct {
		Models     []listedModelBody `json:"models" doc:"By manufacturer and name"`
		NextCursor string            `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

func (a *api) modelRoutes() {
	handle(a, route{
		id: "list-models", method: http.MethodGet, path: "/api/v1/models", tag: "models",
		summary: "Models the library knows", detail: "With next_cursor as cursor the list goes on.",
	}, a.listModels)
}

func (a *api) listModels(ctx context.Context, in *modelsInput) (*modelsOutput, error) {
	models, next, err := a.Models.List(ctx, equipment.Filter{Text: in.Query, Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	out := &modelsOutput{}
	out.Body.Models, out.Body.NextCursor = make([]listedModelBody, len(models)), next
	for i, m := range models {
		out.Body.Models[i] = newListedModel(m)
	}
	return out, nil
}

func newListedModel(m equipment.Listed) listedModelBody {
	return listedModelBody{modelBody{m.ID, m.Manufacturer, m.Name}, notNil(m.Aliases), m.Manuals}
}
