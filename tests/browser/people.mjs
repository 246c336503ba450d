// What people do on the pages, each with the name of what is done; `see` is called with a name wherever a page is shown
// that no link leads to.

import assert from "node:assert/strict";
import { createHash, createHmac, randomUUID } from "node:crypto";

export const ARM = /^(placebo|aldesleukin [12] MIU)$/;

export const passphrase = (who) => `a long passphrase of ${who}`;

const unseen = async () => {};

// Logs in; the first time with the one-time password, which is replaced on the page that comes then.
export async function logIn(page, demo, who) {
    await page.goto(`${demo.base}/log-in`);
    const oneTime = demo.passwords[who];
    await fill(page, { login: who, password: oneTime ?? passphrase(who) });
    await press(page);
    await page.waitForSelector("header .person button");
    if (!oneTime) return;
    await fill(page, { old_password: oneTime, new_password: passphrase(who), repeated: passphrase(who) });
    await press(page);
    await page.waitForURL(/done=password/);
    delete demo.passwords[who];
}

export async function fill(page, fields) {
    for (const [name, value] of Object.entries(fields)) await page.fill(`main [name="${name}"]`, value);
}

// Sends the first form of the page.
export const press = (page) => page.locator("main form.act .buttons button:not(.quiet)").first().click();

export async function screen(page, demo, subject, fields, see = unseen) {
    await page.goto(`${demo.study}/subjects/new`);
    await fill(page, { screening_number: subject, ...fields });
    await page.check("[name=sex][value=female]");
    await press(page);
    await page.waitForURL(/done=screened/);
    await see("screened");
}

// From screening to the randomization number.
export async function randomize(page, demo, subject, year, see = unseen) {
    await screen(page, demo, subject, { birth_year: year }, see);
    await page.click("main a[href$='/randomize']");
    await page.waitForURL(/randomize/);
    await press(page);
    await page.waitForSelector(".trouble");
    await see("criteria-unanswered");
    await fill(page, { consent_date: "2026-01-05" });
    for (const yes of await page.locator("input[type=radio][value=yes]").all()) await yes.check();
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("confirm");
    await fill(page, { password: passphrase("investigator") });
    await press(page);
    await page.waitForURL(/done=randomized/);
    await see("randomized");
    const [number] = (await page.textContent("main")).match(/R\d{4}/);
    return number;
}

// A wrong password first, and then the arm.
export async function breakCode(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/break`);
    await page.check("[name=reason][value=overdose]");
    await fill(page, { screening_number: subject, password: "not the password" });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("break-wrong-password");
    await fill(page, { password: passphrase("investigator") });
    await press(page);
    const arm = await page.textContent(".large strong");
    await see("broken");
    assert.match(arm, ARM);
    return arm;
}

// From the request to the handover, with another kit scanned before. Gives the number of the kit.
export async function handOver(page, demo, subject, see = unseen) {
    const kit = await dispense(page, demo, subject);
    await see("dispensed");
    await fill(page, { kit_number: "1234567889" });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("wrong-kit");
    await fill(page, { kit_number: kit });
    await press(page);
    await page.waitForURL(/done=handed_over/);
    await see("handed-over");
    return kit;
}

// Asks which kit to hand over. Gives its number.
export async function dispense(page, demo, subject) {
    await page.goto(`${demo.study}/subjects/${subject}/kits`);
    await press(page);
    await page.waitForURL(/done=dispensed/);
    return (await page.textContent(".large strong")).replaceAll(/\D/g, "");
}

// The labels of all kits of a batch, as they are printed.
export async function printLabels(demo, batch) {
    const bytes = await act(demo, "supply", `/studies/imodals/batches/${batch}/labels`, { language: "en" });
    return Buffer.from(bytes);
}

// From the invitation to a role that a second administrator has to confirm, and an end of the person's sessions.
export async function bringIn(page, demo, login, see = unseen) {
    await page.goto(`${demo.base}/people`);
    await page.click("main a[href='/invite']");
    await page.waitForURL(/invite/);
    await fill(page, { login: "Not A Name", display_name: "A newcomer", email: `${login}@demo.invalid` });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("invite-refused");
    await fill(page, { login });
    await press(page);
    await page.waitForSelector(".large strong");
    await see("invited");
    demo.passwords[login] = await page.textContent(".large strong");
    await page.click(`main a[href='/people/${login}/grants']`);
    await page.waitForURL(/grants/);
    await page.selectOption("[name=role]", "statistician");
    await fill(page, { reason: "delegated", password: passphrase("admin") });
    await press(page);
    await page.waitForURL(/done=proposed/);
    await see("proposed");
    await page.click("main a[href$='/confirmation']");
    await page.waitForURL(/confirmation/);
    await see("to-confirm");
    await page.goto(`${demo.base}/people/${login}/sessions`);
    await press(page);
    await page.waitForURL(/done=sessions/);
    await see("sessions-ended");
}

// Sets a second factor up, logs out, and logs in with a code of it; then gives it up.
export async function useSecondFactor(page, demo, who, see = unseen) {
    await page.goto(`${demo.base}/me`);
    await page.click("main a[href='/second-factor']");
    await page.waitForURL(/second-factor/);
    await fill(page, { password: passphrase(who) });
    await press(page);
    await page.waitForSelector(".picture svg");
    await see("second-factor-offered");
    const secret = (await page.textContent("main dd")).replaceAll(" ", "");
    await fill(page, { code: "000000" });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("second-factor-wrong-code");
    await fill(page, { code: codeOf(secret, 0) });
    await press(page);
    await page.waitForSelector(".lines");
    await see("recovery-codes");
    await page.click("header .person form button");
    await page.waitForURL(/log-in/);
    await fill(page, { login: who, password: passphrase(who) });
    await press(page);
    await page.waitForSelector("[name=code]");
    await see("code");
    await page.goto(`${demo.base}/code`);
    await see("without-a-device");
    // That of the half minute to come: the one of this was used.
    await fill(page, { code: codeOf(secret, 1) });
    await press(page);
    await page.waitForSelector("header nav");
    await page.waitForURL((url) => url.pathname !== "/code");
    await page.goto(`${demo.base}/second-factor/removal`);
    await fill(page, { password: passphrase(who) });
    await press(page);
    await page.waitForURL(/done=factor_removed/);
}

// The code of RFC 6238, so many half minutes from now.
function codeOf(secret, later) {
    const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
    const key = Buffer.from(bits.join("").match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
    const tag = createHmac("sha1", key).update(step).digest();
    const number = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, "0");
}

// An act for which there is no page yet, through the interface; signed when the action is named.
export async function act(demo, who, address, body, action) {
    const token = await tokenOf(demo, who);
    const signed = action && (await signature(demo, token, who, address, JSON.stringify(body), action));
    return post(demo, address, body, {
        authorization: `Bearer ${token}`, "idempotency-key": randomUUID(), ...(signed && { "signature-token": signed }),
    });
}

async function tokenOf(demo, who) {
    const oneTime = demo.passwords[who];
    const session = await post(demo, "/session", { login: who, password: oneTime ?? passphrase(who) });
    const token = JSON.stringify(session).match(/"access_token":"([^"]+)"/)[1];
    if (!oneTime) return token;
    const change = { old_password: oneTime, new_password: passphrase(who) };
    await post(demo, "/me/password", change, { authorization: `Bearer ${token}` });
    delete demo.passwords[who];
    return tokenOf(demo, who);
}

async function signature(demo, token, who, address, body, action) {
    const body_sha256 = createHash("sha256").update(body).digest("hex");
    const asked = { action, address: `/api/v1${address}`, body_sha256, password: passphrase(who) };
    const signed = await post(demo, "/signatures", asked, { authorization: `Bearer ${token}` });
    return JSON.stringify(signed).match(/"token":"([^"]+)"/)[1];
}

async function post(demo, address, body, headers = {}) {
    const answer = await fetch(`${demo.base}/api/v1${address}`, {
        method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body),
    });
    if (answer.headers.get("content-type") === "application/pdf") return answer.arrayBuffer();
    const text = await answer.text();
    assert.ok(answer.ok, `${address}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
}
