package sdk

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"gridwalk/workflow"
)

func TestTheSamePackageIsPackedTwice(t *testing.T) {
	name, first, err := Pack()
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := Pack()
	if err != nil {
		t.Fatal(err)
	}
	if name != "gridwalk-0.1.0.tgz" || !bytes.Equal(first, second) {
		t.Errorf("%s has %d bytes, and then %d", name, len(first), len(second))
	}
}

func TestSchema(t *testing.T) {
	c := core.NewBaseCollection("demands")
	c.Fields.Add(
		&core.TextField{Name: "text", Required: true, Help: "诉求 · What is asked for"},
		&core.NumberField{Name: "support_count"},
		&core.SelectField{Name: "status", Values: []string{"raised", "accepted"}, Required: true},
		&core.SelectField{Name: "similar", Values: []string{"a", "b"}, MaxSelect: 2},
		&core.RelationField{Name: "meeting"},
		&core.RelationField{Name: "matter", MaxSelect: 9},
		&core.BoolField{Name: "breached"},
		&core.JSONField{Name: "history"},
		&core.GeoPointField{Name: "point"},
		&core.TextField{Name: "secret", Hidden: true},
	)
	schema, err := Schema([]*core.Collection{c}, []workflow.Table{workflow.Demand}, func(_, value string) string { return value })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"/** 诉求 · What is asked for */\n\t\ttext: string;",
		"support_count: number;",
		`status: "" | "raised" | "accepted";`,
		`similar: ("a" | "b")[];`,
		"meeting: string;", "matter: string[];", "breached: boolean;", "history: unknown;", "point: { lon: number; lat: number };",
		`demands: "text" | "support_count" | "status" | "meeting" | "matter";`, // writable: not what the server keeps
		`demands: "text" | "status";`,                                          // needed
		`demands: "meeting";`,                                                  // fixed
		`raise: { starts: true; goes: false; needs: "text" };`,
		`reopen: { starts: false; goes: true; needs: never };`, // reason is no field of this collection
		`{"action":"raise","from":[""],"to":"raised"`,
	} {
		if !strings.Contains(schema, want) {
			t.Errorf("no %s in\n%s", want, schema)
		}
	}
	if strings.Contains(schema, "secret") || strings.Contains(schema, "clocks\":{\"") {
		t.Errorf("it says what phones do not see:\n%s", schema)
	}
}
