// What people do on the pages, each with the name of what is done; `see` is called with a name wherever a page is shown
// that no link leads to.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createHmac, randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import zxing from "@zxing/library";

const { BinaryBitmap, DecodeHintType, HybridBinarizer, QRCodeReader, RGBLuminanceSource } = zxing;

export const ARM = /^(placebo|aldesleukine? [12] (MIU|MUI))$/;

export const passphrase = (who) => `a long passphrase of ${who}`;

// The criteria of the study, each of which is fulfilled by a yes.
export function criteria() {
    const design = fs.readFileSync("config/imodals.toml", "utf8");
    return [...design.matchAll(/^\[\[criteria\]\].*\s(?:#.*\s)*id = "([^"]+)"/gm)].map(([, id]) => id);
}

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

// Writes down what happened, from the list of broken codes.
export async function note(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/breaks`);
    await page.locator("tr", { hasText: subject }).locator("a[href*='/breaks/']").click();
    await fill(page, { text: "Overdose at home; the general practitioner was told." });
    await press(page);
    await page.waitForURL(/done=noted/);
    await see("noted");
}

// The same without a log-in, by whoever is on call.
export async function breakAtOnce(page, demo, subject, see = unseen) {
    await page.goto(`${demo.base}/break-glass`);
    await page.click("a[href$='/emergency-break']");
    await page.check("[name=reason][value=overdose]");
    await fill(page, { screening_number: subject, login: "oncall", password: "not the password" });
    await press(page);
    await page.waitForSelector(".trouble");
    await fill(page, { password: passphrase("oncall") });
    await press(page);
    assert.match(await page.textContent(".large strong"), ARM);
    await see("broken-at-once");
}

// From the search in the head of every page to a recorded visit, which is due today.
export async function recordVisit(page, demo, subject, see = unseen) {
    await page.goto(demo.study);
    await page.fill("header [name=q]", subject.toLowerCase());
    await page.click("header .search button");
    await page.waitForURL(new RegExp(`/${subject}$`));
    await page.click("main .links a[href*='/visits/']");
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("visit-confirm");
    await press(page);
    await page.waitForURL(/done=visit_/);
    await see("visit-recorded");
}

// A subject who is not eligible.
export async function failScreening(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/subjects/${subject}/screen-failure`);
    for (const box of (await page.locator("[name=criteria]").all()).slice(0, 2)) await box.check();
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("failure-confirm");
    await press(page);
    await page.waitForURL(/done=screen_failed/);
    await see("screen-failure");
}

// Stops the drug.
export async function stopDrug(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/subjects/${subject}`);
    await page.click("main .links a[href$='/withdrawal']");
    await page.check("[name=stops][value=drug]");
    await press(page);
    await page.waitForSelector(".trouble");
    await see("stop-without-reason");
    await page.check("[name=reason][value=investigator]");
    await press(page);
    await page.waitForSelector("dl.confirm");
    await press(page);
    await page.waitForURL(/done=off_drug/);
    await see("off-drug");
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

// A kit that a subject has is replaced, and the one in its place handed over.
export async function replace(page, demo, kit, see = unseen) {
    await page.goto(`${demo.study}/today`);
    await see("today");
    await page.goto(`${demo.study}/kits/${kit}`);
    await see("kit");
    await page.click("main a[href$='/replacement']");
    await page.waitForURL(/replacement/);
    await page.check("[name=reason][value=damaged]");
    await see("replacement");
    await press(page);
    await page.waitForURL(/done=kit_replaced/);
    await see("replaced");
    await fill(page, { kit_number: (await page.textContent(".large strong")).replaceAll(/\D/g, "") });
    await press(page);
    await page.waitForURL(/done=handed_over/);
}

// What came back of a kit is counted, first without a reason, and signed for; and before all kits were set aside,
// somebody thinks better of it.
export async function account(page, demo, subject, kit, see = unseen) {
    await page.goto(`${demo.study}/kits/${kit}/return`);
    await fill(page, { used: "3", unused: "1", missing: "0" });
    await press(page);
    await page.waitForSelector(".trouble");
    await see("count-refused");
    await fill(page, { reason: "one vial was never found" });
    await press(page);
    await page.waitForURL(/done=kit_counted/);
    await page.goto(`${demo.study}/subjects/${subject}/accountability`);
    assert.match(await page.textContent("main"), /3 .+, 1 .+, 0 /);
    await see("account");
    await page.goto(`${demo.study}/kits/reconciliations/new`);
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("reconciliation-read");
    await fill(page, { password: passphrase("pharmacist") });
    await press(page);
    await page.waitForURL(/done=reconciliation_signed/);
    await see("reconciliation-signed");
    await page.goto(`${demo.study}/kits/set-aside`);
    await page.check("[name=cause][value=excursion]");
    await press(page);
    await page.waitForSelector("dl.confirm");
    await see("set-aside-read");
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
    assert.doesNotMatch(said, /^failed/m);
    fs.rmSync(folder, { recursive: true, force: true });
}

// The way of whoever watches: how the study goes, an entry of the journal with its proof, and a hold that is placed and
// released.
export async function watchOver(page, demo, subject, see = unseen) {
    await page.goto(`${demo.study}/oversight`);
    await see("oversight");
    await page.goto(`${demo.study}/oversight/journal`);
    await page.fill("[name='journal.search']", subject);
    await page.click("main form.search button");
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
    await page.waitForURL(/done=hold_released/);
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
    const offered = new URL(await scanned(page.locator(".picture svg")));
    assert.equal(`${offered.protocol}//${offered.host}`, "otpauth://totp");
    assert.equal(offered.searchParams.get("secret"), secret, "the picture holds another secret than the text");
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

// What a device that looks at the picture reads in it: it looks harder, and is held nearer, until it reads something.
export async function scanned(picture) {
    let unread;
    for (const side of ["", "20rem", "30rem", "40rem", "50rem"]) {
        await picture.evaluate((svg, side) => Object.assign(svg.style, { width: side, maxWidth: side }), side);
        const seen = await pixels(picture);
        for (const hint of [DecodeHintType.TRY_HARDER, DecodeHintType.PURE_BARCODE]) {
            try {
                return read(seen, new Map([[hint, true]]));
            } catch (error) {
                unread = error;
            }
        }
    }
    throw unread;
}

function read([width, height, greens], hints) {
    const source = new RGBLuminanceSource(Uint8ClampedArray.from(greens), width, height);
    return new QRCodeReader().decode(new BinaryBitmap(new HybridBinarizer(source)), hints).getText();
}

async function pixels(picture) {
    const photo = (await picture.screenshot()).toString("base64");
    const context = await picture.page().context().browser().newContext();
    const page = await context.newPage();
    const seen = await page.evaluate(async (photo) => {
        const image = new Image();
        image.src = `data:image/png;base64,${photo}`;
        await image.decode();
        const drawn = new OffscreenCanvas(image.width, image.height).getContext("2d");
        drawn.drawImage(image, 0, 0);
        const { data } = drawn.getImageData(0, 0, image.width, image.height);
        return [image.width, image.height, [...data].filter((_byte, at) => at % 4 === 1)];
    }, photo);
    await context.close();
    return seen;
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
