package server

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"gridwalk/access"
	"gridwalk/demo"
	hooks "gridwalk/pb_hooks"
)

// neighbours are two villages of one world with an officer each.
func neighbours(w *world) (mine, theirs patch) {
	mine = newPatch(w)
	v := w.newVillage("990101103202", 124.20, 28.20)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	return mine, patch{v, officer, token}
}

// Whatever way an officer asks, he learns nothing of a resident of another grid.
func TestAnotherGridStaysClosed(t *testing.T) {
	w := newWorld(t)
	mine, theirs := neighbours(w)
	secret := "秘密甲"
	if _, err := w.app.DB().NewQuery("UPDATE residents SET name = '" + secret + "' WHERE id = '" + theirs.resident.Id + "'").Execute(); err != nil {
		t.Fatal(err)
	}
	one := records("residents") + "/" + theirs.resident.Id
	list := records("residents") + "?"
	query := func(key, value string) string { return list + key + "=" + url.QueryEscape(value) }
	for _, c := range []struct {
		name, method, path string
		body               any
		want               int
	}{
		{"view", "GET", one, nil, 404},
		{"view with expand and fields", "GET", one + "?expand=household.grid&fields=*,expand.*", nil, 404},
		{"update", "PATCH", one, row{"name": "x"}, 404},
		{"delete", "DELETE", one, nil, 404},
		{"filter by id", "GET", query("filter", "id = '"+theirs.resident.Id+"'"), nil, 200},
		{"filter by grid", "GET", query("filter", "grid = '"+theirs.grid.Id+"'"), nil, 200},
		{"filter through a back relation", "GET", query("filter", "grid.region.parent.regions_via_parent.grids_via_region.residents_via_grid.name ?= '"+secret+"'"), nil, 200},
		{"filter by another collection", "GET", query("filter", "@collection.residents.name ?= '"+secret+"'"), nil, 403},
		{"filter by a token key", "GET", query("filter", "created_by.tokenKey ~ 'a'"), nil, 400},
		{"filter by a password", "GET", query("filter", "created_by.password ~ '$'"), nil, 400},
		{"filter by the view of access", "GET", query("filter", "grid.grid_access_via_grid.officer.name ?~ '%'"), nil, 400},
		{"sort by a token key", "GET", query("sort", "created_by.tokenKey"), nil, 400},
		{"expand back relations", "GET", query("expand", "household.residents_via_household,grid.region.grids_via_region.residents_via_grid,grid.grid_access_via_grid.officer,created_by"), nil, 200},
		{"the view of access", "GET", records("grid_access"), nil, 403},
		{"the schema", "GET", "/api/collections", nil, 403},
		{"the logs", "GET", "/api/logs", nil, 403},
		{"the backups", "GET", "/api/backups", nil, 403},
		{"superusers", "GET", records("_superusers"), nil, 403},
		{"another officer", "GET", records("officers") + "/" + theirs.officer.Id, nil, 404},
		{"impersonation", "POST", "/api/collections/officers/impersonate/" + theirs.officer.Id, row{}, 403},
		{"his own role", "PATCH", records("officers") + "/" + mine.officer.Id, row{"role": "county_admin"}, 403},
		{"a new officer", "POST", records("officers"), row{"email": "a@b.invalid", "password": "12345678", "passwordConfirm": "12345678", "role": "county_admin", "name": "x"}, 403},
		{"batch", "POST", "/api/batch", row{"requests": []row{{"method": "PATCH", "url": one, "body": row{"name": "x"}}}}, 403},
		{"a visit to a home there", "POST", records("visits"), row{"household": theirs.household.Id, "purpose": "care", "mode": "door", "result": "met_ok"}, 400},
		{"a visit here to a resident there", "POST", records("visits"), row{"household": mine.household.Id, "residents+": theirs.resident.Id, "purpose": "care", "mode": "door", "result": "met_ok"}, 400},
		{"a resident moved there", "PATCH", records("residents") + "/" + mine.resident.Id, row{"household": theirs.household.Id}, 400},
		{"a check-in in another's name", "POST", records("check_ins"), row{"officer": theirs.officer.Id, "target_type": "point", "datum": "wgs84", "loc_src": "gps"}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := w.call(c.method, c.path, mine.token, c.body)
			if a.Status != c.want {
				t.Errorf("want %d: %s", c.want, a)
			}
			for _, leak := range []string{secret, theirs.resident.Id, "tokenKey", "passwordHash"} {
				if strings.Contains(string(a.Raw), leak) && !strings.Contains(c.path, leak) {
					t.Errorf("tells %q: %s", leak, a)
				}
			}
			if n, ok := a.Body["totalItems"].(float64); ok && strings.HasPrefix(c.name, "filter") && n > 0 {
				t.Errorf("a filter finds %v: %s", n, a)
			}
		})
	}
}

// A photograph of another grid, and any preview of it that is there or not,
// looks to a stranger as if it did not exist.
func TestAnotherGridsPhotographDoesNotExist(t *testing.T) {
	w := newWorld(t)
	mine, theirs := neighbours(w)
	a := theirs.send(w, "photo.jpg", demo.Photo(1, 0), nil)
	id, file := a.Body["id"].(string), a.Body["file"].(string)
	w.settled(id)
	for _, thumb := range []string{"", "160x160", "5x5"} {
		got, none := mine.fetch(w, id, file, thumb), mine.fetch(w, "aaaaaaaaaaaaaaa", file, thumb)
		if got.Status != 404 || got.String() != none.String() {
			t.Errorf("thumb %q: %s; of a record that is not there: %s", thumb, got, none)
		}
	}
	if got := theirs.fetch(w, id, file, "160x160"); got.Status != 200 {
		t.Errorf("his own: %s", got)
	}
}

// Changes in another grid are not sent to a subscriber.
func TestRealtimeKeepsToTheGrid(t *testing.T) {
	w := newWorld(t)
	mine, theirs := neighbours(w)
	response, err := http.Get(w.url + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	events := bufio.NewScanner(response.Body)
	next := func() row {
		for events.Scan() {
			if text, ok := strings.CutPrefix(events.Text(), "data:"); ok {
				var event row
				if err := json.Unmarshal([]byte(text), &event); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				return event
			}
		}
		t.Fatal("the stream ended")
		return nil
	}
	client := next()["clientId"]
	if a := w.call("POST", "/api/realtime", mine.token, row{"clientId": client, "subscriptions": []string{"residents/*", "residents/" + theirs.resident.Id, "officers/*", "grid_access/*"}}); a.Status != 204 {
		t.Fatal(a)
	}
	for _, p := range []patch{theirs, mine} {
		if a := w.call("PATCH", records("residents")+"/"+p.resident.Id, p.token, row{"dialect": "吴语"}); a.Status != 200 {
			t.Fatal(a)
		}
	}
	// Events come in order: the first is of his own grid, so the other was not sent.
	if record := next()["record"].(row); record["id"] != mine.resident.Id {
		t.Errorf("was told of %v", record)
	}
}

// The token of an officer ends when he is disabled, not days later.
func TestDisabledOfficerSeesNothing(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	list := func() float64 { return w.call("GET", records("residents"), p.token, nil).Body["totalItems"].(float64) }
	if list() != 1 {
		t.Fatal("the officer does not see his resident")
	}
	if a := w.call("PATCH", records("officers")+"/"+p.officer.Id, w.admin(), row{"disabled": true}); a.Status != 200 {
		t.Fatal(a)
	}
	if list() != 0 {
		t.Error("a disabled officer still reads residents")
	}
}

// A value of a wrong type is refused with its field, and does not wipe out what
// was there.
func TestWrongTypesAreRefused(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	resident := records("residents") + "/" + p.resident.Id
	if a := w.call("PATCH", resident, p.token, row{"birth_year": 1946, "care_tags": []string{"lives_alone_elder"}}); a.Status != 200 {
		t.Fatal(a)
	}
	checkIn := func(field string, value any) answer { return p.checkIn(w, row{field: value}) }
	change := func(field string, value any) answer { return w.call("PATCH", resident, p.token, row{field: value}) }
	for _, c := range []struct {
		name  string
		send  func(string, any) answer
		field string
		value any
		code  string
	}{
		{"a year in words", change, "birth_year", "一九四六", "not_a_number"},
		{"a year that is an object", change, "birth_year", row{}, "not_a_number"},
		{"a year minus words", change, "birth_year-", "x", "not_a_number"},
		{"tags that are an object", change, "care_tags", row{"a": 1}, "not_a_text"},
		{"a tag that does not exist", change, "care_tags", "rich", "validation_invalid_value"},
		{"a name that is an object", change, "name", row{"zh": "x"}, "not_a_text"},
		{"a name that is a list", change, "name", []string{"x"}, "not_a_text"},
		{"a date that is none", change, "deleted_at", "yesterday", "not_a_date"},
		{"two households", change, "household", []string{p.household.Id, p.household.Id}, "too_many"},
		{"a time that is none", checkIn, "captured_at", "25 o'clock", "not_a_date"},
		{"a time that is a number", checkIn, "fix_at", 1e20, "not_a_date"},
		{"an age in words", checkIn, "fix_age_s", "old", "not_a_number"},
		{"an age below zero", checkIn, "fix_age_s", -1, "validation_min_number_constraint"},
		{"a mock flag in words", checkIn, "mock", "maybe", "not_a_truth_value"},
		{"a note that is an object", checkIn, "note", row{}, "not_a_text"},
		{"a note of a megabyte", checkIn, "note", strings.Repeat("长", 1<<20/3), "validation_max_text_constraint"},
		{"two kinds of target", checkIn, "target_type", []string{"point", "event"}, "too_many"},
		{"an id that is a path", checkIn, "id", "../../data.db", "validation_min_text_constraint"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.t = t
			a := c.send(c.field, c.value)
			fields, _ := a.Body["data"].(row)
			fault, _ := fields[c.field].(row)
			if a.Status != 400 || fault["code"] != c.code {
				t.Errorf("want %s of %s: %.300s", c.code, c.field, a)
			}
		})
	}
	kept := w.call("GET", resident, p.token, nil).Body
	if kept["birth_year"] != 1946.0 || fmt.Sprint(kept["care_tags"]) != "[lives_alone_elder]" {
		t.Errorf("is now %v, %v", kept["birth_year"], kept["care_tags"])
	}
}

// A body that is no JSON object, or not the JSON one hopes for, is the client's
// fault and is answered as such.
func TestMalformedRequestsAreTheClientsFault(t *testing.T) {
	w := newWorld(t)
	p := newPatch(w)
	for name, body := range map[string]string{
		"half an object":      `{"lat":`,
		"a list":              `[1]`,
		"a number":            `1`,
		"NaN":                 `{"lat":NaN}`,
		"bytes":               "\xff\xfe",
		"nothing":             ``,
		"null":                `null`,
		"a number twice":      `{"lat":1,"lat":"x"}`,
		"a million brackets":  `{"note":` + strings.Repeat("[", 1e6) + strings.Repeat("]", 1e6) + `}`,
		"nine thousand":       `{"note":` + strings.Repeat("[", 9e3) + strings.Repeat("]", 9e3) + `}`,
		"ten megabytes":       `{"note":"` + strings.Repeat("n", 10<<20) + `"}`,
		"a surrogate alone":   `{"target_type":"\ud800"}`,
		"a null byte":         `{"target_type":"\u0000"}`,
		"an array as a datum": `{"datum":["wgs84"],"loc_src":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			a := w.call("POST", records("check_ins"), p.token, body)
			if a.Status < 400 || a.Status >= 500 || a.Body["message"] == "" || strings.Contains(string(a.Raw), "goroutine") {
				t.Errorf("%.300s", a)
			}
		})
	}
	for _, path := range []string{
		"residents/records?filter=((((", "residents/records?filter=%ff", "residents/records?page=x",
		"residents/records?filter=" + strings.Repeat("(", 2000) + "id=1" + strings.Repeat(")", 2000),
		"residents/records?sort=nope", "residents/records?filter=" + url.QueryEscape("name = \x00"),
		"residents/records/%00", "residents/records/%ff", "nope/records", "%2e%2e/records",
	} {
		if a := w.call("GET", "/api/collections/"+path, p.token, nil); a.Status < 400 || a.Status >= 500 {
			t.Errorf("%.60s: %.200s", path, a)
		}
	}
}

// Every answer bears the id by which its line of the log is found.
func TestRequestsHaveIDs(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		sent string
		same bool
	}{{"", false}, {"proxy-0123456789", true}, {"short", false}, {strings.Repeat("x", 65), false}, {"a b c d e f g h", false}} {
		request, err := http.NewRequest("GET", w.url+"/api/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Request-Id", c.sent)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("X-Request-Id"); len(got) < 8 || (got == c.sent) != c.same {
			t.Errorf("sent %q: answered %q", c.sent, got)
		}
	}
}

// Whoever asks every route and every collection for what is of another grid, by
// its ids, with an officer's token and device, is told nothing of it and changes
// nothing.
func TestEveryRouteStaysClosed(t *testing.T) {
	w := newWorld(t)
	team := seed(w)
	name := "秘密乙"
	if err := w.set(team.village.resident, row{"name": name}); err != nil {
		t.Fatal(err)
	}
	secrets := append(seeded.all(), name)
	v, thief := team.village, team.stranger
	ids := []string{v.grid.Id, v.household.Id, v.resident.Id, v.carePlan.Id, team.a.officer.Id, team.a.device, w.first("visits", "household", v.household.Id).Id}
	body := func(id string) row {
		set := row{"collection": "residents", "record": id, "resident": id, "grid": id, "device": id, "officer": id, "why": "just looking", "purpose": "just looking",
			"phone": seeded.phone, "number": seeded.phone, "ids": []string{id}, "scopes": []string{"grid:" + v.grid.Id, "lead:" + v.grid.Id}}
		set["reads"] = []row{{"id": newID(), "collection": "residents", "record": id, "at": "2026-11-23T00:00:00Z"}}
		set["mutations"] = []row{{"id": newID() + "-1", "n": 1, "at": "01a20621ad00-0001-x", "collection": "residents", "record": id, "op": "update", "set": row{"name": "x"}}}
		return set
	}
	ask := func(method, path string, body any) {
		t.Helper()
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequest(method, w.url+path, strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", thief.token)
		request.Header.Set("X-Gridwalk-Device", thief.device)
		request.Header.Set("Content-Type", "application/json")
		a := w.answerTo(request)
		for _, secret := range secrets {
			if strings.Contains(string(a.Raw), secret) && !strings.Contains(string(raw), secret) {
				t.Errorf("%s %s tells %s: %s", method, path, secret, a)
			}
		}
	}
	routes := hooks.Routes()
	for _, route := range hooks.SyncRoutes() {
		routes = append(routes, hooks.Route{Method: route.Method, Path: route.Path})
	}
	for _, id := range ids {
		for _, route := range routes {
			path := strings.NewReplacer("{id}", id, "{grid}", id, "{region}", id, "{sha256}", id).Replace(route.Path)
			ask(route.Method, path, body(id))
			if route.Method == "GET" {
				ask(route.Method, path+"?grid="+id+"&resident="+id+"&device="+id, nil)
			}
		}
		for collection := range access.Collections {
			one := records(collection) + "/" + id
			ask("GET", one, nil)
			ask("GET", records(collection)+"?perPage=500&skipTotal=1&sort=-created&filter="+url.QueryEscape(`id!="" || @collection.residents.id="`+id+`"`), nil)
			ask("GET", records(collection)+"?perPage=500&expand="+url.QueryEscape("household,resident,residents,grid,plan,consent,owner,household.residents_via_household,visits_via_household,care_plans_via_resident"), nil)
			ask("PATCH", one, row{"name": "x", "note": "x", "grid": team.other.grid.Id})
			ask("DELETE", one, nil)
			ask("POST", "/api/batch", row{"requests": []row{{"method": "PATCH", "url": one, "body": row{"note": "x"}}}})
		}
	}
	if r := w.read("residents", v.resident.Id); r.GetString("name") != name || r.GetString("grid") != v.grid.Id {
		t.Errorf("the resident was changed: %v", r.PublicExport())
	}
	if w.read("devices", team.a.device).GetString("status") != "active" {
		t.Error("the colleague's phone was revoked")
	}
}
