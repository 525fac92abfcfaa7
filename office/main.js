// PocketBase's extension point is young and may change: without it the
// dashboard goes on as it is.
if (!app.routes?.superuserOnly || !app.store?.headerLinks) {
    console.warn("gridwalk: this dashboard takes no pages");
    return;
}

// Sealed fields are shown as the fields that they are, with masks for values.
// They have no settings here: what is sealed is said by the migrations.
const types = app.fieldTypes || {};
const sealed = (plain) => plain && { ...plain, icon: "ri-lock-line", settings: undefined, filterModifiers: undefined };
types.sealed_text = sealed(types.text);
types.sealed_json = sealed(types.json);
types.sealed_number = sealed(types.number);
types.sealed_choice = types.text && types.json && {
    ...sealed(types.text),
    view: (props) => (props.field?.maxSelect > 1 ? types.json : types.text).view(props),
    input: (props) => (props.field?.maxSelect > 1 ? types.json : types.text).input(props),
};

const zh = navigator.language.startsWith("zh");
const say = (chinese, english) => (zh ? chinese : english);

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = "./extensions/gridwalk/style.css";
document.head.append(style);

/** Makes an element: attributes, handlers as on…, then what is in it. */
function h(name, attributes = {}, ...children) {
    const drawn = ["svg", "path", "circle"].includes(name);
    const el = drawn ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
        else if (value !== false && value !== undefined) el.setAttribute(key, value === true ? "" : value);
    }
    el.append(...children.filter((child) => child !== undefined && child !== null));
    return el;
}

/** A page that fills itself, and says why when it cannot. */
function page(path, icon, title, fill) {
    app.store.headerLinks.push({ href: path, icon, label: title });
    app.routes.superuserOnly(path, () => {
        document.title = title;
        const body = h("div");
        const draw = async () => {
            try {
                body.replaceChildren(...(await fill(draw)));
            } catch (err) {
                body.replaceChildren(h("p", { class: "error", role: "alert" }, err?.response?.message || String(err)));
            }
        };
        void draw();
        return h("main", { class: "page gridwalk" }, h("h1", {}, title), body);
    });
}

const table = (heads, rows) => h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", {}, head)))), h("tbody", {}, ...rows.map((row) => h("tr", {}, ...row.map((cell) => h("td", {}, ...[cell].flat()))))));
const button = (text, onclick, disabled = false) => h("button", { type: "button", onclick, disabled }, text);
const shown = (value) => (value === null || value === undefined || value === "" ? "—" : typeof value === "object" ? JSON.stringify(value) : String(value));
const when = (text) => (text ? new Date(text.replace(" ", "T")).toLocaleString(zh ? "zh-CN" : "en-GB") : "—");

page("#/gridwalk", "ri-dashboard-line", say("网格总览", "Overview"), async () => {
    const o = await app.pb.send("/api/office/overview", {});
    const card = (n, text, late) => h("div", { class: `card${late && n > 0 ? " late" : ""}` }, h("b", {}, String(n)), text);
    return [
        h("div", { class: "cards" },
            card(o.matters_open, say("在办事项", "Open matters")), card(o.matters_overdue, say("超时事项", "Overdue matters"), true),
            card(o.visits_due, say("到期关爱走访", "Care visits due")), card(o.visits_overdue, say("过期关爱走访", "Care visits overdue"), true),
            card(o.conflicts, say("待处理冲突", "Conflicts waiting")), card(o.rejections, say("待处理退回", "Rejections waiting"), true),
            card(o.devices_pending, say("待批准设备", "Devices to approve")), card(o.devices_silent, say("一天没有联系的设备", "Devices silent for a day"))),
        h("h2", {}, say("没有送完或没有联系的设备", "Devices that are silent, or have something to send")),
        table([say("型号", "Model"), say("使用人", "Officer"), say("最近联系", "Last contact"), say("待发", "To send")], o.devices.map((d) => [shown(d.model), shown(d.officer), when(d.last_contact_at), String(d.outbox_size)])),
    ];
});

page("#/gridwalk/conflicts", "ri-git-merge-line", say("冲突", "Conflicts"), async (draw) => {
    const { items } = await app.pb.collection("conflicts").getList(1, 50, { filter: "status='open'", sort: "-created", expand: "lost_by,grid" });
    const rejected = await app.pb.collection("rejections").getList(1, 50, { filter: "status='open'", sort: "-created", expand: "officer" });
    const settle = (collection, id, status) => async () => {
        await app.pb.collection(collection).update(id, { status });
        await draw();
    };
    return [
        items.length === 0 ? h("p", {}, say("没有待处理的冲突。", "No conflict waits.")) : table([say("记录", "Record"), say("现值", "Stands"), say("落选值", "Lost"), ""], items.map((c) => [
            [`${c.collection} · ${c.field}`, h("br"), h("small", {}, shown(c.expand?.grid?.name_zh))], shown(c.kept), [shown(c.lost), h("br"), h("small", {}, shown(c.expand?.lost_by?.name))],
            [button(say("保留现值", "Keep"), settle("conflicts", c.id, "kept")), button(say("恢复落选值", "Restore"), settle("conflicts", c.id, "restored"))],
        ])),
        h("h2", {}, say("被退回的记录", "Rejections")),
        rejected.items.length === 0 ? h("p", {}, say("没有。", "None.")) : table([say("记录", "Record"), say("原因", "Why"), say("网格员", "Officer"), ""], rejected.items.map((r) => [
            `${r.collection} · ${r.op}`, [r.message, h("br"), h("small", {}, r.code)], shown(r.expand?.officer?.name),
            [button(say("重新应用", "Try again"), settle("rejections", r.id, "reapplied")), button(say("忽略", "Dismiss"), settle("rejections", r.id, "dismissed"))],
        ])),
    ];
});

page("#/gridwalk/devices", "ri-smartphone-line", say("设备", "Devices"), async (draw) => {
    const { items } = await app.pb.collection("devices").getList(1, 200, { sort: "status,-last_contact_at", expand: "officer" });
    const set = (id, status) => async () => {
        await app.pb.collection("devices").update(id, { status });
        await draw();
    };
    const revoke = (id) => () => confirm(say("注销后，这台设备下次联系时会清除数据。确定吗？", "At its next contact this device erases its data. Go on?")) && void set(id, "revoked")();
    const states = { pending: say("待批准", "Pending"), active: say("使用中", "Active"), revoked: say("已注销", "Revoked") };
    const code = h("p", { role: "status" });
    const newCode = async () => {
        const made = await app.pb.send("/api/office/enrolment-codes", { method: "POST", body: { origin: location.origin } });
        code.replaceChildren(h("img", { src: made.qr, alt: say("登记二维码", "QR code for enrolment"), width: 200, height: 200 }), h("br"), h("b", {}, made.code), ` ${say("有效至", "valid until")} ${when(made.expires_at)} · ${location.origin}${made.path}`);
    };
    return [h("p", {}, button(say("生成登记码", "New enrolment code"), () => void newCode())), code, table([say("使用人", "Officer"), say("型号", "Model"), say("版本", "Version"), say("状态", "Status"), say("最近联系", "Last contact"), say("待发", "To send"), ""], items.map((d) => [
        shown(d.expand?.officer?.name), `${shown(d.model)} ${d.platform}`, shown(d.app_version), states[d.status] ?? d.status, when(d.last_contact_at), shown(d.outbox_size),
        [d.status === "pending" ? button(say("批准", "Approve"), set(d.id, "active")) : undefined, d.status !== "revoked" ? button(say("注销", "Revoke"), revoke(d.id)) : undefined].filter(Boolean),
    ]))];
});

page("#/gridwalk/map", "ri-map-2-line", say("网格地图", "Grid map"), async () => {
    const grids = await app.pb.collection("grids").getFullList({ sort: "grid_code", fields: "id,grid_code,name_zh", filter: "active=true" });
    const editor = h("div");
    const choose = h("select", { "aria-label": say("网格", "Grid"), onchange: () => void edit(editor, choose.value) }, ...grids.map((g) => h("option", { value: g.id }, `${g.grid_code} ${g.name_zh}`)));
    if (grids.length > 0) await edit(editor, grids[0].id);
    return [choose, editor];
});

/**
 * Edits the boundary of a grid. Rings are lists of [longitude, latitude] in
 * degrees WGS-84 without the last point, which repeats the first. What a change
 * does is asked of the server before it is saved, by the code that saves it.
 */
async function edit(editor, id) {
    const grid = await app.pb.collection("grids").getOne(id);
    const { places } = await app.pb.send(`/api/office/grids/${id}/boundary`, {});
    const multi = grid.boundary.type === "MultiPolygon";
    const opened = (multi ? grid.boundary.coordinates : [grid.boundary.coordinates]).map((polygon) => polygon.map((ring) => ring.slice(0, -1)));
    const history = [];
    let polygons = opened, chosen, dragging;
    const shape = () => {
        const coordinates = polygons.map((polygon) => polygon.map((ring) => [...ring, ring[0]]));
        return multi ? { type: "MultiPolygon", coordinates } : { type: "Polygon", coordinates: coordinates[0] };
    };
    const all = opened.flat(2);
    const shrink = Math.cos((all[0][1] * Math.PI) / 180);
    const left = Math.min(...all.map(([x]) => x * shrink)), top = Math.min(...all.map(([, y]) => -y));
    const size = Math.max(Math.max(...all.map(([x]) => x * shrink)) - left, Math.max(...all.map(([, y]) => -y)) - top, 1e-4);
    const at = ([x, y]) => [((x * shrink - left) / size) * 1000 + 50, ((-y - top) / size) * 1000 + 50];
    const from = (x, y) => [((x - 50) / 1000 * size + left) / shrink, -((y - 50) / 1000 * size + top)].map((n) => Math.round(n * 1e7) / 1e7);
    const svg = h("svg", { viewBox: "0 0 1100 1100", role: "img", "aria-label": grid.name_zh });
    const said = h("p", { role: "status" });
    const remember = () => { history.push(polygons); };
    const change = (i, j, ring) => { polygons = polygons.map((polygon, a) => (a === i ? polygon.map((one, b) => (b === j ? ring : one)) : polygon)); };
    const place = (e) => {
        const p = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
        return from(p.x, p.y);
    };
    const draw = () => {
        const d = polygons.flat().map((ring) => `M${ring.map((p) => at(p).map((n) => n.toFixed(1)).join(" ")).join("L")}Z`).join("");
        const dots = places.map((p) => { const [cx, cy] = at([p.lng, p.lat]); return h("circle", { class: "building", cx, cy, r: 4 }); });
        const vertices = polygons.flatMap((polygon, i) => polygon.flatMap((ring, j) => ring.map((p, k) => {
            const [cx, cy] = at(p);
            const on = chosen && chosen.join() === [i, j, k].join();
            return h("circle", { class: `vertex${on ? " on" : ""}`, cx, cy, r: on ? 11 : 8, onpointerdown: (e) => { e.preventDefault(); remember(); chosen = [i, j, k]; dragging = true; svg.setPointerCapture(e.pointerId); draw(); } });
        })));
        svg.replaceChildren(h("path", { class: "shape", d }), ...dots, ...vertices);
        undo.disabled = history.length === 0;
        add.disabled = remove.disabled = !chosen;
        ask.disabled = polygons === opened;
        save.disabled = true;
    };
    svg.addEventListener("pointermove", (e) => {
        if (!dragging) return;
        const [i, j, k] = chosen;
        change(i, j, polygons[i][j].map((p, at) => (at === k ? place(e) : p)));
        draw();
    });
    svg.addEventListener("pointerup", () => { dragging = false; draw(); });
    const undo = button(say("撤销", "Undo"), () => { polygons = history.pop() ?? opened; chosen = undefined; draw(); });
    const add = button(say("加一个点", "Add a point"), () => {
        const [i, j, k] = chosen, ring = polygons[i][j], next = ring[(k + 1) % ring.length];
        remember();
        change(i, j, ring.toSpliced(k + 1, 0, [(ring[k][0] + next[0]) / 2, (ring[k][1] + next[1]) / 2]));
        chosen = [i, j, k + 1];
        draw();
    });
    const remove = button(say("删除这个点", "Remove the point"), () => {
        const [i, j, k] = chosen, ring = polygons[i][j];
        if (ring.length <= 3) return;
        remember();
        change(i, j, ring.toSpliced(k, 1));
        chosen = undefined;
        draw();
    });
    const tell = async (work) => {
        try {
            await work();
        } catch (err) {
            said.className = "error";
            said.textContent = Object.values(err?.response?.data ?? {})[0]?.message || err?.response?.message || String(err);
        }
    };
    const ask = button(say("看看会怎样", "See what it does"), () => tell(async () => {
        const effect = await app.pb.send(`/api/office/grids/${id}/boundary`, { method: "POST", body: { boundary: shape() } });
        said.className = "";
        said.textContent = say(
            `面积 ${Math.round(effect.area_before_m2)} → ${Math.round(effect.area_m2)} 平方米；${effect.leave} 栋楼移出，${effect.enter} 栋移入。`,
            `Area ${Math.round(effect.area_before_m2)} → ${Math.round(effect.area_m2)} m²; ${effect.leave} buildings would lie outside, ${effect.enter} inside that did not.`);
        save.disabled = false;
    }));
    const save = button(say("保存边界", "Save the boundary"), () => tell(async () => {
        await app.pb.collection("grids").update(id, { boundary: shape() });
        await edit(editor, id);
    }));
    editor.replaceChildren(svg, undo, add, remove, ask, save, said);
    draw();
}
