package hooks

import (
	validation "github.com/pocketbase/ozzo-validation/v4"
)

// refuse is an error about one field that PocketBase answers as 400 with the
// code and the message under the name of the field.
func refuse(field, code, message string) error {
	return validation.Errors{field: validation.NewError(code, message)}
}
