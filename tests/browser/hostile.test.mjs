// What somebody types who means ill, and what the next person at the same computer finds.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { filesWith, openKept, stage, walk } from "./harness.mjs";
import { act, breakCode, fill, logIn, passphrase, press, randomize, screen } from "./people.mjs";

const on = stage();

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
const DUPLICATE = { birth_year: "1960", duplicate_reason: HOSTILE };

// What stands on a page and is none of ours.
const foreign = (page) => page.locator("img, iframe, object, svg, body script, [onerror]").count();

test("what is typed stays what was typed", async () => {
    const { page, problems } = await on.open();
    await logIn(page, on.demo, "investigator");
    await page.goto(`${on.demo.study}/subjects/new`);
    await fill(page, { screening_number: HOSTILE, ...DUPLICATE });
    await press(page);
    await page.waitForSelector(".trouble");
    assert.equal(await page.inputValue("[name=duplicate_reason]"), HOSTILE);
    for (const question of ["subjects.search", "subjects.sort", "done", "csv"]) {
        await page.goto(`${on.demo.study}/subjects?${question}=${encodeURIComponent(HOSTILE)}`);
        assert.equal(await foreign(page), 0, question);
    }
    await page.goto(`${on.demo.base}/log-in?then=${encodeURIComponent(HOSTILE)}`);
    assert.equal(await foreign(page), 0);
    assert.deepEqual(problems, []);
});

test("no page runs what was stored", async () => {
    const named = { login: "mallory", display_name: HOSTILE, email: "mallory@demo.invalid" };
    const { invitation } = await act(on.demo, "admin", "/users", named);
    const grant = { role: "investigator", study: "imodals", site: "34-001", reason: HOSTILE };
    await act(on.demo, "admin", `/users/${invitation.id}/grants`, grant, "grant_role");
    on.demo.passwords.mallory = invitation.one_time_password;
    const mallory = await on.open();
    await logIn(mallory.page, on.demo, "mallory");
    assert.match(await mallory.page.textContent("header"), /onerror=alert/, "the name is shown as it is");
    await screen(mallory.page, on.demo, "S-301", DUPLICATE);
    await screen(mallory.page, on.demo, "S-302", DUPLICATE);
    for (const who of ["mallory", "investigator", "pharmacist", "monitor", "reviewer"]) {
        const { page, problems } = await on.open();
        await logIn(page, on.demo, who);
        await walk(page, `${on.demo.base}/`, async (name) => assert.equal(await foreign(page), 0, name));
        assert.deepEqual(problems, []);
    }
});

test("the control: what is put on a page is seen, and is not run", async () => {
    const { page, problems } = await on.open();
    await page.goto(on.demo.base);
    const refused = page.waitForEvent("console", (said) => said.text().includes("Content Security Policy"));
    await page.evaluate((html) => (document.querySelector("main").innerHTML = html), HOSTILE);
    await refused;
    assert.equal(await foreign(page), 2);
    assert.doesNotMatch(problems.join(), /dialog/);
});

// With and without the script of the pages: without it, Chromium keeps the page before in its memory.
for (const javaScriptEnabled of [true, false]) {
    test(`after a log-out nothing is left, ${javaScriptEnabled ? "with" : "without"} a script`, async (t) => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-profile-"));
        const { context, page, problems } = await openKept(folder, on.demo, { javaScriptEnabled });
        t.after(async () => {
            await context.close();
            fs.rmSync(folder, { recursive: true, force: true });
        });
        const [subject, year] = javaScriptEnabled ? ["S-303-PLAIN", "1963"] : ["S-304-PLAIN", "1964"];
        await logIn(page, on.demo, "investigator");
        const number = await randomize(page, on.demo, subject, year);
        await page.goto(`${on.demo.study}/subjects`);
        assert.match(await page.textContent("main"), new RegExp(subject), "the control: it is shown before");
        await page.evaluate(() => (globalThis.remembered = true));
        await page.goto(`${on.demo.base}/break-glass`);
        await back(page, `${on.demo.study}/subjects`);
        // With the script the page is asked for anew by itself.
        const remembered = () => page.evaluate(() => globalThis.remembered);
        if (!javaScriptEnabled) assert.ok(await remembered(), "the control: it comes out of memory");
        await logOut(page);
        await back(page, /log-in\?then/);
        assert.doesNotMatch(await page.locator("html").innerHTML(), new RegExp(`${subject}<|${number}`));
        await logIn(page, on.demo, "investigator");
        const arm = await breakCode(page, on.demo, subject);
        await logOut(page);
        // The answer to a form could only be asked for anew, and the browser does not do that by itself.
        await assert.rejects(page.goBack(), /ERR_CACHE_MISS/);
        assert.deepEqual(problems, []);
        await context.close();
        // A browser remembers where it was, and a screening number stands in addresses and titles. Of what was on the
        // pages, and of what was typed into them, it must remember nothing.
        const secrets = [number, `${arm}<`, passphrase("investigator"), `${subject}</a>`, `value="${subject}"`];
        for (const secret of secrets) assert.deepEqual(filesWith(folder, secret), [], secret);
        fs.writeFileSync(path.join(folder, "planted"), Buffer.from(number, "utf16le"));
        assert.equal(filesWith(folder, number).length, 1, "the control: what is there is found");
    });
}

// The button of the browser. A page out of memory loads nothing, so nothing is waited for but the address.
async function back(page, to) {
    await page.goBack({ waitUntil: "commit" });
    await page.waitForURL(to, { waitUntil: "commit" });
}

async function logOut(page) {
    await page.click("header .person button");
    await page.waitForURL(/log-in\?done/);
}
