package dict

const workflow = `
workflow.action 流转动作
	draft 存草稿
	report 上报
	solve 即办 Solve on the spot
	accept 受理
	dispatch 分流派单
	begin 开始办理
	return 退单
	escalate 升级
	whistle 吹哨
	extend 延期
	suspend 挂起
	go_on 继续办理
	handle 办理反馈
	verify 核查
	redo 重办 Do again
	ask 回访 Ask the resident
	close 结案
	archive 归档
	merge 并单
	withdraw 撤回
	reopen 重新打开
	raise 提出
	assign 交办
	answer 答复
	read_back 回报
	promise 承诺
	finish 完成
	lapse 逾期
	drop 取消
	request 申请
	pick_up 取件
	deliver 送达
	process 办理
	give_back 归还
	cancel 撤销
	confirm 确认
	plan 计划
	open 开会 Open
	follow_up 回访会议 Follow up
	blow 发哨
	notify 通知
	report_in 报到
	arrive 到场
	act 联合处置 Act jointly
	resolve 解决
	evaluate 互评
	publish 发布
	unpublish 收回
	fill 认领满额 All places claimed
	free 名额释放 A place became free
	submit 提交
	rate 评价
	ack 签收 Acknowledge
	contact 联系
	suppress 抑制
	propose 离线提议未采用 Proposed offline, not taken
	suggest_reopen 建议重新打开
	overdue 超时
`
