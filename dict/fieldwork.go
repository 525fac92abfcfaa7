package dict

const fieldwork = `
visit.purpose 走访目的
	routine 日常走访
	care 关爱探访
	return_visit 回访
	policy 政策宣传
	safety_check 安全检查
	info_update 信息核实 Information update
	errand 代办
	mediation 调解
	alert_response 提醒核实
	after_disaster 灾后走访
visit.mode 走访方式
	door 上门
	phone 电话
	neighbour 邻里
	pass_by 路遇
visit.result 走访结果
	met_ok 见到平安
	met_needs 见到有需求
	not_home 无人在家
	declined 婉拒
	moved 已搬走
	phone_ok 电话平安
	help_called 已呼救
visit.wellbeing 状况
	well 良好
	so_so 一般 So-so
	unwell 不适
	unknown 不清楚
visit.need 需求
	medicine 用药
	medical 就医
	food 饮食
	repair 维修
	transport 出行
	paperwork 办证
	company 陪伴
	money 经济困难
	other 其他
patrol.status 巡查状态
	planned 计划
	active 进行中
	paused 暂停
	ended 结束
patrol.end_reason 巡查结束原因 Why the patrol ended
	manual 手动
	auto_time 到时自动 Ended by time
	auto_exit 离开网格自动 Ended after leaving the grid
	shift_end 下班
track.source 轨迹来源 App that recorded a track
	app 应用
	owntracks OwnTracks应用 OwnTracks
	osmand Traccar应用 Traccar Client or OsmAnd
coverage.source 到访依据 What a passing is known from
	patrol 巡查
	check_in 到点 Check-in
	visit 走访
effort.kind 记录类别 Kind of record that takes effort
	visit 走访
	check_in 到点 Check-in
	matter 事项
	errand 代办
	demand 诉求
	alert 提醒
check_in.target_type 到点对象 Check-in target
	household 住户
	building 楼栋
	point 地点
	event 活动
check_in.loc_src 定位来源 Source of the place
	gps 卫星 GPS
	network 网络
	manual 手动
	qr 扫码 QR code
	none 无
check_in.proof 签名核对 Outcome of a signature
	verified 签名有效
	unsigned 未签名 Not signed
	broken_chain 链条不连续 Chain is broken
	unknown_key 密钥未登记 Key is not enrolled
	altered 签名不符 Does not fit
check_in.verdict 到点判定 Check-in verdict
	inside 网格内
	near_edge 网格边缘
	outside 网格外
	uncertain 精度不足
	no_fix 无定位
	qr_confirmed 扫码确认 Confirmed by QR code
check_in.no_gps_reason 无定位原因 Why there is no GPS
	indoors 室内
	basement 地下室
	hills 山区
	urban_canyon 高楼遮挡
	phone_issue 手机故障
	privacy 不便定位
check_in.reason 判定依据 Reason for the verdict
	not_a_number 坐标不是数字
	latitude_out_of_range 纬度超出范围
	longitude_out_of_range 经度超出范围
	null_island 坐标为零 Null island
	incomplete_fix 坐标不完整
	bad_accuracy 精度值无效
	accuracy_unknown 精度未知
	coarse_fix 精度太粗
	stale_fix 定位过时
	fix_from_future 定位时间超前
	mock_location 模拟定位
	no_assigned_grid 未分配网格
	impossible_speed 移动过快
	lone_outside 仅此一次在外 Alone outside, between others by which he had not left
	datum_suspect 坐标系存疑 Datum seems to be another
	clock_skew 时钟偏差
evidence.owner_type 凭证归属 What the evidence belongs to
	visit 走访
	check_in 到点
	patrol 巡查
	matter 事项
	demand 诉求
	errand 代办
	alert 提醒
	mediation 调解
evidence.stage 凭证阶段
	before 处理前
	during 处理中
	after 处理后
	document 材料
evidence.upload_state 上传状态 State of the upload
	local 仅在手机
	partial 部分
	done 完成
evidence.status 凭证状态
	pending 等待文件 Waiting for the file
	processing 处理中
	ready 可查看
	preview_unavailable 无预览
	erased 已到期删除
	rejected 已拒绝
evidence.rejection 凭证问题 Problem with the evidence
	too_large 文件过大
	too_many_pixels 像素过多
	not_an_image 不是图片
	unsupported_format 格式不支持
	truncated 文件不完整
	hash_mismatch 校验不符
	broken_image 图片损坏
	preview_failed 预览生成失败
evidence.reason 凭证复核提示 What to look at in evidence
	same_picture 网格内已有同一图片 The same picture is in the grid already
	similar_picture 网格内已有相似图片 A picture that looks alike is in the grid already
	exif_time_far 拍摄时间相差较大 The camera's time is far from the record's
	exif_place_far 拍摄位置相距较远 The camera's place is far from the record's
	consent_missing 室内照片未附同意 Indoors, and names no consent
sensor.kind 感知设备
	water_meter 水表
	smoke 烟感
	gas 燃气
	sos_button 一键呼叫 SOS button
alert.kind 提醒类别
	water_no_flow 用水无变化
	water_continuous 持续用水(疑漏) Water runs without end
	water_excess 用水过量
	sensor_offline 设备离线
	smoke 烟感
	gas 燃气
	sos_button 一键呼叫 SOS button
	visit_overdue 走访超期
alert.cause 提醒原因
	away 外出
	cleaning 大扫除
	leak 漏水
	meter_fault 表计故障
	unwell 身体不适
	deceased 去世
	unknown 不明
alert.status 提醒状态
	raised 已触发
	acked 已签收 Acknowledged
	contacting 联系中
	on_site 到场
	resolved 已解决
	escalated 已升级
	suppressed 已抑制
alert.level 提醒级别
	notice 提示
	urgent 紧急
alert.told 告知到 Who is told
	officer 网格员
	family 家属
	village 村社区
	rescue 急救 Rescue, telephone 120
sensor_reading.oddity 读数异常 What is odd about a reading
	malformed 格式错误
	unknown_meter 未登记的水表
	not_agreed 未获同意 Nobody agrees to its being read
	stale 超过保存期 Older than readings are kept
	future 时间在未来 Of a time that has not come
	negative 负数
	late 迟到
	duplicate 重复
	contradictory 同一时刻读数不一 Another value of the same instant
	falling 读数下降
	leaping 读数突增 More than runs through a pipe
warning.subject_type 预警对象 Subject of the warning
	matter 事项
	place 场所
	hazard 隐患
	area 区域
warning.level 预警级别
	blue 蓝Ⅳ一般 Blue IV
	yellow 黄Ⅲ较重 Yellow III
	orange 橙Ⅱ严重 Orange II
	red 红Ⅰ特别严重 Red I
warning.status 预警状态
	proposed 建议
	confirmed 已确认
	in_force 生效
	downgraded 已降级
	lifted 已解除
	expired 已到期
`
