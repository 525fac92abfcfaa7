package maps

import (
	"encoding/json"
	"io"
	"strconv"

	"gridwalk/geo"
)

func (in *intake) geoJSON(r io.Reader) error {
	l := in.o.Limits
	limits := geo.ReadLimits{MaxBytes: l.MaxBytes, MaxFeatures: l.MaxFeatures, MaxVertices: l.MaxVertices,
		MaxFeatureVertices: l.MaxFeatureVertices, MaxDepth: l.MaxDepth}
	named := ""
	faults, err := geo.DecodeFeatures(r, limits, func(crs string, f geo.Feature) error {
		if crs != named {
			if err := in.use(crs); err != nil {
				return err
			}
			named = crs
		}
		feature := Feature{ID: f.ID, Geometry: f.Geometry, Faults: f.Faults}
		for name, value := range f.Properties {
			feature.set(name, textOf(value))
		}
		return in.add(feature)
	})
	if len(faults) > 0 {
		return faults[0]
	}
	return err
}

// textOf gives a value of JSON as text; lists and objects give none.
func textOf(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
