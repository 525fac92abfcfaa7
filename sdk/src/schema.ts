// Made by `gridwalk docs sdk` from the schema, the merge policies and the workflows. Do not edit.

/** The records as a server gives them, by their collection. */
export interface Records {
	regions: {
		id: string;
		/** 区划代码 · Division code of 2, 4, 6, 9 or 12 digits */
		code: string;
		/** 名称 · Name in Chinese */
		name_zh: string;
		/** 英文名 · Name in English */
		name_en: string;
		/** 层级 · Level: province to village */
		level: "" | "province" | "city" | "county" | "town" | "village";
		/** 城乡分类 · Urban or rural */
		urban_rural: "" | "urban" | "rural";
		created: string;
		updated: string;
		/** 上级 · The division it belongs to */
		parent: string;
		/** 下班时间 · End of the working day in China, such as 17:30: no patrol is recorded beyond it */
		shift_end: string;
	}
	organizations: {
		id: string;
		/** 名称 · Name */
		name: string;
		/** 类别 · Kind */
		kind: "" | "dept" | "town" | "village" | "property" | "owners_committee" | "ngo" | "company" | "party_branch" | "court" | "utility";
		/** 值班电话 · Duty telephone */
		duty_phone: string;
		/** 承办类别 · Categories of matters it handles */
		categories: ("city_appearance" | "public_facility" | "village_building" | "safety_hazard" | "disaster" | "dispute" | "livelihood" | "errand_service" | "market_order" | "ecology" | "public_health" | "security_clue" | "suggestion")[];
		/** 所属区划 · Division it works for */
		region: string;
		created: string;
		updated: string;
		/** 上级 · Unit above it */
		parent: string;
	}
	dict: {
		id: string;
		/** 枚举 · Enumeration */
		enum: string;
		/** 值 · Machine name */
		value: string;
		/** 中文 · Chinese */
		zh: string;
		/** 英文 · English */
		en: string;
		/** 顺序 · Order */
		sort: number;
		created: string;
		updated: string;
	}
	grids: {
		id: string;
		/** 网格编码 · Grid code: 15 digits, 17 for a micro-grid; begins with the region's code; never changes */
		grid_code: string;
		/** 名称 · Name in Chinese */
		name_zh: string;
		/** 类型 · Kind: basic, exclusive or micro */
		kind: "" | "basic" | "exclusive" | "micro";
		/** 层级 · Level: community, compound, area or building zone */
		level: "" | "community" | "compound" | "area" | "building_zone";
		/** 所属村社区 · Village or community it belongs to */
		region: string;
		/** 边界 · GeoJSON Polygon or MultiPolygon, WGS-84 degrees */
		boundary: unknown;
		/** 边界版本 · Grows by one when the boundary changes; set by the server */
		boundary_version: number;
		/** 边界生效时间 · Since when this boundary is valid; set by the server */
		boundary_from: string;
		/** 中心点 · A point inside, WGS-84; set by the server */
		center: { lon: number; lat: number };
		/** 面积（平方米） · Area in square metres; set by the server */
		area_m2: number;
		/** 户数 · Estimated number of households */
		household_est: number;
		/** 启用 · In use: check-ins are judged against active grids only */
		active: boolean;
		/** 层级路径 · Ids of its ancestors and itself, for subtree queries; set by the server */
		path: string;
		created: string;
		updated: string;
		/** 上级网格 · The grid above it */
		parent: string;
		/** 承接网格 · The grid that took its place */
		succeeded_by: string;
	}
	officers: {
		id: string;
		email: string;
		emailVisibility: boolean;
		verified: boolean;
		/** 姓名 · Name */
		name: string;
		/** 角色 · Role: decides what can be read and written */
		role: "" | "resident_guest" | "volunteer" | "grid_officer" | "grid_lead" | "village_admin" | "town_dispatcher" | "dept_handler" | "mediator" | "county_admin" | "data_steward";
		/** 管辖区划 · Division in which desk staff work; field staff are assigned to grids instead */
		region: string;
		/** 所属单位 · Unit */
		organization: string;
		/** 工作电话 · Work telephone */
		phone: string;
		/** 停用 · Can no longer sign in */
		disabled: boolean;
		created: string;
		updated: string;
		/** 下班时间 · End of the working day in China, such as 17:30: no patrol is recorded beyond it; empty means that of the region */
		shift_end: string;
	}
	grid_assignments: {
		id: string;
		/** 网格 · Grid; its whole subtree is included */
		grid: string;
		/** 人员 · Officer */
		user: string;
		/** 职责 · Duty */
		duty: "" | "lead" | "officer" | "part_time" | "party_cell" | "police_liaison" | "dept_liaison";
		/** 起 · First day, China time */
		from_date: string;
		/** 止 · Last day, China time; empty means until further notice */
		to_date: string;
		created: string;
		updated: string;
	}
	devices: {
		id: string;
		/** 使用人 · Officer who uses it */
		officer: string;
		/** 型号 · Model, as the phone tells it */
		model: string;
		/** 系统 · Platform */
		platform: "" | "android" | "ios" | "harmony" | "web" | "other";
		/** 应用版本 · Version of the app */
		app_version: string;
		/** 状态 · Pending, active or revoked */
		status: "" | "pending" | "active" | "revoked";
		/** 设备公钥 · Its ES256 key as JWK; the other half never leaves the phone */
		public_key: string;
		/** 批准时间 · When it became active; set by the server */
		approved_at: string;
		/** 最近联系 · Last contact; set by the server */
		last_contact_at: string;
		/** 同步序号 · Newest change the device has; set by the server */
		seq: number;
		/** 待传条数 · Records waiting on the phone, as it last reported */
		outbox_size: number;
		created: string;
		updated: string;
		/** 疑似坐标系 · Datum that its fixes seem to be of instead of the one they name: look into its app; nothing is shifted; set by the server */
		datum_suspect: "" | "wgs84" | "gcj02" | "bd09" | "cgcs2000";
		/** 疑似时间 · Time of the newest check-in that bears on it; set by the server */
		datum_suspect_at: string;
		/** 中位偏差（米） · Median offset in tens of metres between its last fixes and the buildings that it checked in at; set by the server */
		residual_m: number;
	}
	buildings: {
		id: string;
		/** 名称 · Name or number */
		name: string;
		/** 类别 · Kind */
		kind: "" | "apartment" | "rural_house" | "shop" | "public" | "site";
		/** 位置 · Place, WGS-84 degrees */
		point: { lon: number; lat: number };
		/** 层数 · Storeys */
		storeys: number;
		/** 单元数 · Staircases */
		units: number;
		/** 隐患标签 · Hazards of the building, never of its people */
		hazard_tags: ("fire_lane_blocked" | "ebike_charging" | "gas" | "electric" | "structure" | "flood_prone" | "landslide_prone" | "drowning_risk")[];
		/** 门牌码 · Code on the door plate */
		place_qr: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	households: {
		id: string;
		/** 楼栋 · Building */
		building: string;
		/** 地址 · Address */
		address_zh: string;
		/** 门牌 · Door number */
		door_no: string;
		/** 户主 · Head of the household */
		head_name: string;
		/** 联系电话 · One telephone number */
		phone: string;
		/** 人数 · Number of people */
		resident_count: number;
		/** 居住方式 · Tenure */
		tenure: "" | "own" | "rent" | "empty" | "public";
		/** 联系方式偏好 · How the household wants to be contacted */
		contact_pref: "" | "door" | "phone" | "neighbour" | "family" | "evening_only";
		/** 不拍照 · The household wants no photographs */
		no_photo: boolean;
		/** 最近走访 · Last visit; set by the server */
		last_visit_at: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	residents: {
		id: string;
		/** 户 · Household */
		household: string;
		/** 姓名 · Name */
		name: string;
		/** 拼音 · Pinyin, for searching without signal */
		pinyin: string;
		/** 性别 · Sex */
		sex: "" | "male" | "female" | "unstated";
		/** 出生年 · Year of birth; never the full date */
		birth_year: number;
		/** 电话 · Telephone */
		phone: string;
		/** 与户主关系 · Relation to the head of the household */
		relation_to_head: "" | "self" | "spouse" | "child" | "parent" | "grandparent" | "grandchild" | "sibling" | "other";
		/** 居住类型 · Residency */
		residency: "" | "registered" | "floating" | "left_behind" | "away";
		/** 关爱标签 · Why somebody may need care; seen in the own grid only */
		care_tags: ("lives_alone_elder" | "empty_nest_elder" | "left_behind_elder" | "advanced_age_80" | "disabled_elder" | "disability" | "subsistence_allowance" | "extreme_poverty_support" | "low_income_edge" | "left_behind_child" | "child_in_difficulty" | "orphan" | "pregnant_newborn" | "bereaved_only_child" | "long_illness_self_declared" | "veteran_in_need" | "temporary_hardship")[];
		/** 紧急联系人 · Whom to call */
		emergency_contact: string;
		/** 方言 · Dialect */
		dialect: string;
		/** 状态 · Living here, moved away or deceased */
		life_status: "" | "living" | "moved" | "deceased";
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	consents: {
		id: string;
		/** 对象 · Whom it is about */
		subject: string;
		/** 用途 · Purpose */
		purpose: "" | "care_plan" | "contact" | "photo" | "sensor" | "id_vault";
		/** 范围 · What was agreed to */
		scope: string;
		/** 表示人 · Who gave it */
		given_by: "" | "self" | "guardian" | "family";
		/** 方式 · How it was given */
		method: "" | "paper" | "oral_witness" | "link";
		/** 给予时间 · When it was given */
		given_at: string;
		/** 撤回时间 · When it was withdrawn */
		withdrawn_at: string;
		/** 告知版本 · Version of the notice that was read */
		notice_version: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	care_plans: {
		id: string;
		/** 居民 · Resident */
		resident: string;
		/** 等级 · How closely care is needed: of the plan, not of the person */
		tier: "" | "high" | "key" | "general";
		/** 频次（天） · Days between two contacts */
		cadence_days: number;
		/** 方式 · Ways of contact that count */
		methods: ("door" | "phone" | "neighbour" | "meter")[];
		/** 家属 · Family */
		family_contact: string;
		/** 同意 · Consent on which it rests */
		consent: string;
		/** 复核日 · When it must be reviewed */
		review_at: string;
		/** 备注 · Notes */
		notes: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	visits: {
		id: string;
		/** 户 · Household */
		household: string;
		/** 走访对象 · Whom the visit was for */
		residents: string[];
		/** 目的 · Purpose */
		purpose: "" | "routine" | "care" | "return_visit" | "policy" | "safety_check" | "info_update" | "errand" | "mediation" | "alert_response" | "after_disaster";
		/** 方式 · How */
		mode: "" | "door" | "phone" | "neighbour" | "pass_by";
		/** 结果 · Result; a refusal has no consequences */
		result: "" | "met_ok" | "met_needs" | "not_home" | "declined" | "moved" | "phone_ok" | "help_called";
		/** 状况 · How they are */
		wellbeing: "" | "well" | "so_so" | "unwell" | "unknown";
		/** 需求 · What is needed */
		needs: ("medicine" | "medical" | "food" | "repair" | "transport" | "paperwork" | "company" | "money" | "other")[];
		/** 备注 · Note, 300 characters of each author; what two wrote offline stands together */
		note: string;
		/** 时长（分） · Minutes with the people */
		minutes: number;
		/** 同行 · Who came along */
		companion: string;
		/** 凭证 · Photographs */
		evidence: string[];
		/** 巡查 · Patrol */
		patrol: string;
		/** 下次 · Next visit */
		next_due: string;
		/** 夜间走访原因 · Why between 21:00 and 08:00 */
		quiet_hours_reason: string;
		/** 回执号 · Receipt number; set by the server */
		receipt_no: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
		/** 更正 · The visit that this one corrects */
		corrects: string;
	}
	due_visits: {
		id: string;
		/** 关爱计划 · Plan that it follows from */
		plan: string;
		/** 居民 · Whom to look after */
		resident: string;
		/** 户 · Where */
		household: string;
		/** 所属网格 · Grid of the home */
		grid: string;
		/** 等级 · How closely care is needed: of the plan, not of the person */
		tier: "" | "high" | "key" | "general";
		/** 上次联系日 · Day in China of the last contact that counts: at the door, by telephone, by a neighbour's word */
		last_contact_on: string;
		/** 应访日 · Day on which it would be due if every day were a working day */
		wanted_on: string;
		/** 最早日 · Nobody comes before this day, such as after a refusal */
		earliest_on: string;
		/** 节假日照常 · Days off do not move it */
		fixed: boolean;
		/** 到期日 · Day in China on which it is due */
		due_on: string;
		created: string;
		updated: string;
	}
	patrols: {
		id: string;
		/** 网格员 · Officer */
		officer: string;
		/** 模板 · Template */
		template: string;
		/** 状态 · State */
		status: "" | "planned" | "active" | "paused" | "ended";
		/** 开始 · Start */
		started_at: string;
		/** 结束 · End */
		ended_at: string;
		/** 结束原因 · Why it ended */
		end_reason: "" | "manual" | "auto_time" | "auto_exit" | "shift_end";
		/** 里程（米） · Metres walked; the officer's own, never compared */
		distance_m: number;
		/** 楼层 · Floors climbed, if he cares to say */
		floors: number;
		/** 保留轨迹 · Keep the track beyond 30 days */
		keep_points: boolean;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	track_batches: {
		id: string;
		/** 网格员 · Officer, the only one who sees it */
		officer: string;
		/** 巡查 · Patrol */
		patrol: string;
		/** 来源 · App that recorded it; set by the server */
		source: "" | "app" | "owntracks" | "osmand";
		/** 坐标系 · Datum in which the phone gave the points, WGS-84 unless said; stored are WGS-84 */
		datum: "" | "wgs84" | "gcj02" | "bd09" | "cgcs2000";
		/** 轨迹 · Points in base64, see docs/tracks.md; deleted after 30 days */
		track: string;
		/** 点数 · Number of points; set by the server */
		count: number;
		/** 未保存点数 · Points from before or after the patrol, which are not kept; set by the server */
		dropped: number;
		/** 跳点数 · Points to which nobody can have come so fast; set by the server */
		jumps: number;
		/** 首点时间 · Time of the first point; set by the server */
		started_at: string;
		/** 末点时间 · Time of the last point; set by the server */
		ended_at: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	check_ins: {
		id: string;
		/** 网格员 · Officer */
		officer: string;
		/** 巡查 · Patrol */
		patrol: string;
		/** 对象类别 · Kind of place */
		target_type: "" | "household" | "building" | "point" | "event";
		/** 对象 · Id of the household or building, or words for the place */
		target: string;
		/** 纬度 · Latitude in degrees, WGS-84 once stored */
		lat: number;
		/** 经度 · Longitude in degrees, WGS-84 once stored */
		lng: number;
		/** 精度（米） · Accuracy in metres, as the phone gave it */
		acc_m: number;
		/** 坐标系 · Datum in which the phone gave the place; raw keeps the numbers */
		datum: "" | "wgs84" | "gcj02" | "bd09" | "cgcs2000";
		/** 定位来源 · Where the place comes from */
		loc_src: "" | "gps" | "network" | "manual" | "qr" | "none";
		/** 定位时间 · When the place was measured */
		fix_at: string;
		/** 定位时长（秒） · Age of the place in seconds, when fix_at is not known */
		fix_age_s: number;
		/** 模拟定位 · The phone says that the place was simulated */
		mock: boolean;
		/** 本机判定 · The phone's verdict */
		verdict_client: "" | "inside" | "near_edge" | "outside" | "uncertain" | "no_fix" | "qr_confirmed";
		/** 复核判定 · The server's verdict: advice, never a refusal; set by the server */
		verdict_server: "" | "inside" | "near_edge" | "outside" | "uncertain" | "no_fix" | "qr_confirmed";
		/** 距边界（米） · Metres outside the boundary of the assigned grid, negative inside; set by the server */
		distance_m: number;
		/** 判定依据 · What spoke against a plain verdict; set by the server */
		reasons: ("not_a_number" | "latitude_out_of_range" | "longitude_out_of_range" | "null_island" | "incomplete_fix" | "bad_accuracy" | "accuracy_unknown" | "coarse_fix" | "stale_fix" | "fix_from_future" | "mock_location" | "no_assigned_grid" | "impossible_speed" | "lone_outside" | "datum_suspect" | "clock_skew")[];
		/** 所在网格 · The smallest grid that contains the place; set by the server */
		grid_found: string;
		/** 边界版本 · Version of the boundary it was judged by; set by the server */
		boundary_version: number;
		/** 说明 · Why there is no good place */
		reason: "" | "indoors" | "basement" | "hills" | "urban_canyon" | "phone_issue" | "privacy";
		/** 备注 · Note */
		note: string;
		/** 凭证 · Photographs */
		evidence: string[];
		/** 原始值 · Place and accuracy exactly as received; set by the server */
		raw: unknown;
		/** 签名 · Signature of the phone over what it recorded, see docs/proof.md */
		proof: string;
		/** 签名核对 · What became of the signature: advice, never a refusal; older apps do not sign; set by the server */
		proof_status: "" | "verified" | "unsigned" | "broken_chain" | "unknown_key" | "altered";
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	evidence: {
		id: string;
		/** 归属类别 · Kind of record it proves */
		owner_type: "" | "visit" | "check_in" | "patrol" | "matter" | "demand" | "errand" | "alert" | "mediation";
		/** 归属 · Id of the record it proves */
		owner_id: string;
		/** 文件 · The photograph as taken; never altered */
		file: string;
		/** 校验 · SHA-256 of the bytes in hex, as the phone saw them */
		sha256: string;
		/** 拍摄时间 · When it was taken, as the phone says */
		taken_at: string;
		/** 阶段 · Before, during or after handling, or a document */
		stage: "" | "before" | "during" | "after" | "document";
		/** 宽 · Width in pixels, upright; set by the server */
		width: number;
		/** 高 · Height in pixels, upright; set by the server */
		height: number;
		/** 字节数 · Size of the file in bytes; set by the server */
		bytes: number;
		/** 去位置 · The derived pictures carry no EXIF; set by the server */
		exif_stripped: boolean;
		/** EXIF 拍摄时间 · Time in the file's EXIF; set by the server */
		exif_taken_at: string;
		/** EXIF 含位置 · The file's EXIF holds a place; set by the server */
		exif_has_place: boolean;
		/** EXIF 纬度 · Latitude in the file's EXIF, WGS-84 degrees; set by the server */
		exif_lat: number;
		/** EXIF 经度 · Longitude in the file's EXIF, WGS-84 degrees; set by the server */
		exif_lng: number;
		/** 含人物 · A person can be recognised */
		contains_person: boolean;
		/** 室内 · Taken inside a home: name the consent for it */
		indoor: boolean;
		/** 同意 · Consent of the person shown */
		consent: string;
		/** 上传状态 · done: the bytes are on the server's disk and have this SHA-256; set by the server */
		upload_state: "" | "local" | "partial" | "done";
		/** 处理状态 · What became of the picture; set by the server */
		status: "" | "pending" | "processing" | "ready" | "preview_unavailable" | "erased" | "rejected";
		/** 原因 · Why it was rejected or has no preview; set by the server */
		status_reason: "" | "too_large" | "too_many_pixels" | "not_an_image" | "unsupported_format" | "truncated" | "hash_mismatch" | "broken_image" | "preview_failed";
		/** 不完整 · The file ends early; what there is, is shown; set by the server */
		truncated: boolean;
		/** 复核提示 · What a reviewer should look at: a hint, never a refusal; set by the server */
		reasons: ("same_picture" | "similar_picture" | "exif_time_far" | "exif_place_far" | "consent_missing")[];
		/** 遮挡 · Parts made unrecognizable in all previews: [[left, top, right, bottom], …] in fractions of the upright picture, 20 at most */
		blur: unknown;
		/** 代为预览 · Id of the HEIC photograph whose previews are made of this one */
		preview_of: string;
		/** 留存 · Keep beyond the retention of photographs with persons; set by an admin */
		legal_hold: boolean;
		/** 到期删除时间 · When the bytes were deleted after their time; set by the server */
		erased_at: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	deadline_rules: {
		id: string;
		/** 区划 · Division and all below it; empty is everywhere */
		region: string;
		/** 大类 · Category; empty is all */
		category: "" | "city_appearance" | "public_facility" | "village_building" | "safety_hazard" | "disaster" | "dispute" | "livelihood" | "errand_service" | "market_order" | "ecology" | "public_health" | "security_clue" | "suggestion";
		/** 小类 · Subcategory, of the category */
		subcategory: "" | "advice" | "allowance" | "building_risk" | "cables" | "certificate" | "child" | "collapse" | "complaint" | "construction_site" | "construction_waste" | "consult" | "consumer" | "contract" | "counterfeit" | "crowded_rental" | "damages" | "dilapidated_house" | "dirty_road" | "disability" | "document_pickup" | "dogs" | "drain" | "drinking_water" | "drowning_risk" | "dust" | "ebike_charging" | "ecommerce" | "elder_care" | "elder_scam" | "electric" | "elevator" | "epidemic_clue" | "exposed_garbage" | "expropriation" | "extreme_weather" | "fire_lane" | "fishing_ban" | "fitness" | "flood" | "food_safety" | "forest_fire" | "forest_land" | "fraud" | "gambling" | "gas" | "green_damage" | "house_homestead" | "illegal_structure" | "job" | "labour" | "lamp_install" | "landslide" | "manhole" | "marriage_family" | "medical" | "medical_insurance" | "medical_waste" | "medicine" | "messy_ads" | "migrant_wages" | "neighbour" | "noise_fumes" | "open_burning" | "other" | "payment" | "pension" | "pests" | "pipe_burst" | "poaching" | "pollution" | "pond_ditch" | "power_water_cut" | "praise" | "price" | "production_business" | "property_mgmt" | "property_service" | "river_occupation" | "road_hardening" | "road_surface" | "schooling" | "sign_rail" | "straw_burning" | "street_lamp" | "street_vending" | "subsidy_apply" | "theft" | "toilet" | "toilet_sewage" | "tourism" | "traffic" | "traffic_risk" | "tree" | "unlicensed" | "utilities" | "village_clean" | "water_logging" | "water_pollution" | "water_pond";
		/** 紧急程度 · Priority; empty is all */
		priority: "" | "p0_emergency" | "p1_urgent" | "p2_normal" | "p3_complex";
		/** 阶段 · What must be done in time; «close» is the whole case */
		stage: "" | "accept" | "first_contact" | "feedback" | "close" | "answer" | "promise" | "pick_up" | "claim" | "report_in" | "ack" | "call" | "door";
		/** 时限（分钟） · Limit in minutes of natural or working time */
		limit_minutes: number;
		/** 计时方式 · Natural time, or working time by the calendar */
		clock_kind: "" | "natural" | "working";
		/** 升级间隔（分钟） · Overdue by so many minutes, the next level is told, again and again; 0 is once only */
		escalate_minutes: number;
		/** 累计计时 · A stage that is entered again goes on counting instead of starting anew */
		cumulative: boolean;
		/** 依据 · Where the limit comes from */
		note: string;
		created: string;
		updated: string;
	}
	work_calendar: {
		id: string;
		/** 类别 · Hours of every week, a holiday, or a make-up workday */
		kind: "" | "week" | "holiday" | "makeup";
		/** 日期 · For every week 1 Monday to 7 Sunday; else a date such as 2026-10-01 */
		day: string;
		/** 工作时间 · Such as 08:00-12:00,14:00-18:00; empty for a day off */
		hours: string;
		/** 名称 · Name, such as 国庆节 */
		name: string;
		created: string;
		updated: string;
	}
	matters: {
		id: string;
		/** 编号 · Number; set by the server */
		no: string;
		/** 临时编号 · Number that the phone gave it without signal, such as 临-07 */
		temp_no: string;
		/** 标题 · Title; no names and no telephone numbers */
		title: string;
		/** 大类 · Category; it decides the unit that leads */
		category: "" | "city_appearance" | "public_facility" | "village_building" | "safety_hazard" | "disaster" | "dispute" | "livelihood" | "errand_service" | "market_order" | "ecology" | "public_health" | "security_clue" | "suggestion";
		/** 小类 · Subcategory, of the category */
		subcategory: "" | "advice" | "allowance" | "building_risk" | "cables" | "certificate" | "child" | "collapse" | "complaint" | "construction_site" | "construction_waste" | "consult" | "consumer" | "contract" | "counterfeit" | "crowded_rental" | "damages" | "dilapidated_house" | "dirty_road" | "disability" | "document_pickup" | "dogs" | "drain" | "drinking_water" | "drowning_risk" | "dust" | "ebike_charging" | "ecommerce" | "elder_care" | "elder_scam" | "electric" | "elevator" | "epidemic_clue" | "exposed_garbage" | "expropriation" | "extreme_weather" | "fire_lane" | "fishing_ban" | "fitness" | "flood" | "food_safety" | "forest_fire" | "forest_land" | "fraud" | "gambling" | "gas" | "green_damage" | "house_homestead" | "illegal_structure" | "job" | "labour" | "lamp_install" | "landslide" | "manhole" | "marriage_family" | "medical" | "medical_insurance" | "medical_waste" | "medicine" | "messy_ads" | "migrant_wages" | "neighbour" | "noise_fumes" | "open_burning" | "other" | "payment" | "pension" | "pests" | "pipe_burst" | "poaching" | "pollution" | "pond_ditch" | "power_water_cut" | "praise" | "price" | "production_business" | "property_mgmt" | "property_service" | "river_occupation" | "road_hardening" | "road_surface" | "schooling" | "sign_rail" | "straw_burning" | "street_lamp" | "street_vending" | "subsidy_apply" | "theft" | "toilet" | "toilet_sewage" | "tourism" | "traffic" | "traffic_risk" | "tree" | "unlicensed" | "utilities" | "village_clean" | "water_logging" | "water_pollution" | "water_pond";
		/** 位置 · Place, WGS-84 degrees */
		point: { lon: number; lat: number };
		/** 地点 · Place in words */
		place_zh: string;
		/** 来源 · Where it comes from */
		source: "" | "officer" | "resident_qr" | "meeting" | "hotline_12345" | "sensor" | "volunteer" | "department" | "upper" | "walk_in" | "media";
		/** 紧急程度 · Priority */
		priority: "" | "p0_emergency" | "p1_urgent" | "p2_normal" | "p3_complex";
		/** 办理层级 · Level that handles it */
		level: "" | "l1_grid" | "l2_village" | "l3_town" | "l4_county" | "l5_city";
		/** 涉及人数 · Number of people involved */
		involved_count: number;
		/** 规模 · Scale, from the number of people; set by the server */
		scale: "" | "individual" | "small_group" | "group" | "large";
		/** 责任人 · Officer who answers for it now */
		owner: string;
		/** 牵头单位 · Unit that leads */
		lead_org: string;
		/** 配合单位 · Units that help */
		coop_orgs: string[];
		/** 建议单位 · Unit that seems right: by the category at first, later what a return names */
		suggested_org: string;
		/** 受理时限 · When it must be accepted; set by the server */
		due_accept: string;
		/** 首次联系时限 · When somebody must have been in touch; set by the server */
		due_first_contact: string;
		/** 反馈时限 · When it must have been answered; set by the server */
		due_feedback: string;
		/** 办结时限 · When it must be closed; set by the server */
		due_close: string;
		/** 计时方式 · How the time of the whole case is counted; set by the server */
		clock_kind: "" | "natural" | "working";
		/** 暂停计时 · Its clocks stand still; set by the server */
		paused: boolean;
		/** 超时阶段 · Stages that ran out of time; set by the server */
		breached: ("accept" | "first_contact" | "feedback" | "close" | "answer" | "promise" | "pick_up" | "claim" | "report_in" | "ack" | "call" | "door")[];
		/** 督办层级 · Level before which it was brought because it is overdue; set by the server */
		overseen_level: "" | "l1_grid" | "l2_village" | "l3_town" | "l4_county" | "l5_city";
		/** 延期天数 · Days by which it is extended, of its kind of time */
		extend_days: number;
		/** 建议重新打开 · Proof came after it was closed; set by the server */
		reopen_suggested: boolean;
		/** 诉求 · Demand from which it comes */
		demand: string;
		/** 凭证 · Photographs */
		evidence: string[];
		/** 办理结果 · What was done */
		result: string;
		/** 可公开 · May be shown in public */
		public_ok: boolean;
		/** 状态 · State of the matter: docs/workflow.md */
		status: "" | "draft" | "reported" | "accepted" | "solved_on_spot" | "dispatched" | "in_progress" | "handled" | "verifying" | "evaluating" | "closed" | "archived" | "returned" | "escalated" | "whistled" | "extended" | "suspended" | "merged" | "withdrawn" | "reopened";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
		/** 并入 · Matter that it was merged into */
		merged_into: string;
		/** 疑似重复 · Matters that may be the same; a suggestion, set by the server */
		similar: string[];
	}
	matter_events: {
		id: string;
		/** 事项 · Matter */
		matter: string;
		/** 所属网格 · Grid of the matter */
		grid: string;
		/** 牵头单位 · Unit that led then */
		lead_org: string;
		/** 动作 · What was done */
		action: "" | "draft" | "report" | "solve" | "accept" | "dispatch" | "begin" | "return" | "escalate" | "whistle" | "extend" | "suspend" | "go_on" | "handle" | "verify" | "redo" | "ask" | "close" | "archive" | "merge" | "withdraw" | "reopen" | "raise" | "assign" | "answer" | "read_back" | "promise" | "finish" | "lapse" | "drop" | "request" | "pick_up" | "deliver" | "process" | "give_back" | "cancel" | "confirm" | "plan" | "open" | "follow_up" | "blow" | "notify" | "report_in" | "arrive" | "act" | "resolve" | "evaluate" | "publish" | "unpublish" | "fill" | "free" | "submit" | "rate" | "ack" | "contact" | "suppress" | "propose" | "suggest_reopen" | "overdue";
		/** 原状态 · State before */
		from_status: "" | "draft" | "reported" | "accepted" | "solved_on_spot" | "dispatched" | "in_progress" | "handled" | "verifying" | "evaluating" | "closed" | "archived" | "returned" | "escalated" | "whistled" | "extended" | "suspended" | "merged" | "withdrawn" | "reopened";
		/** 新状态 · State after */
		to_status: "" | "draft" | "reported" | "accepted" | "solved_on_spot" | "dispatched" | "in_progress" | "handled" | "verifying" | "evaluating" | "closed" | "archived" | "returned" | "escalated" | "whistled" | "extended" | "suspended" | "merged" | "withdrawn" | "reopened";
		/** 阶段 · Stage that ran out of time */
		stage: "" | "accept" | "first_contact" | "feedback" | "close" | "answer" | "promise" | "pick_up" | "claim" | "report_in" | "ack" | "call" | "door";
		/** 经办人 · Who did it; empty for the office and the server */
		actor: string;
		/** 单位 · Unit of whoever did it */
		org: string;
		/** 原因 · Why */
		reason: string;
		/** 延期天数 · Days by which it was extended */
		extend_days: number;
		/** 时间 · When it was done, by the clock of whoever did it */
		at: string;
		created: string;
		updated: string;
	}
	matter_parties: {
		id: string;
		/** 事项 · Matter */
		matter: string;
		/** 身份 · Part in the matter */
		part: "" | "reporter" | "affected";
		/** 居民 · Resident, if one of the roll */
		resident: string;
		/** 姓名 · Name, if given */
		name: string;
		/** 电话 · Telephone, if given */
		phone: string;
		/** 匿名 · Wants to stay unnamed; treated the same */
		anonymous: boolean;
		/** 需要回复 · Wants to hear what came of it */
		wants_answer: boolean;
		/** 回复时间 · When told what came of it */
		answered_at: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	survey_responses: {
		id: string;
		/** 事项 · Matter */
		matter: string;
		/** 状态 · State */
		status: "" | "sent" | "answered" | "declined";
		/** 是否解决 · Was it solved */
		solved: "" | "solved" | "partly" | "unsolved";
		/** 满意程度 · Satisfaction with the matter; never with a person */
		satisfaction: "" | "satisfied" | "basic" | "dissatisfied";
		/** 意见 · What was said; without names */
		note: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	whistles: {
		id: string;
		/** 类别 · Kind */
		kind: "" | "key_problem" | "joint_enforcement" | "emergency";
		/** 事项 · Matter for which it is blown */
		matter: string;
		/** 事由 · What it is about; no names */
		subject: string;
		/** 地点 · Where to come */
		place_zh: string;
		/** 位置 · Where to come, WGS-84 degrees */
		point: { lon: number; lat: number };
		/** 镇街 · Town that blows it */
		town: string;
		/** 牵头单位 · Unit that leads */
		lead_org: string;
		/** 配合单位 · Units that help */
		coop_orgs: string[];
		/** 处理结果 · What came of it */
		result: string;
		/** 状态 · State of the whistle: docs/workflow.md */
		status: "" | "blown" | "notified" | "reported_in" | "on_site" | "joint_action" | "resolved" | "evaluated";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	whistle_responses: {
		id: string;
		/** 吹哨 · Whistle */
		whistle: string;
		/** 单位 · Unit that was called */
		org: string;
		/** 牵头 · It leads; set by the server */
		lead: boolean;
		/** 事由 · What it is about and where; set by the server */
		subject: string;
		/** 报到时限 · When it must have reported in; set by the server */
		due_at: string;
		/** 报到时间 · When it reported in */
		reported_at: string;
		/** 到场时间 · When it was on site */
		on_site_at: string;
		/** 超时 · It had not reported in in time; set by the server */
		breached: boolean;
		/** 督办层级 · Level before which a no-show was brought; set by the server */
		overseen_level: "" | "l1_grid" | "l2_village" | "l3_town" | "l4_county" | "l5_city";
		/** 说明 · What it did */
		note: string;
		/** 镇街评价部门 · What the town says of the unit's help */
		town_says: "" | "satisfied" | "basic" | "dissatisfied";
		/** 部门评价镇街 · What the unit says of being called */
		unit_says: "" | "satisfied" | "basic" | "dissatisfied";
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	meetings: {
		id: string;
		/** 地点 · Pavilion or other place */
		place: string;
		/** 类型 · Type */
		type: "" | "pavilion_talk" | "yard_talk" | "villager_assembly" | "representative_meeting" | "party_proposal" | "two_committee" | "party_member_review" | "owners_meeting";
		/** 开会时间 · When it is held */
		held_at: string;
		/** 主持 · Who chairs */
		chair: string;
		/** 记录 · Who writes the minutes */
		scribe: string;
		/** 应到 · Number of people expected */
		expected: number;
		/** 实到 · Number of people present; names are not needed */
		present_count: number;
		/** 法定人数规则 · How many must be present */
		quorum_rule: "" | "none" | "half" | "two_thirds";
		/** 达标 · Enough are present; set by the server */
		quorum_ok: boolean;
		/** 结束人 · Who closed it: the first to do so */
		closed_by: string;
		/** 公布时间 · When the minutes were put up */
		published_at: string;
		/** 状态 · State of the meeting: docs/workflow.md */
		status: "" | "planned" | "notified" | "open" | "closed" | "published" | "followed_up";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	agenda_items: {
		id: string;
		/** 会议 · Meeting */
		meeting: string;
		/** 顺序 · Order */
		position: number;
		/** 议题 · Title */
		title: string;
		/** 类别 · Kind */
		kind: "" | "read_back" | "topic" | "vote" | "report";
		/** 决议 · Decision */
		decision: string;
		/** 赞成 · Votes for */
		votes_for: number;
		/** 反对 · Votes against */
		votes_against: number;
		/** 弃权 · Abstentions */
		votes_abstain: number;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	minutes: {
		id: string;
		/** 会议 · Meeting */
		meeting: string;
		/** 记录 · What one scribe wrote; another's block stands beside it */
		text: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	demands: {
		id: string;
		/** 会议 · Meeting at which it was raised */
		meeting: string;
		/** 提出人 · Who raised it; may be left out */
		raised_by: string;
		/** 内容 · What is asked for */
		text: string;
		/** 大类 · Category */
		category: "" | "city_appearance" | "public_facility" | "village_building" | "safety_hazard" | "disaster" | "dispute" | "livelihood" | "errand_service" | "market_order" | "ecology" | "public_health" | "security_clue" | "suggestion";
		/** 附议数 · How many support it */
		support_count: number;
		/** 结果 · What was decided */
		outcome: "" | "accepted" | "merged" | "declined" | "needs_vote" | "out_of_scope";
		/** 答复 · The answer: what will be done, or why not */
		answer: string;
		/** 答复期限 · When it must be answered; 15 days unless set */
		due_at: string;
		/** 超期 · It was not answered in time; set by the server */
		breached: boolean;
		/** 状态 · State of the demand: docs/workflow.md */
		status: "" | "raised" | "merged" | "accepted" | "assigned" | "done" | "read_back";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
		/** 并入 · Demand that it was merged into */
		merged_into: string;
		/** 疑似重复 · Demands that may be the same; a suggestion, set by the server */
		similar: string[];
		/** 事项 · Matter that came of it */
		matter: string;
	}
	commitments: {
		id: string;
		/** 会议 · Meeting at which it was promised */
		meeting: string;
		/** 诉求 · Demand that it answers */
		demand: string;
		/** 责任人 · Who promised: an office or a person in it */
		who: string;
		/** 单位 · Unit */
		org: string;
		/** 内容 · What was promised */
		what: string;
		/** 期限 · By when */
		due: string;
		/** 结果 · What became of it */
		result: string;
		/** 回报时间 · When a meeting was told */
		read_back_at: string;
		/** 状态 · State of the commitment: docs/workflow.md */
		status: "" | "open" | "done" | "late" | "dropped" | "read_back";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	service_items: {
		id: string;
		/** 事项 · Name of the service */
		name: string;
		/** 大类 · Category */
		category: "" | "city_appearance" | "public_facility" | "village_building" | "safety_hazard" | "disaster" | "dispute" | "livelihood" | "errand_service" | "market_order" | "ecology" | "public_health" | "security_clue" | "suggestion";
		/** 受理单位 · Unit that handles it */
		org: string;
		/** 办理地点 · Where, and when it is open */
		where: string;
		/** 办理流程 · What happens */
		steps: string;
		/** 状态 · State */
		status: "" | "draft" | "published" | "retired";
		/** 复核日 · When it must be reviewed: every 180 days */
		review_at: string;
		created: string;
		updated: string;
	}
	materials: {
		id: string;
		/** 事项 · Service */
		service_item: string;
		/** 材料 · Paper */
		name: string;
		/** 原件 · The original is needed */
		original: boolean;
		/** 份数 · Number of copies */
		copies: number;
		/** 视情况 · Only in some cases */
		optional: boolean;
		/** 说明 · Where to get it, and for whom it is needed */
		note: string;
		/** 顺序 · Order */
		position: number;
		created: string;
		updated: string;
	}
	errands: {
		id: string;
		/** 居民 · Whom it is for */
		resident: string;
		/** 事项 · Service, if it is for one */
		service_item: string;
		/** 内容 · What is to be done */
		what: string;
		/** 代办人 · Who goes: the first who accepts it */
		runner: string;
		/** 约定时间 · When it was promised to be picked up */
		promise_at: string;
		/** 受理时限 · When somebody must have accepted it; set by the server */
		due_accept: string;
		/** 取件时限 · When it must have been picked up; set by the server */
		due_pick_up: string;
		/** 超时阶段 · Stages that ran out of time; set by the server */
		breached: ("accept" | "first_contact" | "feedback" | "close" | "answer" | "promise" | "pick_up" | "claim" | "report_in" | "ack" | "call" | "door")[];
		/** 结果 · What came of it */
		result: string;
		/** 状态 · State of the errand: docs/workflow.md */
		status: "" | "requested" | "accepted" | "picked_up" | "delivered" | "handled" | "returned" | "confirmed";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	errand_items: {
		id: string;
		/** 代办 · Errand */
		errand: string;
		/** 材料 · Paper of the checklist */
		material: string;
		/** 名称 · What it is; never its number */
		name: string;
		/** 缺少 · It is not there yet */
		missing: boolean;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	custody_steps: {
		id: string;
		/** 代办 · Errand */
		errand: string;
		/** 材料 · What was handed over */
		item: string;
		/** 交出人 · Who gave it */
		giver: "" | "resident" | "officer" | "hall" | "family";
		/** 接收人 · Who took it */
		taker: "" | "resident" | "officer" | "hall" | "family";
		/** 交出确认 · When the giver tapped */
		given_at: string;
		/** 接收确认 · When the taker tapped */
		taken_at: string;
		/** 回执号 · Receipt number; set by the server */
		receipt_no: string;
		/** 备注 · Note */
		note: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	alerts: {
		id: string;
		/** 类别 · Kind of sign */
		kind: "" | "water_no_flow" | "water_continuous" | "water_excess" | "sensor_offline" | "smoke" | "gas" | "sos_button" | "visit_overdue";
		/** 级别 · Level; set by the server */
		level: "" | "notice" | "urgent";
		/** 户 · Where to look */
		household: string;
		/** 设备 · Meter that it comes from; set by the server */
		sensor: string;
		/** 触发时间 · When it was raised; set by the server */
		raised_at: string;
		/** 无用水起 · No water ran from then; set by the server */
		flat_from: string;
		/** 无用水至 · To this reading; set by the server */
		flat_to: string;
		/** 恢复用水 · Reading by which water ran again; nobody is told more, and people end the alert; set by the server */
		moved_at: string;
		/** 签收时间 · When somebody first acknowledged it */
		acked_at: string;
		/** 签收人 · Who first acknowledged it */
		acked_by: string;
		/** 联系时间 · When somebody first called */
		contacted_at: string;
		/** 到场时间 · When somebody was at the door */
		arrived_at: string;
		/** 签收时限 · When it must be acknowledged; set by the server */
		due_ack: string;
		/** 联系时限 · When somebody must have called; set by the server */
		due_call: string;
		/** 到场时限 · When somebody must be at the door; set by the server */
		due_door: string;
		/** 超时阶段 · Stages that ran out of time; set by the server */
		breached: ("accept" | "first_contact" | "feedback" | "close" | "answer" | "promise" | "pick_up" | "claim" | "report_in" | "ack" | "call" | "door")[];
		/** 告知到 · Who is to be told now, one further with every stage that runs out of time; set by the server */
		told: "" | "officer" | "family" | "village" | "rescue";
		/** 处置过程 · What was done and found */
		steps: string;
		/** 原因 · What it was */
		cause: "" | "away" | "cleaning" | "leak" | "meter_fault" | "unwell" | "deceased" | "unknown";
		/** 外出至 · Nobody is at home until then, and no alert is raised; for the cause away */
		away_until: string;
		/** 状态 · State of the alert: docs/workflow.md */
		status: "" | "raised" | "acked" | "contacting" | "on_site" | "resolved" | "escalated" | "suppressed";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	service_orders: {
		id: string;
		/** 标题 · Title; no names and no addresses */
		title: string;
		/** 类别 · Kind of service */
		kind: "" | "chores" | "company" | "transport" | "teaching" | "policy_talk" | "goods" | "environment" | "legal" | "health";
		/** 名额 · How many helpers are wanted */
		slots: number;
		/** 时间 · When */
		when_at: string;
		/** 技能 · What a helper should be able to do */
		skills: string;
		/** 说明 · What else to know */
		note: string;
		/** 已占名额 · Places that are taken; set by the server */
		held: number;
		/** 可见范围 · Who sees it besides the grid; set by the server */
		audience: "" | "grid" | "volunteers";
		/** 认领时限 · When it is shown more widely; set by the server */
		due_claim: string;
		/** 无人认领 · Nobody had claimed it in time; set by the server */
		breached: boolean;
		/** 评价 · What the recipient says of the service; never of a person */
		satisfaction: "" | "satisfied" | "basic" | "dissatisfied";
		/** 状态 · State of the order: docs/workflow.md */
		status: "" | "draft" | "published" | "claimed" | "in_service" | "submitted" | "confirmed" | "rated";
		/** 原因 · Why it was last returned, extended, reopened and the like; each reason stays in the history */
		reason: string;
		/** 进入时间 · When the present state was entered; set by the server */
		state_since: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	order_recipients: {
		id: string;
		/** 订单 · Order */
		order: string;
		/** 居民 · Resident, if one of the roll */
		resident: string;
		/** 姓名 · Name */
		name: string;
		/** 电话 · Telephone */
		phone: string;
		/** 地址 · Where to come */
		address: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
	order_claims: {
		id: string;
		/** 订单 · Order */
		order: string;
		/** 志愿者 · Who claims a place */
		volunteer: string;
		/** 组织 · Organization he comes from */
		org: string;
		/** 次序 · Order of arrival; set by the server */
		place: number;
		/** 状态 · State; set by the server */
		status: "" | "held" | "backup" | "confirmed" | "done" | "released";
		/** 确认时间 · When the officer confirmed him */
		confirmed_at: string;
		/** 退出时间 · When the place was given up */
		released_at: string;
		/** 完成时间 · When he was done */
		done_at: string;
		/** 时长 · Hours, if he cares to say; never compared */
		hours: number;
		/** 感谢 · A word of thanks */
		thanks_note: string;
		/** 受助人 · Name, telephone and address once he is confirmed; set by the server */
		recipient: string;
		/** 所属网格 · Grid it belongs to; derived from the household where there is one */
		grid: string;
		/** 操作号 · Id of the phone's operation; a repeat is recognised by it */
		op_id: string;
		/** 设备 · Device it was recorded on */
		device: string;
		/** 采集时间 · Time on the phone's clock when it was recorded */
		captured_at: string;
		/** 修改时间 · Hybrid logical clock stamp of the last edit */
		client_updated_at: string;
		/** 收到时间 · Time when the server received it; set by the server */
		received_at: string;
		/** 时钟偏差 · Phone clock minus server clock in milliseconds; set by the server */
		clock_skew_ms: number;
		/** 版本 · Number of saves; set by the server */
		rev: number;
		/** 删除标记 · Set when the record was struck out but must still be seen */
		deleted_at: string;
		/** 记录人 · Officer who recorded it; set by the server */
		created_by: string;
		created: string;
		updated: string;
	}
}

/** The fields that a phone may write, with the rule by which they are merged. */
export interface Writable {
	regions: never;
	organizations: never;
	dict: never;
	grids: never;
	officers: never;
	grid_assignments: never;
	devices: never;
	buildings: "name" | "kind" | "point" | "storeys" | "units" | "hazard_tags" | "place_qr" | "grid";
	households: "building" | "address_zh" | "door_no" | "head_name" | "phone" | "resident_count" | "tenure" | "contact_pref" | "no_photo" | "last_visit_at" | "grid";
	residents: "household" | "name" | "sex" | "birth_year" | "phone" | "relation_to_head" | "residency" | "care_tags" | "emergency_contact" | "dialect" | "life_status" | "grid";
	consents: "subject" | "purpose" | "scope" | "given_by" | "method" | "given_at" | "withdrawn_at" | "notice_version" | "grid";
	care_plans: "resident" | "tier" | "cadence_days" | "methods" | "family_contact" | "consent" | "review_at" | "notes" | "grid";
	visits: "household" | "residents" | "purpose" | "mode" | "result" | "wellbeing" | "needs" | "note" | "minutes" | "companion" | "evidence" | "patrol" | "next_due" | "quiet_hours_reason" | "grid" | "corrects";
	due_visits: never;
	patrols: "officer" | "template" | "status" | "started_at" | "ended_at" | "end_reason" | "distance_m" | "floors" | "keep_points" | "grid";
	track_batches: "officer" | "patrol" | "source" | "datum" | "track" | "count" | "dropped" | "jumps" | "started_at" | "ended_at" | "grid";
	check_ins: "officer" | "patrol" | "target_type" | "target" | "lat" | "lng" | "acc_m" | "datum" | "loc_src" | "fix_at" | "fix_age_s" | "mock" | "verdict_client" | "verdict_server" | "distance_m" | "reasons" | "grid_found" | "boundary_version" | "reason" | "note" | "evidence" | "raw" | "proof" | "grid";
	evidence: "owner_type" | "owner_id" | "file" | "sha256" | "taken_at" | "stage" | "width" | "height" | "bytes" | "exif_stripped" | "exif_taken_at" | "exif_has_place" | "exif_lat" | "exif_lng" | "contains_person" | "indoor" | "consent" | "upload_state" | "status" | "status_reason" | "truncated" | "reasons" | "blur" | "preview_of" | "grid";
	deadline_rules: never;
	work_calendar: never;
	matters: "temp_no" | "title" | "category" | "subcategory" | "point" | "place_zh" | "source" | "priority" | "level" | "involved_count" | "owner" | "lead_org" | "coop_orgs" | "suggested_org" | "extend_days" | "demand" | "evidence" | "result" | "public_ok" | "status" | "reason" | "grid" | "merged_into";
	matter_events: never;
	matter_parties: "matter" | "part" | "resident" | "name" | "phone" | "anonymous" | "wants_answer" | "answered_at" | "grid";
	survey_responses: "matter" | "status" | "solved" | "satisfaction" | "note" | "grid";
	whistles: "kind" | "matter" | "subject" | "place_zh" | "point" | "town" | "lead_org" | "coop_orgs" | "result" | "status" | "reason" | "grid";
	whistle_responses: "whistle" | "org" | "reported_at" | "on_site_at" | "note" | "town_says" | "unit_says" | "grid";
	meetings: "place" | "type" | "held_at" | "chair" | "scribe" | "expected" | "present_count" | "quorum_rule" | "closed_by" | "published_at" | "status" | "reason" | "grid";
	agenda_items: "meeting" | "position" | "title" | "kind" | "decision" | "votes_for" | "votes_against" | "votes_abstain" | "grid";
	minutes: "meeting" | "text" | "grid";
	demands: "meeting" | "raised_by" | "text" | "category" | "support_count" | "outcome" | "answer" | "due_at" | "status" | "reason" | "grid" | "merged_into" | "matter";
	commitments: "meeting" | "demand" | "who" | "org" | "what" | "due" | "result" | "read_back_at" | "status" | "reason" | "grid";
	service_items: never;
	materials: never;
	errands: "resident" | "service_item" | "what" | "runner" | "promise_at" | "result" | "status" | "reason" | "grid";
	errand_items: "errand" | "material" | "name" | "missing" | "grid";
	custody_steps: "errand" | "item" | "giver" | "taker" | "given_at" | "taken_at" | "note" | "grid";
	alerts: "kind" | "household" | "acked_at" | "acked_by" | "contacted_at" | "arrived_at" | "steps" | "cause" | "away_until" | "status" | "reason" | "grid";
	service_orders: "title" | "kind" | "slots" | "when_at" | "skills" | "note" | "satisfaction" | "status" | "reason" | "grid";
	order_recipients: "order" | "resident" | "name" | "phone" | "address" | "grid";
	order_claims: "order" | "volunteer" | "org" | "confirmed_at" | "released_at" | "done_at" | "hours" | "thanks_note" | "grid";
}

/** Those of them that stay as the record was created. */
export interface Fixed {
	regions: never;
	organizations: never;
	dict: never;
	grids: never;
	officers: never;
	grid_assignments: never;
	devices: never;
	buildings: never;
	households: never;
	residents: never;
	consents: "subject" | "purpose" | "scope" | "given_by" | "method" | "given_at" | "notice_version";
	care_plans: "resident";
	visits: "corrects";
	due_visits: never;
	patrols: "officer";
	track_batches: "officer" | "patrol" | "source" | "datum" | "track" | "count" | "dropped" | "jumps" | "started_at" | "ended_at" | "grid";
	check_ins: "officer" | "patrol" | "target_type" | "target" | "lat" | "lng" | "acc_m" | "datum" | "loc_src" | "fix_at" | "fix_age_s" | "mock" | "verdict_client" | "verdict_server" | "distance_m" | "reasons" | "grid_found" | "boundary_version" | "reason" | "note" | "evidence" | "raw" | "proof" | "grid";
	evidence: "owner_type" | "owner_id" | "file" | "sha256" | "taken_at" | "width" | "height" | "bytes" | "exif_stripped" | "exif_taken_at" | "exif_has_place" | "exif_lat" | "exif_lng" | "contains_person" | "indoor" | "upload_state" | "status" | "status_reason" | "truncated" | "reasons" | "blur" | "preview_of";
	deadline_rules: never;
	work_calendar: never;
	matters: "temp_no" | "source";
	matter_events: never;
	matter_parties: "matter";
	survey_responses: "matter";
	whistles: "kind" | "matter" | "town";
	whistle_responses: "whistle" | "org";
	meetings: never;
	agenda_items: "meeting";
	minutes: "meeting";
	demands: "meeting";
	commitments: "meeting" | "demand";
	service_items: never;
	materials: never;
	errands: "resident";
	errand_items: "errand" | "material";
	custody_steps: "errand" | "item" | "giver" | "taker";
	alerts: "kind" | "household";
	service_orders: never;
	order_recipients: "order";
	order_claims: "order" | "volunteer";
}

/** Those without which a record is not stored. */
export interface Needed {
	regions: never;
	organizations: never;
	dict: never;
	grids: never;
	officers: never;
	grid_assignments: never;
	devices: never;
	buildings: "name" | "kind";
	households: "address_zh";
	residents: "household" | "name" | "life_status";
	consents: "subject" | "purpose" | "given_by" | "given_at" | "notice_version";
	care_plans: "resident" | "tier" | "cadence_days" | "consent" | "review_at";
	visits: "household" | "purpose" | "mode" | "result";
	due_visits: never;
	patrols: "started_at";
	track_batches: "patrol";
	check_ins: "target_type" | "datum" | "loc_src";
	evidence: "owner_type" | "owner_id" | "sha256";
	deadline_rules: never;
	work_calendar: never;
	matters: "title" | "category" | "source" | "priority" | "status";
	matter_events: never;
	matter_parties: "matter" | "part";
	survey_responses: "matter" | "status";
	whistles: "kind" | "subject" | "lead_org" | "status";
	whistle_responses: "whistle" | "org";
	meetings: "place" | "type" | "held_at" | "status";
	agenda_items: "meeting" | "title";
	minutes: "meeting" | "text";
	demands: "text" | "status";
	commitments: "who" | "what" | "due" | "status";
	service_items: never;
	materials: never;
	errands: "resident" | "status";
	errand_items: "errand" | "name";
	custody_steps: "errand" | "item" | "giver" | "taker";
	alerts: "kind" | "household" | "status";
	service_orders: "title" | "kind" | "slots" | "when_at" | "status";
	order_recipients: "order";
	order_claims: "order";
}

/** The moves of workflows: whether they make a record, move one, and the fields that must be filled. */
export interface Actions {
	matters: {
		/** 存草稿 Draft → 草稿 Draft */
		draft: { starts: true; goes: false; needs: never };
		/** 上报 Report → 上报 Reported */
		report: { starts: true; goes: true; needs: "title" | "category" | "priority" };
		/** 即办 Solve on the spot → 即办 Solved on spot */
		solve: { starts: true; goes: true; needs: "result" };
		/** 受理 Accept → 受理 Accepted */
		accept: { starts: false; goes: true; needs: never };
		/** 分流派单 Dispatch → 分流 Dispatched */
		dispatch: { starts: false; goes: true; needs: "lead_org" };
		/** 开始办理 Begin → 处置 In progress */
		begin: { starts: false; goes: true; needs: never };
		/** 退单 Return → 退单 Returned */
		return: { starts: false; goes: true; needs: "reason" };
		/** 升级 Escalate → 升级上报 Escalated */
		escalate: { starts: false; goes: true; needs: "reason" };
		/** 吹哨 Whistle → 吹哨 Whistled */
		whistle: { starts: false; goes: true; needs: never };
		/** 延期 Extend → 延期 Extended */
		extend: { starts: false; goes: true; needs: "reason" | "extend_days" };
		/** 挂起 Suspend → 挂起 Suspended */
		suspend: { starts: false; goes: true; needs: "reason" };
		/** 继续办理 Go on → 处置 In progress */
		go_on: { starts: false; goes: true; needs: never };
		/** 办理反馈 Handle → 反馈 Handled */
		handle: { starts: false; goes: true; needs: "result" };
		/** 核查 Verify → 核查 Verifying */
		verify: { starts: false; goes: true; needs: never };
		/** 重办 Do again → 处置 In progress */
		redo: { starts: false; goes: true; needs: "reason" };
		/** 回访 Ask the resident → 回访 Evaluating */
		ask: { starts: false; goes: true; needs: never };
		/** 结案 Close → 结案 Closed */
		close: { starts: false; goes: true; needs: "result" };
		/** 归档 Archive → 归档 Archived */
		archive: { starts: false; goes: true; needs: never };
		/** 并单 Merge → 并单 Merged */
		merge: { starts: false; goes: true; needs: "merged_into" };
		/** 撤回 Withdraw → 撤回 Withdrawn */
		withdraw: { starts: false; goes: true; needs: "reason" };
		/** 重新打开 Reopen → 重新打开 Reopened */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	whistles: {
		/** 发哨 Blow → 已吹哨 Blown */
		blow: { starts: true; goes: false; needs: "kind" | "lead_org" };
		/** 通知 Notify → 已通知 Notified */
		notify: { starts: false; goes: true; needs: never };
		/** 报到 Report in → 已报到 Reported in */
		report_in: { starts: false; goes: true; needs: never };
		/** 到场 Arrive → 到场 On site */
		arrive: { starts: false; goes: true; needs: never };
		/** 联合处置 Act jointly → 联合处置 Joint action */
		act: { starts: false; goes: true; needs: never };
		/** 解决 Resolve → 已解决 Resolved */
		resolve: { starts: false; goes: true; needs: "result" };
		/** 互评 Evaluate → 已互评 Evaluated */
		evaluate: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 已通知 Notified */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	meetings: {
		/** 计划 Plan → 计划 Planned */
		plan: { starts: true; goes: false; needs: "place" | "type" | "held_at" };
		/** 通知 Notify → 已通知 Notified */
		notify: { starts: true; goes: true; needs: never };
		/** 开会 Open → 进行中 Open */
		open: { starts: true; goes: true; needs: never };
		/** 结案 Close → 已结束 Closed */
		close: { starts: false; goes: true; needs: never };
		/** 发布 Publish → 已公布 Published */
		publish: { starts: false; goes: true; needs: never };
		/** 回访会议 Follow up → 已回访 Followed up */
		follow_up: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 进行中 Open */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	demands: {
		/** 提出 Raise → 已提出 Raised */
		raise: { starts: true; goes: false; needs: "text" };
		/** 受理 Accept → 已采纳 Accepted */
		accept: { starts: false; goes: true; needs: "outcome" | "due_at" };
		/** 并单 Merge → 已合并 Merged */
		merge: { starts: false; goes: true; needs: "merged_into" };
		/** 交办 Assign → 已交办 Assigned */
		assign: { starts: false; goes: true; needs: "due_at" };
		/** 答复 Answer → 已办结 Done */
		answer: { starts: false; goes: true; needs: "outcome" | "answer" };
		/** 回报 Read back → 已回报 Read back */
		read_back: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 已提出 Raised */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	commitments: {
		/** 承诺 Promise → 未完成 Open */
		promise: { starts: true; goes: false; needs: "who" | "what" | "due" };
		/** 完成 Finish → 已完成 Done */
		finish: { starts: false; goes: true; needs: never };
		/** 取消 Drop → 已取消 Dropped */
		drop: { starts: false; goes: true; needs: "reason" };
		/** 回报 Read back → 已回报 Read back */
		read_back: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 未完成 Open */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	errands: {
		/** 申请 Request → 已提出 Requested */
		request: { starts: true; goes: false; needs: never };
		/** 受理 Accept → 已接受 Accepted */
		accept: { starts: true; goes: true; needs: "runner" | "promise_at" };
		/** 取件 Pick up → 已取件 Picked up */
		pick_up: { starts: false; goes: true; needs: never };
		/** 送达 Deliver → 已送达 Delivered */
		deliver: { starts: false; goes: true; needs: never };
		/** 办理 Process → 已办理 Handled */
		process: { starts: false; goes: true; needs: "result" };
		/** 归还 Give back → 已退回 Returned */
		give_back: { starts: false; goes: true; needs: never };
		/** 撤销 Cancel → 已退回 Returned */
		cancel: { starts: false; goes: true; needs: "reason" };
		/** 确认 Confirm → 已确认 Confirmed */
		confirm: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 已提出 Requested */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	alerts: {
		/** 提出 Raise → 已触发 Raised */
		raise: { starts: true; goes: false; needs: never };
		/** 签收 Acknowledge → 已签收 Acknowledged */
		ack: { starts: false; goes: true; needs: never };
		/** 联系 Contact → 联系中 Contacting */
		contact: { starts: false; goes: true; needs: never };
		/** 到场 Arrive → 到场 On site */
		arrive: { starts: false; goes: true; needs: never };
		/** 升级 Escalate → 已升级 Escalated */
		escalate: { starts: false; goes: true; needs: never };
		/** 解决 Resolve → 已解决 Resolved */
		resolve: { starts: false; goes: true; needs: "cause" };
		/** 重新打开 Reopen → 已触发 Raised */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
	service_orders: {
		/** 存草稿 Draft → 草稿 Draft */
		draft: { starts: true; goes: false; needs: never };
		/** 发布 Publish → 已发布 Published */
		publish: { starts: true; goes: true; needs: "title" | "kind" | "slots" | "when_at" };
		/** 收回 Unpublish → 草稿 Draft */
		unpublish: { starts: false; goes: true; needs: never };
		/** 开始办理 Begin → 服务中 In service */
		begin: { starts: false; goes: true; needs: never };
		/** 提交 Submit → 已提交 Submitted */
		submit: { starts: false; goes: true; needs: never };
		/** 重办 Do again → 服务中 In service */
		redo: { starts: false; goes: true; needs: "reason" };
		/** 确认 Confirm → 已确认 Confirmed */
		confirm: { starts: false; goes: true; needs: never };
		/** 评价 Rate → 已评价 Rated */
		rate: { starts: false; goes: true; needs: never };
		/** 重新打开 Reopen → 已发布 Published */
		reopen: { starts: false; goes: true; needs: "reason" };
	}
}

export interface Workflow {
	name: string;
	moves: Move[];
	/** The stages whose clocks may run in a state; the record has their ends in due_<stage>. */
	running: Record<string, string[]>;
}

export interface Move {
	action: string;
	/** States that it leads out of; "" makes a record. */
	from: string[];
	to: string;
	/** Who may make it: any of these. */
	by: { roles?: string[]; relation?: string; at_most?: number }[];
	/** Fields that must be filled. */
	needs?: string[];
	reopens?: boolean;
	within_days?: number;
}

/** The state machines, by the collection that they move. */
export const workflows: { [C in keyof Actions]: Workflow } = {
	matters: {
		name: "matter",
		moves: [
			{"action":"draft","from":[""],"to":"draft","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"report","from":["","draft"],"to":"reported","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}],"needs":["title","category","priority"]},
			{"action":"solve","from":["","draft","reported","accepted"],"to":"solved_on_spot","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["result"]},
			{"action":"accept","from":["reported","returned","escalated","reopened"],"to":"accepted","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"dispatch","from":["reported","accepted","returned","escalated","reopened"],"to":"dispatched","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["lead_org"]},
			{"action":"begin","from":["accepted","dispatched"],"to":"in_progress","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"owner"},{"relation":"unit"}]},
			{"action":"return","from":["dispatched","in_progress"],"to":"returned","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"unit"}],"needs":["reason"]},
			{"action":"escalate","from":["reported","accepted","dispatched","in_progress","returned"],"to":"escalated","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}],"needs":["reason"]},
			{"action":"whistle","from":["accepted","in_progress","escalated"],"to":"whistled","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"extend","from":["in_progress"],"to":"extended","by":[{"roles":["town_dispatcher","county_admin"]},{"relation":"owner","at_most":1}],"needs":["reason","extend_days"]},
			{"action":"suspend","from":["in_progress","extended"],"to":"suspended","by":[{"roles":["village_admin","town_dispatcher","county_admin"]}],"needs":["reason"]},
			{"action":"go_on","from":["extended","suspended","whistled"],"to":"in_progress","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"owner"},{"relation":"unit"},{"relation":"server"}]},
			{"action":"handle","from":["in_progress","extended","whistled"],"to":"handled","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"owner"},{"relation":"unit"}],"needs":["result"]},
			{"action":"verify","from":["handled","solved_on_spot"],"to":"verifying","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"redo","from":["verifying","evaluating"],"to":"in_progress","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"]},
			{"action":"ask","from":["verifying"],"to":"evaluating","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"close","from":["solved_on_spot","verifying","evaluating"],"to":"closed","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["result"]},
			{"action":"archive","from":["closed"],"to":"archived","by":[{"roles":["village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"merge","from":["reported","accepted","dispatched","in_progress","returned","escalated","reopened"],"to":"merged","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["merged_into"]},
			{"action":"withdraw","from":["draft","reported","accepted"],"to":"withdrawn","by":[{"roles":["village_admin","town_dispatcher","county_admin"]},{"relation":"maker"}],"needs":["reason"]},
			{"action":"reopen","from":["closed","merged","withdrawn"],"to":"reopened","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true,"within_days":30},
		],
		running: {"accepted":["close","feedback","first_contact"],"dispatched":["close","feedback","first_contact"],"escalated":["accept","close"],"evaluating":["close"],"extended":["close","feedback"],"handled":["close"],"in_progress":["close","feedback"],"reopened":["accept","close"],"reported":["accept","close"],"returned":["accept","close"],"solved_on_spot":["close"],"verifying":["close"],"whistled":["close","feedback"]},
	},
	whistles: {
		name: "whistle",
		moves: [
			{"action":"blow","from":[""],"to":"blown","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["kind","lead_org"]},
			{"action":"notify","from":["blown"],"to":"notified","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"report_in","from":["blown","notified"],"to":"reported_in","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"unit"}]},
			{"action":"arrive","from":["blown","notified","reported_in"],"to":"on_site","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"unit"}]},
			{"action":"act","from":["reported_in","on_site"],"to":"joint_action","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"unit"}]},
			{"action":"resolve","from":["blown","notified","reported_in","on_site","joint_action"],"to":"resolved","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["result"]},
			{"action":"evaluate","from":["resolved"],"to":"evaluated","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"reopen","from":["resolved","evaluated"],"to":"notified","by":[{"roles":["grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {"blown":["report_in"],"joint_action":["report_in"],"notified":["report_in"],"on_site":["report_in"],"reported_in":["report_in"]},
	},
	meetings: {
		name: "meeting",
		moves: [
			{"action":"plan","from":[""],"to":"planned","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["place","type","held_at"]},
			{"action":"notify","from":["","planned"],"to":"notified","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"open","from":["","planned","notified"],"to":"open","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"close","from":["open"],"to":"closed","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"publish","from":["closed"],"to":"published","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"follow_up","from":["published"],"to":"followed_up","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"reopen","from":["closed"],"to":"open","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {},
	},
	demands: {
		name: "demand",
		moves: [
			{"action":"raise","from":[""],"to":"raised","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["text"]},
			{"action":"accept","from":["raised"],"to":"accepted","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["outcome","due_at"]},
			{"action":"merge","from":["raised","accepted"],"to":"merged","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["merged_into"]},
			{"action":"assign","from":["accepted"],"to":"assigned","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["due_at"]},
			{"action":"answer","from":["raised","accepted","assigned"],"to":"done","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}],"needs":["outcome","answer"]},
			{"action":"read_back","from":["done"],"to":"read_back","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"reopen","from":["done","merged","read_back"],"to":"raised","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {"accepted":["answer"],"assigned":["answer"],"raised":["answer"]},
	},
	commitments: {
		name: "commitment",
		moves: [
			{"action":"promise","from":[""],"to":"open","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["who","what","due"]},
			{"action":"finish","from":["open","late"],"to":"done","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"lapse","from":["open"],"to":"late","by":[{"relation":"server"}]},
			{"action":"drop","from":["open","late"],"to":"dropped","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"]},
			{"action":"read_back","from":["done","dropped"],"to":"read_back","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"reopen","from":["done","dropped","read_back"],"to":"open","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {"late":["promise"],"open":["promise"]},
	},
	errands: {
		name: "errand",
		moves: [
			{"action":"request","from":[""],"to":"requested","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"accept","from":["","requested"],"to":"accepted","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["runner","promise_at"]},
			{"action":"pick_up","from":["accepted"],"to":"picked_up","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"deliver","from":["picked_up"],"to":"delivered","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"process","from":["delivered"],"to":"handled","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"unit"}],"needs":["result"]},
			{"action":"give_back","from":["handled","delivered","picked_up"],"to":"returned","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"cancel","from":["requested","accepted"],"to":"returned","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"]},
			{"action":"confirm","from":["handled","returned"],"to":"confirmed","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"recipient"}]},
			{"action":"reopen","from":["confirmed"],"to":"requested","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {"accepted":["pick_up"],"requested":["accept"]},
	},
	alerts: {
		name: "alert",
		moves: [
			{"action":"raise","from":[""],"to":"raised","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"ack","from":["raised","escalated"],"to":"acked","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"contact","from":["raised","acked","escalated"],"to":"contacting","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"arrive","from":["raised","acked","contacting","escalated"],"to":"on_site","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"escalate","from":["raised","acked","contacting"],"to":"escalated","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}]},
			{"action":"resolve","from":["raised","acked","contacting","on_site","escalated"],"to":"resolved","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["cause"]},
			{"action":"suppress","from":["raised","escalated"],"to":"suppressed","by":[{"relation":"server"}]},
			{"action":"reopen","from":["resolved","suppressed"],"to":"raised","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"server"}],"needs":["reason"],"reopens":true},
		],
		running: {"acked":["call","door"],"contacting":["door"],"escalated":["ack","call","door"],"raised":["ack"]},
	},
	service_orders: {
		name: "service_order",
		moves: [
			{"action":"draft","from":[""],"to":"draft","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"publish","from":["","draft"],"to":"published","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["title","kind","slots","when_at"]},
			{"action":"unpublish","from":["published"],"to":"draft","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}]},
			{"action":"fill","from":["published"],"to":"claimed","by":[{"relation":"server"}]},
			{"action":"free","from":["claimed"],"to":"published","by":[{"relation":"server"}]},
			{"action":"begin","from":["published","claimed"],"to":"in_service","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"claimant"}]},
			{"action":"submit","from":["in_service"],"to":"submitted","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"claimant"}]},
			{"action":"redo","from":["submitted"],"to":"in_service","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"]},
			{"action":"confirm","from":["submitted"],"to":"confirmed","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"recipient"}]},
			{"action":"rate","from":["confirmed"],"to":"rated","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]},{"relation":"recipient"}]},
			{"action":"reopen","from":["confirmed","rated"],"to":"published","by":[{"roles":["grid_officer","grid_lead","village_admin","town_dispatcher","county_admin"]}],"needs":["reason"],"reopens":true},
		],
		running: {"published":["claim"]},
	},
};

/** The collections that are replicated. */
export const names: (keyof Records)[] = ["regions", "organizations", "dict", "grids", "officers", "grid_assignments", "devices", "buildings", "households", "residents", "consents", "care_plans", "visits", "due_visits", "patrols", "track_batches", "check_ins", "evidence", "deadline_rules", "work_calendar", "matters", "matter_events", "matter_parties", "survey_responses", "whistles", "whistle_responses", "meetings", "agenda_items", "minutes", "demands", "commitments", "service_items", "materials", "errands", "errand_items", "custody_steps", "alerts", "service_orders", "order_recipients", "order_claims"];
