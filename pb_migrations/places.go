package migrations

import (
	"github.com/pocketbase/pocketbase/core"
)

const (
	// regionCode is a statistical division code: 2 digits for a province, 4
	// city, 6 county, 9 town, 12 village.
	regionCode = `^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$`
	// gridCode is a 12-digit village code and a 3-digit grid number, with 2 more
	// digits for a micro-grid.
	gridCode = `^\d{15}(\d{2})?$`

	maxBoundaryBytes = 4 << 20
)

// makePlaces makes the land: divisions, the grid tree, and the units that
// work on it.
func makePlaces(app core.App, c schema) error {
	return inOrder(
		func() error {
			return c.collection(app, "regions",
				presentable(required(code("code", regionCode, label("区划代码", "Division code of 2, 4, 6, 9 or 12 digits")))),
				presentable(required(text("name_zh", 100, label("名称", "Name in Chinese")))),
				text("name_en", 100, label("英文名", "Name in English")),
				required(choice("level", "region.level", label("层级", "Level: province to village"))),
				choice("urban_rural", "region.urban_rural", label("城乡分类", "Urban or rural")),
			)
		},
		func() error {
			return c.addFields(app, "regions", relation("parent", c["regions"], label("上级", "The division it belongs to")))
		},
		func() error { return c.unique(app, "regions", "code") },
		func() error { return c.index(app, "regions", "parent") },
		func() error {
			return c.collection(app, "grids",
				presentable(required(code("grid_code", gridCode, label("网格编码", "Grid code: 15 digits, 17 for a micro-grid; begins with the region's code; never changes")))),
				presentable(required(text("name_zh", 100, label("名称", "Name in Chinese")))),
				required(choice("kind", "grid.kind", label("类型", "Kind: basic, exclusive or micro"))),
				required(choice("level", "grid.level", label("层级", "Level: community, compound, area or building zone"))),
				required(relation("region", c["regions"], label("所属村社区", "Village or community it belongs to"))),
				required(jsonValue("boundary", maxBoundaryBytes, label("边界", "GeoJSON Polygon or MultiPolygon, WGS-84 degrees"))),
				integer("boundary_version", 0, 1<<31, label("边界版本", "Grows by one when the boundary changes; set by the server")),
				date("boundary_from", label("边界生效时间", "Since when this boundary is valid; set by the server")),
				point("center", label("中心点", "A point inside, WGS-84; set by the server")),
				number("area_m2", 0, 1e13, label("面积（平方米）", "Area in square metres; set by the server")),
				integer("household_est", 0, 1e6, label("户数", "Estimated number of households")),
				boolean("active", label("启用", "In use: check-ins are judged against active grids only")),
				text("path", 400, label("层级路径", "Ids of its ancestors and itself, for subtree queries; set by the server")),
			)
		},
		func() error {
			return c.addFields(app, "grids",
				relation("parent", c["grids"], label("上级网格", "The grid above it")),
				relation("succeeded_by", c["grids"], label("承接网格", "The grid that took its place")),
			)
		},
		func() error { return c.unique(app, "grids", "grid_code") },
		func() error { return c.index(app, "grids", "parent", "region", "path") },
		func() error {
			return c.collection(app, "organizations",
				presentable(required(text("name", 100, label("名称", "Name")))),
				required(choice("kind", "organization.kind", label("类别", "Kind"))),
				text("duty_phone", 30, label("值班电话", "Duty telephone")),
				choices("categories", "matter.category", label("承办类别", "Categories of matters it handles")),
				relation("region", c["regions"], label("所属区划", "Division it works for")),
			)
		},
		func() error {
			return c.addFields(app, "organizations", relation("parent", c["organizations"], label("上级", "Unit above it")))
		},
		func() error { return c.index(app, "organizations", "region") },
	)
}
