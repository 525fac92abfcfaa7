package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/dict"
	"gridwalk/sealed"
)

// label is the help text of a field: what an admin reads under it in the
// dashboard, first in Chinese, then in English.
func label(zh, en string) string { return zh + " · " + en }

func text(name string, max int, help string) *core.TextField {
	return &core.TextField{Name: name, Max: max, Help: help}
}

// code is a text that must match pattern, such as a division code.
func code(name, pattern, help string) *core.TextField {
	return &core.TextField{Name: name, Max: 64, Pattern: pattern, Help: help}
}

func number(name string, min, max float64, help string) *core.NumberField {
	return &core.NumberField{Name: name, Min: types.Pointer(min), Max: types.Pointer(max), Help: help}
}

func integer(name string, min, max float64, help string) *core.NumberField {
	f := number(name, min, max, help)
	f.OnlyInt = true
	return f
}

// free is a number without bounds: the server computes it or judges it itself.
func free(name, help string) *core.NumberField {
	return &core.NumberField{Name: name, Help: help}
}

func boolean(name, help string) *core.BoolField { return &core.BoolField{Name: name, Help: help} }

func date(name, help string) *core.DateField { return &core.DateField{Name: name, Help: help} }

func point(name, help string) *core.GeoPointField { return &core.GeoPointField{Name: name, Help: help} }

func jsonValue(name string, maxBytes int64, help string) *core.JSONField {
	return &core.JSONField{Name: name, MaxSize: maxBytes, Help: help}
}

// choice is one value of the enumeration enum of package dict.
func choice(name, enum, help string) *core.SelectField {
	return &core.SelectField{Name: name, MaxSelect: 1, Values: dict.Values(enum), Help: help}
}

// choices is a set of values of the enumeration enum of package dict.
func choices(name, enum, help string) *core.SelectField {
	values := dict.Values(enum)
	return &core.SelectField{Name: name, MaxSelect: len(values), Values: values, Help: help}
}

// relations are up to max references to records of one collection.
func relations(name string, to *core.Collection, max int, help string) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: to.Id, MaxSelect: max, Help: help}
}

func relation(name string, to *core.Collection, help string) *core.RelationField {
	return relations(name, to, 1, help)
}

// private has the values of a text, choice, JSON or number field sealed in the
// database: see docs/decisions/018-sealed-fields.md.
func private(f core.Field) core.Field { return sealed.Of(f) }

// found is a hidden word by which a sealed value is found again.
func found(name, help string) core.Field {
	return &core.TextField{Name: name, Max: 32, Hidden: true, Help: help}
}

// required marks a field as one that a record cannot be without.
func required(f core.Field) core.Field {
	switch f := sealed.Plain(f).(type) {
	case *core.TextField:
		f.Required = true
	case *core.NumberField:
		f.Required = true
	case *core.DateField:
		f.Required = true
	case *core.JSONField:
		f.Required = true
	case *core.SelectField:
		f.Required = true
	case *core.RelationField:
		f.Required = true
	}
	return f
}

// presentable marks a field as one that stands for its record in lists and
// relation pickers of the dashboard.
func presentable(f core.Field) core.Field {
	switch f := sealed.Plain(f).(type) {
	case *core.TextField:
		f.Presentable = true
	case *core.NumberField:
		f.Presentable = true
	case *core.SelectField:
		f.Presentable = true
	case *core.RelationField:
		f.Presentable = true
	case *core.DateField:
		f.Presentable = true
	}
	return f
}

// syncedFields are what every record carries that a phone may make: where it
// belongs, who made it on which device, and the clocks it was made by.
func syncedFields(c schema) []core.Field {
	return []core.Field{
		relation("grid", c["grids"], label("所属网格", "Grid it belongs to; derived from the household where there is one")),
		text("op_id", 40, label("操作号", "Id of the phone's operation; a repeat is recognised by it")),
		relation("device", c["devices"], label("设备", "Device it was recorded on")),
		date("captured_at", label("采集时间", "Time on the phone's clock when it was recorded")),
		text("client_updated_at", 100, label("修改时间", "Hybrid logical clock stamp of the last edit")),
		date("received_at", label("收到时间", "Time when the server received it; set by the server")),
		free("clock_skew_ms", label("时钟偏差", "Phone clock minus server clock in milliseconds; set by the server")),
		integer("rev", 0, 1<<53, label("版本", "Number of saves; set by the server")),
		date("deleted_at", label("删除标记", "Set when the record was struck out but must still be seen")),
		relation("created_by", c["officers"], label("记录人", "Officer who recorded it; set by the server")),
	}
}

// timestamps are PocketBase's own created and updated fields.
func timestamps() []core.Field {
	return []core.Field{
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	}
}
