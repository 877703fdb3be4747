package httpapi

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// questionBody is a technician's question.
type questionBody struct {
	Manufacturer string     `json:"manufacturer,omitempty" maxLength:"200" doc:"Needed only when two manufacturers have a model of that name" example:"Cindervale"`
	Model        string     `json:"model,omitempty" maxLength:"200" doc:"As on the nameplate; upper and lower case, spaces and signs do not matter. May be left out with manual_id" example:"RX-280"`
	ManualID     *uuid.UUID `json:"manual_id,omitempty" format:"uuid" doc:"Ask this manual only"`
	Code         string     `json:"code,omitempty" maxLength:"100" doc:"Error code in any way it can be typed" example:"E12"`
	Symptom      string     `json:"symptom,omitempty" maxLength:"2000" doc:"What the machine does, or what is asked" example:"does not heat"`
	Language     string     `json:"language,omitempty" maxLength:"35" doc:"Of the question, as an ISO 639-1 code; found out when left out" example:"en"`
}

type askInput struct {
	Body questionBody
}

type answerOutput struct {
	Body *troubleshoot.Answer
}

type answerInput struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Id of the answer"`
}

func (a *api) troubleshootRoutes() {
	handle(a, route{
		id: "troubleshoot", method: http.MethodPost, path: "/api/v1/troubleshoot", tag: "troubleshoot",
		summary: "Ask a question",
		detail: "Answers out of the manuals of a model. Everything stated carries a quote of the cited page. " +
			"A question the manuals do not answer gets the kind `refused` with what was searched and what to do next.",
	}, a.ask)
	handle(a, route{
		id: "get-answer", method: http.MethodGet, path: "/api/v1/answers/{id}", tag: "troubleshoot",
		summary: "An answer as it was shown", detail: "Every answer that was shown is kept unchanged.",
	}, a.getAnswer)
}

func (a *api) ask(ctx context.Context, in *askInput) (*answerOutput, error) {
	answer, err := a.Troubleshoot.Ask(ctx, troubleshoot.Question(in.Body), a.User)
	if err != nil {
		return nil, err
	}
	return &answerOutput{answer}, nil
}

func (a *api) getAnswer(ctx context.Context, in *answerInput) (*answerOutput, error) {
	answer, err := a.Troubleshoot.Answer(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &answerOutput{answer}, nil
}
