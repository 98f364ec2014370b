"use strict";
// Filters the list of calls, and makes calls from the forms: it signs them where the interface
// wants that. Nothing is stored, and nothing goes anywhere but to this server.

const bytesOf = (text) => new TextEncoder().encode(text);
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

// --- 现金贷: SHA-1 over key, timestamp, nonce and the message with sorted keys, without nulls ------

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const keys = Object.keys(value).filter((key) => value[key] !== null).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
};

async function signMessage(message, key) {
  if (!globalThis.crypto || !crypto.subtle) throw new Error("签名需要 https 或 localhost · signing needs https or localhost");
  const nonce = crypto.getRandomValues(new Uint32Array(1))[0] % 100000000;
  message.timestamp = String(Date.now());
  message.nonce = String(nonce).padStart(8, "0");
  delete message.sign;
  const text = key + message.timestamp + message.nonce + JSON.stringify(sorted(message));
  message.sign = hexOf(new Uint8Array(await crypto.subtle.digest("SHA-1", bytesOf(text))));
  return message;
}

// --- 前程贷 v3: the head of the token and the time, encrypted by RSA with PKCS#1 v1.5 padding ------

// The two integers of a public key: DER's only INTEGERs inside the BIT STRING.
function publicKey(pem) {
  const der = Uint8Array.from(atob(pem.replace(/-----[^-]+-----|\s/g, "")), (sign) => sign.charCodeAt(0));
  let at = 0;
  const next = () => {
    const tag = der[at++];
    let length = der[at++];
    if (length > 127) {
      let count = length & 127;
      for (length = 0; count > 0; count -= 1) length = length * 256 + der[at++];
    }
    return { tag, from: at, to: at + length };
  };
  next(); // the whole
  at = next().to; // past the algorithm
  next(); // the BIT STRING
  at += 1; // its unused bits
  next(); // the key
  const integer = () => {
    const part = next();
    at = part.to;
    return BigInt("0x" + hexOf(der.slice(part.from, part.to)));
  };
  return { modulus: integer(), exponent: integer() };
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let square = base % modulus; exponent > 0n; exponent >>= 1n, square = square * square % modulus) {
    if (exponent & 1n) result = result * square % modulus;
  }
  return result;
}

function encrypt(text, pem) {
  const { modulus, exponent } = publicKey(pem);
  const size = Math.ceil(modulus.toString(16).length / 2);
  const message = bytesOf(text);
  if (message.length > size - 11) throw new Error("too long for the key");
  const padding = new Uint8Array(size - message.length - 3);
  for (let place = 0; place < padding.length;) {
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte !== 0) padding[place++] = byte;
  }
  const block = [0, 2, ...padding, 0, ...message];
  const hex = power(BigInt("0x" + hexOf(block)), exponent, modulus).toString(16).padStart(size * 2, "0");
  return base64Of(Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)));
}

// --- the forms ------------------------------------------------------------------------------------

const valueOf = (id) => (document.getElementById(id) || { value: "" }).value.trim();

async function requestOf(form) {
  const main = document.getElementById("main");
  const { method, media } = form.dataset;
  const headers = {};
  const query = new URLSearchParams();
  let path = form.dataset.path;
  for (const input of form.querySelectorAll("input[data-in]")) {
    const value = input.value.trim();
    if (input.dataset.in === "path") path = path.replace(`{${input.name}}`, encodeURIComponent(value));
    else if (input.dataset.in === "header") headers[input.name] = value;
    else if (value !== "") query.set(input.name, value);
  }
  const token = valueOf("token");
  if (token && form.dataset.protected === "true") headers.Authorization = `Bearer ${token}`;
  let message = null;
  if (media) message = JSON.parse(form.elements.body.value || "{}");
  if (main.dataset.signing === "sha1" && message) message = await signMessage(message, valueOf("app-key"));
  const signsHead = main.dataset.signing === "rsa" && headers["X-Lemonban-Media-Type"] === "lemonban.v3";
  if (signsHead && token && form.dataset.protected === "true") {
    const timestamp = Math.floor(Date.now() / 1000);
    const sign = encrypt(token.slice(0, 50) + timestamp, document.getElementById("public-key").textContent);
    if (message) Object.assign(message, { timestamp, sign });
    else { query.set("timestamp", timestamp); query.set("sign", sign); }
  }
  let body;
  if (message && media === "application/x-www-form-urlencoded") {
    body = new URLSearchParams(Object.entries(message).map(([name, value]) => [name, String(value)])).toString();
  } else if (message) body = JSON.stringify(message);
  if (body !== undefined) headers["Content-Type"] = media;
  const asked = query.toString();
  return [asked ? `${path}?${asked}` : path, { method, headers, body, credentials: "same-origin", redirect: "manual" }];
}

async function send(form) {
  const [button, status, shown] = [form.querySelector("button"), form.querySelector(".status"), form.querySelector(".answer")];
  button.disabled = true;
  status.textContent = "…";
  try {
    const [path, request] = await requestOf(form);
    const began = performance.now();
    const answer = await fetch(path, request);
    const text = await answer.text();
    status.textContent = `HTTP ${answer.status} · ${Math.round(performance.now() - began)} ms · ${request.method} ${path}`;
    shown.hidden = false;
    try { shown.textContent = JSON.stringify(JSON.parse(text), null, 2); } catch { shown.textContent = text; }
  } catch (problem) {
    status.textContent = String(problem.message || problem);
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll(".try form")) {
  form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
}

const filter = document.getElementById("filter");
if (filter) {
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const item of document.querySelectorAll(".calls li")) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
  });
}
