package hooks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
	"gridwalk/media"
	stamps "gridwalk/media/stamp"
)

// maxBlur is how many parts of a picture can be made unrecognizable.
const maxBlur = 20

// orderOf says what is made of the photograph of a record.
func orderOf(app core.App, r *core.Record, s Settings) (media.Order, error) {
	order := media.Order{Sizes: append(media.EvidenceSizes(), dashboardThumb)}
	var err error
	if order.Blur, err = hiddenIn(app, r); err != nil {
		return order, err
	}
	if s.Stamp {
		order.Stamp, err = stampOf(app, r)
	}
	return order, err
}

// checkBlur refuses parts that are none, and has the previews of a photograph
// and of what shows the same made anew when other parts are marked. Until then
// none is served.
func checkBlur(e *core.RecordEvent) error {
	regions, err := blurOf(e.Record)
	if err != nil {
		return err
	}
	if len(regions) == 0 {
		e.Record.Set("blur", nil)
	}
	changed := e.Record.GetString("blur") != e.Record.Original().GetString("blur")
	if e.Record.IsNew() {
		changed = len(regions) > 0
	} else if changed && e.Record.GetString("status") == "ready" {
		e.Record.Set("status", "processing")
	}
	if err := e.Next(); err != nil || !changed {
		return err
	}
	same, err := pairOf(e.App, e.Record)
	if err != nil {
		return err
	}
	for _, r := range same {
		if r.GetString("status") != "ready" {
			continue // it is made with what is marked by then
		}
		r.Set("status", "processing")
		if err := e.App.SaveNoValidate(r); err != nil {
			return fmt.Errorf("make previews of %s anew: %w", r.Id, err)
		}
	}
	return nil
}

// pairOf gives the HEIC that a JPEG stands for, or the JPEGs that stand for a
// HEIC: they show the same. All are of one officer.
func pairOf(app core.App, r *core.Record) ([]*core.Record, error) {
	var same []*core.Record
	err := app.RecordQuery("evidence").
		Where(dbx.Or(dbx.HashExp{"id": r.GetString("preview_of")}, dbx.HashExp{"preview_of": r.Id})). // both are indexed
		AndWhere(dbx.HashExp{"created_by": r.GetString("created_by")}).OrderBy("id").All(&same)
	if err != nil {
		return nil, fmt.Errorf("find what shows the same as %s: %w", r.Id, err)
	}
	return same, nil
}

// hiddenIn gives the parts that no preview of a record shows: those that are
// marked in it and in what shows the same.
func hiddenIn(app core.App, r *core.Record) ([]media.Region, error) {
	same, err := pairOf(app, r)
	if err != nil {
		return nil, err
	}
	var hidden []media.Region
	for _, r := range append(same, r) {
		regions, err := blurOf(r)
		if err != nil {
			return nil, err
		}
		hidden = append(hidden, regions...)
	}
	return hidden, nil
}

// blurOf reads the parts that are marked in a record.
func blurOf(r *core.Record) ([]media.Region, error) {
	var marked [][4]float64
	raw := r.GetString("blur")
	if raw == "" || raw == "null" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(raw), &marked); err != nil {
		return nil, refuse("blur", "not_a_region", "Must be a list of [left, top, right, bottom].")
	}
	if len(marked) > maxBlur {
		return nil, refuse("blur", "too_many", fmt.Sprintf("At most %d parts.", maxBlur))
	}
	regions := make([]media.Region, len(marked))
	for i, m := range marked {
		regions[i] = media.Region{Left: m[0], Top: m[1], Right: m[2], Bottom: m[3]}
		if !regions[i].Valid() {
			return nil, refuse("blur", "not_a_region", "Each number is from 0 to 1, left before right and top before bottom.")
		}
	}
	return regions, nil
}

// stampOf states what the records say of a photograph. What the server saw for
// itself is verified; what the phone said is claimed.
func stampOf(app core.App, r *core.Record) ([]stamps.Line, error) {
	var lines []stamps.Line
	add := func(verified bool, format string, values ...any) {
		lines = append(lines, stamps.Line{Text: fmt.Sprintf(format, values...), Verified: verified})
	}
	if taken := r.GetDateTime("taken_at"); !taken.IsZero() {
		add(false, "拍摄 %s", inChina(taken))
	}
	if received := r.GetDateTime("received_at"); !received.IsZero() {
		add(true, "收到 %s", inChina(received))
	}
	if officer := r.GetString("created_by"); officer != "" {
		add(true, "网格员 %s", officer)
	}
	grid, err := app.FindRecordById("grids", r.GetString("grid"))
	if err == nil {
		add(true, "网格 %s %s", grid.GetString("grid_code"), grid.GetString("name_zh"))
	} else if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read the grid of a photograph: %w", err)
	}
	switch r.GetString("owner_type") {
	case "check_in":
		c, err := app.FindRecordById("check_ins", r.GetString("owner_id"))
		if errors.Is(err, sql.ErrNoRows) {
			return lines, nil // it is on its way
		}
		if err != nil {
			return nil, fmt.Errorf("read the check-in of a photograph: %w", err)
		}
		if c.GetFloat("lat") != 0 || c.GetFloat("lng") != 0 {
			add(false, "位置 %.5f, %.5f ±%.0f 米", c.GetFloat("lat"), c.GetFloat("lng"), c.GetFloat("acc_m"))
		}
		add(true, "判定 %s", dict.Label("check_in.verdict", c.GetString("verdict_server"), "zh"))
	case "matter":
		m, err := app.FindRecordById("matters", r.GetString("owner_id"))
		if errors.Is(err, sql.ErrNoRows) {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the matter of a photograph: %w", err)
		}
		if place := m.GetString("place_zh"); place != "" {
			add(false, "地点 %s", place)
		}
		if no := m.GetString("no"); no != "" {
			add(true, "事项 %s", no)
		}
	}
	return lines, nil
}

func inChina(at types.DateTime) string {
	return at.Time().UTC().Add(8 * time.Hour).Format("2006-01-02 15:04")
}

// mostCompared bounds how many pictures of a grid one is compared with, the
// newest first: ten years of a busy grid's half year.
const mostCompared = 20_000

// similar adds to the reasons of a photograph that one which looks alike is in
// its grid already.
func similar(app core.App, r *core.Record, now time.Time) error {
	own, err := media.ParseFingerprint(r.GetString("likeness"))
	if err != nil || r.GetString("preview_of") != "" {
		return nil // it was not looked at, or looks like its own original
	}
	since, err := types.ParseDateTime(now.AddDate(0, 0, -sameDays))
	if err != nil {
		return fmt.Errorf("look for similar pictures: %w", err)
	}
	var others []string
	err = app.DB().Select("likeness").From("evidence").
		Where(dbx.HashExp{"grid": r.GetString("grid")}).
		AndWhere(dbx.NewExp("id != {:id} AND received_at >= {:since} AND likeness != '' AND sha256 != {:sum} AND preview_of = ''",
			dbx.Params{"id": r.Id, "since": since.String(), "sum": r.GetString("sha256")})).
		OrderBy("received_at DESC").Limit(mostCompared).Column(&others)
	if err != nil {
		return fmt.Errorf("look for similar pictures: %w", err)
	}
	for _, text := range others {
		if other, err := media.ParseFingerprint(text); err == nil && own.Near(other) {
			r.Set("reasons+", "similar_picture")
			return nil
		}
	}
	return nil
}
