package search_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/techcopilot/techcopilot/internal/search"
)

// BenchmarkLookUpCodes looks codes up in 1,000 manuals with 60 codes each, and
// reports the slowest of twenty (p95-ms).
func BenchmarkLookUpCodes(b *testing.B) {
	l := newLibrary(b)
	manual, model := l.ready("Acme", "A-1", sheet(1, "Errors", table{{"Code", "Meaning", "Remedy"}, {"E1", "Fan", "Free it"}}))
	for _, q := range []string{
		`INSERT INTO manual (id, sha256, source_sha256, size_bytes, file_name, title, type, status, generation, created_by)
		 SELECT gen_random_uuid(), h, h, 1, 'm.pdf', 'M', 'service', 'ready', 1, (SELECT id FROM users)
		 FROM (SELECT encode(sha256(n::text::bytea), 'hex') AS h FROM generate_series(1, 999) AS n) AS made`,
		`INSERT INTO model (id, manufacturer, name, manufacturer_key, name_key) SELECT gen_random_uuid(), 'Acme', 'B-' || n, 'acme', 'b' || n FROM generate_series(1, 300) AS n`,
		`INSERT INTO manual_model (manual_id, model_id)
		 SELECT m.id, o.id FROM (SELECT id, row_number() OVER () AS n FROM manual) m JOIN (SELECT id, row_number() OVER () AS n FROM model) o ON o.n = 1 + m.n % 300
		 ON CONFLICT DO NOTHING`,
		`INSERT INTO error_code (manual_id, ordinal, code, code_key, loose_key, language, page, row)
		 SELECT m.id, n, 'E' || n, 'e' || n, 'e' || n, 'en', 1 + n / 10, jsonb_set(jsonb_set(e.row, '{code}', to_jsonb('E' || n)), '{key}', to_jsonb('e' || n))
		 FROM manual m, generate_series(2, 60) AS n, (SELECT row FROM error_code LIMIT 1) AS e`,
		`ANALYZE error_code, manual, manual_model, model`,
	} {
		if _, err := l.db.Exec(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	for name, f := range map[string]search.CodeFilter{
		"all models": {}, "one model": {ModelID: model}, "one manual": {Manual: manual},
	} {
		for _, code := range []string{"e-7", "E99"} {
			f.Code = code
			b.Run(fmt.Sprintf("%s %s", name, code), func(b *testing.B) {
				var times []time.Duration
				for b.Loop() {
					started := time.Now()
					if _, err := l.store.LookUpCodes(b.Context(), f); err != nil {
						b.Fatal(err)
					}
					times = append(times, time.Since(started))
				}
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
			})
		}
	}
}
