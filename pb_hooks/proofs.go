package hooks

import (
	"crypto/ecdsa"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"gridwalk/proof"
	"gridwalk/replica"
	"gridwalk/sealed"
)

// bindProofs judges the proofs of check-ins and keeps the outcome beside the
// verdict. No check-in is refused for its proof.
func bindProofs(app core.App, engine *replica.Engine, now func() time.Time) {
	engine.GiveNonces(func(device string) string { return noncesOf(app).At(now(), device) })
	app.OnRecordCreate("check_ins").BindFunc(func(e *core.RecordEvent) error {
		status, p, err := judgeProof(e.App, e.Record)
		if err != nil {
			return err
		}
		e.Record.Set("proof_status", string(status))
		if status == proof.Verified || status == proof.BrokenChain {
			e.Record.Set("proof_hash", p.Hash())
			e.Record.Set("proof_prev", p.Content.Previous)
		}
		if err := e.Next(); err != nil {
			return err
		}
		if hash := e.Record.GetString("proof_hash"); hash != "" {
			return judgeFollowers(e.App, engine, e.Record.GetString("device"), hash)
		}
		return nil
	})
}

// noncesOf is the secret that nonces are made of: it stays the same for as long
// as the database does.
func noncesOf(app core.App) proof.Nonces {
	return proof.Nonces(sealed.RingOf(app).Word("secret", "check-in nonces"))
}

// judgeProof judges the proof of a check-in by what was received with it.
func judgeProof(app core.App, r *core.Record) (proof.Status, proof.Proof, error) {
	text := r.GetString("proof")
	if text == "" {
		return proof.Unsigned, proof.Proof{}, nil
	}
	key, err := approvedKey(app, r.GetString("device"))
	if err != nil {
		return "", proof.Proof{}, err
	}
	p, err := proof.Parse(text)
	if err != nil {
		return proof.Judge(text, proof.Content{}, key, proof.Chain{}, nil), p, nil
	}
	chain, err := chainOf(app, r, p)
	if err != nil {
		return "", p, err
	}
	return proof.Judge(text, received(r), key, chain, noncesOf(app)), p, nil
}

// approvedKey is the key of a device that somebody approved, nil without one.
func approvedKey(app core.App, device string) (*ecdsa.PublicKey, error) {
	r, err := app.FindRecordById("devices", device)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the device of a check-in: %w", err)
	}
	if r.GetString("public_key") == "" || r.GetDateTime("approved_at").IsZero() {
		return nil, nil
	}
	return proof.ParseKey([]byte(r.GetString("public_key")))
}

// received is a check-in as its phone sent it.
func received(r *core.Record) proof.Content {
	c := proof.Content{Record: r.Id, Officer: r.GetString("officer"), Device: r.GetString("device"), Captured: r.GetDateTime("captured_at").Time().UnixMilli()}
	sent := rawOf(r)
	_, hasLat := sent["lat"]
	_, hasLng := sent["lng"]
	if hasLat && hasLng {
		c.Fix = &proof.Fix{Lat: sent["lat"], Lng: sent["lng"], Accuracy: sent["acc_m"], Datum: r.GetString("datum"), Source: r.GetString("loc_src")}
	}
	return c
}

// chainOf says how a proof hangs together with the others of its device.
func chainOf(app core.App, r *core.Record, p proof.Proof) (chain proof.Chain, err error) {
	var found struct {
		Previous int `db:"previous"`
		Taken    int `db:"taken"`
	}
	err = app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM check_ins WHERE device = {:device} AND proof_hash = {:prev} AND {:prev} != '') AS previous,
		EXISTS (SELECT 1 FROM check_ins WHERE device = {:device} AND proof_prev = {:prev} AND proof_hash != '' AND id != {:id}) AS taken`).
		Bind(dbx.Params{"device": r.GetString("device"), "prev": p.Content.Previous, "id": r.Id}).One(&found)
	if err != nil {
		return chain, fmt.Errorf("look for the proof before: %w", err)
	}
	return proof.Chain{HasPrevious: found.Previous > 0, Taken: found.Taken > 0}, nil
}

// judgeFollowers judges again what came before the proof that it follows.
func judgeFollowers(app core.App, engine *replica.Engine, device, hash string) error {
	waiting, err := app.FindAllRecords("check_ins", dbx.HashExp{"device": device, "proof_prev": hash, "proof_status": string(proof.BrokenChain)})
	if err != nil {
		return fmt.Errorf("find proofs that wait for one before: %w", err)
	}
	for _, r := range waiting {
		status, _, err := judgeProof(app, r)
		if err != nil {
			return err
		}
		if status == proof.BrokenChain {
			continue
		}
		_, err = engine.Execute(app, "UPDATE check_ins SET proof_status = {:status} WHERE id = {:id}", dbx.Params{"status": string(status), "id": r.Id})
		if err != nil {
			return fmt.Errorf("judge a proof again: %w", err)
		}
		if err := engine.Touch(app, "check_ins", r.Id, r.GetString, "proof_status", string(status)); err != nil {
			return err
		}
	}
	return nil
}
