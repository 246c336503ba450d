// A kit is scanned with the camera: the very label that is printed, filmed as a hand holds it.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { film } from "./film.mjs";
import { PHONE, openFilming, stage } from "./harness.mjs";
import { byKeys, reach } from "./keys.mjs";
import { dispense, logIn, printLabels, randomize } from "./people.mjs";

// What the code on a label holds: the number alone, or a GS1 code when the packs have a GTIN.
const CODES = [
    ["the number alone", stage(), (kit) => kit],
    [
        "a code of GS1", stage([["\n[label]\n", '\n[label]\ngtin = "08714023000405"\n']]),
        (kit) => `]d2010871402300040517301231${`21${kit}`}\u001d10B-2026-01`,
    ],
];

for (const [what, on, content] of CODES) {
    test(`the kit of a subject is scanned and handed over, another is stopped: ${what}`, async (t) => {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-film-"));
        t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
        const { kit, other } = await ask(on, "S-401", "1961");
        const labels = await printLabels(on.demo, "B-2026-01");
        const table = [
            [other, async (page) => {
                assert.match(await page.textContent(".trouble[role=alert]"), /not the kit to hand over/);
                assert.equal(await page.inputValue("[name=kit_number]"), "", "the next scan begins with an empty field");
            }],
            [kit, (page) => page.waitForURL(/done=handed_over/)],
        ];
        for (const [number, isAnswered] of table) {
            const filming = await openFilming({ film: film(folder, labels, number) }, on.demo, PHONE);
            t.after(filming.close);
            const { page, problems, see } = filming;
            await toTheScan(page, on.demo, "S-401");
            await page.keyboard.press("Enter");
            await page.waitForFunction(() => !document.querySelector("dialog").open);
            assert.equal(await page.inputValue("[name=kit_number]"), content(number));
            assert.match(await page.textContent("p.camera [role=status]"), /Nothing is sent yet/);
            await see(`scanned-${what.replaceAll(" ", "-")}`);
            assert.ok(await isReached(page, ".buttons button"), "the way on is the button");
            const sent = page.waitForNavigation();
            await page.keyboard.press("Enter");
            await sent;
            await isAnswered(page);
            assert.deepEqual(problems, []);
        }
    });
}

test("a kit of a shipment is scanned into the list, which is how it is chosen as come in good order", async (t) => {
    for (const [at, [what, on]] of CODES.entries()) {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "iwrs-film-"));
        t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
        const desk = await on.open();
        await logIn(desk.page, on.demo, "pharmacist");
        const receipt = await onItsWay(desk.page, on.demo);
        const names = await desk.page.$$eval("input[type=radio][value=received]", (all) => all.map((one) => one.name));
        const name = names[at];
        const code = film(folder, await printLabels(on.demo, "B-2026-02"), name.slice("kit.".length));
        const filming = await openFilming({ film: code }, on.demo, PHONE);
        t.after(filming.close);
        const { page, problems, see } = filming;
        await logIn(page, on.demo, "pharmacist");
        await page.goto(receipt);
        await page.click("p.camera button");
        await page.waitForFunction(() => !document.querySelector("dialog").open);
        assert.ok(await page.isChecked(`[name="${name}"][value=received]`), what);
        assert.equal(await page.locator("input[type=radio]:checked").count(), 1, "no other");
        assert.equal(await page.inputValue("[name=scanned]"), "");
        assert.equal(await page.textContent(".tally"), "1 of 36 answered");
        assert.ok(await isReached(page, "p.camera button"), "the next kit is one press away");
        await see("scanned-into-the-list");
        assert.deepEqual(problems, []);
    }
});

test("the camera is closed by Escape and by its button, and is on no longer", async (t) => {
    const [, on] = CODES[0];
    await ask(on, "S-402", "1962");
    const filming = await openFilming({}, on.demo);
    t.after(filming.close);
    const { page, problems, see } = filming;
    await toTheScan(page, on.demo, "S-402");
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    for (const close of [() => page.keyboard.press("Escape"), () => page.click("dialog button")]) {
        await page.keyboard.press("Enter");
        await page.waitForFunction(() => document.querySelector("video").readyState >= 2);
        const track = await page.evaluateHandle(() => document.querySelector("video").srcObject.getTracks()[0]);
        assert.equal(await track.evaluate((one) => one.readyState), "live");
        await see("camera-open");
        await close();
        await page.waitForFunction(() => !document.querySelector("video").srcObject);
        assert.equal(await track.evaluate((one) => one.readyState), "ended");
        assert.ok(await isReached(page, "p.camera button"), "the keyboard is where it was");
        assert.equal(await page.inputValue("[name=kit_number]"), "");
    }
    assert.deepEqual(asked, ["/datamatrix.js"], "what reads the code is asked for when it is needed, and once");
    assert.deepEqual(problems, []);
});

test("a camera that may not be used is told beside the field, in both languages", async (t) => {
    const [, on] = CODES[0];
    await ask(on, "S-403", "1963");
    for (const [locale, says] of [["en-GB", /does not let this page use the camera/], ["fr-FR", /n'autorise pas/]]) {
        const filming = await openFilming({ isAllowed: false }, on.demo, { ...PHONE, locale });
        t.after(filming.close);
        const { page, problems, see } = filming;
        await toTheScan(page, on.demo, "S-403");
        await page.keyboard.press("Enter");
        await page.waitForFunction(() => document.querySelector("p.camera [role=status]").textContent);
        assert.match(await page.textContent("p.camera [role=status]"), says);
        assert.equal(await page.locator("dialog[open]").count(), 0);
        await see("camera-refused");
        assert.deepEqual(problems, []);
    }
});

test("without a camera or without a script there is no button for one", async () => {
    const [, on] = CODES[0];
    await ask(on, "S-404", "1964");
    for (const javaScriptEnabled of [true, false]) {
        const { page } = await on.open({ javaScriptEnabled });
        await logIn(page, on.demo, "pharmacist");
        await page.goto(`${on.demo.study}/subjects/S-404/kits`);
        assert.equal(await page.locator("[data-scan]").count(), 1);
        assert.equal(await page.locator("p.camera").count(), 0);
    }
});

// A subject who is to be given a kit: its number, and that of another kit.
async function ask(on, subject, year) {
    const bedside = await on.open();
    await logIn(bedside.page, on.demo, "investigator");
    await randomize(bedside.page, on.demo, subject, year);
    const pharmacy = await on.open();
    await logIn(pharmacy.page, on.demo, "pharmacist");
    const kit = await dispense(pharmacy.page, on.demo, subject);
    await pharmacy.page.goto(`${on.demo.study}/kits`);
    const shown = (await pharmacy.page.textContent("main")).matchAll(/\d{4}\s\d{3}\s\d{3}/g);
    const numbers = [...shown].map(([number]) => number.replaceAll(/\s/g, ""));
    return { kit, other: numbers.find((number) => number !== kit) };
}

// To the shipment on its way to the pharmacy, and its address.
async function onItsWay(page, demo) {
    await page.goto(`${demo.study}/today`);
    await page.click("#shipments tbody a");
    await page.waitForSelector("[name=scanned]");
    return page.url();
}

// To the button that opens the camera, by the keyboard alone.
async function toTheScan(seen, demo, subject) {
    const page = byKeys(seen);
    await logIn(page, demo, "pharmacist");
    await page.goto(`${demo.study}/subjects`);
    await page.click(`main a[href$='/${subject}']`);
    await page.waitForURL(new RegExp(subject));
    await page.click("main a[href$='/kits']");
    await page.waitForURL(/kits/);
    await reach(seen, seen.locator("p.camera button"));
}

const isReached = (page, selector) => page.evaluate((it) => document.activeElement.matches(it), selector);
