package sim

import (
	"fmt"

	"github.com/pocketbase/dbx"
)

// officeEdits has the office change one thing in the dashboard.
func (w *world) officeEdits() {
	w.counts["office"]++
	grid := w.rng.IntN(grids)
	switch w.rng.IntN(14) {
	case 0, 1, 2:
		w.edit("residents", w.someID("residents", "1=1"), fields{"phone": w.phoneNumber()})
	case 3:
		w.edit("households", w.someID("households", "1=1"), fields{"head_name": fmt.Sprintf("办公室%d", w.rng.IntN(100)), "phone": w.phoneNumber()})
	case 4: // a household moves to another grid
		w.edit("households", w.someID("households", "1=1"), fields{"building": id("building", grid)})
	case 5: // so does one of its people
		w.edit("residents", w.someID("residents", "1=1"), fields{"household": w.someID("households", "1=1")})
	case 6: // a boundary changes
		x, y := gridCorner(grid)
		w.edit("grids", gridID(grid), fields{"boundary": squareOf(x, y, 0.005+w.rng.Float64()/100)})
	case 7: // a grid is put below another, or on its own
		w.edit("grids", gridID(grid), fields{"parent": pick(w, "", gridID(0), gridID(2))})
	case 8, 9: // somebody gets a grid, loses one, or changes it
		assigned := w.someID("grid_assignments", "1=1")
		switch officer := w.rng.IntN(len(w.phones)); w.rng.IntN(3) {
		case 0:
			w.send("POST", "grid_assignments", "", assignment(officer, grid))
		case 1:
			w.send("DELETE", "grid_assignments", assigned, nil)
		case 2:
			w.edit("grid_assignments", assigned, fields{"grid": gridID(grid)})
		}
	case 10:
		table := pick(w, "residents", "households", "visits", "patrols")
		w.send("DELETE", table, w.someID(table, "1=1"), nil)
	case 11:
		w.edit("officers", officerID(w.rng.IntN(len(w.phones))), fields{"role": pick(w, "grid_officer", "grid_lead")})
	case 12:
		w.edit("conflicts", w.someID("conflicts", "status = 'open'"), fields{"status": "restored"})
	case 13:
		w.edit("rejections", w.someID("rejections", "status = 'open'"), fields{"status": "reapplied"})
	}
}

func (w *world) edit(collection, id string, set fields) { w.send("PATCH", collection, id, set) }

func (w *world) send(method, collection, id string, set fields) {
	path := "/api/collections/" + collection + "/records"
	switch {
	case method == "POST":
		set["id"] = w.newID()
	case id == "":
		return
	default:
		path += "/" + id
	}
	status, _ := w.request(method, path, w.admin, set)
	shown := id
	if collection == "conflicts" || collection == "rejections" {
		shown = "" // the server made this id
	}
	w.trace("the office: %s %s %s %v → %d", method, collection, shown, set, status)
}

// someID gives one of the records of a table in the order in which they were
// made, which does not depend on ids that the server drew.
func (w *world) someID(table, where string) string {
	var ids []string
	w.must(w.server.app.DB().Select("id").From(table).Where(dbx.NewExp(where)).OrderBy("rowid").Column(&ids))
	if len(ids) == 0 {
		return ""
	}
	return ids[w.rng.IntN(len(ids))]
}
