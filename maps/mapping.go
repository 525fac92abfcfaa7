package maps

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Fields are what a grid can take from a map, named as in the collection grids.
var Fields = []string{"grid_code", "name_zh", "kind", "level", "parent", "household_est"}

// Mapping says from which attributes a field is taken: the first that has a
// value. Names are compared without case, spaces and signs.
type Mapping map[string]Sources

// Sources are the attributes of one field, and what their values mean. A value
// that is not in Values stands for itself.
type Sources struct {
	From   []string          `json:"from"`
	Values map[string]string `json:"values,omitempty"`
}

// DefaultMapping knows the names that offices use.
func DefaultMapping() Mapping {
	return Mapping{
		"grid_code":     {From: []string{"grid_code", "code", "adcode", "gridcode", "wgbm", "网格编码", "网格编号", "网格代码", "编码", "代码"}},
		"name_zh":       {From: []string{"name_zh", "name", "名称", "grid_name", "wgmc", "网格名称", "网格名"}},
		"kind":          {From: []string{"kind", "wglx", "类型", "网格类型"}},
		"level":         {From: []string{"level", "wgcj", "层级", "网格层级"}},
		"parent":        {From: []string{"parent", "parent_code", "sjwg", "上级", "上级网格", "上级编码"}},
		"household_est": {From: []string{"household_est", "households", "户数", "hs"}},
	}
}

// ReadMapping reads a mapping file: {"field": "attribute"}, {"field": ["first",
// "second"]} or {"field": {"from": […], "values": {"大网格": "community"}}}. Fields
// that it does not name keep their defaults.
func ReadMapping(r io.Reader) (Mapping, error) {
	var raw map[string]json.RawMessage
	d := json.NewDecoder(io.LimitReader(r, 1<<20))
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	mapping := DefaultMapping()
	for _, field := range slices.Sorted(maps.Keys(raw)) {
		if !slices.Contains(Fields, field) {
			return nil, fmt.Errorf("read mapping: %q is no field of a grid: want one of %s", field, strings.Join(Fields, ", "))
		}
		sources, err := readSources(raw[field])
		if err != nil {
			return nil, fmt.Errorf("read mapping of %s: %w", field, err)
		}
		mapping[field] = sources
	}
	return mapping, nil
}

func readSources(raw json.RawMessage) (s Sources, err error) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return Sources{From: []string{one}}, nil
	}
	if json.Unmarshal(raw, &s.From) == nil {
		return s, nil
	}
	err = json.Unmarshal(raw, &s)
	return s, err
}

// Apply gives the fields of a grid that the feature has a value for. Of the
// attributes only those of the mapping are read; the code of last resort is the
// id of the feature.
func (m Mapping) Apply(f Feature) map[string]string {
	values := map[string]string{}
	for _, field := range Fields {
		if value := m.value(f, field); value != "" {
			values[field] = value
		}
	}
	if values["grid_code"] == "" && f.ID != "" {
		values["grid_code"] = f.ID
	}
	return values
}

func (m Mapping) value(f Feature, field string) string {
	for _, name := range m[field].From {
		for _, attribute := range slices.Sorted(maps.Keys(f.Attributes)) {
			if value := strings.TrimSpace(f.Attributes[attribute]); value != "" && alike(attribute, name) {
				if meant, ok := m[field].Values[value]; ok {
					return meant
				}
				return value
			}
		}
	}
	return ""
}

// alike compares names as a .dbf table writes them: at most ten bytes.
func alike(attribute, name string) bool {
	if attribute == name {
		return true
	}
	a, b := plain(attribute), plain(name)
	return a == b || len(attribute) == dbfName && strings.HasPrefix(strings.ToLower(name), strings.ToLower(attribute))
}

// dbfName is the longest name of a column in a .dbf table, in bytes.
const dbfName = 10
