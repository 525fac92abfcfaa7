package dict

const matters = `
matter.source 事项来源
	officer 网格员
	resident_qr 居民扫码 Resident by code
	meeting 议事会
	hotline_12345 12345热线 12345 hotline
	sensor 感知
	volunteer 志愿者
	department 部门
	upper 上级交办 From above
	walk_in 来访
	media 媒体
matter.priority 紧急程度
	p0_emergency 突发 Emergency
	p1_urgent 紧急 Urgent
	p2_normal 一般 Normal
	p3_complex 疑难 Complex
matter.level 办理层级
	l1_grid 网格 Grid
	l2_village 村社区 Village
	l3_town 镇街 Town
	l4_county 县区 County
	l5_city 市 City
matter.scale 事项规模
	individual 个体(少于5人) Fewer than 5
	small_group 小规模(5–29人) 5 to 29
	group 群体(30–99人) 30 to 99
	large 较大(100人以上) 100 or more
matter.status 事项状态
	draft 草稿
	reported 上报
	accepted 受理
	solved_on_spot 即办
	dispatched 分流
	in_progress 处置
	handled 反馈
	verifying 核查
	evaluating 回访
	closed 结案
	archived 归档
	returned 退单
	escalated 升级上报
	whistled 吹哨
	extended 延期
	suspended 挂起
	merged 并单
	withdrawn 撤回
	reopened 重新打开
clock_kind 计时方式 How time is counted
	natural 自然时
	working 工作时
deadline_rule.stage 时限阶段
	accept 受理
	first_contact 首次联系
	feedback 反馈
	close 办结
	answer 答复
	promise 承诺
	pick_up 取件
	claim 认领
	report_in 报到
	ack 签收 Acknowledge
	call 电话联系
	door 上门
matter.category 事项大类
	city_appearance 市容环境
	public_facility 公共设施
	village_building 村居建设
	safety_hazard 安全隐患
	disaster 灾害应急
	dispute 矛盾纠纷
	livelihood 民生诉求
	errand_service 代办帮办
	market_order 市场秩序
	ecology 生态环境
	public_health 公共卫生
	security_clue 治安线索
	suggestion 咨询建议
matter.subcategory.city_appearance 市容环境 City appearance
	exposed_garbage 暴露垃圾
	dirty_road 道路不洁
	construction_waste 建筑渣土
	illegal_structure 私搭乱建
	street_vending 占道经营
	messy_ads 乱贴乱画
	noise_fumes 噪声油烟
	open_burning 露天焚烧
	water_logging 积水污水
	green_damage 绿地损坏
matter.subcategory.public_facility 公共设施 Public facility
	street_lamp 路灯
	road_surface 路面
	manhole 井盖
	drain 排水
	sign_rail 护栏标牌
	fitness 健身设施
	toilet 公厕
	cables 线缆
	tree 树木
	elevator 电梯
matter.subcategory.village_building 村居建设 Village building
	road_hardening 道路硬化
	lamp_install 路灯安装
	drinking_water 饮水
	pond_ditch 沟塘
	toilet_sewage 改厕污水
	dilapidated_house 危房
	village_clean 村庄清洁
matter.subcategory.safety_hazard 安全隐患 Safety hazard
	fire_lane 消防通道
	ebike_charging 电动车充电
	gas 燃气
	electric 用电
	building_risk 房屋 Unsafe building
	construction_site 工地
	drowning_risk 涉水
	crowded_rental 群租
matter.subcategory.disaster 灾害应急 Disaster
	flood 洪涝
	landslide 滑坡
	forest_fire 森林火情
	extreme_weather 极端天气
	power_water_cut 停电停水
	pipe_burst 管道爆裂
	collapse 塌陷
matter.subcategory.livelihood 民生诉求 Livelihood
	allowance 救助低保
	elder_care 养老
	disability 助残
	child 儿童
	job 就业
	medical_insurance 医保
	pension 社保
	schooling 入学
	property_service 物业服务
	utilities 水电气
matter.subcategory.errand_service 代办帮办 Errand service
	document_pickup 代取材料
	certificate 开具证明
	payment 代缴费
	subsidy_apply 补贴申领
	medicine 代购药品
matter.subcategory.market_order 市场秩序 Market order
	food_safety 食品安全
	unlicensed 无证经营
	counterfeit 假冒伪劣
	price 价格
	elder_scam 涉老骗局
matter.subcategory.ecology 生态环境 Ecology
	water_pollution 水污染
	fishing_ban 长江禁捕
	river_occupation 河湖四乱
	dust 扬尘
	straw_burning 秸秆焚烧
	poaching 盗猎
matter.subcategory.public_health 公共卫生 Public health
	dogs 犬只
	pests 蚊鼠
	epidemic_clue 疫情线索
	medical_waste 医废
matter.subcategory.security_clue 治安线索 Security clue
	fraud 诈骗
	theft 盗窃
	gambling 赌博
	traffic_risk 交通隐患
matter.subcategory.suggestion 咨询建议 Suggestion
	consult 咨询
	advice 建议
	praise 表扬
	complaint 投诉
whistle.kind 吹哨类别
	key_problem 难题哨
	joint_enforcement 执法哨
	emergency 应急哨
whistle.status 吹哨状态
	blown 已吹哨
	notified 已通知
	reported_in 已报到
	on_site 到场
	joint_action 联合处置
	resolved 已解决
	evaluated 已互评
service_order.kind 服务类别
	chores 家务维修
	company 陪伴
	transport 接送
	teaching 辅导
	policy_talk 政策宣讲
	goods 物资
	environment 环境整治
	legal 法律咨询
	health 义诊
service_order.status 服务状态
	draft 草稿
	published 已发布
	claimed 已认领
	in_service 服务中
	submitted 已提交
	confirmed 已确认
	rated 已评价
errand.status 代办状态
	requested 已提出
	accepted 已接受
	picked_up 已取件
	delivered 已送达
	handled 已办理
	returned 已退回
	confirmed 已确认
wall_task.status 挂图任务状态
	not_started 未开始
	on_track 正常推进
	at_risk 有风险
	overdue 逾期
	done 完成
	verified 已验收
`
