package day

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Her grid has as many households and residents as domain.md §6.4 says, in a
// square of about 1 km in the open sea.
const (
	households = 214
	residents  = 561
	west       = 124.18
	south      = 28.16
	side       = 0.01 // degrees
)

// settle makes the village as it stands on the evening before.
func (d *day) settle() {
	d.save("regions", fields{"code": "990101", "name_zh": "澄湖县(演示)", "level": "county"})
	d.town = d.save("regions", fields{"code": "990101103", "name_zh": "澄桥镇", "level": "town"})
	d.village = d.save("regions", fields{"code": "990101103201", "name_zh": "澄桥村", "level": "village"})
	d.grid = d.save("grids", fields{"grid_code": "990101103201004", "name_zh": "第四网格", "kind": "basic", "level": "compound",
		"region": d.village.Id, "active": true, "boundary": fields{"type": "Polygon", "coordinates": [][][2]float64{{
			{west, south}, {west + side, south}, {west + side, south + side}, {west, south + side}, {west, south}}}}})
	d.waterBureau = d.save("organizations", fields{"name": "水务局", "kind": "dept"})
	d.landBureau = d.save("organizations", fields{"name": "自然资源局", "kind": "dept"})

	d.her = d.phoneOf(d.person("grid_officer", "周明兰", nil))
	d.scribe = d.phoneOf(d.person("grid_officer", "议事记录员", nil))
	for duty, p := range map[string]*handset{"officer": d.her, "part_time": d.scribe} {
		d.save("grid_assignments", fields{"grid": d.grid.Id, "user": p.officer.Id, "duty": duty, "from_date": "2026-01-01 00:00:00.000Z"})
	}
	d.admin = d.person("village_admin", "村管理员", fields{"region": d.village.Id})
	d.dispatcher = d.person("town_dispatcher", "镇调度员", fields{"region": d.town.Id})
	d.water = d.phoneOf(d.person("dept_handler", "水务", fields{"organization": d.waterBureau.Id}))
	d.land = d.phoneOf(d.person("dept_handler", "国土", fields{"organization": d.landBureau.Id}))
	d.volunteer = d.phoneOf(d.person("volunteer", "志愿者甲", nil))
	d.late = d.phoneOf(d.person("volunteer", "志愿者乙", nil))

	for i := range households {
		home := d.save("buildings", fields{"grid": d.grid.Id, "name": fmt.Sprintf("周涝组%d号", i+1), "kind": "rural_house",
			"point": fields{"lon": west + side*float64(i%15+1)/16, "lat": south + side*float64(i/15+1)/16}})
		d.homes = append(d.homes, d.save("households", fields{"building": home.Id, "address_zh": home.GetString("name"), "phone": phoneNo(i)}))
	}
	for i := range residents {
		d.residents = append(d.residents, d.save("residents", fields{"household": d.homes[i%households].Id, "name": fmt.Sprintf("演示周%d", i+1),
			"birth_year": 1940 + i%80, "phone": phoneNo(1000 + i), "residency": "registered", "life_status": "living"}))
	}
	// Three are to be looked after on Monday, the fourth on Tuesday.
	for i, since := range []string{"16", "16", "16", "17"} {
		d.careFor(d.residents[i], "2026-11-"+since)
	}
	d.save("matters", d.matter("路灯不亮", "public_facility", "street_lamp"))
	d.save("matters", d.matter("沟里有垃圾", "village_building", "pond_ditch"))
	service := d.save("service_items", fields{"name": "高龄津贴", "category": "livelihood", "where": "镇为民服务大厅", "status": "published", "review_at": "2027-01-01 00:00:00.000Z"})
	d.idCard = d.save("materials", fields{"service_item": service.Id, "name": "户口簿", "original": true})
	d.save("errands", fields{"resident": d.residents[20].Id, "what": "取药", "status": "accepted", "runner": d.her.officer.Id, "promise_at": "2026-11-23 10:00:00.000Z"})
}

func phoneNo(n int) string { return fmt.Sprintf("100%08d", n) }

func (d *day) careFor(resident *core.Record, since string) {
	consent := d.save("consents", fields{"subject": resident.Id, "purpose": "care_plan", "given_by": "self",
		"given_at": "2026-01-01 00:00:00.000Z", "notice_version": "1"})
	d.save("care_plans", fields{"resident": resident.Id, "tier": "high", "cadence_days": 7, "consent": consent.Id,
		"review_at": "2027-01-01 00:00:00.000Z", "captured_at": since + " 01:00:00.000Z"})
}

// matter is one of the grid as somebody reports it.
func (d *day) matter(title, category, subcategory string) fields {
	return fields{"grid": d.grid.Id, "title": title, "category": category, "subcategory": subcategory, "source": "officer",
		"priority": "p2_normal", "status": "reported"}
}

// utc is a time of the day in China as PocketBase writes it.
func utc(clock string) string {
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, china)
	if err != nil {
		panic(err)
	}
	return at.UTC().Format("2006-01-02 15:04:05.000Z")
}
