// The main path of each role, as newcomers go it with the printed passwords and no manual.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKTOP, PHONE, stage } from "./harness.mjs";
import { byKeys } from "./keys.mjs";
import { ARM, account, breakAtOnce, breakCode, bringIn, failScreening, handOver, logIn, note } from "./people.mjs";
import { passphrase, proveTheList, randomize, recordVisit, replace, screen, stopDrug, useSecondFactor, watchOver } from "./people.mjs";
import { certify, check, decide, receive, register, release, send } from "./supply.mjs";

const on = stage();

// Who goes which way, in this order: a role with pages gets a line here.
const PATHS = [
    ["investigator", async (page, subject, year, see) => {
        await randomize(page, on.demo, subject, year, see);
        await recordVisit(page, on.demo, subject, see);
        await breakCode(page, on.demo, subject, see);
        await note(page, on.demo, subject, see);
        const other = `${subject}-F`;
        await screen(page, on.demo, other, { birth_year: String(Number(year) - 20) }, see);
        await failScreening(page, on.demo, other, see);
    }],
    ["pharmacist", async (page, subject, _year, see) => {
        const kit = await handOver(page, on.demo, subject, see);
        await replace(page, on.demo, kit, see);
        await account(page, on.demo, subject, kit, see);
    }],
    ["oncall", async (page, subject, _year, see) => {
        await breakAtOnce(page, on.demo, subject, see);
        await stopDrug(page, on.demo, subject, see);
    }],
    ["supply", (page, subject, _year, see) => register(page, on.demo, batchOf(subject), see)],
    ["reviewer", (page, subject, _year, see) => check(page, on.demo, batchOf(subject), see)],
    ["quality", (page, subject, _year, see) => certify(page, on.demo, batchOf(subject), see)],
    ["supply", (page, subject, _year, see) => release(page, on.demo, batchOf(subject), see)],
    ["depot", (page, subject, _year, see) => send(page, on.demo, batchOf(subject), see)],
    ["pharmacist", (page, subject, _year, see) => receive(page, on.demo, batchOf(subject), see)],
    ["quality", (page, subject, _year, see) => decide(page, on.demo, batchOf(subject), see)],
    ["statistician", (page, _subject, _year, see) => proveTheList(page, on.demo, see)],
    ["monitor", (page, subject, _year, see) => watchOver(page, on.demo, subject, see)],
    ["admin", async (page, subject, _year, see) => {
        await bringIn(page, on.demo, `newcomer-${subject.toLowerCase()}`, see);
        await useSecondFactor(page, on.demo, "admin", see);
    }],
];

// A batch of its own for every way.
const batchOf = (subject) => `B-${subject}`;

const WAYS = [
    ["en-GB, on a desk", { ...DESKTOP, locale: "en-GB" }, "S-101", "1981"],
    ["fr-FR, on a phone", { ...PHONE, locale: "fr-FR" }, "S-102", "1982"],
    ["fr-FR, on a desk, without a script", { ...DESKTOP, locale: "fr-FR", javaScriptEnabled: false }, "S-103", "1983"],
    ["en-GB, on a phone, without a script", { ...PHONE, locale: "en-GB", javaScriptEnabled: false }, "S-104", "1984"],
    ["fr-FR, on a desk, with the keyboard alone", { ...DESKTOP, locale: "fr-FR" }, "S-105", "1985", byKeys],
];

for (const [way, options, subject, year, by] of WAYS) {
    test(`everybody's main path: ${way}`, async () => {
        for (const [who, path] of PATHS) {
            const { page: seen, problems, see, context } = await on.open(options);
            const page = by ? by(seen) : seen;
            await logIn(page, on.demo, who);
            assert.equal(await page.getAttribute("html", "lang"), options.locale.slice(0, 2));
            // Every page is looked at once by each kind of window; what only keys or no script change is not to be seen.
            const isLookedAt = options.javaScriptEnabled !== false && !by;
            await path(page, subject, year, isLookedAt ? (name) => see(`${who}-${name}`) : undefined);
            assert.deepEqual(problems, []);
            await context.close();
        }
    });
}

test("how long it takes to break a code from the log-in on, on a phone with the keys alone", async () => {
    const office = await on.open();
    await logIn(office.page, on.demo, "investigator");
    await randomize(office.page, on.demo, "S-106", "1986");
    const phone = await on.open(PHONE);
    await slow(phone);
    const page = byKeys(phone.page);
    const began = Date.now();
    await logIn(page, on.demo, "investigator");
    await page.click("nav a.emergency");
    await page.waitForURL(/break/);
    await page.fill("[name=screening_number]", "S-106");
    await page.check("[name=reason][value=medical_emergency]");
    await page.fill("[name=password]", passphrase("investigator"));
    await page.keyboard.press("Enter");
    assert.match(await page.textContent(".large strong"), ARM);
    console.log(`from the log-in to the arm on a phone with a slow link: 3 screens, ${Date.now() - began} ms`);
    for (const { problems } of [office, phone]) assert.deepEqual(problems, []);
});

// A telephone far from its mast: 400 ms there and back, 400 kbit a second.
async function slow({ context, page }) {
    const session = await context.newCDPSession(page);
    const bytes = 50_000;
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
        offline: false, latency: 400, downloadThroughput: bytes, uploadThroughput: bytes,
    });
}
