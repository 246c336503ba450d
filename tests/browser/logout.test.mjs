// What the next person at the same computer finds.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { filesWith, openKept, stage } from "./harness.mjs";
import { breakCode, logIn, passphrase, randomize } from "./people.mjs";

const on = stage();

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
        // With a script the page of the form is asked for, and with it the log-in. Without, the answer to a form could
        // only be had by sending it anew, and the browser does not do that by itself.
        if (javaScriptEnabled) await back(page, /log-in\?then/);
        else await assert.rejects(page.goBack(), /ERR_CACHE_MISS/);
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
