"use strict";
// The screens: each asks the client, and shows what it is told. Texts of the server are shown as
// texts, never as markup.

const screen = document.getElementById("screen");
const config = { lender: "", pages: "", sandbox: "", docs: false };

// An element with attributes and children; a text is a text.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick" || key === "onsubmit") element.addEventListener(key.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const card = (...children) => make("section", { class: "card" }, ...children);
const facts = (pairs) => make("dl", {}, ...pairs.filter(([, value]) => value !== undefined && value !== "")
  .flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
const link = (hash, text, plain) => make("a", { class: plain ? "button plain" : "button", href: hash }, text);
const input = (label, name, more) => make("label", {}, label, make("input", { name, required: true, autocomplete: "off", ...more }));
const choice = (label, name, values) => make("label", {}, label,
  make("select", { name }, ...values.map((value) => make("option", { value }, value))));

let noticeTimer;
function notice(text) {
  const element = document.getElementById("notice");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { element.hidden = true; }, 4000);
}

// A form that sends its fields to `work`, is shut meanwhile, and tells what went wrong.
function form(button, fields, work) {
  return make("form", {
    onsubmit: async (event) => {
      event.preventDefault();
      const shut = event.target.querySelector("button[type=submit]");
      shut.disabled = true;
      try {
        await work(Object.fromEntries(new FormData(event.target)));
      } catch (problem) {
        notice(problem.message);
      } finally {
        shut.disabled = false;
      }
    },
  }, ...fields, make("button", { type: "submit" }, button));
}

const day = (seconds) => new Date(Number(seconds) * 1000).toLocaleString("zh-CN", { hour12: false });
const whereCodesAre = () => config.sandbox
  ? make("p", { class: "soft" }, "演示环境不发短信，验证码见", make("a", { href: config.sandbox, target: "_blank", rel: "noopener" }, "沙箱"), "。")
  : null;

const TITLES = {
  submit_success: "提交成功", auditing: "审核中", audit_success: "审核通过", audit_failure: "审核未通过",
  reviewing: "复审中", review_success: "复审通过", review_failure: "复审未通过", granting: "放款中",
  grant_failure: "放款失败", repaying: "还款中", paying: "付款处理中", repay_failure: "还款失败",
  overdue: "已逾期", finished: "已结清",
};
const CONTENTS = {
  quota: "借款金额", period: "借款天数", poundage: "息费", bank_name: "收款银行", end_bank_no: "卡尾号",
  planned_repayment_at: "应还日", repay_amount: "应还金额", overdue_amount: "罚息", interest: "利息",
  failure_at: "时间", reason: "原因", overdue_day: "逾期天数", overdue_principal: "本息",
};
const contentOf = (content) => typeof content === "object" && content !== null
  ? facts(Object.entries(content).filter(([name]) => CONTENTS[name])
    .map(([name, value]) => [CONTENTS[name], name.endsWith("_at") ? day(value) : value]))
  : make("p", { class: "soft" }, String(content || ""));

const screens = {
  async ""() {
    const home = await client.one("GET", "/home");
    document.getElementById("who").textContent = home.mobile || "";
    const amount = make("section", { class: "card quota" }, make("span", { class: "soft" }, "可借额度（元）"), make("b", {}, home.quota));
    if (!client.token) {
      amount.append(link("#/signup", "注册借款"), link("#/login", "登录", true));
      return [amount];
    }
    if (!home.state || home.state === "finished") {
      amount.append(make("p", { class: "soft" }, `已成功借款 ${home.success_count || 0} 次`), link("#/borrow", "我要借款"), link("#/proofs", "认证资料", true));
      return [amount];
    }
    const rows = (home.detail || []).map((row) => make("li", {}, make("strong", { class: row.title === "overdue" ? "late" : "" }, TITLES[row.title] || row.title),
      contentOf(row.content), row.time ? make("p", { class: "soft" }, day(row.time)) : null));
    const state = card(make("h1", {}, TITLES[home.state] || home.state), make("ol", { class: "line" }, ...rows));
    if (["repaying", "overdue"].includes(home.state)) state.append(link(`#/repay/${home.id}`, "去还款"));
    state.append(make("button", { class: "plain", onclick: show }, "刷新"));
    return [state];
  },

  async signup() {
    const mobile = input("手机号码", "mobile", { inputmode: "numeric", maxlength: 11 });
    const code = make("button", { type: "button", class: "plain", onclick: async () => {
      try { notice((await client.send("POST", "/send-mobile-code/new-user", { mobile: mobile.querySelector("input").value })).error_message); } catch (problem) { notice(problem.message); }
    } }, "获取验证码");
    return [card(make("h1", {}, "注册"), form("注册", [mobile, make("div", { class: "pair" }, input("验证码", "code", { inputmode: "numeric" }), code), whereCodesAre(),
      input("密码（6~15位）", "password", { type: "password", autocomplete: "new-password" })].filter(Boolean), enter("/signup")), link("#/login", "已有账号，登录", true))];
  },

  async login() {
    return [card(make("h1", {}, "登录"), form("登录", [input("手机号码", "mobile", { inputmode: "numeric" }), input("密码", "password", { type: "password", autocomplete: "current-password" })], enter("/login")), link("#/signup", "注册新账号", true))];
  },

  async proofs() {
    const state = await client.one("GET", "/user-auth-state");
    const step = (hash, name, done) => make("li", {}, make("a", { href: hash }, name),
      make("span", { class: done ? "done" : "open" }, done === 1 ? "已认证" : done === 2 ? "认证中" : "去认证"));
    return [card(make("h1", {}, "认证资料"), make("ul", { class: "steps" },
      step("#/identity", "身份认证", state.is_identity_auth), step("#/profile", "个人资料", state.is_profile_auth),
      step("#/card", "银行卡签约", state.is_bankcard_auth), step("#/phone", "手机运营商", state.is_phone_auth))), link("#/borrow", "下一步：借款")];
  },

  async identity() {
    return [card(make("h1", {}, "身份认证"), form("提交认证", [input("姓名", "username"), input("身份证号码", "identityno", { maxlength: 18 })], async (fields) => {
      const answer = await client.send("POST", "/lm-identity", fields);
      if (answer.error_message !== "pass") throw new Error(answer.error_message === "nopass" ? "姓名与身份证号码不一致" : answer.error_message);
      location.hash = "#/proofs";
    }))];
  },

  async profile() {
    const area = (fields, name) => [fields[`${name}_1`], fields[`${name}_2`], fields[`${name}_3`]];
    const areas = (label, name) => [input(`${label}（省）`, `${name}_1`), input(`${label}（市）`, `${name}_2`), input(`${label}（区县）`, `${name}_3`)];
    return [card(make("h1", {}, "个人资料"), form("保存", [
      ...areas("居住地", "live"), input("详细地址", "live_addr"), choice("居住时长", "live_time", ["半年以内", "半年至1年", "1至2年", "2年以上"]),
      input("行业", "industry"), input("职位", "position"), input("公司名称", "company_name"), ...areas("公司所在地", "company"), input("公司地址", "company_addr"), input("公司电话", "company_tel", { inputmode: "tel" }),
      choice("联系人一关系", "relation_1", ["父母", "配偶", "子女", "兄弟姐妹", "朋友", "同事"]), input("联系人一姓名", "name_1"), input("联系人一电话", "tel_1", { inputmode: "tel" }),
      choice("联系人二关系", "relation_2", ["朋友", "同事", "父母", "配偶", "子女", "兄弟姐妹"]), input("联系人二姓名", "name_2"), input("联系人二电话", "tel_2", { inputmode: "tel" }),
    ], async (fields) => {
      await client.results("POST", "/user-save-profile", { live_area: area(fields, "live"), live_addr: fields.live_addr, live_time: [fields.live_time] });
      await client.results("POST", "/user-save-work", { industry: fields.industry, position: fields.position, company_name: fields.company_name, company_area: area(fields, "company"), company_addr: fields.company_addr, company_tel: fields.company_tel });
      await client.results("POST", "/user-save-relation", { linkman_relation_fir: [fields.relation_1], linkman_name_fir: fields.name_1, linkman_tel_fir: fields.tel_1, linkman_relation_sec: [fields.relation_2], linkman_name_sec: fields.name_2, linkman_tel_sec: fields.tel_2 });
      location.hash = "#/proofs";
    }))];
  },

  async card() {
    const answer = await client.send("GET", "/auth-bankcard-get");
    const rows = (answer.results || []).map((one) => make("li", {}, make("span", {}, one.bank_name), make("span", { class: "soft" }, one.bank_no)));
    return [rows.length ? card(make("h2", {}, "已签约"), make("ul", { class: "list" }, ...rows)) : null,
      card(make("h1", {}, "银行卡签约"), make("p", { class: "soft" }, "将前往支付机构的页面完成签约。"), form("去签约", [input("银行卡号", "card_no", { inputmode: "numeric" })], async (fields) => {
        await client.results("GET", "/llpay-cardbin", fields);
        const given = await client.one("GET", "/llpay-sign", { id_type: "0", ...fields });
        if (!config.pages) throw new Error("没有配置支付页面");
        client.leaveFor(`${config.pages}/signApply.htm`, given.req_data);
      }))].filter(Boolean);
  },

  async phone() {
    const waiting = sessionStorage.getItem("phone");
    if (waiting) {
      return [card(make("h1", {}, "手机运营商"), make("p", { class: "soft" }, "运营商已向您的手机发送短信验证码。"), form("提交验证码", [input("短信验证码", "smscode", { inputmode: "numeric" })], async (fields) => {
        await client.results("POST", "/lm-mobile-input", { token: waiting, ...fields });
        sessionStorage.removeItem("phone");
        await client.until("/lm-mobile-continue", waiting);
        location.hash = "#/proofs";
      }))];
    }
    return [card(make("h1", {}, "手机运营商"), form("开始认证", [input("运营商服务密码", "servicecode", { type: "password" })], async (fields) => {
      const task = await client.task("/lm-mobile", fields);
      if (task.code === "0006") { sessionStorage.setItem("phone", task.token); show(); return; }
      await client.until("/lm-mobile-continue", task.token);
      location.hash = "#/proofs";
    }))];
  },

  async borrow() {
    const home = await client.one("GET", "/home");
    const asked = make("div", {});
    return [card(make("h1", {}, "我要借款"), make("p", { class: "soft" }, `可借 ${home.min_quota || ""}${home.min_quota ? " 至 " : ""}${home.max_quota || home.quota} 元`),
      form("试算", [input("借款金额（元）", "amount", { inputmode: "numeric", value: home.min_quota || "1000" }), input("借款天数", "period", { inputmode: "numeric", value: "14" })], async (fields) => {
        const quote = await client.one("POST", "/loan-confirm", fields);
        asked.replaceChildren(card(make("h2", {}, "费用明细"), facts([["借款金额", quote.amount], ["到账金额", quote.arrival_amount], ["借款天数", quote.period], ["利息", quote.accrual], ["其他费用", quote.otherFee], ["息费合计", quote.interest], ["年化利率", `${(Number(quote.annualized_interest_rate) * 100).toFixed(2)}%`], ["收款银行卡", quote.bank]]),
          form("确认借款", [], async () => {
            notice((await client.send("POST", "/loan-submit", fields)).error_message);
            location.hash = "#/";
          })));
      })), asked];
  },

  async repay(number) {
    const record = await client.one("GET", "/loan-record-detail", { loan_id: number });
    const coupons = ((await client.send("GET", "/cash-coupon-get")).results || []).filter((one) => one.state === 0);
    const names = ["不使用优惠券", ...coupons.map((one) => `${one.coupon_id} 号券：抵扣 ${one.coupon_amount} 元`)];
    return [card(make("h1", {}, "还款"), facts([["借款金额", record.quota], ["借款天数", record.period], ["状态", TITLES[record.state] || record.state]]),
      make("p", { class: "soft" }, "将前往支付机构的页面付款，结果以到账为准。"),
      form("去付款", [choice("优惠券", "coupon", names)], async (fields) => {
        const pay = { loan_id: number };
        const coupon = coupons[names.indexOf(fields.coupon) - 1];
        if (coupon) pay.coupon_id = coupon.coupon_id;
        const given = await client.one("POST", "/llpay-auth-pay", pay);
        if (!given || !given.req_data) { notice("借款已还清"); location.hash = "#/"; return; }
        if (!config.pages) throw new Error("没有配置支付页面");
        client.leaveFor(`${config.pages}/authpay.htm`, given.req_data);
      }))];
  },

  async records() {
    const loans = (await client.send("GET", "/loan-record")).results || [];
    const rows = loans.map((loan) => make("li", {}, make("span", {}, `${loan.quota} 元 · ${loan.period} 天`), make("span", { class: "soft" }, `${TITLES[loan.state] || loan.state} ${day(loan.state_time)}`)));
    return [card(make("h1", {}, "借款记录"), rows.length ? make("ul", { class: "list" }, ...rows) : make("p", { class: "soft" }, "还没有借款。"))];
  },

  async coupons() {
    const coupons = (await client.send("GET", "/cash-coupon-get")).results || [];
    const rows = coupons.map((one) => make("li", {}, make("span", {}, `${one.coupon_amount} 元${one.coupon_name === 1 ? "还款抵扣券" : "现金券"}`),
      make("span", { class: "soft" }, `${["未使用", "已使用", "已过期"][one.state] || ""} ${day(one.end_at)} 到期`)));
    return [card(make("h1", {}, "优惠券"), rows.length ? make("ul", { class: "list" }, ...rows) : make("p", { class: "soft" }, "还没有优惠券。"))];
  },

  async feedback() {
    return [card(make("h1", {}, "意见反馈"), form("提交", [choice("类型", "type", ["信用不足", "资料填写", "借款", "还款", "功能建议", "其他"]),
      make("label", {}, "内容", make("textarea", { name: "content", rows: 4, maxlength: 1000, required: true }))], async (fields) => {
      notice((await client.send("POST", "/feedback", fields)).error_message);
    })), client.token ? make("button", { class: "plain", onclick: async () => { await client.send("GET", "/logout"); client.token = ""; location.hash = "#/login"; } }, "退出登录") : null].filter(Boolean);
  },
};

// Signs up or logs in, and keeps the token.
function enter(path) {
  return async (fields) => {
    const account = await client.one("POST", path, fields);
    client.token = account.token;
    location.hash = "#/";
  };
}

async function show() {
  const [, name, argument] = location.hash.split("/");
  client.calls = [];
  listCalls();
  try {
    const draw = screens[name || ""] || screens[""];
    screen.replaceChildren(...await draw(argument));
    screen.focus();
  } catch (problem) {
    notice(problem.message);
    if (!screen.children.length) screen.replaceChildren(card(make("p", {}, problem.message), link("#/", "返回首页")));
  }
}

function listCalls() {
  const rows = client.calls.map((call) => {
    const name = `${call.method} ${client.base}${call.path}`;
    const anchor = `${call.method.toLowerCase()}${(client.base + call.path).replace(/[^0-9A-Za-z]/g, "-")}`;
    const title = config.docs ? make("a", { href: `/docs/wukong#${anchor}`, target: "_blank", rel: "noopener" }, name) : name;
    const sent = call.sent.replace(/((?:password|servicecode)=)[^&]*/g, "$1…");
    return make("li", {}, title, make("pre", { tabindex: 0 }, [decodeURIComponent(sent.replace(/\+/g, " ")), JSON.stringify(call.answer, null, 1)].filter(Boolean).join("\n\n")));
  });
  document.querySelector("#calls ol").replaceChildren(...rows);
}

document.addEventListener("called", listCalls);
addEventListener("hashchange", show);
(async () => {
  Object.assign(config, await (await fetch("/h5/config.json")).json());
  document.getElementById("lender").textContent = config.lender;
  const outcome = new URLSearchParams(location.search).get("llpay");
  if (outcome) {
    history.replaceState(null, "", location.pathname + location.hash);
    notice(outcome === "success" ? "支付机构已受理" : "支付机构未完成操作");
  }
  await show();
})();
