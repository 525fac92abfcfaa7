package commands

import (
	"os"
	"testing"
)

// docs/workflow.md is what the tables in package workflow say.
func TestTheWorkflowPageIsTrue(t *testing.T) {
	page, err := os.ReadFile("../docs/workflow.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != workflowPage() {
		t.Error("docs/workflow.md is not what the tables say: gridwalk docs workflow > docs/workflow.md")
	}
}

// sdk/src/schema.ts is what the schema, the policies and the workflows say.
func TestTheSchemaOfTheSDKIsTrue(t *testing.T) {
	want, err := sdkSchema()
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../sdk/src/schema.ts")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Error("sdk/src/schema.ts is stale: gridwalk docs sdk > sdk/src/schema.ts, then make sdk")
	}
}
