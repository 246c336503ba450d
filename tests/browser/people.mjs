// What people do on the pages, each with the name of what is done; `see` is called with a name wherever a page is shown
// that no link leads to.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

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
    await page.goto(`${demo.study}/subjects/${subject}/kits`);
    await press(page);
    await page.waitForURL(/done=dispensed/);
    await see("dispensed");
    const kit = (await page.textContent(".large strong")).replaceAll(/\D/g, "");
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

// The statistician's way: the list against what happened, how the arms are balanced, and the whole of it checked by the
// program alone, without the server.
export async function proveTheList(page, demo, see = unseen) {
    await page.goto(`${demo.study}/statistics`);
    await page.click("main a.main");
    await page.waitForURL(/reconciliation$/);
    await see("to-read");
    assert.equal(await page.locator(".badge.good", { hasText: /^(pass|conforme)$/ }).count(), 0, "nothing is read yet");
    await page.click("main a.main");
    await page.waitForURL(/read=yes/);
    await see("reconciliation");
    const verdicts = page.locator("#checks .badge");
    assert.ok((await verdicts.count()) >= 7);
    for (const verdict of await verdicts.all()) assert.match(await verdict.getAttribute("class"), /good/);
    await page.goto(`${demo.study}/statistics/balance?read=yes`);
    await see("balance");
    await verifyOffline(page, demo, see);
}

// A checkpoint is signed and saved, and the export, and both are given to the program.
async function verifyOffline(page, demo, see) {
    await page.goto(`${demo.study}/oversight/checkpoints`);
    await press(page);
    await page.waitForURL(/done=checkpoint/);
    await see("checkpoint");
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-proof-"));
    const save = async () => {
        const saving = page.waitForEvent("download");
        await page.click("main .links a[download]");
        const file = await saving;
        await file.saveAs(path.join(folder, file.suggestedFilename()));
    };
    await save();
    const command = (await page.locator("figure.code pre", { hasText: /^iwrs verify/ }).textContent()).split(" ");
    await page.goto(`${demo.study}/oversight/export`);
    await save();
    const said = execFileSync(process.env.IWRS, command.slice(1), { cwd: folder, encoding: "utf8" });
    assert.doesNotMatch(said, /failed/i);
    fs.rmSync(folder, { recursive: true, force: true });
}

// The way of whoever watches: how the study goes, an entry of the journal with its proof, and a hold that is placed and
// released.
export async function watchOver(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/oversight`);
    await see("oversight");
    await page.goto(`${demo.study}/oversight/journal`);
    await page.fill("[name='journal.search']", subject);
    await page.click("form.search button");
    await page.waitForURL(/journal.search/);
    await page.locator("#journal tbody a").first().click();
    await page.waitForURL(/journal\/\d+$/);
    assert.match(await page.textContent("main"), new RegExp(subject));
    await see("entry");
    await page.goto(`${demo.study}/oversight/self-check`);
    await page.click("main a.main");
    await page.waitForSelector("#checks");
    assert.equal(await page.locator("#checks .badge.bad").count(), 0);
    await see("self-check");
    await page.goto(`${demo.study}/oversight/holds`);
    await page.check("[name=on][value=dispensing]");
    await press(page);
    await page.waitForSelector(".trouble");
    await see("hold-without-a-reason");
    await fill(page, { reason: "the site is being looked at" });
    await press(page);
    await page.waitForURL(/done=held/);
    await see("held");
    await page.locator("#holds a[href*='/holds/']").first().click();
    await fill(page, { reason: "it is in order" });
    await press(page);
    await page.waitForURL(/done=released/);
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
    const text = await answer.text();
    assert.ok(answer.ok, `${address}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
}
