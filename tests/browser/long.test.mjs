// What takes long tells how far it is: the plans of all sites of an order day, and the journal as a file.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { test } from "node:test";
import { PHONE, stage } from "./harness.mjs";
import { logIn } from "./people.mjs";

const ZONE = "Europe/Paris";
const SITES = 12;

// It is the order day, whatever day it is.
const today = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: ZONE }).format().toLowerCase();
const on = stage([['order_weekday = "monday"', `order_weekday = "${today}"`]]);

// Sites are added by the operator, beside the server that runs.
function addSites(demo) {
    const at = (...rest) => path.join(demo.data, ...rest);
    const env = {
        ...process.env, IWRS__DATABASE__URL: `sqlite:${at("iwrs.sqlite")}`, IWRS__STATE__DIRECTORY: at("state"),
        IWRS__KEYS__MASTER: at("keys", "master"), IWRS__KEYS__TOKENS: at("keys", "tokens"),
        IWRS__KEYS__CHECKPOINTS: at("keys", "checkpoints"), IWRS__MAIL__DIRECTORY: at("mail"),
    };
    for (let number = 1; number <= SITES; number += 1) {
        const site = ["site", "add", "imodals", `44-${100 + number}`, "--name", `Hospital ${number}`];
        execFileSync(process.env.IWRS, [...site, "--time-zone", ZONE, "--country", "FR"], { env });
    }
}

test("all sites of the order day are planned some at a time, with and without a script", async () => {
    addSites(on.demo);
    // The demo's own site needs nothing, which is a plan. For the others the sponsor has nothing in stock.
    for (const [javaScriptEnabled, sites] of [[false, SITES + 1], [true, SITES]]) {
        const { page, problems, see, context } = await on.open({ ...PHONE, javaScriptEnabled });
        await logIn(page, on.demo, "depot");
        await page.goto(`${on.demo.study}/supply/resupply`);
        assert.equal(await page.locator("main [name=sites]:checked").count(), sites);
        await page.locator("main form.act[action$='/all'] .buttons button:not(.quiet)").click();
        // Some are planned, and how far it is is told. A script goes on by itself, everybody else by the button.
        const bar = page.locator("main progress");
        await bar.waitFor();
        assert.deepEqual([await bar.getAttribute("value"), await bar.getAttribute("max")], ["10", String(sites)]);
        if (!javaScriptEnabled) await page.locator("main form.act .buttons button:not(.quiet)").click();
        await page.locator("main .warning").first().waitFor();
        const told = await page.locator("main .warning").allTextContents();
        assert.deepEqual(told.map((line) => line.slice(0, 6)), Array.from({ length: SITES }, (_, at) => `44-${101 + at}`));
        assert.equal(await page.locator("#plans tbody tr").count(), 1);
        if (javaScriptEnabled) await see("all-sites-not-planned");
        assert.deepEqual(problems, []);
        await context.close();
    }
});

// The way to the server, on which answers get stuck when no more bytes are let through, until it breaks.
async function wayTo(demo) {
    const way = { left: Infinity };
    const server = net.createServer((client) => {
        const onward = net.connect(Number(new URL(demo.base).port), "127.0.0.1");
        onward.on("data", (bytes) => {
            const through = bytes.subarray(0, way.left);
            way.left -= through.length;
            client.write(through);
            way.breaks = () => client.destroy();
        });
        client.on("data", (bytes) => onward.write(bytes));
        for (const [one, other] of [[client, onward], [onward, client]]) {
            one.on("error", () => other.destroy());
            one.on("close", () => other.destroy());
        }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const base = `http://127.0.0.1:${server.address().port}`;
    return Object.assign(way, { demo: { ...demo, base, study: `${base}/studies/imodals` }, close: () => server.close() });
}

test("the journal tells how far it is while it comes, and nothing is saved of what breaks off", async (t) => {
    const way = await wayTo(on.demo);
    t.after(way.close);
    const { page, problems, see } = await on.open(PHONE, way.demo);
    await logIn(page, way.demo, "monitor");
    await page.goto(`${way.demo.study}/oversight/export`);
    const [bar, whole, broken] = ["progress", "[role=status]", "[role=alert]"].map((part) => page.locator(`.download ${part}`));
    const shown = () => Promise.all([bar, whole, broken].map((part) => part.isVisible()));
    assert.deepEqual(await shown(), [false, false, false]);

    // The connection breaks in the middle of the file.
    const saved = [];
    page.on("download", (file) => saved.push(file));
    way.left = 5_000;
    await page.click(".download a");
    await page.waitForFunction(() => document.querySelector(".download progress").value > 0);
    assert.equal(await bar.evaluate((it) => it.value < it.max), true);
    assert.deepEqual(await shown(), [true, false, false]);
    way.breaks();
    await broken.waitFor();
    assert.deepEqual(await shown(), [false, false, true]);
    way.left = Infinity;
    await see("export-broken");
    assert.equal(saved.length, 0);

    const saving = page.waitForEvent("download");
    await page.click(".download a");
    const file = await saving;
    await whole.waitFor();
    assert.equal(file.suggestedFilename(), "imodals-journal.jsonl");
    assert.equal(await bar.evaluate((it) => it.value === it.max), true);
    assert.deepEqual(await shown(), [true, true, false]);
    await see("exported");
    const said = execFileSync(process.env.IWRS, ["verify", await file.path()], { encoding: "utf8" });
    assert.doesNotMatch(said, /^failed/m);

    // Whoever is logged out meanwhile is sent to the log-in, and saves no page in the place of the journal.
    await page.context().clearCookies();
    await page.click(".download a");
    await page.waitForURL(/log-in/);
    assert.equal(saved.length, 1);
    assert.deepEqual(problems, []);
});
