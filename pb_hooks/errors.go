package hooks

import (
	"errors"
	"net/http"
	"strings"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"

	"gridwalk/replica"
	"gridwalk/workflow"
)

// refuse is an error about one field that PocketBase answers as 400 with the
// code and the message under the name of the field.
func refuse(field, code, message string) error {
	return validation.Errors{field: validation.NewError(code, message)}
}

// refuseMove turns a refused move into the answer of either door: 409 with the
// present state and what is allowed from PocketBase's API, a rejection that
// says the same from a push.
func refuseMove(err error) error {
	var refused *workflow.Error
	if !errors.As(err, &refused) {
		return err
	}
	fields := map[string]string{"status": refused.State, "allowed": strings.Join(refused.Allowed, ",")}
	for _, field := range refused.Missing {
		fields[field] = "missing"
	}
	problem := validation.NewError(refused.Code, refused.Error()).
		SetParams(map[string]any{"state": refused.State, "allowed": refused.Allowed, "missing": refused.Missing})
	return errors.Join(
		&replica.Error{Status: http.StatusConflict, Code: refused.Code, Message: refused.Error(), Fields: fields},
		apis.NewApiError(http.StatusConflict, refused.Error(), validation.Errors{"status": problem}),
	)
}
