package manual

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/language"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// Upload is what is told about a file that comes in. Only the file is needed;
// a manual without models is found by its id only.
type Upload struct {
	// ID is the manual's id, a UUIDv7 made by a client that may try again. Zero to
	// have one made.
	ID           uuid.UUID
	FileName     string
	Title        string // the file name without its ending when empty
	Manufacturer string // of all Models
	Models       []string
	Type         Type   // TypeUnknown when empty
	Revision     string // as printed
	Language     string // ISO 639-1; recognised from the text when empty
	SerialRange  string // that it is for: "100200-100999"; read from the text when empty
	// Folders are the names of the folders the file was in, outermost first. They
	// are hints for the proposal of a manual that comes without models, no more.
	Folders []string
	User    uuid.UUID // who adds it; LocalUser when zero
	// Password opens the file when it needs one. The file is then stored without it.
	Password Password
}

// Password opens an encrypted file. It is used once and never kept; wherever it is
// printed, logged or encoded it reads as [hidden].
type Password string

const hidden = "[hidden]"

// String hides the password.
func (Password) String() string { return hidden }

// GoString hides the password.
func (Password) GoString() string { return hidden }

// LogValue hides the password.
func (Password) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the password.
func (Password) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// The longest texts that are kept, in bytes.
const (
	maxFileName = 200
	maxTitle    = 300
	maxRevision = 100
	maxSerials  = 300
	maxModels   = 200
)

// Incoming is a file that was received and is not in the library yet. It is for
// one goroutine, which ends with Discard.
type Incoming struct {
	service *Service
	source  blob.Staged // the file as it came
	// What is to be stored, nil until the PDF engine has opened the file: the source,
	// or a copy of it without its password.
	original blob.Staged
}

// Accepted is what became of an incoming file.
type Accepted struct {
	Manual  Manual
	Created bool // the library did not have this content
	// Kept names what was told and differs from what the library says of the
	// manual already, which stays: title, type, revision, language, serial_range. Always empty
	// for a new manual.
	Kept []string
}

// Intake takes a manual in: Receive and Accept in one, for those who know
// everything before the file comes. Fields that are wrong are told before any
// of the file is read. What was told and not applied to a manual that is there
// already, it does not say.
func (s *Service) Intake(ctx context.Context, u Upload, file io.Reader) (m Manual, created bool, err error) {
	if _, err := u.check(); err != nil {
		return Manual{}, false, err
	}
	in, err := s.Receive(ctx, file)
	if err != nil {
		return Manual{}, false, err
	}
	defer in.Discard()
	a, err := in.Accept(ctx, u)
	return a.Manual, a.Created, err
}

// Receive reads a file to its end and keeps it aside, so that what is told about
// it may come later. It is streamed, limited and checked for being a PDF on the
// way; whether it can be opened, Accept finds out.
//
// Errors: NOT_A_PDF, FILE_EMPTY, FILE_TOO_LARGE, STORAGE_FULL.
func (s *Service) Receive(ctx context.Context, file io.Reader) (*Incoming, error) {
	content, err := checkPDF(file)
	if err != nil {
		return nil, err
	}
	staged, err := s.blobs.Stage(ctx, content, s.maxFile)
	if err != nil {
		return nil, err
	}
	return &Incoming{service: s, source: staged}, nil
}

// Discard gives up the file unless it was accepted. It may be called again.
func (in *Incoming) Discard() {
	in.source.Discard()
	if in.original != nil {
		in.original.Discard()
	}
}

// Accept adds the file to the library and enqueues the job that screens it. When
// it returns without error, file, manual and job are durable; when it returns
// one, nothing was added. After PDF_ENCRYPTED and PDF_PASSWORD_WRONG it may be
// called again with the password, otherwise once.
//
// A library that has this content already keeps its manual, also one in
// quarantine, which stays there: new models are added to it, and of title, type,
// revision and language what nobody has told yet; a title that was made of the
// file's name counts as not told. If that manual has failed, it is tried again. A
// file with a password is known by the file as it came, and needs no password the
// second time.
//
// A new file is opened first, in the PDF engine's process: one that is damaged,
// has no pages or too many of them is not taken in, while a file that is cut off
// and still has pages is. With the engine out of order nothing is taken in.
//
// Errors: STORAGE_FULL, ID_TAKEN when Upload.ID belongs to a manual of another
// content, PDF_ENCRYPTED, PDF_PASSWORD_WRONG, PDF_DAMAGED, PDF_NO_PAGES,
// PDF_TOO_LARGE, PDF_TIMEOUT, PDF_ENGINE_UNAVAILABLE, and one for each field that
// is wrong.
func (in *Incoming) Accept(ctx context.Context, u Upload) (Accepted, error) {
	models, err := u.check()
	if err != nil {
		return Accepted{}, err
	}
	for {
		var a Accepted
		err := postgres.InTx(ctx, in.service.pool, func(tx pgx.Tx) (err error) {
			a, err = in.accept(ctx, tx, u, models)
			return err
		})
		switch {
		case errors.Is(err, errUnopened):
			// Outside of the transaction, and then once more from its beginning: what
			// the library holds may have changed.
			if err := in.open(ctx, string(u.Password)); err != nil {
				return Accepted{}, err
			}
		case err != nil:
			return Accepted{}, err
		default:
			return a, nil
		}
	}
}

// errUnopened says that the file has to be opened before it is stored.
var errUnopened = errors.New("manual: the file was not opened yet")

// open has the PDF engine open the file, and take off the password that it needs.
func (in *Incoming) open(ctx context.Context, password string) error {
	s := in.service
	file, release, err := in.source.LocalFile(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = s.pdf.Probe(ctx, file, "")
	switch {
	case err == nil:
		in.original = in.source
		return nil
	case errdefs.Code(err) != "PDF_ENCRYPTED":
		return err
	case password == "":
		return errdefs.Wrap(err, errdefs.Invalid, "PDF_ENCRYPTED",
			"This PDF opens with a password only. Send it again together with the password, which is used once and not kept; or save the file without a password and add that.")
	}
	plain, err := s.decrypt(ctx, file, password)
	if err != nil {
		return err
	}
	if err := s.opens(ctx, plain); err != nil {
		plain.Discard()
		return err
	}
	in.original = plain
	return nil
}

// decrypt stages a copy of the file that needs no password.
func (s *Service) decrypt(ctx context.Context, file, password string) (blob.Staged, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.CloseWithError(s.pdf.Decrypt(ctx, file, password, w))
	}()
	plain, err := s.blobs.Stage(ctx, r, s.maxFile)
	r.CloseWithError(context.Canceled) // when not all of it was wanted
	<-done
	return plain, err
}

// opens returns nil when the PDF engine can open the file.
func (s *Service) opens(ctx context.Context, staged blob.Staged) error {
	file, release, err := staged.LocalFile(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = s.pdf.Probe(ctx, file, "")
	return err
}

// accept decides under the locks of the content, as it came and as it is stored,
// so that of two that bring the same file at once the second finds the first
// one's manual.
func (in *Incoming) accept(ctx context.Context, tx pgx.Tx, u Upload, models []string) (a Accepted, err error) {
	s, q := in.service, db.New(tx)
	contents := []string{in.source.SHA256()}
	if in.original != nil {
		contents = append(contents, in.original.SHA256())
	}
	if err := lockContents(ctx, q, contents...); err != nil {
		return a, err
	}
	row, err := q.GetManualByContent(ctx, db.GetManualByContentParams{SourceSha256: in.source.SHA256(), Contents: contents})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		a.Created = true
		row, err = in.create(ctx, tx, u)
	case err == nil:
		row, a.Kept, err = in.meetAgain(ctx, tx, row.ID, u)
	}
	if err != nil {
		return a, err
	}
	if err := s.addModels(ctx, tx, row.ID, u.Manufacturer, models); err != nil {
		return a, err
	}
	if row, err = q.GetManual(ctx, row.ID); err != nil {
		return a, err
	}
	a.Manual, err = s.one(ctx, tx, row)
	return a, err
}

// lockContents takes the locks of contents, in the one order in which everybody
// takes them.
func lockContents(ctx context.Context, q *db.Queries, contents ...string) error {
	slices.Sort(contents)
	for _, sha := range slices.Compact(contents) {
		if err := q.LockContent(ctx, sha); err != nil {
			return err
		}
	}
	return nil
}

// create stores the file and then its row, which never names a file that a
// power cut could still take away.
func (in *Incoming) create(ctx context.Context, tx pgx.Tx, u Upload) (db.Manual, error) {
	s, q := in.service, db.New(tx)
	if _, err := q.GetManual(ctx, u.ID); err == nil {
		return db.Manual{}, errdefs.New(errdefs.Conflict, "ID_TAKEN",
			"Another manual has this id. Send the file again with a new id.")
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return db.Manual{}, err
	}
	if in.original == nil {
		return db.Manual{}, errUnopened
	}
	sha := in.original.SHA256()
	if err := in.original.Store(ctx, originalKey(sha)); err != nil {
		return db.Manual{}, err
	}
	if err := q.InsertManual(ctx, db.InsertManualParams{
		ID: u.ID, Sha256: sha, SourceSha256: in.source.SHA256(), SizeBytes: in.original.Size(), FileName: u.FileName, Title: u.Title,
		Type: string(u.Type), Revision: u.Revision, Language: u.Language, SerialRange: u.SerialRange, CreatedBy: u.User,
	}); err != nil {
		if postgres.UniqueViolation(err, "manual_pkey") { // at the same time, with another file
			return db.Manual{}, errdefs.Wrap(err, errdefs.Conflict, "ID_TAKEN",
				"Another manual has this id. Send the file again with a new id.")
		}
		return db.Manual{}, err
	}
	if len(u.Models) == 0 {
		if err := s.keepHints(ctx, q, u.ID, u); err != nil {
			return db.Manual{}, err
		}
	}
	if err := s.enqueue(ctx, tx, screenArgs{runArgs{ManualID: u.ID}}); err != nil {
		return db.Manual{}, err
	}
	return q.GetManual(ctx, u.ID)
}

// meetAgain deals with a file that the library has. The original is stored anew
// when it was lost; what was not known is taken over; what failed is tried again.
func (in *Incoming) meetAgain(ctx context.Context, tx pgx.Tx, id uuid.UUID, u Upload) (row db.Manual, kept []string, err error) {
	s := in.service
	if row, err = db.New(tx).LockManual(ctx, id); err != nil {
		return row, nil, err
	}
	if f, err := s.blobs.Open(ctx, originalKey(row.Sha256)); err == nil {
		f.Close()
	} else if !errdefs.Is(err, errdefs.NotFound) {
		return row, nil, err
	} else if err := in.replaceLost(ctx, tx, row); err != nil {
		return row, nil, err
	}
	news, kept := u.news(row)
	if row, err = s.update(ctx, tx, row, news); err != nil {
		return row, nil, err
	}
	if err := s.renewHints(ctx, tx, row, u); err != nil {
		return row, nil, err
	}
	if Status(row.Status) == Failed {
		err = s.resume(ctx, tx, row, false) // pictures are picked up by who has tesseract
	}
	return row, kept, err
}

// replaceLost stores the original of a manual anew. A password that is taken off
// once more may leave other bytes than the first time.
func (in *Incoming) replaceLost(ctx context.Context, tx pgx.Tx, row db.Manual) error {
	if in.original == nil {
		return errUnopened
	}
	s, sha := in.service, in.original.SHA256()
	if err := in.original.Store(ctx, originalKey(sha)); err != nil || sha == row.Sha256 {
		return err
	}
	if err := s.blobs.Delete(ctx, coverKey(row.Sha256)); err != nil { // it goes by the content; a new one is made
		return err
	}
	return db.New(tx).SetContent(ctx, db.SetContentParams{ID: row.ID, Sha256: sha, SizeBytes: in.original.Size()})
}

// news divides what is told about a manual that is there already into what was
// not known of it, and the names of what contradicts it.
func (u *Upload) news(row db.Manual) (p Patch, kept []string) {
	take := func(name, told, untold, now string, to **string) {
		switch {
		case told == untold || told == now:
		case now == untold:
			*to = &told
		default:
			kept = append(kept, name)
		}
	}
	if u.Title != defaultTitle(u.FileName) {
		take("title", u.Title, defaultTitle(row.FileName), row.Title, &p.Title)
	}
	var kind *string
	if take("type", string(u.Type), string(TypeUnknown), row.Type, &kind); kind != nil {
		p.Type = &u.Type
	}
	take("revision", u.Revision, "", row.Revision, &p.Revision)
	take("language", u.Language, "", row.Language, &p.Language)
	toldSerials := ""
	if row.SerialRangeTold {
		toldSerials = row.SerialRange
	}
	take("serial_range", u.SerialRange, "", toldSerials, &p.SerialRange)
	return p, kept
}

// addModels adds to the models of a manual.
func (s *Service) addModels(ctx context.Context, tx pgx.Tx, id uuid.UUID, manufacturer string, models []string) error {
	ids, err := s.ensureModels(ctx, tx, manufacturer, models)
	if err != nil || len(ids) == 0 {
		return err
	}
	q := db.New(tx)
	added, err := q.AddModels(ctx, db.AddModelsParams{ManualID: id, ModelIds: ids})
	if err != nil || added == 0 {
		return err
	}
	if err := s.supersede(ctx, tx, id); err != nil {
		return err
	}
	return s.modelsChanged(ctx, tx, id)
}

func (s *Service) ensureModels(ctx context.Context, tx pgx.Tx, manufacturer string, models []string) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(models)) // never nil, which SQL takes for unknown
	for i, name := range models {
		m, err := s.models.Ensure(ctx, tx, manufacturer, name)
		if err != nil {
			return nil, err
		}
		ids[i] = m.ID
	}
	return ids, nil
}

// check cleans and validates the fields, and returns the models in the order in
// which everybody writes them: two that write the same ones in different orders
// would wait for each other.
func (u *Upload) check() ([]string, error) {
	var err error
	if u.ID == uuid.Nil {
		if u.ID, err = uuid.NewV7(); err != nil {
			return nil, err
		}
	} else if u.ID.Version() != 7 {
		return nil, errdefs.New(errdefs.Invalid, "ID_INVALID", "The id must be a UUID of version 7. Leave it out to have one made.")
	}
	if u.User == uuid.Nil {
		u.User = LocalUser
	}
	u.FileName = cleanFileName(u.FileName)
	u.Title = cleanText(u.Title)
	if u.Title == "" {
		u.Title = defaultTitle(u.FileName)
	}
	u.Revision = cleanText(u.Revision)
	u.SerialRange = cleanText(u.SerialRange)
	u.Type = cmp.Or(u.Type, TypeUnknown)
	if u.Language, err = cleanLanguage(u.Language); err != nil {
		return nil, err
	}
	if err := errors.Join(checkTitle(u.Title), checkRevision(u.Revision), checkType(u.Type), checkSerialRange(u.SerialRange)); err != nil {
		return nil, errdefs.As(err)
	}
	return checkModels(u.Manufacturer, u.Models)
}

func checkTitle(title string) error {
	if title == "" || len(title) > maxTitle {
		return errdefs.New(errdefs.Invalid, "TITLE_INVALID", "A title has 1 to %d characters.", maxTitle)
	}
	return nil
}

func checkRevision(revision string) error {
	if len(revision) > maxRevision {
		return errdefs.New(errdefs.Invalid, "REVISION_INVALID", "A revision has at most %d characters.", maxRevision)
	}
	return nil
}

func checkSerialRange(serials string) error {
	if len(serials) > maxSerials {
		return errdefs.New(errdefs.Invalid, "SERIAL_RANGE_INVALID", "A range of serial numbers has at most %d characters.", maxSerials)
	}
	return nil
}

func checkType(t Type) error {
	if slices.Contains(Types, t) {
		return nil
	}
	names := make([]string, len(Types))
	for i, v := range Types {
		names[i] = string(v)
	}
	return errdefs.New(errdefs.Invalid, "TYPE_INVALID", "%q is no type of manual. Use one of %s.", string(t), strings.Join(names, ", "))
}

func checkModels(manufacturer string, models []string) ([]string, error) {
	var out []string
	for _, m := range models {
		if m = cleanText(m); m != "" {
			out = append(out, m)
		}
	}
	switch {
	case len(out) > maxModels:
		return nil, errdefs.New(errdefs.Invalid, "MODEL_INVALID", "A manual can be for %d models at most.", maxModels)
	case len(out) > 0 && equipment.Key(manufacturer) == "":
		return nil, errdefs.New(errdefs.Invalid, "MANUFACTURER_REQUIRED", "Name the manufacturer of the model too, so that the model can be found by it.")
	case len(out) == 0 && equipment.Key(manufacturer) != "":
		return nil, errdefs.New(errdefs.Invalid, "MODEL_REQUIRED", "Name the model too, or leave the manufacturer out: a manual is found by its models.")
	}
	for _, m := range out {
		if err := equipment.Check(manufacturer, m); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(equipment.Key(a), equipment.Key(b)) })
	return out, nil
}

// cleanLanguage accepts a language with a region too ("de-AT"), which is dropped.
func cleanLanguage(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	code, _, _ := strings.Cut(strings.ReplaceAll(s, "_", "-"), "-")
	if code == "" {
		return "", nil
	}
	if _, err := language.ParseBase(code); err == nil && len(code) == 2 {
		return code, nil
	}
	return "", errdefs.New(errdefs.Invalid, "LANGUAGE_INVALID", "Write the language as a two-letter code such as en, de or es, or leave it out.")
}

// cleanText makes one line of text out of anything.
func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case r == utf8.RuneError, unicode.In(r, unicode.Cf): // invisible; some reverse the text that follows
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// cleanFileName returns what of a file name can be shown: no folders, no
// control or invisible characters, of bounded length. It is never used as a path.
func cleanFileName(s string) string {
	s = cleanText(s)
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Trim(s, " .")
	if strings.EqualFold(s, "pdf") { // the ending of a name of which nothing else is left
		s = ""
	}
	if len(s) > maxFileName {
		ending := path.Ext(s)
		if len(ending) > 10 {
			ending = ""
		}
		s = strings.ToValidUTF8(s[:maxFileName-len(ending)], "") + ending
	}
	return cmp.Or(s, "manual.pdf")
}

// defaultTitle is the title of a manual of which only the (clean) file name is known.
func defaultTitle(fileName string) string {
	title := strings.TrimSuffix(fileName, path.Ext(fileName))
	title = strings.Join(strings.FieldsFunc(title, func(r rune) bool { return r == '_' || r == ' ' }), " ")
	return cmp.Or(title, fileName)
}

// checkPDF looks at the beginning of the file, before any of it is stored, and
// returns a reader of the whole. Readers of PDF accept the header anywhere in
// the first kilobyte.
func checkPDF(file io.Reader) (io.Reader, error) {
	head := make([]byte, 1024)
	n, err := io.ReadFull(file, head)
	head = head[:n]
	switch {
	case errors.Is(err, io.EOF):
		return nil, errdefs.New(errdefs.Invalid, "FILE_EMPTY", "The file is empty. Check that it was downloaded or copied completely.")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case !bytes.Contains(head, []byte("%PDF-")):
		return nil, errdefs.New(errdefs.Unsupported, "NOT_A_PDF", "This file is not a PDF. Export or scan the manual as a PDF and add that.")
	}
	return io.MultiReader(bytes.NewReader(head), file), nil
}
