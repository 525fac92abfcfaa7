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
