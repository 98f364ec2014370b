"use strict";
// A client of the protocol of 悟空 (document 002): forms in, JSON out, a token of 32 characters.
// It keeps the token for this tab only, and lists every call that a screen makes.

const client = {
  base: "/wukong",
  calls: [],
  get token() { return sessionStorage.getItem("token") || ""; },
  set token(value) { value ? sessionStorage.setItem("token", value) : sessionStorage.removeItem("token"); },

  // Sends a call; the envelope, whatever it says. Lists are written `name[]=a&name[]=b`.
  async send(method, path, fields) {
    const pairs = new URLSearchParams();
    for (const [name, value] of Object.entries(fields || {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        pairs.append(Array.isArray(value) ? `${name}[]` : name, one);
      }
    }
    const headers = { Authorization: this.token || "undefined" };
    let url = this.base + path;
    const request = { method, headers };
    if (method === "GET") {
      if (pairs.toString()) url += `?${pairs}`;
    } else {
      headers["Content-Type"] = "application/x-www-form-urlencoded";
      request.body = pairs.toString();
    }
    const answer = await (await fetch(url, request)).json();
    this.calls.push({ method, path, sent: pairs.toString(), answer });
    document.dispatchEvent(new CustomEvent("called"));
    if (answer.status === "TOKEN_ERROR") {
      this.token = "";
      location.hash = "#/login";
      throw new Error(answer.error_message);
    }
    return answer;
  },

  // The results of a success; a failure is an error with the server's words.
  async results(method, path, fields) {
    const answer = await this.send(method, path, fields);
    if (answer.status !== "SUCCESS") throw new Error(answer.error_message || "操作失败");
    return answer.results;
  },

  async one(method, path, fields) {
    const results = await this.results(method, path, fields);
    return Array.isArray(results) ? results[0] : results;
  },

  // A task at a data provider: started, asked for until it is done or wants something.
  async task(start, fields) {
    const answer = await this.send("POST", start, fields);
    if (answer.status !== "SUCCESS") throw new Error(answer.error_message || "操作失败");
    return { code: answer.error_message, ...(answer.results || [{}])[0] };
  },

  async until(path, token) {
    for (let round = 0; round < 60; round += 1) {
      const answer = await this.send("POST", path, { token });
      if (answer.status !== "SUCCESS") throw new Error(answer.error_message || "认证失败");
      if (answer.error_message === "认证成功") return;
      await new Promise((wake) => setTimeout(wake, 1000));
    }
    throw new Error("认证仍在进行，请稍后查看");
  },

  // Leaves for the payment provider's page with a form of one field, as its interface wants it.
  leaveFor(url, data) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "req_data";
    field.value = typeof data === "string" ? data : JSON.stringify(data);
    form.append(field);
    document.body.append(form);
    form.submit();
  },
};
