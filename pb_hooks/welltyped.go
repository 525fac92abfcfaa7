package hooks

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/seal"
	"gridwalk/sealed"
)

// refuseWrongTypes refuses a value that is not of the type of its field.
// PocketBase turns such a value into the empty one and answers that all is
// well: an officer's «1946年» as a year of birth would wipe out the year that
// was there.
func refuseWrongTypes(e *core.RecordRequestEvent) error {
	sent, err := bodyAsSent(e)
	if err != nil {
		return err
	}
	return refuseWrongValues(e.Collection, sent)
}

// refuseWrongValues does so for values from wherever they come.
func refuseWrongValues(collection *core.Collection, sent map[string]any) error {
	for name, value := range sent {
		// «name+», «+name» and «name-» add and take away.
		field := collection.Fields.GetByName(strings.Trim(name, "+-"))
		if field == nil || value == nil || value == "" {
			continue
		}
		if err := refuseWrongType(name, field, value); err != nil {
			return err
		}
	}
	return nil
}

// bodyAsSent reads the body once more: in the one that PocketBase has parsed,
// values are of the type of their field already.
func bodyAsSent(e *core.RecordRequestEvent) (map[string]any, error) {
	sent := map[string]any{}
	if err := e.BindBody(&sent); err != nil {
		return nil, fmt.Errorf("read request: %w", err)
	}
	return sent, nil
}

func refuseWrongType(name string, field core.Field, value any) error {
	if text, ok := value.(string); ok && seal.IsSealed(text) {
		return refuse(name, "sealed_value", "Send values as they are: the server seals them.")
	}
	switch field := sealed.Plain(field).(type) {
	case *core.NumberField:
		if !isNumber(value) {
			return refuse(name, "not_a_number", "Must be a number.")
		}
	case *core.DateField:
		text, ok := value.(string)
		if at, err := types.ParseDateTime(text); !ok || err != nil || at.IsZero() {
			return refuse(name, "not_a_date", "Must be a date such as 2026-11-23 02:00:00.000Z.")
		}
	case *core.BoolField:
		if !isTruth(value) {
			return refuse(name, "not_a_truth_value", "Must be true or false.")
		}
	case *core.SelectField:
		return refuseWrongList(name, field.MaxSelect, value)
	case *core.RelationField:
		return refuseWrongList(name, field.MaxSelect, value)
	case *core.TextField, *core.EmailField, *core.URLField:
		if !isScalar(value) {
			return refuse(name, "not_a_text", "Must be a text.")
		}
	}
	return nil
}

// refuseWrongList refuses what is neither a text nor, where there may be
// several, a list of them.
func refuseWrongList(name string, most int, value any) error {
	list, ok := value.([]any)
	if texts, isTexts := value.([]string); isTexts { // a form's
		ok = true
		for _, text := range texts {
			list = append(list, text)
		}
	}
	if !ok {
		list = []any{value}
	}
	for _, item := range list {
		if !isScalar(item) {
			return refuse(name, "not_a_text", "Must be a text, or a list of texts.")
		}
	}
	if len(list) > max(most, 1) {
		return refuse(name, "too_many", fmt.Sprintf("Must be at most %d.", max(most, 1)))
	}
	return nil
}

// isNumber takes numbers in texts too, as forms send them. What is out of range
// or not finite is for the field itself to judge.
func isNumber(value any) bool {
	switch v := value.(type) {
	case float64:
		return true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return err == nil || math.IsInf(f, 0)
	}
	return false
}

func isTruth(value any) bool {
	switch v := value.(type) {
	case bool:
		return true
	case float64:
		return v == 0 || v == 1
	case string:
		_, err := strconv.ParseBool(v)
		return err == nil
	}
	return false
}

func isScalar(value any) bool {
	switch value.(type) {
	case string, float64, bool:
		return true
	}
	return false
}
