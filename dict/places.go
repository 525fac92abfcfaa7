package dict

const places = `
region.level 区划层级
	province 省
	city 市
	county 县区
	town 镇街
	village 村社区
region.urban_rural 城乡分类 Urban or rural
	urban 城镇
	rural 乡村
grid.kind 网格类型
	basic 基础网格
	exclusive 专属网格
	micro 微网格
grid.level 网格层级
	community 社区
	compound 小区
	area 片区
	building_zone 楼栋责任区
organization.kind 单位类别
	dept 部门 Department
	town 镇街
	village 村社区
	property 物业 Property firm
	owners_committee 业委会 Owners' committee
	ngo 社会组织 NGO
	company 企业
	party_branch 党支部
	court 法院
	utility 公用企业
building.kind 楼栋类别
	apartment 住宅楼
	rural_house 农房
	shop 门店
	public 公建 Public building
	site 工地 Building site
building.hazard_tag 楼栋隐患
	fire_lane_blocked 消防通道堵塞
	ebike_charging 电动车违规充电
	gas 燃气隐患
	electric 用电隐患
	structure 房屋结构隐患
	flood_prone 易受洪涝
	landslide_prone 易受滑坡
	drowning_risk 临水危险
datum 坐标系
	wgs84 WGS-84坐标 WGS-84
	gcj02 火星坐标GCJ-02 GCJ-02
	bd09 百度坐标BD-09 BD-09
	cgcs2000 国家大地坐标CGCS2000 CGCS2000
`
