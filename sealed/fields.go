// Package sealed brings package seal to PocketBase: fields whose values are
// sealed in the database and plain in records, the keys they are sealed under,
// and the masks that the API and the dashboard show of them.
package sealed

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/seal"
)

// Types of sealed fields. Each is PocketBase's own field of that kind in all
// but how its value is stored.
const (
	TypeText   = "sealed_text"
	TypeChoice = "sealed_choice"
	TypeJSON   = "sealed_json"
	TypeNumber = "sealed_number"
)

// Text is a text that is sealed in the database.
type Text struct{ core.TextField }

// Choice is a choice, or several, that is sealed in the database.
type Choice struct{ core.SelectField }

// JSON is a JSON value that is sealed in the database.
type JSON struct{ core.JSONField }

// Number is a number that is sealed in the database.
type Number struct{ core.NumberField }

func init() {
	core.Fields[TypeText] = func() core.Field { return &Text{} }
	core.Fields[TypeChoice] = func() core.Field { return &Choice{} }
	core.Fields[TypeJSON] = func() core.Field { return &JSON{} }
	core.Fields[TypeNumber] = func() core.Field { return &Number{} }
}

// Type names the kind of field.
func (f *Text) Type() string { return TypeText }

// Type names the kind of field.
func (f *Choice) Type() string { return TypeChoice }

// Type names the kind of field.
func (f *JSON) Type() string { return TypeJSON }

// Type names the kind of field.
func (f *Number) Type() string { return TypeNumber }

// Plain gives the field that a sealed one is in all but storage, and any other
// field as it is: for those who ask what kind of value a field holds.
func Plain(field core.Field) core.Field {
	switch f := field.(type) {
	case *Text:
		return &f.TextField
	case *Choice:
		return &f.SelectField
	case *JSON:
		return &f.JSONField
	case *Number:
		return &f.NumberField
	}
	return field
}

// Is tells whether a field is sealed in the database.
func Is(field core.Field) bool { return Plain(field) != field }

// Of gives the sealed form of a text, choice, JSON or number field, which
// becomes part of it.
func Of(field core.Field) core.Field {
	switch f := field.(type) {
	case *core.TextField:
		return &Text{*f}
	case *core.SelectField:
		return &Choice{*f}
	case *core.JSONField:
		return &JSON{*f}
	case *core.NumberField:
		return &Number{*f}
	}
	panic(fmt.Sprintf("a %s field cannot be sealed", field.Type()))
}

// Place is what a value of a field of a record is sealed for.
func Place(collection, field, record string) string {
	return collection + "." + field + "." + record
}

// PrepareValue opens a value that comes from the database.
func (f *Text) PrepareValue(record *core.Record, raw any) (any, error) {
	return prepare(f.Name, record, raw, f.TextField.PrepareValue)
}

// PrepareValue opens a value that comes from the database.
func (f *Choice) PrepareValue(record *core.Record, raw any) (any, error) {
	return prepare(f.Name, record, raw, f.SelectField.PrepareValue)
}

// PrepareValue opens a value that comes from the database.
func (f *JSON) PrepareValue(record *core.Record, raw any) (any, error) {
	return prepare(f.Name, record, raw, f.JSONField.PrepareValue)
}

// PrepareValue opens a value that comes from the database.
func (f *Number) PrepareValue(record *core.Record, raw any) (any, error) {
	return prepare(f.Name, record, raw, f.NumberField.PrepareValue)
}

func prepare(name string, record *core.Record, raw any, as func(*core.Record, any) (any, error)) (any, error) {
	if text, ok := raw.(string); ok && seal.IsSealed(text) {
		plain, err := open(text, Place(record.Collection().Name, name, record.Id))
		if err != nil {
			return nil, fmt.Errorf("open %s of %s %s: %w", name, record.Collection().Name, record.Id, err)
		}
		raw = string(plain)
	}
	return as(record, raw)
}

// DriverValue seals the value for the database.
func (f *Text) DriverValue(record *core.Record) (driver.Value, error) {
	text, _ := record.GetRaw(f.Name).(string)
	return stored(f.Name, record, text, "")
}

// DriverValue seals the value for the database.
func (f *Choice) DriverValue(record *core.Record) (driver.Value, error) {
	value, err := f.SelectField.DriverValue(record)
	if err != nil {
		return nil, err
	}
	if text, ok := value.(string); ok {
		return stored(f.Name, record, text, "")
	}
	list, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", f.Name, err)
	}
	return stored(f.Name, record, string(list), "[]")
}

// DriverValue seals the value for the database.
func (f *JSON) DriverValue(record *core.Record) (driver.Value, error) {
	raw, _ := record.GetRaw(f.Name).(types.JSONRaw)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
		return nil, nil
	}
	return stored(f.Name, record, string(raw), "null")
}

// DriverValue seals the value for the database.
func (f *Number) DriverValue(record *core.Record) (driver.Value, error) {
	number, _ := record.GetRaw(f.Name).(float64)
	if number == 0 {
		return 0, nil
	}
	return stored(f.Name, record, strconv.FormatFloat(number, 'g', -1, 64), "0")
}

// ringKey is under which a record that is being saved carries the keys of the
// app that saves it: a field is not told of the app when it gives its value.
const ringKey = "@gridwalk.ring"

// Intercept lends the record the app's keys while it is written.
func (f *Text) Intercept(ctx context.Context, app core.App, record *core.Record, action string, next func() error) error {
	lend(app, record, action)
	return f.TextField.Intercept(ctx, app, record, action, next)
}

// Intercept lends the record the app's keys while it is written.
func (f *Choice) Intercept(_ context.Context, app core.App, record *core.Record, action string, next func() error) error {
	lend(app, record, action)
	return next()
}

// Intercept lends the record the app's keys while it is written.
func (f *JSON) Intercept(_ context.Context, app core.App, record *core.Record, action string, next func() error) error {
	lend(app, record, action)
	return next()
}

// Intercept lends the record the app's keys while it is written.
func (f *Number) Intercept(_ context.Context, app core.App, record *core.Record, action string, next func() error) error {
	lend(app, record, action)
	return next()
}

func lend(app core.App, record *core.Record, action string) {
	if action == core.InterceptorActionCreateExecute || action == core.InterceptorActionUpdateExecute {
		record.SetRaw(ringKey, RingOf(app))
	}
}

func stored(name string, record *core.Record, plain, empty string) (driver.Value, error) {
	if plain == "" || plain == empty {
		return empty, nil
	}
	ring, saving := record.GetRaw(ringKey).(*Ring)
	switch {
	case !saving:
		// PocketBase asks for values also to hold them against a rule or against
		// each other, which stores nothing.
		return plain, nil
	case ring == nil:
		return nil, errUnsealed
	}
	return ring.Seal([]byte(plain), Place(record.Collection().Name, name, record.Id))
}

var errUnsealed = errors.New("there is no key to seal it under")

// Kinds of values that are found by a word, see Ring.Word.
const (
	PhoneKind = "phone"
	MeterKind = "meter"
)
