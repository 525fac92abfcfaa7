package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/paulmach/orb"

	"gridwalk/geo"
)

// visit is a call on a household that inhabit planned and walk emits.
type visit struct {
	id, household, zone string
	residents           []string
	at                  time.Time
	place               orb.Point
	care                bool
}

const perPatrol = 5 // visits

// plan adds a visit to the next free time of the officer of the grid: patrols
// of a few visits, one a day, going back from yesterday.
func (w *world) plan(g *grid, h *home, care bool) *visit {
	day, slot := len(g.visited)/perPatrol, len(g.visited)%perPatrol
	v := &visit{id: w.id(), household: h.id, zone: h.zone, care: care, place: h.place}
	v.at = w.patrolStart(day).Add(time.Duration(15+25*slot+w.rng.IntN(10)) * time.Minute)
	for _, p := range h.people {
		if len(p.tags) > 0 || !care && p.relation == "self" {
			v.residents = append(v.residents, p.id)
		}
	}
	g.visited = append(g.visited, v)
	return v
}

func (w *world) patrolStart(day int) time.Time {
	return w.today.AddDate(0, 0, -1-day).Add(8*time.Hour + 30*time.Minute)
}

// walk emits the patrols of a grid with their check-ins, photographs and
// visits.
func (w *world) walk(g *grid) {
	for day := 0; day*perPatrol < len(g.visited); day++ {
		visits := g.visited[day*perPatrol : min((day+1)*perPatrol, len(g.visited))]
		start := w.patrolStart(day)
		end := visits[len(visits)-1].at.Add(time.Duration(w.between(15, 40)) * time.Minute)
		patrol := w.synced("patrols", g.id, g.officer, start, row{"officer": g.officer, "template": "日常巡查", "status": "ended",
			"started_at": stamp(start), "ended_at": stamp(end), "end_reason": "manual",
			"distance_m": w.between(1200, 4800), "floors": w.between(0, 20), "keep_points": false})
		for _, v := range visits {
			if w.checkIns.take(w, 1) {
				w.checkIn(g, patrol, v)
			}
			w.visit(g, patrol, v)
		}
		w.track(g, patrol, start, end, visits)
	}
	w.cover(g)
	g.visited = nil
}

// visit emits one visit, with a photograph when there are some left to spread.
func (w *world) visit(g *grid, patrol string, v *visit) {
	purpose, mode, result := "routine", "door", "met_ok"
	if v.care {
		purpose = "care"
	} else if w.chance(0.4) {
		purpose = pick(w, "policy", "safety_check", "info_update", "return_visit")
	}
	switch p := w.rng.Float64(); {
	case p < 0.12:
		mode, result = "phone", "phone_ok"
	case p < 0.24:
		result = "not_home"
	case p < 0.27:
		result = "declined"
	case p < 0.38:
		result = "met_needs"
	case p < 0.43:
		mode = "neighbour"
	}
	met := result == "met_ok" || result == "met_needs"
	wellbeing, next, minutes, note := "unknown", "", 2, ""
	needs, evidence := []string{}, []string{}
	if met {
		wellbeing, minutes = pick(w, "well", "well", "well", "so_so"), w.between(5, 25)
		note = pick(w, "近来平安，提醒用电安全。", "饮食起居正常。", "提醒防范诈骗电话。", "家中整洁，水电正常。", "")
	}
	if result == "met_needs" {
		wellbeing = pick(w, "so_so", "unwell")
		needs = append(needs, pick(w, "medicine", "medical", "repair", "transport", "paperwork", "company"))
		note = "有需求，已登记待办。"
	}
	if v.care {
		next = stamp(v.at.AddDate(0, 0, 30))
	}
	w.meet(g, v, mode, result, next)
	if w.wantsPhoto() {
		evidence = append(evidence, w.evidence(g, v))
	}
	w.synced("visits", v.zone, g.officer, v.at, row{"id": v.id, "household": v.household, "residents": append([]string{}, v.residents...),
		"purpose": purpose, "mode": mode, "result": result, "wellbeing": wellbeing, "needs": needs, "note": note, "minutes": minutes,
		"evidence": evidence, "patrol": patrol, "next_due": next, "corrects": "",
		"receipt_no": "ZF" + v.at.UTC().Format("060102") + "-" + v.id[len(v.id)-6:]})
}

// wants are the verdicts that check-ins are made for, in turn; the rest are
// inside.
var wants = map[int]geo.Verdict{2: geo.NearEdge, 4: geo.Outside, 6: geo.Uncertain, 8: geo.NoFix, 11: geo.QRConfirmed}

// checkIn emits a check-in on the way to a visit, judged as the server would.
func (w *world) checkIn(g *grid, patrol string, v *visit) {
	want, ok := wants[w.checked%16]
	if !ok {
		want = geo.Inside
	}
	w.checked++
	fix, judged := w.fixFor(g, want)
	at := v.at.Add(-time.Minute)
	raw, lat, lng, found, reason, measured := row{"datum": "wgs84"}, 0.0, 0.0, "", "", ""
	if fix.HasPoint {
		lat, lng, measured = fix.Lat, fix.Lng, stamp(at.Add(-fix.Age))
		raw["lat"], raw["lng"], raw["acc_m"] = lat, lng, fix.Accuracy
		if grids := w.index().At(orb.Point{lng, lat}); len(grids) > 0 {
			found = grids[0]
		}
	} else {
		reason = pick(w, "indoors", "basement", "hills")
	}
	reasons := []string{}
	for _, r := range judged.Reasons {
		reasons = append(reasons, string(r))
	}
	w.synced("check_ins", g.id, g.officer, at, row{"officer": g.officer, "patrol": patrol, "target_type": "household", "target": v.household,
		"lat": lat, "lng": lng, "acc_m": fix.Accuracy, "datum": "wgs84", "loc_src": string(fix.Source), "fix_at": measured, "mock": false,
		"verdict_client": string(judged.Verdict), "verdict_server": string(judged.Verdict),
		"distance_m": math.Round(judged.Distance*100) / 100, "reasons": reasons, "grid_found": found, "boundary_version": 1,
		"reason": reason, "note": "", "evidence": []string{}, "raw": raw})
}

// fixFor makes a fix that is judged as wanted.
func (w *world) fixFor(g *grid, want geo.Verdict) (geo.Fix, geo.Judgement) {
	for {
		z := pick(w, g.zones...)
		p := g.cell.inside(w, z.a, z.b)
		fix := geo.Fix{HasPoint: true, Accuracy: float64(w.between(4, 25)), HasAccuracy: true, Age: 3 * time.Second, Source: geo.SourceGPS}
		switch want {
		case geo.NearEdge:
			p = g.cell.beyond(w, 20)
		case geo.Outside:
			p = g.cell.beyond(w, 300)
		case geo.Uncertain:
			fix.Accuracy, fix.Source = float64(w.between(180, 900)), geo.SourceNetwork
		case geo.NoFix:
			fix = geo.Fix{Source: geo.SourceNone}
		case geo.QRConfirmed:
			fix.Source = geo.SourceQR
		}
		if fix.HasPoint {
			fix.Lng, fix.Lat = p.Lon(), p.Lat()
		}
		if judged := geo.Judge(fix, []*geo.Boundary{g.boundary}, geo.DefaultSettings()); judged.Verdict == want {
			return fix, judged
		}
	}
}

// wantsPhoto spreads the photographs over the visits.
func (w *world) wantsPhoto() bool {
	made := w.spec.Visits - w.visits.left
	return w.photos < w.spec.Photos && made*w.spec.Photos >= w.photos*w.spec.Visits
}

// evidence emits a photograph taken at a visit.
func (w *world) evidence(g *grid, v *visit) string {
	place := g.boundary.Center()
	taken := v.at.Add(4 * time.Minute)
	width, height, data := photo(w.seed, w.photos, taken, place)
	w.photos++
	sum := sha256.Sum256(data)
	return w.synced("evidence", v.zone, g.officer, taken, row{"owner_type": "visit", "owner_id": v.id,
		"file": File{fmt.Sprintf("yanshi%02d.jpg", w.photos), data}, "sha256": hex.EncodeToString(sum[:]), "taken_at": stamp(taken),
		"stage": pick(w, "before", "during", "after"), "width": width, "height": height, "bytes": len(data), "exif_stripped": false,
		"exif_taken_at": stamp(taken), "exif_has_place": true, "exif_lat": place.Lat(), "exif_lng": place.Lon(),
		"contains_person": false, "consent": "", "upload_state": "done", "status": "processing", "status_reason": "", "truncated": false})
}
