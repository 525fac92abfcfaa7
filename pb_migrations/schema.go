// Package migrations holds the schema of gridwalk as PocketBase migrations,
// one file a change. The folder reads as documentation of the data: what is
// kept, under which name, why, and who may see it.
package migrations

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
)

// schema gives the collections made so far by name, so that a later one can
// refer to an earlier one.
type schema map[string]*core.Collection

// collection makes a base collection with the given fields, records it in the
// schema, and saves it. Access is denied to everybody until openAccess.
func (c schema) collection(app core.App, name string, fields ...core.Field) error {
	return c.save(app, core.NewBaseCollection(name), fields...)
}

// synced makes a collection whose records phones make and hold.
func (c schema) synced(app core.App, name string, fields ...core.Field) error {
	if err := c.collection(app, name, append(fields, syncedFields(c)...)...); err != nil {
		return err
	}
	return c.index(app, name, "grid", "created_by")
}

func (c schema) save(app core.App, col *core.Collection, fields ...core.Field) error {
	col.Fields.Add(fields...)
	col.Fields.Add(timestamps()...)
	if err := app.Save(col); err != nil {
		return fmt.Errorf("make collection %s: %w", col.Name, err)
	}
	c[col.Name] = col
	return nil
}

// addFields adds fields to a collection that was made before what they refer to.
func (c schema) addFields(app core.App, name string, fields ...core.Field) error {
	c[name].Fields.Add(fields...)
	if err := app.Save(c[name]); err != nil {
		return fmt.Errorf("add fields to %s: %w", name, err)
	}
	return nil
}

// index adds one index for each entry, which is a column or a list of columns.
func (c schema) index(app core.App, name string, columns ...string) error {
	return c.indexes(app, name, false, columns)
}

func (c schema) unique(app core.App, name string, columns ...string) error {
	return c.indexes(app, name, true, columns)
}

func (c schema) indexes(app core.App, name string, unique bool, columns []string) error {
	for _, cols := range columns {
		c[name].AddIndex(indexName(name, cols), unique, cols, "")
	}
	if err := app.Save(c[name]); err != nil {
		return fmt.Errorf("index %s: %w", name, err)
	}
	return nil
}

func indexName(collection, columns string) string {
	name := []byte("idx_" + collection + "_")
	for i := range len(columns) {
		switch ch := columns[i]; {
		case ch == ',':
			name = append(name, '_')
		case ch != ' ' && ch != '`':
			name = append(name, ch)
		}
	}
	return string(name)
}

// inOrder runs steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
