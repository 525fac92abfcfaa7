package replica

import (
	"bytes"

	"github.com/pocketbase/pocketbase/core"
)

// Replay applies the body of a push that a phone sealed before it erased
// itself: as its officer, at the time at which it was made, with the rights
// that he has now. That the device was revoked, or the officer disabled, does
// not matter. What the server has already is a duplicate. It works without a
// running server, too.
func (e *Engine) Replay(officer *core.Record, device string, body []byte) ([]Result, error) {
	if err := e.load(); err != nil {
		return nil, err
	}
	mutations, err := e.DecodePush(bytes.NewReader(body))
	if err != nil || len(mutations) == 0 {
		return nil, err
	}
	caller, err := e.callers.rights(officer, device)
	if err != nil {
		return nil, err
	}
	var results []Result
	err = e.inBatch(func(tx core.App) (err error) {
		results, err = e.applyShare(tx, caller, mutations)
		return err
	})
	return results, err
}
