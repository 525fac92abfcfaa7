package sealed

import (
	"encoding/json"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"gridwalk/seal"
)

const hidden = "***"

// Mask is what stands for the value of a sealed field where it is not to be
// read: of a telephone number the first three and the last four digits, of
// anything else that there is something.
func Mask(record *core.Record, field core.Field) any {
	value := record.Get(field.GetName())
	switch Plain(field).(type) {
	case *core.SelectField, *core.TextField:
		list, several := value.([]string)
		switch {
		case several && len(list) > 0:
			return []string{hidden}
		case several:
			return list
		}
		return MaskText(record.GetString(field.GetName()))
	case *core.NumberField:
		return 0.0
	}
	raw, _ := value.(types.JSONRaw)
	if len(raw) == 0 || string(raw) == "null" {
		return raw
	}
	return types.JSONRaw(`"` + hidden + `"`)
}

// MaskText masks a text.
func MaskText(text string) string {
	digits := seal.Digits(text)
	switch {
	case text == "":
		return ""
	case len(digits) >= 8 && len([]rune(text)) <= len(digits)+6:
		return digits[:3] + "****" + digits[len(digits)-4:]
	}
	return hidden
}

// MaskValue masks a value of JSON.
func MaskValue(value any) any {
	switch v := value.(type) {
	case string:
		return MaskText(v)
	case nil, bool:
		return v
	case []any:
		if len(v) == 0 {
			return v
		}
	}
	return hidden
}

// MaskJSON masks what a raw JSON value holds.
func MaskJSON(raw types.JSONRaw) types.JSONRaw {
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return types.JSONRaw(`"` + hidden + `"`)
	}
	masked, err := json.Marshal(MaskValue(value))
	if err != nil {
		return types.JSONRaw(`"` + hidden + `"`)
	}
	return masked
}
