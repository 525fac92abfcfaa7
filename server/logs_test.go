package server

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/demo"
)

// Whoever reads the log learns no token and no password.
func TestLogHoldsNoSecrets(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	a := p.send(w, "photo.jpg", demo.Photo(1, 0), nil)
	id, file := a.Body["id"].(string), a.Body["file"].(string)
	token, _ := w.call("POST", "/api/files/token", p.token, nil).Body["token"].(string)
	for _, path := range []string{
		"/api/files/evidence/" + id + "/" + file + "?token=" + token,
		"/api/files/evidence/" + id + "/" + file + "?thumb=5x5&token=" + token,
		"/api/files/evidence/" + id + "/" + file + "?%74oken=" + token + "&a=%zz",
		records("residents") + "?token=" + token + "&filter=((",
	} {
		w.call("GET", path, p.token, nil)
	}
	w.call("POST", "/api/collections/officers/auth-with-password", "", row{"identity": p.officer.Email(), "password": "walk-the-grid-wrong"})
	w.call("POST", "/api/collections/officers/auth-with-password", "", row{"identity": p.officer.Email(), "password": "walk-the-grid"})

	var logged []string
	for deadline := time.Now().Add(20 * time.Second); len(logged) < 8 && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err := w.app.AuxDB().NewQuery("SELECT message || data FROM " + core.LogsTableName + " WHERE data LIKE '%request%'").Column(&logged); err != nil {
			t.Fatal(err)
		}
	}
	if len(logged) < 8 {
		t.Fatalf("%d requests are logged", len(logged))
	}
	for _, line := range logged {
		for _, secret := range []string{token, p.token, "walk-the-grid"} {
			if strings.Contains(line, secret) {
				t.Errorf("the log holds a secret: %s", line)
			}
		}
	}
}
