package server

import (
	"fmt"
	"slices"
	"testing"
)

// todayOf is the list of a caller, as «kind subject urgency».
func (w *world) todayOf(token, query string) (list []string) {
	w.t.Helper()
	a := w.call("GET", "/api/today"+query, token, nil)
	if a.Status != 200 {
		w.t.Fatalf("%s", a)
	}
	items, _ := a.Body["items"].([]any)
	for _, item := range items {
		i := item.(row)
		list = append(list, fmt.Sprintf("%v %v %v", i["kind"], i["subject"], i["urgency"]))
	}
	return list
}

// The day of an officer at 10:00 on a Monday, the 23rd of November 2026.
func TestToday(t *testing.T) {
	w := newWorld(t)
	v := w.newVillage("990101103201", 124.10, 28.10)
	officer, token := w.officer("grid_officer", nil)
	w.assign(officer, v.grid)
	colleague, others := w.officer("grid_officer", nil)
	w.assign(colleague, v.grid)
	stranger, foreign := w.officer("grid_officer", nil)
	w.assign(stranger, w.newVillage("990101103202", 124.30, 28.10).grid)

	home := func(name string, lat float64, since string) village {
		b := w.save("buildings", row{"grid": v.grid.Id, "name": name, "kind": "rural_house", "point": row{"lon": 124.105, "lat": lat}})
		h := v
		h.household = w.save("households", row{"building": b.Id, "address_zh": name})
		h.resident = w.save("residents", row{"household": h.household.Id, "name": "演示" + name, "life_status": "living"})
		w.save("care_plans", row{"resident": h.resident.Id, "tier": "high", "cadence_days": 7, "consent": v.consent.Id,
			"review_at": "2027-01-01 00:00:00.000Z", "captured_at": since + " 01:00:00.000Z"})
		return h
	}
	home("远", 28.109, "2026-11-01")
	near := home("近", 28.1051, "2026-11-15")
	home("今天", 28.1051, "2026-11-16")
	home("明天", 28.1051, "2026-11-17")
	matter := func(title string, values row) {
		m := lamp(v.grid)
		m["title"] = title
		for field, value := range values {
			m[field] = value
		}
		w.save("matters", m)
	}
	matter("无主", nil) // accepted within a working day: by Tuesday 10:00
	matter("他人", row{"owner": colleague.Id})
	matter("险情", row{"priority": "p0_emergency"})
	matter("水停", row{"priority": "p1_urgent"}) // within two hours
	matter("草稿", row{"status": "draft"})
	w.save("errands", row{"resident": near.resident.Id, "what": "取药", "status": "accepted", "runner": officer.Id, "promise_at": "2026-11-23 08:00:00.000Z"})
	w.save("errands", row{"resident": near.resident.Id, "what": "他人取药", "status": "accepted", "runner": colleague.Id, "promise_at": "2026-11-23 08:00:00.000Z"})
	for place, at := range map[string]string{"议事亭": "2026-11-23 09:00:00.000Z", "昨天": "2026-11-22 09:00:00.000Z", "明天": "2026-11-23 16:00:00.000Z"} {
		w.save("meetings", row{"grid": v.grid.Id, "place": place, "type": "pavilion_talk", "held_at": at, "status": "planned"})
	}

	want := []string{"matter 险情 now", "care 近 overdue", "care 远 overdue", "matter 水停 soon",
		"errand 取药 today", "care 今天 today", "meeting 议事亭 today", "matter 无主 later"}
	if got := w.todayOf(token, "?lat=28.105&lng=124.105"); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	// From the other end the other home is nearer.
	if got := w.todayOf(token, "?lat=28.109&lng=124.105"); got[1] != "care 远 overdue" {
		t.Errorf("%q", got)
	}
	// Without a place what is due first comes first.
	if got := w.todayOf(token, ""); got[1] != "care 远 overdue" {
		t.Errorf("%q", got)
	}
	if got := w.todayOf(others, ""); !slices.Contains(got, "matter 他人 later") || !slices.Contains(got, "errand 他人取药 today") || slices.Contains(got, "errand 取药 today") {
		t.Errorf("of the colleague: %q", got)
	}
	if got := w.todayOf(foreign, ""); len(got) > 0 {
		t.Errorf("of another grid: %q", got)
	}
	// A visit takes its home off the list.
	w.save("visits", visitTo(near, "2026-11-23", row{"mode": "phone", "result": "phone_ok"}))
	if got := w.todayOf(token, ""); slices.Contains(got, "care 近 overdue") || len(got) != len(want)-1 {
		t.Errorf("after the visit: %q", got)
	}
	for _, role := range []string{"mediator", "resident_guest", "volunteer", "dept_handler"} {
		_, token := w.officer(role, nil)
		if got := w.todayOf(token, ""); len(got) > 0 {
			t.Errorf("a %s: %q", role, got)
		}
	}
	for query, status := range map[string]int{"?lat=28": 400, "?lat=x&lng=1": 400, "?lat=91&lng=1": 400, "?lat=NaN&lng=1": 400, "?lat=28&lng=124": 200} {
		if a := w.call("GET", "/api/today"+query, token, nil); a.Status != status {
			t.Errorf("%s: %s", query, a)
		}
	}
	if a := w.call("GET", "/api/today", "", nil); a.Status != 401 {
		t.Errorf("without a sign-in: %s", a)
	}
	if got := w.todayOf(w.admin(), ""); len(got) > 0 {
		t.Errorf("of a superuser: %q", got)
	}
}
