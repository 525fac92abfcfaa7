package demo

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"gridwalk/seal"
	"gridwalk/sealed"
)

// Load fills an empty database with the demo, in one transaction: when it is
// interrupted, nothing is left. Rows are written past the hooks, with what
// hooks would compute already in them; only photographs, whose files have to be
// stored, and what is handled in the grids are saved through PocketBase. Progress is counted in residents,
// who are most of what there is.
func Load(app core.App, spec Spec, seed uint64, now time.Time, progress func(done, total int)) error {
	return app.RunInTransaction(func(tx core.App) error {
		l := &loader{tx: tx, statements: map[string]*statement{}, progress: progress, total: spec.Residents,
			rng: rand.New(rand.NewPCG(seed, 'k'))}
		if err := l.hashPassword(); err != nil {
			return err
		}
		if err := Generate(spec, seed, now, l.add); err != nil {
			return err
		}
		for _, r := range l.photographs {
			if err := savePhotograph(tx, r); err != nil {
				return err
			}
		}
		if err := loadCases(tx, spec, seed, time.Now().UTC()); err != nil {
			return err
		}
		return save(tx, core.CollectionNameSuperusers, map[string]any{"email": Superuser, "password": Password})
	})
}

// statement writes one row of a collection. It takes one row and not many,
// because the driver needs time quadratic in the number of parameters; 500 rows
// as one JSON parameter took 66 s for the county where this takes 40 s.
type statement struct {
	columns []string
	sealed  map[string]bool // by column
	query   *dbx.Query
}

type loader struct {
	tx          core.App
	rng         *rand.Rand
	hash        string // of Password
	statements  map[string]*statement
	photographs []map[string]any // saved last: files know no transaction
	progress    func(done, total int)
	done, total int
}

// hashPassword computes the hash once: it takes longer than a thousand rows.
func (l *loader) hashPassword() error {
	officers, err := l.tx.FindCollectionByNameOrId("officers")
	if err != nil {
		return fmt.Errorf("find officers: %w", err)
	}
	r := core.NewRecord(officers)
	r.SetPassword(Password)
	l.hash = r.GetString("password:hash")
	return nil
}

// add takes a row from Generate.
func (l *loader) add(collection string, r map[string]any) error {
	switch collection {
	case "evidence":
		l.photographs = append(l.photographs, r)
		return nil
	case "officers":
		r["password"], r["tokenKey"] = l.hash, tokenKey(l.rng)
	}
	st := l.statements[collection]
	if collection == "residents" || collection == "households" {
		phone, _ := r["phone"].(string)
		r["phone_word"] = sealed.RingOf(l.tx).Word(sealed.PhoneKind, seal.Digits(phone))
	}
	if st == nil {
		var err error
		if st, err = prepare(l.tx, collection, slices.Sorted(maps.Keys(r))); err != nil {
			return err
		}
		l.statements[collection] = st
	}
	if len(r) != len(st.columns) {
		return fmt.Errorf("a row of %s has %d columns, those before have %d", collection, len(r), len(st.columns))
	}
	params := make(dbx.Params, len(r))
	for column, value := range r {
		var err error
		if params[column], err = columnValue(value); err != nil {
			return fmt.Errorf("encode %s.%s: %w", collection, column, err)
		}
		if st.sealed[column] {
			if params[column], err = sealedValue(l.tx, collection, column, fmt.Sprint(r["id"]), fmt.Sprint(params[column])); err != nil {
				return err
			}
		}
	}
	if _, err := st.query.Bind(params).Execute(); err != nil {
		return fmt.Errorf("write a row of %s: %w", collection, err)
	}
	if collection == "residents" {
		if l.done++; l.done%1000 == 0 || l.done == l.total {
			l.progress(l.done, l.total)
		}
	}
	return nil
}

// prepare makes the statement for rows with the given columns; the others have
// defaults.
func prepare(tx core.App, collection string, columns []string) (*statement, error) {
	col, err := tx.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", collection, err)
	}
	private := map[string]bool{}
	for _, field := range col.Fields {
		private[field.GetName()] = sealed.Is(field)
	}
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		names[i], values[i] = "`"+column+"`", "{:"+column+"}"
	}
	return &statement{columns, private, tx.DB().NewQuery(fmt.Sprintf("INSERT INTO `%s` (%s) VALUES (%s)",
		collection, strings.Join(names, ","), strings.Join(values, ","))).Prepare()}, nil
}

// sealedValue seals what is not empty.
func sealedValue(tx core.App, collection, field, record, value string) (string, error) {
	if value == "" || value == "[]" || value == "0" || value == "null" {
		return value, nil
	}
	return sealed.RingOf(tx).Seal([]byte(value), sealed.Place(collection, field, record))
}

// columnValue is a value as PocketBase's columns hold it: what is no text,
// number or truth value is JSON.
func columnValue(value any) (any, error) {
	switch v := value.(type) {
	case string, int, float64, bool:
		return v, nil
	case json.RawMessage:
		return string(v), nil
	}
	encoded, err := json.Marshal(value)
	return string(encoded), err
}

// savePhotograph saves a photograph with its file.
func savePhotograph(tx core.App, r map[string]any) error {
	photo, _ := r["file"].(File)
	file, err := filesystem.NewFileFromBytes(photo.Bytes, photo.Name)
	if err != nil {
		return fmt.Errorf("make a file of %s: %w", photo.Name, err)
	}
	r["file"] = file
	return save(tx, "evidence", r)
}

func save(tx core.App, collection string, values map[string]any) error {
	col, err := tx.FindCollectionByNameOrId(collection)
	if err != nil {
		return fmt.Errorf("find %s: %w", collection, err)
	}
	record := core.NewRecord(col)
	record.Load(values)
	if err := tx.Save(record); err != nil {
		return fmt.Errorf("save a record of %s: %w", collection, err)
	}
	return nil
}

// tokenKey makes what PocketBase signs the tokens of one officer with, together
// with a secret of the database that no seed tells.
func tokenKey(rng *rand.Rand) string {
	key := make([]byte, 50)
	for i := range key {
		key[i] = byte('a' + rng.IntN(26))
	}
	return string(key)
}

// Loaded says whether the database holds the demo.
func Loaded(app core.App) (bool, error) {
	n, err := app.CountRecords(core.CollectionNameSuperusers, dbx.HashExp{"email": Superuser})
	if err != nil {
		return false, fmt.Errorf("look for the demo: %w", err)
	}
	return n > 0, nil
}

// fewAccounts is up to how many logins Accounts gives all of them.
const fewAccounts = 50

// Accounts gives the logins of a loaded demo: all of a small one, else two of
// each role.
func Accounts(app core.App) ([]Account, error) {
	var accounts []Account
	err := app.DB().NewQuery(`
		SELECT id, email, role, name, grid_id, grid_code FROM (
			SELECT o.id, o.email, o.role, o.name, coalesce(g.id, '') AS grid_id, coalesce(g.grid_code, '') AS grid_code,
				row_number() OVER (PARTITION BY o.role ORDER BY o.email, g.grid_code) AS nth,
				row_number() OVER (PARTITION BY o.id ORDER BY g.grid_code) AS assignment,
				(SELECT count(*) FROM officers) AS everybody
			FROM officers o
			LEFT JOIN grid_assignments a ON a.user = o.id
			LEFT JOIN grids g ON g.id = a.grid
			WHERE o.email LIKE {:demo})
		WHERE assignment = 1 AND (everybody <= {:few} OR nth <= 2)
		ORDER BY email`).Bind(dbx.Params{"demo": "%@" + MailHost, "few": fewAccounts}).All(&accounts)
	if err != nil {
		return nil, fmt.Errorf("read the logins of the demo: %w", err)
	}
	return accounts, nil
}
