package dict

const people = `
officer.role 角色
	resident_guest 居民扫码 Resident by code
	volunteer 志愿者
	grid_officer 网格员
	grid_lead 网格长
	village_admin 村社区管理员 Village administrator
	town_dispatcher 镇街调度员
	dept_handler 部门承办人 Department handler
	mediator 调解员
	county_admin 县级管理员 County administrator
	data_steward 数据保护专员
assignment.duty 网格职责
	lead 网格长
	officer 专职
	part_time 兼职 Part-time
	party_cell 党小组
	police_liaison 联络民警
	dept_liaison 部门联络 Department liaison
device.platform 设备系统
	android 安卓
	ios 苹果 iOS
	harmony 鸿蒙 HarmonyOS
	web 网页
	other 其他
device.status 设备状态
	pending 待批准
	active 使用中
	revoked 已停用
household.tenure 居住方式
	own 自有
	rent 租住
	empty 空置
	public 公房 Public housing
household.contact_pref 联系方式偏好 Preferred contact
	door 上门
	phone 电话
	neighbour 邻居转告
	family 联系家属
	evening_only 仅限傍晚
resident.sex 性别
	male 男
	female 女
	unstated 未说明
resident.relation_to_head 与户主关系 Relation to the head of household
	self 本人
	spouse 配偶
	child 子女
	parent 父母
	grandparent 祖父母
	grandchild 孙子女
	sibling 兄弟姐妹
	other 其他
resident.residency 居住类型
	registered 户籍
	floating 流动
	left_behind 留守
	away 外出
resident.life_status 状态 Life status
	living 在住
	moved 迁走
	deceased 去世
care_tag 关爱标签
	lives_alone_elder 独居老人 Elder living alone
	empty_nest_elder 空巢老人
	left_behind_elder 留守老人
	advanced_age_80 八十岁以上 Aged 80 or more
	disabled_elder 失能老人
	disability 残疾人
	subsistence_allowance 低保
	extreme_poverty_support 分散供养特困
	low_income_edge 低保边缘
	left_behind_child 留守儿童
	child_in_difficulty 困境儿童
	orphan 孤儿
	pregnant_newborn 孕产妇/新生儿 Pregnant or with a newborn
	bereaved_only_child 计生特殊家庭 Bereaved of an only child
	long_illness_self_declared 长期病患(本人申报) Long illness, self-declared
	veteran_in_need 困难退役军人
	temporary_hardship 临时困难
care_plan.tier 关爱等级
	high 高风险 High need
	key 重点 Key
	general 一般
care_plan.method 探访方式
	door 上门
	phone 电话
	neighbour 邻里
	meter 水表
consent.purpose 同意用途
	care_plan 关爱探访 Care visits
	contact 联系方式
	photo 拍照
	sensor 感知设备
	id_vault 证件保管
consent.given_by 表示人 Given by
	self 本人
	guardian 监护人
	family 家属
consent.method 同意方式
	paper 书面
	oral_witness 口头见证
	link 链接
legal_basis 依据
	statutory_duty 法定职责
	consent 本人同意
	emergency 紧急情况
visibility 可见范围
	own_grid 本网格
	grid_lead 网格长及以上 Grid lead and above
	village 村社区
	town 镇街
	county 县区
	steward 数据保护专员
	self 本人 The person alone
	nobody 不可见
steward.status 核询状态 State of a question
	open 待处理
	explained 已说明
	closed 已结束
conflict.status 冲突状态
	open 待处理
	kept 保持现值
	restored 已恢复落选值 Lost value restored
export.status 导出状态
	asked 待批准
	approved 已批准
	ready 可下载
	expired 已失效
	refused 已拒绝
rejection.status 退回状态
	open 待处理
	reapplied 已重新应用
	dismissed 已忽略
volunteer.type 志愿者类别
	party_member 党员
	resident 居民
	owner_rep 业主代表 Owners' representative
	ngo 社会组织 NGO
`
