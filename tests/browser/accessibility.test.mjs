// Every page that links lead to, for every role, on a desk by day and on a phone at night: against WCAG 2.2 AA by axe,
// and never wider than the window. The pages that a role is there for are opened in French besides.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, stage, violations, walk, wider } from "./harness.mjs";
import { fill, handOver, logIn, press, randomize, screen } from "./people.mjs";

const on = stage();

const ofStudy = (rest) => `/studies/imodals${rest}`;

// The roles that have pages of their own, and what the walk must have come to.
const MUST = {
    investigator: ["/password", ...[
        "/break", "/breaks", "/visits", "/subjects/new", "/subjects/S-202/randomize", "/subjects/S-202/screen-failure",
        "/subjects/S-201/visits/D8", "/subjects/S-201/withdrawal", "/subjects/S-201/doses",
    ].map(ofStudy)],
    pharmacist: [
        ...["/today", "/subjects/S-201/kits", "/subjects/S-201/accountability", "/kits", "/shipments"].map(ofStudy),
        ...["/accountability", "/kits/disposals", "/kits/reconciliations/new"].map(ofStudy),
        ...["/kits/destructions/new", "/kits/set-aside"].map(ofStudy),
    ],
    supply: [
        ...["/supply", "/supply/stock", "/supply/stock/types?read=yes", "/supply/expiry", "/supply/resupply", "/supply/batches/new", "/supply/batches/B-2026-01/packing"],
        ...["packaging-list", "labels", "release", "expiry-extensions", "lot-statement"].map((rest) => `/supply/batches/B-2026-01/${rest}`),
    ].map(ofStudy),
    depot: ["/supply", "/supply/resupply", "/shipments/new", "/supply/quarantine"].map(ofStudy),
    quality: ["certification", "expiry-shortening", "recall"].map((rest) => ofStudy(`/supply/batches/B-2026-01/${rest}`)),
    statistician: ["", "/reconciliation", "/balance", "/predictability", "/reconciliation?read=yes", "/balance?read=yes", "/predictability?read=yes"].map((rest) => ofStudy(`/statistics${rest}`)),
    monitor: ["/alerts", ...["", "/journal", "/checkpoints", "/export", "/people"].map((rest) => `/oversight${rest}`)].map(ofStudy),
    admin: ["/people", "/invite", "/access-review", "/people/monitor/sessions", "/people/monitor/reset", "/me"],
};

test("the pages of every role", async () => {
    const bedside = await on.open();
    await logIn(bedside.page, on.demo, "investigator");
    await randomize(bedside.page, on.demo, "S-201", "1971");
    await screen(bedside.page, on.demo, "S-202", { birth_year: "1972" });
    const pharmacy = await on.open();
    await logIn(pharmacy.page, on.demo, "pharmacist");
    await handOver(pharmacy.page, on.demo, "S-201");
    const roles = [...Object.keys(on.demo.passwords), "investigator", "pharmacist"];
    const twins = ["admin2", "oncall"];
    for (const who of roles.filter((login) => !twins.includes(login))) {
        const { page, problems, see, context } = await on.open({ locale: "en-GB" });
        await logIn(page, on.demo, who);
        const visited = await walk(page, `${on.demo.base}/`, (name) => see(`${who}-${name}`));
        for (const address of MUST[who] ?? []) assert.ok(visited.has(address.split("?")[0]), `${who} came to ${[...visited]}`);
        await page.goto(`${on.demo.base}/language/fr`);
        for (const address of MUST[who] ?? []) {
            await page.goto(`${on.demo.base}${address}`);
            await see(`${who}${address.replaceAll(/[/?=]/g, "-")}`);
        }
        assert.deepEqual(problems, []);
        await context.close();
    }
});

test("the pages of those who have not logged in", async () => {
    for (const locale of ["en-GB", "fr-FR"]) {
        const { page, problems, see } = await on.open({ locale });
        const visited = await walk(page, `${on.demo.base}/`, (name) => see(`anybody-${name}`));
        assert.ok(visited.has("/log-in") && visited.has("/break-glass"), [...visited].join());
        await page.goto(`${on.demo.base}/log-in`);
        await fill(page, { login: "nobody", password: "nothing" });
        await press(page);
        await page.waitForSelector(".trouble");
        await see("anybody-refused");
        await page.goto(`${on.demo.base}/nowhere`);
        await see("anybody-nowhere");
        assert.deepEqual(problems, []);
    }
});

test("the control: an image without words and a line that is too long are seen", async () => {
    const { page } = await on.open();
    await page.goto(on.demo.base);
    assert.deepEqual([...(await violations(page)), ...(await wider(page))], []);
    await page.evaluate(() => {
        const wide = document.createElement("div");
        wide.style.width = "3000px";
        wide.textContent = "wide";
        document.querySelector("main").append(document.createElement("img"), wide);
    });
    assert.match((await violations(page)).join(), /image-alt/);
    assert.match((await wider(page)).join(), /px wider/);
    await page.setViewportSize(PHONE.viewport);
    await page.evaluate(() => {
        const table = '<table class="wide"><tr><td>a card that is much too narrow for its line</td></tr></table>';
        document.querySelector("main").insertAdjacentHTML("beforeend", table);
        document.querySelector("table.wide td").style.whiteSpace = "nowrap";
    });
    assert.match((await wider(page)).join(), /cut off: a card/);
});
