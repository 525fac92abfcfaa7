package dict

const disputes = `
dispute_type 纠纷类型
	marriage_family 婚姻家庭
	neighbour 邻里
	house_homestead 房屋宅基地
	contract 合同
	production_business 生产经营
	damages 损害赔偿
	forest_land 山林土地
	expropriation 征地拆迁
	pollution 环境污染
	migrant_wages 拖欠农民工工资
	labour 其他劳动争议
	medical 医疗
	traffic 道路交通事故
	property_mgmt 物业 Property management
	consumer 消费
	tourism 旅游
	ecommerce 电子商务
	water_pond 水塘水面
	other 其他
resolve_way 化解方式 Way of resolution
	people 人民调解 People's mediation
	administrative 行政调解
	judicial 司法调解
	petition 信访调处
	arbitration 仲裁
	litigation 诉讼
	self 自行和解
mediation.status 调解状态
	consulted 咨询
	assessed 评估
	intake 登记
	accepted 受理
	not_accepted 不予受理
	mediating 调解中
	agreed 达成协议
	performing 履行中
	fulfilled 已履行
	followed_up 已回访
	filed 已归档
	failed 调解不成
	to_arbitration 转仲裁
	to_litigation 转诉讼
	to_admin 转行政处理
mediation.performance 履行
	full 已履行
	part 部分
	none 未履行
mediation.paper 调解文书
	application 申请书
	intake_form 受理登记表
	rights_notice 权利义务告知书
	party_identity 身份证明 Proof of identity
	record 调解记录
	agreement 协议书
	proxy 委托书
	investigation 调查记录
	proof 证据材料
	receipt 送达回执
	follow_up 回访记录
	court_confirmation 司法确认
`
