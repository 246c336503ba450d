// The main path of each role, as newcomers go it with the printed passwords and no manual.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKTOP, PHONE, stage } from "./harness.mjs";
import { go, logInByKeys, tabTo, type } from "./keys.mjs";
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
];

for (const [way, options, subject, year] of WAYS) {
    test(`everybody's main path: ${way}`, async () => {
        for (const [who, path] of PATHS) {
            const { page, problems, see, context } = await on.open(options);
            await logIn(page, on.demo, who);
            assert.equal(await page.getAttribute("html", "lang"), options.locale.slice(0, 2));
            const isScripted = options.javaScriptEnabled !== false;
            await path(page, subject, year, isScripted ? (name) => see(`${who}-${name}`) : undefined);
            assert.deepEqual(problems, []);
            await context.close();
        }
    });
}

test("a code is broken and a kit handed over with the keyboard alone, and how long the break takes", async () => {
    const office = await on.open();
    await logIn(office.page, on.demo, "investigator");
    await randomize(office.page, on.demo, "S-105", "1985");
    const phone = await on.open(PHONE);
    await slow(phone);
    const began = Date.now();
    await logInByKeys(phone.page, on.demo, "investigator");
    await go(phone.page, "nav a.emergency", /break/);
    await type(phone.page, "[name=screening_number]", "S-105");
    await tabTo(phone.page, "[name=reason]");
    await phone.page.keyboard.press("Space");
    await type(phone.page, "[name=password]", passphrase("investigator"));
    await phone.page.keyboard.press("Enter");
    assert.match(await phone.page.textContent(".large strong"), ARM);
    console.log(`from the log-in to the arm on a phone with a slow link: 3 screens, ${Date.now() - began} ms`);

    const pharmacy = await on.open();
    await logIn(pharmacy.page, on.demo, "pharmacist");
    await pharmacy.page.goto(`${on.demo.study}/subjects`);
    await go(pharmacy.page, "main a[href$='/S-105']", /S-105/);
    await go(pharmacy.page, "main a[href$='/kits']", /kits/);
    await tabTo(pharmacy.page, "form.act button");
    await pharmacy.page.keyboard.press("Space");
    await pharmacy.page.waitForURL(/done=dispensed/);
    const kit = await pharmacy.page.textContent(".large strong");
    await type(pharmacy.page, "[name=kit_number]", kit.replaceAll(/\D/g, ""));
    await pharmacy.page.keyboard.press("Enter");
    await pharmacy.page.waitForURL(/done=handed_over/);
    for (const { problems } of [office, phone, pharmacy]) assert.deepEqual(problems, []);
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
