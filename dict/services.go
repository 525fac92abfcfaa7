package dict

const services = `
work_calendar.kind 工作日历类别
	week 每周 Every week
	holiday 放假
	makeup 调休上班 Make-up workday
matter_party.part 当事人身份
	reporter 反映人
	affected 相关人
survey.status 评议状态
	sent 已发出
	answered 已答复
	declined 不愿评价
survey.solved 是否解决
	solved 已解决
	partly 部分解决
	unsolved 未解决
satisfaction 满意程度
	satisfied 满意
	basic 基本满意
	dissatisfied 不满意
agenda_item.kind 议题类别
	read_back 回报上次承诺 Read-back of promises
	topic 讨论
	vote 表决
	report 通报
meeting.quorum_rule 法定人数规则
	none 无要求
	half 过半数 More than half
	two_thirds 三分之二 Two thirds
service_item.status 办事指南状态
	draft 草稿
	published 已发布
	retired 已停用
custody_party 材料持有人
	resident 居民
	officer 网格员
	hall 办事大厅
	family 家属
service_order.audience 订单可见范围
	grid 本网格
	volunteers 志愿者
order_claim.status 认领状态
	held 已占名额
	backup 候补
	confirmed 已确认
	done 已完成
	released 已退出
`
