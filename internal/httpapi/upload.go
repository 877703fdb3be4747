package httpapi

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

const (
	maxFormFields = 300     // parts of an upload, the file among them
	maxFieldBytes = 4 << 10 // of one metadata field
	maxPassword   = 512     // bytes; PDF looks at the first 127
	formOverhead  = 2 << 20 // bytes of an upload that are not the file
)

type uploadInput struct {
	rawRequest
}

type uploadOutput struct {
	Status   int
	Location string `header:"Location" doc:"Where to watch the manual"`
	ETag     string `header:"ETag"`
	Body     UploadedManual
}

// UploadedManual is the answer to an upload. It is exported because huma passes
// over embedded types that are not.
type UploadedManual struct {
	ManualBody
	NotApplied []string `json:"not_applied,omitempty" enum:"title,type,revision,language,serial_range" doc:"Of a file that was in the library already: the fields that were sent and differ from what is known, which stays. Change them with PATCH."`
}

// uploadForm documents the fields of an upload.
type uploadForm struct {
	File         string   `json:"file" format:"binary" doc:"The PDF"`
	ID           string   `json:"id,omitempty" format:"uuid" doc:"Id for the manual, a UUID of version 7 made by the client, so that an upload can be repeated"`
	Manufacturer string   `json:"manufacturer,omitempty" doc:"Of the models" example:"Cindervale"`
	Model        []string `json:"model,omitempty" doc:"A model the manual is for; may be repeated" example:"[\"RX-280\"]"`
	Type         string   `json:"type,omitempty" enum:"service,parts,installation,user,wiring,bulletin,unknown"`
	Title        string   `json:"title,omitempty" doc:"The file's name without its ending when left out"`
	Revision     string   `json:"revision,omitempty" doc:"As printed"`
	Language     string   `json:"language,omitempty" doc:"ISO 639-1; found out when left out"`
	SerialRange  string   `json:"serial_range,omitempty" doc:"Serial numbers it is for; read from the text when left out" example:"100200-100999"`
	Password     string   `json:"password,omitempty" format:"password" doc:"Of a PDF that does not open without one. It is used once, to store the file without it, and is not kept"`
}

func (a *api) uploadRoutes() {
	op := handle(a, route{
		id: "upload-manual", method: http.MethodPost, path: "/api/v1/manuals", tag: "manuals",
		status: http.StatusAccepted, timeout: -1, summary: "Add a manual",
		detail: "The file is stored, checked for harmful content and read in the background: watch the address in Location until the status is ready, failed or quarantined. " +
			"The fields may come before or behind it; if one of them is wrong, nothing is stored. " +
			"A file that is no PDF (415 NOT_A_PDF), is damaged or has no pages (422 PDF_DAMAGED, PDF_NO_PAGES) or is too large (413 FILE_TOO_LARGE, PDF_TOO_LARGE) is refused at once, and nothing is stored; " +
			"one that is cut off is taken in as far as it can be read. " +
			"A file that needs a password is refused with 422 PDF_ENCRYPTED: send it again with the field password (422 PDF_PASSWORD_WRONG if that is not right). " +
			"While files cannot be checked, they are refused with 503 PDF_ENGINE_UNAVAILABLE: send them again. " +
			"A file that is in the library already is not stored again; the answer is then 200 and the manual that is there, also when it is in quarantine, where it stays. " +
			"New models are added to it, and those fields that were unknown; fields that say something else are named in not_applied.",
	}, a.upload)
	// Huma would read the body itself if it knew of it.
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[uploadForm](), true, "UploadForm")
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: schema}}}
	known := *op.Responses["202"]
	known.Description = "The file was in the library already"
	op.Responses["200"] = &known
}

func (a *api) upload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	body := newUploadBody(&in.rawRequest, a.MaxUpload+formOverhead)
	in.r.Body = io.NopCloser(body)
	parts, err := in.r.MultipartReader()
	if err != nil {
		return nil, errdefs.Wrap(err, errdefs.Unsupported, "MULTIPART_NEEDED", "Send the PDF as the form field \"file\" of a multipart/form-data body.")
	}
	up := uploadForms{api: a}
	defer up.discard()
	if err := up.read(ctx, parts); err != nil {
		// That the body broke off explains whatever was made of it.
		if broken := body.problem(a.MaxUpload); broken != nil {
			return nil, broken
		}
		return nil, err
	}
	if up.received == nil {
		return nil, errNoFile()
	}
	done, err := up.received.Accept(ctx, up.fields)
	if err != nil {
		return nil, err
	}
	out := &uploadOutput{
		Status: http.StatusOK, Location: manualURL(done.Manual.ID), ETag: manualTag(done.Manual),
		Body: UploadedManual{newManualBody(done.Manual), done.Kept},
	}
	if done.Created {
		out.Status = http.StatusAccepted
	}
	return out, nil
}

// uploadForms goes through the parts of an upload in the order in which they
// arrive: the file is kept aside when it comes, since fields may follow it, and
// taken in when all of the form was understood.
type uploadForms struct {
	api      *api
	fields   manual.Upload
	received *manual.Incoming
}

// discard gives up the file of a form that was refused.
func (u *uploadForms) discard() {
	if u.received != nil {
		u.received.Discard()
	}
}

func (u *uploadForms) read(ctx context.Context, parts *multipart.Reader) error {
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return malformed(err)
		}
		if n >= maxFormFields {
			return errdefs.New(errdefs.TooLarge, "TOO_MANY_FIELDS", "The form has more than %d fields. Send one file and its few fields.", maxFormFields)
		}
		if part.FormName() == "file" {
			err = u.file(ctx, part)
		} else {
			err = u.field(part)
		}
		if err != nil {
			return err
		}
	}
}

func (u *uploadForms) file(ctx context.Context, part *multipart.Part) error {
	if u.received != nil {
		return errdefs.New(errdefs.Invalid, "ONE_FILE_ONLY", "The form has more than one file, and nothing was stored. Send one request for each manual.")
	}
	u.fields.FileName = part.FileName()
	u.fields.User = u.api.User
	content := &partReader{Reader: part}
	received, err := u.api.Manuals.Receive(ctx, content)
	if content.err != nil {
		if err == nil {
			received.Discard()
		}
		return malformed(content.err)
	}
	if err != nil {
		return err
	}
	u.received = received
	return nil
}

func (u *uploadForms) field(part *multipart.Part) error {
	name := part.FormName()
	if name == "password" {
		return u.password(part)
	}
	data, err := io.ReadAll(io.LimitReader(part, maxFieldBytes+1))
	if err != nil {
		return malformed(err)
	}
	value := strings.TrimSpace(string(data))
	if len(data) > maxFieldBytes || !printable(value) {
		return fieldProblem(name, "is too long, not UTF-8, or contains control characters")
	}
	switch name {
	case "id":
		if u.fields.ID, err = uuid.Parse(value); err != nil {
			return fieldProblem(name, "is not a UUID")
		}
	case "manufacturer":
		u.fields.Manufacturer = value
	case "model":
		if value != "" {
			u.fields.Models = append(u.fields.Models, value)
		}
	case "type":
		if value != "" && !slices.Contains(manual.Types, manual.Type(value)) {
			return fieldProblem(name, "is not one of the types of manual")
		}
		u.fields.Type = manual.Type(value)
	case "title":
		u.fields.Title = value
	case "revision":
		u.fields.Revision = value
	case "language":
		u.fields.Language = value
	case "serial_range":
		u.fields.SerialRange = value
	default:
		return fieldProblem(name, "is not known")
	}
	return nil
}

// password takes the password as it is: it may begin or end with a space.
func (u *uploadForms) password(part *multipart.Part) error {
	data, err := io.ReadAll(io.LimitReader(part, maxPassword+1))
	if err != nil {
		return malformed(err)
	}
	defer clear(data)
	if len(data) > maxPassword || !utf8.Valid(data) {
		return fieldProblem("password", "is too long or not UTF-8")
	}
	u.fields.Password = manual.Password(data)
	return nil
}

// partReader remembers that a part broke off, whatever its reader made of that.
type partReader struct {
	io.Reader
	err error
}

func (r *partReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

func malformed(err error) error {
	return errdefs.Wrap(err, errdefs.Invalid, "UPLOAD_MALFORMED", "The form cannot be read to its end. Send a complete multipart/form-data body.")
}

func fieldProblem(name, message string) error {
	p := newProblem(http.StatusUnprocessableEntity, "VALIDATION_FAILED", "The form is not valid: see errors for what to change.")
	if len(name) > 50 || !printable(name) {
		name = "…"
	}
	p.Errors = []FieldProblem{{Location: "form." + name, Message: message}}
	return p
}
