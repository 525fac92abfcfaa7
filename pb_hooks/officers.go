package hooks

import "github.com/pocketbase/pocketbase/core"

// bindOfficers ends the sessions of an officer who is disabled: the rule of the
// collection only keeps him from signing in anew, and a token lives for days.
func bindOfficers(app core.App) {
	app.OnRecordUpdate("officers").BindFunc(func(e *core.RecordEvent) error {
		if e.Record.GetBool("disabled") && !e.Record.Original().GetBool("disabled") {
			e.Record.RefreshTokenKey()
		}
		return e.Next()
	})
}
